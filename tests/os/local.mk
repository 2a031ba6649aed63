# tests/os/local.mk - tests of src/os/, two lines each (see tests/local.mk).

check_PROGRAMS += tests/os/test_channel
tests_os_test_channel_SOURCES = %D%/test_channel.c

check_PROGRAMS += tests/os/test_cpu
tests_os_test_cpu_SOURCES = %D%/test_cpu.c

check_PROGRAMS += tests/os/test_daemonize
tests_os_test_daemonize_SOURCES = %D%/test_daemonize.c

check_PROGRAMS += tests/os/test_descriptors
tests_os_test_descriptors_SOURCES = %D%/test_descriptors.c
tests_os_test_descriptors_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall

check_PROGRAMS += tests/os/test_file_lock
tests_os_test_file_lock_SOURCES = %D%/test_file_lock.c

check_PROGRAMS += tests/os/test_interfaces
tests_os_test_interfaces_SOURCES = %D%/test_interfaces.c

check_PROGRAMS += tests/os/test_local_account
tests_os_test_local_account_SOURCES = %D%/test_local_account.c

check_PROGRAMS += tests/os/test_log_file
tests_os_test_log_file_SOURCES = %D%/test_log_file.c

check_PROGRAMS += tests/os/test_page_cache
tests_os_test_page_cache_SOURCES = %D%/test_page_cache.c
tests_os_test_page_cache_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=preadv2 -Wl,--wrap=preadv

check_PROGRAMS += tests/os/test_privileges
tests_os_test_privileges_SOURCES = %D%/test_privileges.c

check_PROGRAMS += tests/os/test_process_title
tests_os_test_process_title_SOURCES = %D%/test_process_title.c

check_PROGRAMS += tests/os/test_resource_limits
tests_os_test_resource_limits_SOURCES = %D%/test_resource_limits.c
tests_os_test_resource_limits_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrlimit -Wl,--wrap=setrlimit

check_PROGRAMS += tests/os/test_shared_memory
tests_os_test_shared_memory_SOURCES = %D%/test_shared_memory.c

check_PROGRAMS += tests/os/test_shmtx
tests_os_test_shmtx_SOURCES = %D%/test_shmtx.c

check_PROGRAMS += tests/os/test_signal_manager
tests_os_test_signal_manager_SOURCES = %D%/test_signal_manager.c

check_PROGRAMS += tests/os/test_socket
tests_os_test_socket_SOURCES = %D%/test_socket.c

check_PROGRAMS += tests/os/test_sd_notify
tests_os_test_sd_notify_SOURCES = %D%/test_sd_notify.c

check_PROGRAMS += tests/os/test_password_hash
tests_os_test_password_hash_SOURCES = %D%/test_password_hash.c

check_PROGRAMS += tests/os/test_sandbox
tests_os_test_sandbox_SOURCES = %D%/test_sandbox.c

check_PROGRAMS += tests/os/test_syslog_socket
tests_os_test_syslog_socket_SOURCES = %D%/test_syslog_socket.c
