# tests/config/local.mk - tests of src/config/, two lines each (see tests/local.mk).
CONFIG_FIXTURE = %D%/config_fixture.c %D%/config_fixture.h

check_PROGRAMS += tests/config/test_bad_configs
tests_config_test_bad_configs_SOURCES = %D%/test_bad_configs.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config
tests_config_test_config_SOURCES = %D%/test_config.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_environment
tests_config_test_config_environment_SOURCES = %D%/test_config_environment.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_file
tests_config_test_config_file_SOURCES = %D%/test_config_file.c $(CONFIG_FIXTURE)
tests_config_test_config_file_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=memfd_create -Wl,--wrap=access -Wl,--wrap=iniparser_getstring

check_PROGRAMS += tests/config/test_config_files
tests_config_test_config_files_SOURCES = %D%/test_config_files.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_memory
tests_config_test_config_memory_SOURCES = %D%/test_config_memory.c $(CONFIG_FIXTURE)
tests_config_test_config_memory_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc

check_PROGRAMS += tests/config/test_config_print
tests_config_test_config_print_SOURCES = %D%/test_config_print.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_routes
tests_config_test_config_routes_SOURCES = %D%/test_config_routes.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_schema
tests_config_test_config_schema_SOURCES = %D%/test_config_schema.c

check_PROGRAMS += tests/config/test_config_caches
tests_config_test_config_caches_SOURCES = %D%/test_config_caches.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_config_upstreams
tests_config_test_config_upstreams_SOURCES = %D%/test_config_upstreams.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_file_text
tests_config_test_file_text_SOURCES = %D%/test_file_text.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_ini_scanner
tests_config_test_ini_scanner_SOURCES = %D%/test_ini_scanner.c

check_PROGRAMS += tests/config/test_mime_file
tests_config_test_mime_file_SOURCES = %D%/test_mime_file.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_suggestion
tests_config_test_suggestion_SOURCES = %D%/test_suggestion.c

# Sample, manual and table of directives name the same ones, with the same defaults.
dist_check_SCRIPTS += tests/check_directives.sh tests/check_iniparser.sh

check_PROGRAMS += tests/config/test_value_header
tests_config_test_value_header_SOURCES = %D%/test_value_header.c

check_PROGRAMS += tests/config/test_value_origin
tests_config_test_value_origin_SOURCES = %D%/test_value_origin.c

check_PROGRAMS += tests/config/test_value_expand
tests_config_test_value_expand_SOURCES = %D%/test_value_expand.c

check_PROGRAMS += tests/config/test_auth_file
tests_config_test_auth_file_SOURCES = %D%/test_auth_file.c $(CONFIG_FIXTURE)

check_PROGRAMS += tests/config/test_foreign_key
tests_config_test_foreign_key_SOURCES = %D%/test_foreign_key.c
