# src/file/local.mk - modules of file/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
