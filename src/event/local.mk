# src/event/local.mk - modules of event/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
