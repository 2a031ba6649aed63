# src/net/local.mk - modules of net/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
