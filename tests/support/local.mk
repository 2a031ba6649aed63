# tests/support/local.mk - fakes and helpers, linked by every unit test that uses them.
tests_libsupport_a_SOURCES += %D%/unit.h
tests_libsupport_a_SOURCES += %D%/echo_protocol.c %D%/echo_protocol.h
tests_libsupport_a_SOURCES += %D%/failing_heap.c %D%/failing_heap.h
tests_libsupport_a_SOURCES += %D%/fake_clock.c %D%/fake_clock.h
tests_libsupport_a_SOURCES += %D%/gate.c %D%/gate.h
tests_libsupport_a_SOURCES += %D%/memory_transport.c %D%/memory_transport.h
tests_libsupport_a_SOURCES += %D%/origin.c %D%/origin.h
tests_libsupport_a_SOURCES += %D%/scratch_folder.c %D%/scratch_folder.h
