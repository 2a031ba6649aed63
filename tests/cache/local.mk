# tests/cache/local.mk - tests of src/cache/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/cache/test_entry
tests_cache_test_entry_SOURCES = %D%/test_entry.c

check_PROGRAMS += tests/cache/test_store
tests_cache_test_store_SOURCES = %D%/test_store.c
tests_cache_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pwrite -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/cache/test_fill_table
tests_cache_test_fill_table_SOURCES = %D%/test_fill_table.c

check_PROGRAMS += tests/cache/test_purge_ring
tests_cache_test_purge_ring_SOURCES = %D%/test_purge_ring.c

check_PROGRAMS += tests/cache/test_sweep
tests_cache_test_sweep_SOURCES = %D%/test_sweep.c

check_PROGRAMS += tests/cache/test_library
tests_cache_test_library_SOURCES = %D%/test_library.c tests/http/header_lines.c tests/http/header_lines.h
