# tests/net/local.mk - tests of src/net/ (see tests/local.mk); many share a fixture, whose clock
# stands still.
net_fixture = %D%/net_fixture.c %D%/net_fixture.h

check_PROGRAMS += tests/net/test_connection_ending
tests_net_test_connection_ending_SOURCES = %D%/test_connection_ending.c $(net_fixture)
tests_net_test_connection_ending_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_connection_reading
tests_net_test_connection_reading_SOURCES = %D%/test_connection_reading.c $(net_fixture)
tests_net_test_connection_reading_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_connection_duplex
tests_net_test_connection_duplex_SOURCES = %D%/test_connection_duplex.c $(net_fixture)
tests_net_test_connection_duplex_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_connection_writing
tests_net_test_connection_writing_SOURCES = %D%/test_connection_writing.c $(net_fixture)
tests_net_test_connection_writing_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_connection_pool
tests_net_test_connection_pool_SOURCES = %D%/test_connection_pool.c $(net_fixture)
tests_net_test_connection_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=clock_gettime -Wl,--wrap=epoll_ctl

check_PROGRAMS += tests/net/test_cold_read
tests_net_test_cold_read_SOURCES = %D%/test_cold_read.c $(net_fixture)
tests_net_test_cold_read_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=page_cache_holds -Wl,--wrap=page_cache_fill

check_PROGRAMS += tests/net/test_cold_read_load
tests_net_test_cold_read_load_SOURCES = %D%/test_cold_read_load.c $(net_fixture)
tests_net_test_cold_read_load_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=page_cache_holds -Wl,--wrap=page_cache_fill

check_PROGRAMS += tests/net/test_buffer_pool
tests_net_test_buffer_pool_SOURCES = %D%/test_buffer_pool.c
tests_net_test_buffer_pool_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc

check_PROGRAMS += tests/net/test_output_queue
tests_net_test_output_queue_SOURCES = %D%/test_output_queue.c

check_PROGRAMS += tests/net/test_transport
tests_net_test_transport_SOURCES = %D%/test_transport.c

check_PROGRAMS += tests/net/test_connection_memory
tests_net_test_connection_memory_SOURCES = %D%/test_connection_memory.c $(net_fixture)
tests_net_test_connection_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free

check_PROGRAMS += tests/net/test_server
tests_net_test_server_SOURCES = %D%/test_server.c $(net_fixture)
tests_net_test_server_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

accept_fixture = %D%/accept_fixture.c %D%/accept_fixture.h
accept_wraps = -Wl,--wrap=clock_gettime -Wl,--wrap=accept4 -Wl,--wrap=epoll_ctl

check_PROGRAMS += tests/net/test_accepter
tests_net_test_accepter_SOURCES = %D%/test_accepter.c $(accept_fixture)
tests_net_test_accepter_LDFLAGS = $(AM_LDFLAGS) $(accept_wraps)

check_PROGRAMS += tests/net/test_accepter_turns
tests_net_test_accepter_turns_SOURCES = %D%/test_accepter_turns.c $(accept_fixture)
tests_net_test_accepter_turns_LDFLAGS = $(AM_LDFLAGS) $(accept_wraps)

check_PROGRAMS += tests/net/test_connection_random
tests_net_test_connection_random_SOURCES = %D%/test_connection_random.c $(net_fixture)
tests_net_test_connection_random_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_accepter_balance
tests_net_test_accepter_balance_SOURCES = %D%/test_accepter_balance.c $(accept_fixture)
tests_net_test_accepter_balance_LDFLAGS = $(AM_LDFLAGS) $(accept_wraps)

check_PROGRAMS += tests/net/test_connection_deadlines
tests_net_test_connection_deadlines_SOURCES = %D%/test_connection_deadlines.c $(net_fixture)
tests_net_test_connection_deadlines_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_protocol
tests_net_test_protocol_SOURCES = %D%/test_protocol.c

check_PROGRAMS += tests/net/test_proxy_header
tests_net_test_proxy_header_SOURCES = %D%/test_proxy_header.c

check_PROGRAMS += tests/net/test_proxy_protocol
tests_net_test_proxy_protocol_SOURCES = %D%/test_proxy_protocol.c $(net_fixture)
tests_net_test_proxy_protocol_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/net/test_connector
tests_net_test_connector_SOURCES = %D%/test_connector.c
tests_net_test_connector_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime -Wl,--wrap=connect
