# src/cache/local.mk - modules of cache/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += %D%/entry.c %D%/entry.h
src_libtinyweb_a_SOURCES += %D%/store.c %D%/store.h
src_libtinyweb_a_SOURCES += %D%/fill_table.c %D%/fill_table.h
src_libtinyweb_a_SOURCES += %D%/purge_ring.c %D%/purge_ring.h
src_libtinyweb_a_SOURCES += %D%/sweep.c %D%/sweep.h
src_libtinyweb_a_SOURCES += %D%/stored.c %D%/stored.h
src_libtinyweb_a_SOURCES += %D%/library.c %D%/library.h
