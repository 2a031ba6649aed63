# src/handler/local.mk - modules of handler/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
