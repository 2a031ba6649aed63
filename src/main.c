/* SPDX-License-Identifier: MIT */
/* main.c - from the command line to what was asked for. */

#include "config/config.h"
#include "os/daemonize.h"
#include "os/process_title.h"
#include "process/inherited_sockets.h"
#include "process/master.h"
#include "process/signal_command.h"
#include "tool/build_info.h"
#include "tool/command_line.h"
#include "tool/config_test.h"
#include "tool/explain.h"
#include "tool/live_log.h"
#include "tool/mistake_text.h"
#include "tool/one_shot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Suffices as a configuration, in a container for example. */
#define ROOT_VARIABLE "TINYWEB_SERVER_ROOT"

enum exit_status { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_USAGE = 2 };

struct program {
    struct process_title title;
    struct command_line command;
    struct one_shot one_shot;
    struct inherited_sockets inherited;
    int ready_fd; /* of whoever waits until we serve; -1: nobody */
    char **arguments;
    char *path; /* of this program, for an upgrade; NULL: unknown */
    struct config_override overrides[ONE_SHOT_OVERRIDES_MAX + COMMAND_OVERRIDES_MAX];
    struct config_source source;
};

static void report_to_terminal(void *context, const struct config_mistake *mistake)
{
    const struct program *program = context;
    if (mistake->is_error || !program->command.is_quiet)
        mistake_print(mistake, mistake_wants_colour(STDERR_FILENO), stderr);
}

/* What the program decides comes first, so that -g has the last word. */
static void collect_overrides(struct program *program)
{
    const struct command_line *command = &program->command;
    size_t count = 0;
    if (command->dir) {
        count = program->one_shot.override_count;
        memcpy(program->overrides, program->one_shot.overrides,
               count * sizeof(program->overrides[0]));
    }
    memcpy(program->overrides + count, command->overrides,
           command->override_count * sizeof(command->overrides[0]));
    program->source = (struct config_source){
        .path = command->config_path,
        .overrides = program->overrides,
        .override_count = count + command->override_count,
    };
}

static int load(struct program *program, struct config **ret_config)
{
    const struct config_reporter reporter = {.report = report_to_terminal, .context = program};
    program->source.environment = (const char *const *)environ;
    int err = config_load(&program->source, &reporter, ret_config);
    if (err && err != -EINVAL)
        fprintf(stderr, "tinyweb: cannot read the configuration: %s\n", strerror(-err));
    return err;
}

/* DIR, -c, or the file that is there after an installation. */
static bool find_configuration(struct program *program)
{
    struct command_line *command = &program->command;
    if (command->dir || command->config_path)
        return true;
    if (access(TINYWEB_CONF_FILE, F_OK) == 0) {
        command->config_path = TINYWEB_CONF_FILE;
        return true;
    }
    if (command->override_count > 0 || getenv(ROOT_VARIABLE))
        return true;
    fprintf(stderr,
            "tinyweb: nothing to serve: tinyweb DIR, or tinyweb -c FILE (there is no %s); "
            "tinyweb -h tells more\n",
            TINYWEB_CONF_FILE);
    return false;
}

static int test(struct program *program)
{
    const struct config_test_options options = {
        .name = program->command.config_path,
        .is_quiet = program->command.is_quiet,
        .is_json = program->command.is_json,
    };
    program->source.environment = (const char *const *)environ;
    bool is_good = config_test(&program->source, &options);
    return is_good && fflush(stdout) == 0 ? EXIT_OK : EXIT_ERROR;
}

static int dump(struct program *program)
{
    struct config *config;
    if (load(program, &config))
        return EXIT_ERROR;
    int err = config_print(config, stdout);
    config_free(config);
    if (!err && fflush(stdout) != 0)
        err = -errno;
    if (err)
        fprintf(stderr, "tinyweb: cannot write to standard output: %s\n", strerror(-err));
    return err ? EXIT_ERROR : EXIT_OK;
}

