# src/os/local.mk - modules of os/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
