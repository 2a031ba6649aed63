# tests/handler/local.mk - tests of src/handler/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/handler/test_static_file
tests_handler_test_static_file_SOURCES = %D%/test_static_file.c $(HTTP_SITE)
tests_handler_test_static_file_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_static_file_ranges
tests_handler_test_static_file_ranges_SOURCES = %D%/test_static_file_ranges.c $(HTTP_SITE)
tests_handler_test_static_file_ranges_LDFLAGS = $(HTTP_SITE_WRAP)
