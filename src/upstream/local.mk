# src/upstream/local.mk - modules of upstream/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += \
	%D%/balancer.c %D%/balancer.h \
	%D%/checker.c %D%/checker.h \
	%D%/fetch.c %D%/fetch.h %D%/fetch_private.h \
	%D%/fetch_attempt.c \
	%D%/fetch_failure.c \
	%D%/fetch_replay.c \
	%D%/fetcher.h \
	%D%/group.c %D%/group.h %D%/group_private.h \
	%D%/group_key.c \
	%D%/group_pick.c \
	%D%/group_queue.c \
	%D%/hash_ring.c %D%/hash_ring.h \
	%D%/http_client.c %D%/http_client.h %D%/http_client_private.h \
	%D%/http_client_read.c \
	%D%/http_clients.c \
	%D%/idle_pool.h \
	%D%/name_table.c %D%/name_table.h \
	%D%/name_watch.c %D%/name_watch.h \
	%D%/retry.c %D%/retry.h \
	%D%/server_health.c %D%/server_health.h \
	%D%/server_order.c %D%/server_order.h \
	%D%/server_table.c %D%/server_table.h \
	%D%/sticky.c %D%/sticky.h \
	%D%/upstreams.c %D%/upstreams.h
