# src/handler/local.mk - one file a way to answer
src_libtinyweb_a_SOURCES += %D%/static_file.c %D%/static_file.h
src_libtinyweb_a_SOURCES += %D%/fixed_status.c %D%/fixed_status.h
src_libtinyweb_a_SOURCES += %D%/missing_file.c %D%/missing_file.h
src_libtinyweb_a_SOURCES += %D%/redirect.c %D%/redirect.h
src_libtinyweb_a_SOURCES += %D%/registry.c %D%/registry.h
src_libtinyweb_a_SOURCES += %D%/errno_answer.c %D%/errno_answer.h
src_libtinyweb_a_SOURCES += %D%/listing.c %D%/listing.h
src_libtinyweb_a_SOURCES += %D%/listing_entries.c %D%/listing_entries.h
src_libtinyweb_a_SOURCES += %D%/listing_html.c
src_libtinyweb_a_SOURCES += %D%/listing_json.c
src_libtinyweb_a_SOURCES += %D%/listing_page.c %D%/listing_page.h
src_libtinyweb_a_SOURCES += %D%/listing_query.c %D%/listing_query.h
src_libtinyweb_a_SOURCES += %D%/listing_readme.c %D%/listing_readme.h
src_libtinyweb_a_SOURCES += %D%/listing_sort.c %D%/listing_sort.h
src_libtinyweb_a_SOURCES += %D%/listing_text.c
src_libtinyweb_a_SOURCES += %D%/health.c %D%/health.h
