# bench/local.mk - what script/bench runs, and micro benchmarks: "make bench-pool" builds and runs one.
EXTRA_PROGRAMS = %D%/bench_mempool
CLEANFILES += $(EXTRA_PROGRAMS)

bench_bench_mempool_SOURCES = %D%/bench_mempool.c
bench_bench_mempool_LDADD = src/libtinyweb.a

# The least that an answer can cost; script/bench compares with it.
EXTRA_PROGRAMS += %D%/floor
bench_floor_SOURCES = %D%/floor.c
bench_floor_LDADD =

.PHONY: bench-pool bench-models
bench-pool: bench/bench_mempool
	./bench/bench_mempool

# Six models of concurrency on the same library; built by "make bench-models" and "make check".
MODELS = %D%/models/one_blocking %D%/models/process_per_connection %D%/models/thread_per_connection \
	%D%/models/one_epoll %D%/models/process_pool_epoll %D%/models/threads_epoll
EXTRA_PROGRAMS += $(MODELS)
bench-models: $(MODELS)

MODEL_SHARED = %D%/models/engine.c %D%/models/model.c %D%/models/model.h
MODEL_LIBS = $(TINYWEB_LIBS)
bench_models_one_blocking_SOURCES = %D%/models/one_blocking.c $(MODEL_SHARED)
bench_models_one_blocking_LDADD = $(MODEL_LIBS)
bench_models_process_per_connection_SOURCES = %D%/models/process_per_connection.c $(MODEL_SHARED)
bench_models_process_per_connection_LDADD = $(MODEL_LIBS)
bench_models_thread_per_connection_SOURCES = %D%/models/thread_per_connection.c $(MODEL_SHARED)
bench_models_thread_per_connection_LDADD = $(MODEL_LIBS)
bench_models_one_epoll_SOURCES = %D%/models/one_epoll.c $(MODEL_SHARED)
bench_models_one_epoll_LDADD = $(MODEL_LIBS)
bench_models_process_pool_epoll_SOURCES = %D%/models/process_pool_epoll.c $(MODEL_SHARED)
bench_models_process_pool_epoll_LDADD = $(MODEL_LIBS)
bench_models_threads_epoll_SOURCES = %D%/models/threads_epoll.c $(MODEL_SHARED)
bench_models_threads_epoll_LDADD = $(MODEL_LIBS)

# They must go on serving while the library changes.
dist_check_SCRIPTS += %D%/models/check_models.sh
check_DATA = $(MODELS) bench/bench_mempool

# What script/bench runs, and where its results are.
EXTRA_DIST += docs
EXTRA_DIST += %D%/accept.py %D%/bench.py %D%/chaos.py %D%/chart.py %D%/compare.py %D%/growth.py %D%/load.py %D%/models.py %D%/proxy.py %D%/servers.py %D%/soak.py
