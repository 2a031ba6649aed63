# tests/http/local.mk - tests of src/http/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/http/test_cookie
tests_http_test_cookie_SOURCES = %D%/test_cookie.c

check_PROGRAMS += tests/http/test_access_json
tests_http_test_access_json_SOURCES = %D%/test_access_json.c

check_PROGRAMS += tests/http/test_access_line
tests_http_test_access_line_SOURCES = %D%/test_access_line.c

check_PROGRAMS += tests/http/test_access_log
tests_http_test_access_log_SOURCES = %D%/test_access_log.c

check_PROGRAMS += tests/http/test_common_lines
tests_http_test_common_lines_SOURCES = %D%/test_common_lines.c

check_PROGRAMS += tests/http/test_conditional
tests_http_test_conditional_SOURCES = %D%/test_conditional.c

check_PROGRAMS += tests/http/test_error_page
tests_http_test_error_page_SOURCES = %D%/test_error_page.c

check_PROGRAMS += tests/http/test_forwarded
tests_http_test_forwarded_SOURCES = %D%/test_forwarded.c

check_PROGRAMS += tests/http/test_request_id
tests_http_test_request_id_SOURCES = %D%/test_request_id.c

check_PROGRAMS += tests/http/test_header_table
tests_http_test_header_table_SOURCES = %D%/test_header_table.c

check_PROGRAMS += tests/http/test_latency
tests_http_test_latency_SOURCES = %D%/test_latency.c
tests_http_test_latency_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/http/test_own_paths
tests_http_test_own_paths_SOURCES = %D%/test_own_paths.c

check_PROGRAMS += tests/http/test_http_date
tests_http_test_http_date_SOURCES = %D%/test_http_date.c

check_PROGRAMS += tests/http/test_method
tests_http_test_method_SOURCES = %D%/test_method.c

check_PROGRAMS += tests/http/test_path_glob
tests_http_test_path_glob_SOURCES = %D%/test_path_glob.c

check_PROGRAMS += tests/http/test_router
tests_http_test_router_SOURCES = %D%/test_router.c

check_PROGRAMS += tests/http/test_range
tests_http_test_range_SOURCES = %D%/test_range.c

check_PROGRAMS += tests/http/test_status
tests_http_test_status_SOURCES = %D%/test_status.c

check_PROGRAMS += tests/http/test_head_scan
tests_http_test_head_scan_SOURCES = %D%/test_head_scan.c

check_PROGRAMS += tests/http/test_request_line
tests_http_test_request_line_SOURCES = %D%/test_request_line.c

check_PROGRAMS += tests/http/test_http_parser
tests_http_test_http_parser_SOURCES = %D%/test_http_parser.c \
	%D%/parser_fixture.c %D%/parser_fixture.h

check_PROGRAMS += tests/http/test_http_parser_request
tests_http_test_http_parser_request_SOURCES = %D%/test_http_parser_request.c \
	%D%/parser_fixture.c %D%/parser_fixture.h

check_PROGRAMS += tests/http/test_http_parser_body
tests_http_test_http_parser_body_SOURCES = %D%/test_http_parser_body.c \
	%D%/parser_fixture.c %D%/parser_fixture.h
check_PROGRAMS += tests/http/test_char_class
tests_http_test_char_class_SOURCES = %D%/test_char_class.c

check_PROGRAMS += tests/http/test_byte_block
tests_http_test_byte_block_SOURCES = %D%/test_byte_block.c

# What other processors run.
check_PROGRAMS += tests/http/test_byte_block_portable
tests_http_test_byte_block_portable_SOURCES = %D%/test_byte_block.c
tests_http_test_byte_block_portable_CPPFLAGS = $(AM_CPPFLAGS) -U__SSE2__

check_PROGRAMS += tests/http/test_plain_head
tests_http_test_plain_head_SOURCES = %D%/test_plain_head.c \
	%D%/parser_fixture.c %D%/parser_fixture.h

