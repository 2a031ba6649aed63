# src/config/local.mk - modules of config/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
