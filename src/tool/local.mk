# src/tool/local.mk - modules of tool/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
AM_CPPFLAGS += -DTINYWEB_CONF_FILE='"$(confdir)/tinyweb.conf"'
src_libtinyweb_a_SOURCES += \
	%D%/build_info.c %D%/build_info.h \
	%D%/command_line.c %D%/command_line.h \
	%D%/one_shot.c %D%/one_shot.h
