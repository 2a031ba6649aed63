# tests/process/local.mk - tests of src/process/, two lines each (see tests/local.mk).
check_PROGRAMS += tests/process/test_cache_folders
tests_process_test_cache_folders_SOURCES = %D%/test_cache_folders.c

check_PROGRAMS += tests/process/test_listeners
tests_process_test_listeners_SOURCES = %D%/test_listeners.c

check_PROGRAMS += tests/process/test_pid_file
tests_process_test_pid_file_SOURCES = %D%/test_pid_file.c

check_PROGRAMS += tests/process/test_process_pool
tests_process_test_process_pool_SOURCES = %D%/test_process_pool.c

check_PROGRAMS += tests/process/test_shared_state
tests_process_test_shared_state_SOURCES = %D%/test_shared_state.c

check_PROGRAMS += tests/process/test_log_files
tests_process_test_log_files_SOURCES = %D%/test_log_files.c

check_PROGRAMS += tests/process/test_upgrade
tests_process_test_upgrade_SOURCES = %D%/test_upgrade.c

check_PROGRAMS += tests/process/test_control
tests_process_test_control_SOURCES = %D%/test_control.c

check_PROGRAMS += tests/process/test_stats_keeper
tests_process_test_stats_keeper_SOURCES = %D%/test_stats_keeper.c
tests_process_test_stats_keeper_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime

check_PROGRAMS += tests/process/test_confinement
tests_process_test_confinement_SOURCES = %D%/test_confinement.c
tests_process_test_confinement_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=landlock_abi -Wl,--wrap=landlock_restrict \
	-Wl,--wrap=syscall_filter_create -Wl,--wrap=syscall_filter_install -Wl,--wrap=syscall_filter_destroy \
	-Wl,--wrap=sandbox_is_instrumented

check_PROGRAMS += tests/process/test_resolver_loop
tests_process_test_resolver_loop_SOURCES = %D%/test_resolver_loop.c
