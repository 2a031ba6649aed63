# tests/upstream/local.mk - tests of src/upstream/ (see tests/local.mk), against servers made of scripts;
# the clock stands still.
upstream_fixture = %D%/upstream_fixture.c %D%/upstream_fixture.h

check_PROGRAMS += tests/upstream/test_fetch
tests_upstream_test_fetch_SOURCES = %D%/test_fetch.c $(upstream_fixture)
tests_upstream_test_fetch_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime
