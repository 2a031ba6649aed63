# tests/file/local.mk - tests of src/file/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/file/test_mime_types
tests_file_test_mime_types_SOURCES = %D%/test_mime_types.c
tests_file_test_mime_types_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc

check_PROGRAMS += tests/file/test_path
tests_file_test_path_SOURCES = %D%/test_path.c

check_PROGRAMS += tests/file/test_path_open
tests_file_test_path_open_SOURCES = %D%/test_path_open.c
tests_file_test_path_open_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall

check_PROGRAMS += tests/file/test_open_file
tests_file_test_open_file_SOURCES = %D%/test_open_file.c %D%/folder.c %D%/folder.h
tests_file_test_open_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=pread -Wl,--wrap=__pread_chk

check_PROGRAMS += tests/file/test_file_cache
tests_file_test_file_cache_SOURCES = %D%/test_file_cache.c %D%/folder.c %D%/folder.h
tests_file_test_file_cache_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=path_open -Wl,--wrap=hash_bytes

check_PROGRAMS += tests/file/test_file_cache_bounds
tests_file_test_file_cache_bounds_SOURCES = %D%/test_file_cache_bounds.c %D%/folder.c %D%/folder.h
tests_file_test_file_cache_bounds_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime \
	-Wl,--wrap=path_open -Wl,--wrap=malloc -Wl,--wrap=calloc

check_PROGRAMS += tests/file/test_content_coding
tests_file_test_content_coding_SOURCES = %D%/test_content_coding.c

check_PROGRAMS += tests/file/test_siblings
tests_file_test_siblings_SOURCES = %D%/test_siblings.c
tests_file_test_siblings_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=path_open \
	-Wl,--wrap=malloc -Wl,--wrap=calloc

check_PROGRAMS += tests/file/test_content_hash
tests_file_test_content_hash_SOURCES = %D%/test_content_hash.c

check_PROGRAMS += tests/file/test_gzip
tests_file_test_gzip_SOURCES = %D%/test_gzip.c %D%/folder.c %D%/folder.h
