# tests/handler/local.mk - tests of src/handler/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/handler/test_static_file
tests_handler_test_static_file_SOURCES = %D%/test_static_file.c $(HTTP_SITE)
tests_handler_test_static_file_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_static_file_ranges
tests_handler_test_static_file_ranges_SOURCES = %D%/test_static_file_ranges.c $(HTTP_SITE)
tests_handler_test_static_file_ranges_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_listing_query
tests_handler_test_listing_query_SOURCES = %D%/test_listing_query.c

check_PROGRAMS += tests/handler/test_listing_entries
tests_handler_test_listing_entries_SOURCES = %D%/test_listing_entries.c

check_PROGRAMS += tests/handler/test_listing_sort
tests_handler_test_listing_sort_SOURCES = %D%/test_listing_sort.c

check_PROGRAMS += tests/handler/test_listing_page
tests_handler_test_listing_page_SOURCES = %D%/test_listing_page.c

check_PROGRAMS += tests/handler/test_listing_readme
tests_handler_test_listing_readme_SOURCES = %D%/test_listing_readme.c

check_PROGRAMS += tests/handler/test_listing
tests_handler_test_listing_SOURCES = %D%/test_listing.c $(HTTP_SITE)
tests_handler_test_listing_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_health
tests_handler_test_health_SOURCES = %D%/test_health.c $(HTTP_SITE)
tests_handler_test_health_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_status
tests_handler_test_status_SOURCES = %D%/test_status.c $(HTTP_SITE)
tests_handler_test_status_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_status_plot
tests_handler_test_status_plot_SOURCES = %D%/test_status_plot.c

check_PROGRAMS += tests/handler/test_locations
tests_handler_test_locations_SOURCES = %D%/test_locations.c $(HTTP_SITE)
tests_handler_test_locations_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_credential_cache
tests_handler_test_credential_cache_SOURCES = %D%/test_credential_cache.c

check_PROGRAMS += tests/handler/test_password_check
tests_handler_test_password_check_SOURCES = %D%/test_password_check.c
tests_handler_test_password_check_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=password_hash_check

check_PROGRAMS += tests/handler/test_guard
tests_handler_test_guard_SOURCES = %D%/test_guard.c $(HTTP_SITE)
tests_handler_test_guard_LDFLAGS = $(HTTP_SITE_WRAP)

check_PROGRAMS += tests/handler/test_compressed_file
tests_handler_test_compressed_file_SOURCES = %D%/test_compressed_file.c $(HTTP_SITE)
tests_handler_test_compressed_file_LDFLAGS = $(HTTP_SITE_WRAP) -Wl,--wrap=gzip_compress
