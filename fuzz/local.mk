# fuzz/local.mk - one program an input that a stranger can write.
#
# A target is three lines here and fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput:
#
#   fuzz_targets += %D%/fuzz_range
#   fuzz_fuzz_range_SOURCES = %D%/fuzz_range.c
#   fuzz_fuzz_range_LDADD = $(FUZZER_LIBS)
#
# With --enable-fuzzing it is a libFuzzer program (script/fuzz). Without, a plain driver replays
# fuzz/corpus/NAME/ and fuzz/regression/NAME/ in "make check": each past crash stays a test.

fuzz_targets =

if ENABLE_FUZZING
noinst_PROGRAMS += $(fuzz_targets)
FUZZER_LIBS = $(TINYWEB_LIBS) $(FUZZ_LIBS)
else
check_PROGRAMS += $(fuzz_targets)
check_LIBRARIES += fuzz/libreplay.a
FUZZER_LIBS = fuzz/libreplay.a $(TINYWEB_LIBS)
endif

fuzz_targets += %D%/fuzz_accept_encoding
fuzz_fuzz_accept_encoding_SOURCES = %D%/fuzz_accept_encoding.c
fuzz_fuzz_accept_encoding_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_auth_file
fuzz_fuzz_auth_file_SOURCES = %D%/fuzz_auth_file.c
fuzz_fuzz_auth_file_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_cache_control
fuzz_fuzz_cache_control_SOURCES = %D%/fuzz_cache_control.c
fuzz_fuzz_cache_control_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_cache_entry
fuzz_fuzz_cache_entry_SOURCES = %D%/fuzz_cache_entry.c
fuzz_fuzz_cache_entry_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_cookie
fuzz_fuzz_cookie_SOURCES = %D%/fuzz_cookie.c
fuzz_fuzz_cookie_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_credentials
fuzz_fuzz_credentials_SOURCES = %D%/fuzz_credentials.c
fuzz_fuzz_credentials_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_config
fuzz_fuzz_config_SOURCES = %D%/fuzz_config.c
fuzz_fuzz_config_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_control
fuzz_fuzz_control_SOURCES = %D%/fuzz_control.c
fuzz_fuzz_control_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_date
fuzz_fuzz_date_SOURCES = %D%/fuzz_date.c
fuzz_fuzz_date_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_forwarded
fuzz_fuzz_forwarded_SOURCES = %D%/fuzz_forwarded.c
fuzz_fuzz_forwarded_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_listing
fuzz_fuzz_listing_SOURCES = %D%/fuzz_listing.c
fuzz_fuzz_listing_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_mime
fuzz_fuzz_mime_SOURCES = %D%/fuzz_mime.c
fuzz_fuzz_mime_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_path
fuzz_fuzz_path_SOURCES = %D%/fuzz_path.c
fuzz_fuzz_path_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_plain_head
fuzz_fuzz_plain_head_SOURCES = %D%/fuzz_plain_head.c
fuzz_fuzz_plain_head_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_proxy_header
fuzz_fuzz_proxy_header_SOURCES = %D%/fuzz_proxy_header.c
fuzz_fuzz_proxy_header_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_range
fuzz_fuzz_range_SOURCES = %D%/fuzz_range.c
fuzz_fuzz_range_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_reply
fuzz_fuzz_reply_SOURCES = %D%/fuzz_reply.c
fuzz_fuzz_reply_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_request
fuzz_fuzz_request_SOURCES = %D%/fuzz_request.c
fuzz_fuzz_request_LDADD = $(FUZZER_LIBS)

fuzz_targets += %D%/fuzz_route
fuzz_fuzz_route_SOURCES = %D%/fuzz_route.c
fuzz_fuzz_route_LDADD = $(FUZZER_LIBS)

fuzz_libreplay_a_SOURCES = %D%/replay.c

EXTRA_DIST += %D%/corpus %D%/regression
