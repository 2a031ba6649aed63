# src/http/local.mk - modules of http/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
