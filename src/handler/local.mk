# src/handler/local.mk - one file a way to answer
src_libtinyweb_a_SOURCES += %D%/static_file.c %D%/static_file.h
src_libtinyweb_a_SOURCES += %D%/fixed_status.c %D%/fixed_status.h
src_libtinyweb_a_SOURCES += %D%/missing_file.c %D%/missing_file.h
src_libtinyweb_a_SOURCES += %D%/redirect.c %D%/redirect.h
src_libtinyweb_a_SOURCES += %D%/registry.c %D%/registry.h
