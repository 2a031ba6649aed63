# src/config/local.mk - modules of config/.
src_libtinyweb_a_SOURCES += \
	%D%/auth_file.c %D%/auth_file.h \
	%D%/config.c %D%/config.h \
	%D%/config_check.c %D%/config_check.h \
	%D%/config_check_files.c %D%/config_check_files.h \
	%D%/config_check_routes.c %D%/config_check_routes.h \
	%D%/config_check_sites.c %D%/config_check_sites.h \
	%D%/config_environment.c %D%/config_environment.h \
	%D%/config_file.c %D%/config_file.h \
	%D%/config_files.c %D%/config_files.h \
	%D%/config_origin.c %D%/config_origin.h \
	%D%/config_override.c %D%/config_override.h \
	%D%/config_print.c \
	%D%/config_report.c %D%/config_report.h \
	%D%/config_routes.c %D%/config_routes.h \
	%D%/config_check_caches.c %D%/config_check_caches.h \
	%D%/config_check_upstreams.c %D%/config_check_upstreams.h \
	%D%/config_schema.c %D%/config_schema.h \
	%D%/config_sections.c %D%/config_sections.h \
	%D%/config_store.c %D%/config_store.h \
	%D%/config_value.c %D%/config_value.h \
	%D%/directive_text.c %D%/directive_text.h \
	%D%/error_page_file.c %D%/error_page_file.h \
	%D%/foreign_key.c %D%/foreign_key.h \
	%D%/file_text.c %D%/file_text.h \
	%D%/ini_scanner.c %D%/ini_scanner.h \
	%D%/media_grammar.c %D%/media_grammar.h \
	%D%/mime_builtin.c %D%/mime_builtin.h \
	%D%/mime_file.c %D%/mime_file.h \
	%D%/mime_lexer.c %D%/mime_lexer.h \
	%D%/mime_table.c %D%/mime_table.h \
	%D%/password_scheme.c %D%/password_scheme.h \
	%D%/site_settings.c %D%/site_settings.h \
	%D%/suggestion.c %D%/suggestion.h \
	%D%/value_expand.c %D%/value_expand.h \
	%D%/value_forward.c %D%/value_forward.h \
	%D%/value_header.c %D%/value_header.h \
	%D%/value_list.c %D%/value_list.h \
	%D%/value_number.c %D%/value_number.h \
	%D%/value_redirect.c \
	%D%/value_origin.c %D%/value_origin.h \
	%D%/value_route.c %D%/value_route.h \
	%D%/value_text.c %D%/value_text.h \
	%D%/value_upstream.c %D%/value_upstream.h
