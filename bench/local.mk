# bench/local.mk - micro benchmarks; "make bench-pool" builds and runs one.
EXTRA_PROGRAMS = %D%/bench_mempool
CLEANFILES += $(EXTRA_PROGRAMS)

bench_bench_mempool_SOURCES = %D%/bench_mempool.c
bench_bench_mempool_LDADD = src/libtinyweb.a

.PHONY: bench-pool
bench-pool: bench/bench_mempool
	./bench/bench_mempool

# What script/bench runs.
EXTRA_DIST += %D%/bench.py %D%/chart.py %D%/compare.py %D%/load.py %D%/servers.py
