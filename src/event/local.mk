# src/event/local.mk - epoll, timers, deferred calls, threads
src_libtinyweb_a_SOURCES += %D%/event_loop.c %D%/event_loop.h
src_libtinyweb_a_SOURCES += %D%/thread_pool.c %D%/thread_pool.h
src_libtinyweb_a_SOURCES += %D%/timer_queue.c %D%/timer_queue.h
