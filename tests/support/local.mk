# tests/support/local.mk - fakes and helpers: tests_libsupport_a_SOURCES += %D%/fake_clock.c %D%/fake_clock.h
tests_libsupport_a_SOURCES += %D%/unit.h