static int explain_url(struct program *program)
{
    const struct command_line *command = &program->command;
    const struct explain_options options = {
        .url = command->url,
        .method = command->method,
        .headers = command->headers,
        .header_count = command->header_count,
        .is_json = command->is_json,
    };
    struct config *config;
    if (load(program, &config))
        return EXIT_ERROR;
    int err = explain(config, &options);
    config_free(config);
    if (err == -EINVAL)
        return EXIT_USAGE;
    return !err && fflush(stdout) == 0 ? EXIT_OK : EXIT_ERROR;
}

static int send_signal(struct program *program)
{
    struct config *config;
    if (load(program, &config))
        return EXIT_ERROR;
    int status = signal_command(config, program->command.signal, program->command.argument,
                                program->command.is_quiet);
    config_free(config);
    return status;
}

/* Once a second until it is interrupted or the server is gone; once, where nobody watches. */
static int watch(struct program *program)
{
    struct config *config;
    bool is_terminal = isatty(STDOUT_FILENO);
    int status;
    if (load(program, &config))
        return EXIT_ERROR;
    do {
        if (is_terminal)
            fputs("\033[H\033[J", stdout); /* to the upper left, and clear what is below */
        status = signal_command(config, program->command.signal, NULL, true);
        if (fflush(stdout) != 0)
            status = EXIT_ERROR;
    } while (status == EXIT_OK && is_terminal && sleep(1) == 0);
    config_free(config);
    return status;
}

static void on_started(void *context, const struct listeners *listeners)
{
    const struct program *program = context;
    if (program->command.dir && !program->command.is_quiet)
        one_shot_announce(program->command.dir, &listeners->items[0].actual,
                          &program->command.one_shot);
}

/* A reload happens in another folder, if the server is a daemon. */
static char *make_absolute(const char *path)
{
    char *absolute = NULL;
    char *dir = path && path[0] != '/' ? getcwd(NULL, 0) : NULL;
    if (dir && asprintf(&absolute, "%s/%s", dir, path) == -1)
        absolute = NULL;
    free(dir);
    return absolute;
}

/* Where links lead may be changed for an upgrade, so the name that was used comes first. */
static char *find_program(const char *name)
{
    char target[PATH_MAX];
    char *path = strchr(name, '/') ? make_absolute(name) : NULL;
    if (strchr(name, '/') && !path)
        path = strdup(name);
    if (path && access(path, X_OK) == 0)
        return path;
    free(path);
    ssize_t len = readlink("/proc/self/exe", target, sizeof(target));
    return len > 0 && len < (ssize_t)sizeof(target) ? strndup(target, (size_t)len) : NULL;
}

static int run_master(struct program *program, struct config *config, struct daemonizer *daemon)
{
    char *absolute = make_absolute(program->source.path);
    struct reload_source reload = {
        .config = program->source,
        .start_dir_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC),
        .is_daemon = daemon != NULL,
    };
    if (absolute)
        reload.config.path = absolute;
    const struct master_settings settings = {
        .config = config,
        .reload = reload,
        .inherited = &program->inherited,
        .title = &program->title,
        .name = config->path           ? config->path
                : program->command.dir ? program->command.dir
                                       : "",
        .program = {.path = program->command.dir ? NULL : program->path,
                    .arguments = program->arguments,
                    .start_dir_fd = reload.start_dir_fd},
        .daemon = daemon,
        .ready_fd = daemon ? -1 : program->ready_fd,
        .on_started = on_started,
        .context = program,
    };
    int status = master_run(&settings);
    if (reload.start_dir_fd != -1)
        close(reload.start_dir_fd);
    free(absolute);
    return status;
}

static int run(struct program *program, struct config *config)
{
    struct daemonizer daemon;
    bool is_parent;
    if (program->command.is_foreground || program->command.dir)
        config->server.daemon = false;
    if (!config->server.daemon)
        return run_master(program, config, NULL);
    if (program->ready_fd != -1) { /* started by a daemon to take its place */
        daemon.status_fd = program->ready_fd;
        return run_master(program, config, &daemon);
    }

    int err = daemon_begin(&daemon, &is_parent);
    if (!err && !is_parent)
        return run_master(program, config, &daemon);
    config_free(config);
    if (!err)
        return daemon_wait(&daemon);
    fprintf(stderr, "tinyweb: cannot go into the background: %s\n", strerror(-err));
    return EXIT_ERROR;
}

