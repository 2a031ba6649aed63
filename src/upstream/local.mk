# src/upstream/local.mk - modules of upstream/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += \
	%D%/fetch.c %D%/fetch.h %D%/fetch_private.h \
	%D%/fetch_attempt.c \
	%D%/fetch_failure.c \
	%D%/fetch_replay.c \
	%D%/fetcher.h \
	%D%/group.c %D%/group.h \
	%D%/http_client.c %D%/http_client.h %D%/http_client_private.h \
	%D%/http_client_read.c \
	%D%/http_clients.c \
	%D%/idle_pool.h \
	%D%/retry.c %D%/retry.h \
	%D%/upstreams.c %D%/upstreams.h
