src_libtinyweb_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/buffer.h \
	%D%/client_counts.c %D%/client_counts.h \
	%D%/client_key.c %D%/client_key.h \
	%D%/client_rates.c %D%/client_rates.h \
	%D%/counted.h \
	%D%/counter.h \
	%D%/counters.h \
	%D%/crc32c.c %D%/crc32c.h \
	%D%/endpoint.c %D%/endpoint.h \
	%D%/hash.c %D%/hash.h \
	%D%/limit.c %D%/limit.h \
	%D%/histogram.c %D%/histogram.h \
	%D%/list.h \
	%D%/log.c %D%/log.h \
	%D%/macros.h \
	%D%/mempool.c %D%/mempool.h \
	%D%/near_list.h \
	%D%/natural_order.c %D%/natural_order.h \
	%D%/number.c %D%/number.h \
	%D%/siphash.c %D%/siphash.h \
	%D%/slab_store.c %D%/slab_store.h \
	%D%/slice.c %D%/slice.h \
	%D%/stats.c %D%/stats.h \
	%D%/syslog_head.c %D%/syslog_head.h \
	%D%/tracked_store.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/writer.c %D%/writer.h
