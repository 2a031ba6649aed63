# tests/tool/local.mk - tests of src/tool/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/tool/test_command_line
tests_tool_test_command_line_SOURCES = %D%/test_command_line.c

check_PROGRAMS += tests/tool/test_one_shot
tests_tool_test_one_shot_SOURCES = %D%/test_one_shot.c

check_PROGRAMS += tests/tool/test_mistake_text
tests_tool_test_mistake_text_SOURCES = %D%/test_mistake_text.c

check_PROGRAMS += tests/tool/test_live_line
tests_tool_test_live_line_SOURCES = %D%/test_live_line.c

check_PROGRAMS += tests/tool/test_live_summary
tests_tool_test_live_summary_SOURCES = %D%/test_live_summary.c

check_PROGRAMS += tests/tool/test_live_log
tests_tool_test_live_log_SOURCES = %D%/test_live_log.c

check_PROGRAMS += tests/tool/test_helper_program
tests_tool_test_helper_program_SOURCES = %D%/test_helper_program.c

check_PROGRAMS += tests/tool/test_explain_request
tests_tool_test_explain_request_SOURCES = %D%/test_explain_request.c
