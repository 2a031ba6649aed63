# src/handler/local.mk - one file a way to answer
src_libtinyweb_a_SOURCES += %D%/static_file.c %D%/static_file.h
