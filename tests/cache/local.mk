# tests/cache/local.mk - tests of src/cache/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/cache/test_entry
tests_cache_test_entry_SOURCES = %D%/test_entry.c

check_PROGRAMS += tests/cache/test_store
tests_cache_test_store_SOURCES = %D%/test_store.c
tests_cache_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pwrite
