# src/event/local.mk - epoll, timers, deferred calls
src_libtinyweb_a_SOURCES += %D%/event_loop.c %D%/event_loop.h
src_libtinyweb_a_SOURCES += %D%/timer_queue.c %D%/timer_queue.h
