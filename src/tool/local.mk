# src/tool/local.mk - modules of tool/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
AM_CPPFLAGS += -DTINYWEB_CONF_FILE='"$(confdir)/tinyweb.conf"'
src_libtinyweb_a_SOURCES += \
	%D%/advice.c %D%/advice.h \
	%D%/advice_files.c %D%/advice_files.h \
	%D%/build_info.c %D%/build_info.h \
	%D%/command_line.c %D%/command_line.h \
	%D%/config_test.c %D%/config_test.h \
	%D%/explain.c %D%/explain.h \
	%D%/explain_request.c %D%/explain_request.h \
	%D%/explanation.c %D%/explanation.h %D%/explanation_json.c %D%/explanation_text.c \
	%D%/json_text.c %D%/json_text.h \
	%D%/mistake_text.c %D%/mistake_text.h \
	%D%/helper_program.c %D%/helper_program.h \
	%D%/live_line.c %D%/live_line.h \
	%D%/live_log.c %D%/live_log.h \
	%D%/live_summary.c %D%/live_summary.h \
	%D%/offline_site.c %D%/offline_site.h \
	%D%/one_shot.c %D%/one_shot.h \
	%D%/trace.c %D%/trace.h
