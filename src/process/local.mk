# src/process/local.mk - modules of process/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
