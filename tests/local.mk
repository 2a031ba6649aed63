# tests/local.mk - "make check".
#
# A cmocka program is two lines in the local.mk of its folder, nothing else:
#
#   check_PROGRAMS += tests/base/test_slice
#   tests_base_test_slice_SOURCES = %D%/test_slice.c
#
# It links libtinyweb.a, the helpers of tests/support/ and cmocka by LDADD below, and includes
# "support/unit.h", then what it tests by its path ("base/slice.h"). To make system calls fail, a third line:
#
#   tests_net_test_listener_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=accept4
#
# A shell test that works from $srcdir:  dist_check_SCRIPTS += tests/check_layers.sh

AM_CPPFLAGS += -I$(top_srcdir)/tests $(CMOCKA_CFLAGS)
LDADD = tests/libsupport.a $(TINYWEB_LIBS) $(CMOCKA_LIBS)

dist_check_SCRIPTS += %D%/check_layers.sh %D%/check_hardening.sh %D%/check_requirements.sh %D%/check_rfc.sh %D%/check_hazards.sh
EXTRA_DIST += %D%/check_install.sh %D%/named_tests.sh %D%/requirements.md
dist_check_SCRIPTS += %D%/check_completion.sh %D%/check_deploy.sh %D%/check_bench_pool.sh

TESTS += $(check_PROGRAMS) $(dist_check_SCRIPTS)
AM_TESTS_ENVIRONMENT = PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	HARDENING='$(HARDENING_CPPFLAGS) $(HARDENING_CFLAGS) $(HARDENING_LDFLAGS)'; export HARDENING;

check_LIBRARIES += tests/libsupport.a
tests_libsupport_a_SOURCES =
include tests/support/local.mk

if HAVE_CMOCKA
include tests/base/local.mk
include tests/os/local.mk
include tests/event/local.mk
include tests/net/local.mk
include tests/file/local.mk
include tests/http/local.mk
include tests/cache/local.mk
include tests/upstream/local.mk
include tests/handler/local.mk
include tests/config/local.mk
include tests/process/local.mk
include tests/tool/local.mk
else
check-local:
	@echo "make check needs cmocka; on Debian: apt-get install libcmocka-dev, then configure again" >&2
	@exit 1
endif