/* The variable is for this program, not for what it may start. */
static int take_inherited(struct program *program)
{
    const struct trouble trouble = {.is_starting = true, .log_is_terminal = true};
    int err = inherited_parse(getenv(INHERITED_VARIABLE), &trouble, &program->inherited);
    if (inherited_activated(getenv("LISTEN_PID"), getenv("LISTEN_FDS"), &trouble,
                            &program->inherited))
        err = -EINVAL;
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    (void)unsetenv(INHERITED_VARIABLE); /* fails only for a bad name */
    if (upgrade_parse_ready(getenv(READY_VARIABLE), &program->ready_fd)) {
        fprintf(stderr, "tinyweb: " READY_VARIABLE ": \"%s\" is no pipe\n", getenv(READY_VARIABLE));
        err = -EINVAL;
    }
    (void)unsetenv(READY_VARIABLE);
    return err;
}

/* Unless there is nobody to see it, or the log goes elsewhere. */
static bool shows_requests(const struct program *program, const struct config *config)
{
    return program->command.dir && !program->command.is_quiet &&
           config->server.access_log.target == LOG_TARGET_STDOUT;
}

static int serve(struct program *program)
{
    struct live_log live_log = {.pid = 0};
    struct config *config;
    int fd = program->one_shot.listen_fd;
    if (take_inherited(program))
        return EXIT_ERROR;
    if (program->command.dir && fd != -1) {
        int err = inherited_add(&program->inherited, fd);
        if (err) {
            fprintf(stderr, "tinyweb: cannot listen: %s\n", strerror(-err));
            return EXIT_ERROR;
        }
    }
    if (load(program, &config))
        return EXIT_ERROR;
    if (shows_requests(program, config) && live_log_start(&live_log, &program->title))
        fprintf(stderr, "tinyweb: requests are shown as they are logged\n");
    int status = run(program, config);
    live_log_finish(&live_log);
    return status;
}

static int dispatch(struct program *program)
{
    switch (program->command.mode) {
    case COMMAND_SERVE: return serve(program);
    case COMMAND_TEST: return test(program);
    case COMMAND_DUMP: return dump(program);
    case COMMAND_EXPLAIN: return explain_url(program);
    case COMMAND_SIGNAL: return send_signal(program);
    case COMMAND_TOP: return watch(program);
    case COMMAND_VERSION:
    case COMMAND_BUILD_INFO:
    case COMMAND_HELP: break; /* answered already: they need no configuration */
    }
    return EXIT_USAGE;
}

static bool answer_at_once(const struct command_line *command)
{
    if (command->mode == COMMAND_VERSION)
        printf("tinyweb %s\n", PACKAGE_VERSION);
    else if (command->mode == COMMAND_BUILD_INFO)
        build_info_print(stdout);
    else if (command->mode == COMMAND_HELP)
        command_print_help(stdout);
    else
        return false;
    return true;
}

static int run_command(struct program *program, int argc, char **argv)
{
    struct command_line *command = &program->command;
    if (!command_parse(argc, argv, command))
        return EXIT_USAGE;
    if (answer_at_once(command))
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_ERROR;
    if (!find_configuration(program))
        return EXIT_USAGE;
    if (command->dir && one_shot_prepare(&program->one_shot, command->dir, &command->one_shot))
        return EXIT_ERROR;
    collect_overrides(program);
    return dispatch(program);
}

int main(int argc, char **argv)
{
    struct program program = {.ready_fd = -1};
    if (daemon_fill_stdio())
        return EXIT_ERROR;
    char **arguments = title_init(&program.title, argc, argv);
    program.arguments = arguments;
    program.path = argc > 0 ? find_program(arguments[0]) : NULL;
    int status = run_command(&program, argc, arguments);
    free(program.path);
    title_done(&program.title);
    return status;
}
