# src/process/local.mk - modules of process/: src_libtinyweb_a_SOURCES += %D%/module.c %D%/module.h
src_libtinyweb_a_SOURCES += \
	%D%/cache_folders.c %D%/cache_folders.h \
	%D%/child_group.c \
	%D%/client_memory.c %D%/client_memory.h \
	%D%/confinement.c %D%/confinement.h \
	%D%/control.c %D%/control.h \
	%D%/control_client.c %D%/control_client.h \
	%D%/control_text.c %D%/control_text.h \
	%D%/generation.c %D%/generation.h \
	%D%/inherited_sockets.c %D%/inherited_sockets.h \
	%D%/listeners.c %D%/listeners.h \
	%D%/log_files.c %D%/log_files.h \
	%D%/log_mender.c %D%/log_mender.h \
	%D%/master.c %D%/master.h %D%/master_private.h \
	%D%/master_control.c \
	%D%/master_signals.c \
	%D%/master_upgrade.c \
	%D%/pid_file.c %D%/pid_file.h \
	%D%/purge_command.c %D%/purge_command.h \
	%D%/process_pool.c %D%/process_pool.h %D%/process_pool_private.h \
	%D%/reload.c %D%/reload.h \
	%D%/resolver.c %D%/resolver.h \
	%D%/resolver_loop.c %D%/resolver_loop.h \
	%D%/server_command.c %D%/server_command.h \
	%D%/service.c %D%/service.h \
	%D%/shared_state.c %D%/shared_state.h \
	%D%/signal_command.c %D%/signal_command.h \
	%D%/stats_keeper.c %D%/stats_keeper.h \
	%D%/trouble.c %D%/trouble.h \
	%D%/upgrade.c %D%/upgrade.h \
	%D%/worker.c %D%/worker.h \
	%D%/worker_factories.c %D%/worker_factories.h \
	%D%/worker_prepare.c %D%/worker_prepare.h
