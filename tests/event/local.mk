# tests/event/local.mk - tests of src/event/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/event/test_event_loop
tests_event_test_event_loop_SOURCES = %D%/test_event_loop.c
tests_event_test_event_loop_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=clock_gettime -Wl,--wrap=epoll_wait

check_PROGRAMS += tests/event/test_thread_pool
tests_event_test_thread_pool_SOURCES = %D%/test_thread_pool.c
tests_event_test_thread_pool_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pthread_create

check_PROGRAMS += tests/event/test_timer_queue
tests_event_test_timer_queue_SOURCES = %D%/test_timer_queue.c
tests_event_test_timer_queue_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=realloc
