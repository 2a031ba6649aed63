# src/tool/local.mk - modules of tool/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
