# src/local.mk - the library, the program, and llhttp where the system has no library of it.
# Each folder appends its modules in its own local.mk: src_libtinyweb_a_SOURCES += %D%/slice.c %D%/slice.h

# Everything but main.c; the program, each test and each fuzzer link it.
noinst_LIBRARIES += %D%/libtinyweb.a
src_libtinyweb_a_SOURCES =
src_libtinyweb_a_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)

if BUILD_LLHTTP
LLHTTP_LIB = src/libllhttp.a
else
LLHTTP_LIB = $(LLHTTP_LIBS)
endif
TINYWEB_LIBS = src/libtinyweb.a $(LLHTTP_LIB) $(INIPARSER_LIBS) $(ZLIB_LIBS) $(SECCOMP_LIBS) $(CRYPT_LIBS)

sbin_PROGRAMS = %D%/tinyweb
src_tinyweb_SOURCES = %D%/main.c
src_tinyweb_LDADD = $(TINYWEB_LIBS)
src_tinyweb_CFLAGS = $(AM_CFLAGS) $(LTO_CFLAGS)
# Not AM_LDFLAGS: a -fno-lto in front of -flto keeps the linker's plugin off, and with it all of this.
src_tinyweb_LDFLAGS = $(LINK_FLAGS) $(LTO_LDFLAGS)

include src/base/local.mk
include src/os/local.mk
include src/event/local.mk
include src/net/local.mk
include src/file/local.mk
include src/http/local.mk
include src/cache/local.mk
include src/upstream/local.mk
include src/handler/local.mk
include src/config/local.mk
include src/process/local.mk
include src/tool/local.mk

if BUILD_LLHTTP
# Not our sources: no warnings asked for, and never among the files we distribute.
LLHTTP_COMPILE = $(CC) -DLLHTTP_STRICT_MODE=1 $(LLHTTP_CFLAGS) $(CPPFLAGS) \
	$(HARDENING_CFLAGS) $(INSTRUMENT_FLAGS) $(LTO_CFLAGS) $(CFLAGS) -w
LLHTTP_OBJECTS = src/llhttp/api.o src/llhttp/http.o src/llhttp/llhttp.o

src/llhttp/api.o: $(LLHTTP_SOURCE)/api.c Makefile
	$(AM_V_CC)$(MKDIR_P) src/llhttp && $(LLHTTP_COMPILE) -c -o $@ $(LLHTTP_SOURCE)/api.c

src/llhttp/http.o: $(LLHTTP_SOURCE)/http.c Makefile
	$(AM_V_CC)$(MKDIR_P) src/llhttp && $(LLHTTP_COMPILE) -c -o $@ $(LLHTTP_SOURCE)/http.c

src/llhttp/llhttp.o: $(LLHTTP_SOURCE)/llhttp.c Makefile
	$(AM_V_CC)$(MKDIR_P) src/llhttp && $(LLHTTP_COMPILE) -c -o $@ $(LLHTTP_SOURCE)/llhttp.c

src/libllhttp.a: $(LLHTTP_OBJECTS)
	$(AM_V_at)rm -f $@
	$(AM_V_AR)$(AR) cr $@ $(LLHTTP_OBJECTS)
	$(AM_V_at)$(RANLIB) $@

CLEANFILES += src/libllhttp.a $(LLHTTP_OBJECTS)
endif
