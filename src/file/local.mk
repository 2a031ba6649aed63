# src/file/local.mk - modules of file/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += %D%/mime_types.c %D%/mime_types.h
src_libtinyweb_a_SOURCES += %D%/path.c %D%/path.h
src_libtinyweb_a_SOURCES += %D%/path_open.c
src_libtinyweb_a_SOURCES += %D%/file_cache.c %D%/file_cache.h
src_libtinyweb_a_SOURCES += %D%/open_file.c %D%/open_file.h
