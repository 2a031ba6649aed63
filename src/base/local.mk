# src/base/local.mk - modules of base/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
