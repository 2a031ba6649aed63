# src/os/local.mk - modules of os/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += \
	%D%/channel.c %D%/channel.h \
	%D%/cpu.c %D%/cpu.h \
	%D%/daemonize.c %D%/daemonize.h \
	%D%/descriptors.c %D%/descriptors.h \
	%D%/file_lock.c %D%/file_lock.h \
	%D%/interfaces.c %D%/interfaces.h \
	%D%/landlock.c %D%/landlock.h \
	%D%/local_account.c %D%/local_account.h \
	%D%/log_file.c %D%/log_file.h \
	%D%/page_cache.c %D%/page_cache.h \
	%D%/password_hash.c %D%/password_hash.h \
	%D%/privileges.c %D%/privileges.h \
	%D%/process_title.c %D%/process_title.h \
	%D%/resource_limits.c %D%/resource_limits.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/sd_notify.c %D%/sd_notify.h \
	%D%/shared_memory.c %D%/shared_memory.h \
	%D%/shmtx.c %D%/shmtx.h \
	%D%/signal_manager.c %D%/signal_manager.h \
	%D%/socket.c %D%/socket.h \
	%D%/syscall_filter.c %D%/syscall_filter.h \
	%D%/syscall_rules.c %D%/syscall_rules.h \
	%D%/syslog_socket.c %D%/syslog_socket.h