# What a site serves: the HTTP layer with everything below and above it.
HTTP_SITE = tests/http/site.c tests/http/site_client.c tests/http/site.h
HTTP_SITE_WRAP = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/http/test_http_protocol
tests_http_test_http_protocol_SOURCES = %D%/test_http_protocol.c $(HTTP_SITE)
tests_http_test_http_protocol_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_protocol_body
tests_http_test_http_protocol_body_SOURCES = %D%/test_http_protocol_body.c $(HTTP_SITE)
tests_http_test_http_protocol_body_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_protocol_deadline
tests_http_test_http_protocol_deadline_SOURCES = %D%/test_http_protocol_deadline.c $(HTTP_SITE)
tests_http_test_http_protocol_deadline_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_protocol_file
tests_http_test_http_protocol_file_SOURCES = %D%/test_http_protocol_file.c $(HTTP_SITE)
tests_http_test_http_protocol_file_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_representation
tests_http_test_representation_SOURCES = %D%/test_representation.c

check_PROGRAMS += tests/http/test_error_response
tests_http_test_error_response_SOURCES = %D%/test_error_response.c $(HTTP_SITE)
tests_http_test_error_response_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_out_of_memory
tests_http_test_http_out_of_memory_SOURCES = %D%/test_http_out_of_memory.c $(HTTP_SITE)
tests_http_test_http_out_of_memory_LDFLAGS = $(HTTP_SITE_WRAP) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc

check_PROGRAMS += tests/http/test_response
tests_http_test_response_SOURCES = %D%/test_response.c $(HTTP_SITE)
tests_http_test_response_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_body
tests_http_test_http_body_SOURCES = %D%/test_http_body.c $(HTTP_SITE)
tests_http_test_http_body_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_relay
tests_http_test_http_relay_SOURCES = %D%/test_http_relay.c $(HTTP_SITE)
tests_http_test_http_relay_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_http_pending
tests_http_test_http_pending_SOURCES = %D%/test_http_pending.c $(HTTP_SITE)
tests_http_test_http_pending_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_accept_encoding
tests_http_test_accept_encoding_SOURCES = %D%/test_accept_encoding.c

check_PROGRAMS += tests/http/test_selection
tests_http_test_selection_SOURCES = %D%/test_selection.c $(HTTP_SITE)
tests_http_test_selection_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_entity_tag
tests_http_test_entity_tag_SOURCES = %D%/test_entity_tag.c

check_PROGRAMS += tests/http/test_cache_policy
tests_http_test_cache_policy_SOURCES = %D%/test_cache_policy.c

check_PROGRAMS += tests/http/test_disposition
tests_http_test_disposition_SOURCES = %D%/test_disposition.c

check_PROGRAMS += tests/http/test_limit_log
tests_http_test_limit_log_SOURCES = %D%/test_limit_log.c

check_PROGRAMS += tests/http/test_http_limits
tests_http_test_http_limits_SOURCES = %D%/test_http_limits.c $(HTTP_SITE)
tests_http_test_http_limits_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/http/test_basic_credentials
tests_http_test_basic_credentials_SOURCES = %D%/test_basic_credentials.c

check_PROGRAMS += tests/http/test_cache_control
tests_http_test_cache_control_SOURCES = %D%/test_cache_control.c

check_PROGRAMS += tests/http/test_freshness
tests_http_test_freshness_SOURCES = %D%/test_freshness.c %D%/header_lines.c %D%/header_lines.h

check_PROGRAMS += tests/http/test_cache_rules
tests_http_test_cache_rules_SOURCES = %D%/test_cache_rules.c %D%/header_lines.c %D%/header_lines.h

check_PROGRAMS += tests/http/test_vary
tests_http_test_vary_SOURCES = %D%/test_vary.c %D%/header_lines.c %D%/header_lines.h

check_PROGRAMS += tests/http/test_forward
tests_http_test_forward_SOURCES = %D%/test_forward.c %D%/parser_fixture.c %D%/parser_fixture.h

check_PROGRAMS += tests/http/test_reply_parser
tests_http_test_reply_parser_SOURCES = %D%/test_reply_parser.c

check_PROGRAMS += tests/http/test_kept_request
tests_http_test_kept_request_SOURCES = %D%/test_kept_request.c %D%/header_lines.c %D%/header_lines.h
