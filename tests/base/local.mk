# tests/base/local.mk - tests of src/base/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/base/test_address
tests_base_test_address_SOURCES = %D%/test_address.c

check_PROGRAMS += tests/base/test_buffer
tests_base_test_buffer_SOURCES = %D%/test_buffer.c

check_PROGRAMS += tests/base/test_counted
tests_base_test_counted_SOURCES = %D%/test_counted.c

check_PROGRAMS += tests/base/test_counters
tests_base_test_counters_SOURCES = %D%/test_counters.c

check_PROGRAMS += tests/base/test_crc32c
tests_base_test_crc32c_SOURCES = %D%/test_crc32c.c

check_PROGRAMS += tests/base/test_endpoint
tests_base_test_endpoint_SOURCES = %D%/test_endpoint.c

check_PROGRAMS += tests/base/test_hash
tests_base_test_hash_SOURCES = %D%/test_hash.c

check_PROGRAMS += tests/base/test_histogram
tests_base_test_histogram_SOURCES = %D%/test_histogram.c

check_PROGRAMS += tests/base/test_stats
tests_base_test_stats_SOURCES = %D%/test_stats.c

check_PROGRAMS += tests/base/test_list
tests_base_test_list_SOURCES = %D%/test_list.c

check_PROGRAMS += tests/base/test_log
tests_base_test_log_SOURCES = %D%/test_log.c

check_PROGRAMS += tests/base/test_mempool
tests_base_test_mempool_SOURCES = %D%/test_mempool.c

check_PROGRAMS += tests/base/test_mempool_pressure
tests_base_test_mempool_pressure_SOURCES = %D%/test_mempool_pressure.c
tests_base_test_mempool_pressure_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free

check_PROGRAMS += tests/base/test_number
tests_base_test_number_SOURCES = %D%/test_number.c

check_PROGRAMS += tests/base/test_siphash
tests_base_test_siphash_SOURCES = %D%/test_siphash.c

check_PROGRAMS += tests/base/test_slab_store
tests_base_test_slab_store_SOURCES = %D%/test_slab_store.c
tests_base_test_slab_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=free

check_PROGRAMS += tests/base/test_slice
tests_base_test_slice_SOURCES = %D%/test_slice.c

check_PROGRAMS += tests/base/test_writer
tests_base_test_writer_SOURCES = %D%/test_writer.c

check_PROGRAMS += tests/base/test_near_list
tests_base_test_near_list_SOURCES = %D%/test_near_list.c

check_PROGRAMS += tests/base/test_natural_order
tests_base_test_natural_order_SOURCES = %D%/test_natural_order.c

check_PROGRAMS += tests/base/test_utf8
tests_base_test_utf8_SOURCES = %D%/test_utf8.c

check_PROGRAMS += tests/base/test_limit
tests_base_test_limit_SOURCES = %D%/test_limit.c

check_PROGRAMS += tests/base/test_client_counts
tests_base_test_client_counts_SOURCES = %D%/test_client_counts.c

check_PROGRAMS += tests/base/test_client_rates
tests_base_test_client_rates_SOURCES = %D%/test_client_rates.c

check_PROGRAMS += tests/base/test_syslog_head
tests_base_test_syslog_head_SOURCES = %D%/test_syslog_head.c
