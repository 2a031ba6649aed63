# src/tool/local.mk - modules of tool/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
AM_CPPFLAGS += -DTINYWEB_CONF_FILE='"$(confdir)/tinyweb.conf"'
src_libtinyweb_a_SOURCES += \
	%D%/advice.c %D%/advice.h \
	%D%/advice_files.c %D%/advice_files.h \
	%D%/build_info.c %D%/build_info.h \
	%D%/command_line.c %D%/command_line.h \
	%D%/config_test.c %D%/config_test.h \
	%D%/json_text.c %D%/json_text.h \
	%D%/mistake_text.c %D%/mistake_text.h \
	%D%/one_shot.c %D%/one_shot.h
