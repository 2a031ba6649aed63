# tests/upstream/local.mk - tests of src/upstream/ (see tests/local.mk), against servers made of scripts;
# the clock stands still.
upstream_fixture = %D%/upstream_fixture.c %D%/upstream_fixture.h

check_PROGRAMS += tests/upstream/test_fetch
tests_upstream_test_fetch_SOURCES = %D%/test_fetch.c $(upstream_fixture)
tests_upstream_test_fetch_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_fetch_deadlines
tests_upstream_test_fetch_deadlines_SOURCES = %D%/test_fetch_deadlines.c $(upstream_fixture)
tests_upstream_test_fetch_deadlines_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=socket_connect

check_PROGRAMS += tests/upstream/test_fetch_retry
tests_upstream_test_fetch_retry_SOURCES = %D%/test_fetch_retry.c $(upstream_fixture)
tests_upstream_test_fetch_retry_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_fetch_stream
tests_upstream_test_fetch_stream_SOURCES = %D%/test_fetch_stream.c $(upstream_fixture)
tests_upstream_test_fetch_stream_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_fetch_cancel
tests_upstream_test_fetch_cancel_SOURCES = %D%/test_fetch_cancel.c $(upstream_fixture)
tests_upstream_test_fetch_cancel_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_fetch_memory
tests_upstream_test_fetch_memory_SOURCES = %D%/test_fetch_memory.c $(upstream_fixture)
tests_upstream_test_fetch_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free

check_PROGRAMS += tests/upstream/test_server_health
tests_upstream_test_server_health_SOURCES = %D%/test_server_health.c

check_PROGRAMS += tests/upstream/test_server_table
tests_upstream_test_server_table_SOURCES = %D%/test_server_table.c

check_PROGRAMS += tests/upstream/test_retry
tests_upstream_test_retry_SOURCES = %D%/test_retry.c

check_PROGRAMS += tests/upstream/test_hash_ring
tests_upstream_test_hash_ring_SOURCES = %D%/test_hash_ring.c

group_fixture = %D%/group_fixture.c %D%/group_fixture.h

check_PROGRAMS += tests/upstream/test_group
tests_upstream_test_group_SOURCES = %D%/test_group.c $(group_fixture)
tests_upstream_test_group_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_group_health
tests_upstream_test_group_health_SOURCES = %D%/test_group_health.c $(group_fixture)
tests_upstream_test_group_health_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_group_queue
tests_upstream_test_group_queue_SOURCES = %D%/test_group_queue.c $(group_fixture)
tests_upstream_test_group_queue_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_sticky
tests_upstream_test_sticky_SOURCES = %D%/test_sticky.c $(group_fixture)
tests_upstream_test_sticky_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_server_order
tests_upstream_test_server_order_SOURCES = %D%/test_server_order.c $(group_fixture)
tests_upstream_test_server_order_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_checker
tests_upstream_test_checker_SOURCES = %D%/test_checker.c

check_PROGRAMS += tests/upstream/test_fetch_queue
tests_upstream_test_fetch_queue_SOURCES = %D%/test_fetch_queue.c $(upstream_fixture)
tests_upstream_test_fetch_queue_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/upstream/test_name_table
tests_upstream_test_name_table_SOURCES = %D%/test_name_table.c

check_PROGRAMS += tests/upstream/test_fetch_random
tests_upstream_test_fetch_random_SOURCES = %D%/test_fetch_random.c $(upstream_fixture)
tests_upstream_test_fetch_random_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime
