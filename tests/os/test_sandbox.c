/* SPDX-License-Identifier: MIT */
/*
 * test_sandbox.c - what nobody can do in a sandbox, and that serving files can be done in it.
 *
 * Each attempt is made by a process of its own with the rights of a worker: without a sandbox,
 * where it has to succeed, then behind each part alone, and behind both.
 */
#include "support/unit.h"

#include "file/path.h"
#include "os/landlock.h"
#include "os/privileges.h"
#include "os/sandbox.h"
#include "support/scratch_folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LANDLOCK 1U
#define SECCOMP 2U

#define GREETING "hello from inside"

static struct scratch_folder root, elsewhere;
static int listen_fd, free_socket, log_fd;
static struct sockaddr_in listener_address;
static struct sandbox sandbox;

static int of_result(long result)
{
    return result == -1 ? errno : 0;
}

/* --- attempts: 0, or the errno of what was refused */

static int open_passwd(void)
{
    return of_result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int open_by_parent(void)
{
    return of_result(openat(root.fd, "../../etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int list_a_folder_elsewhere(void)
{
    return of_result(openat(elsewhere.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int write_a_file(void)
{
    return of_result(openat(root.fd, "page", O_WRONLY | O_CLOEXEC));
}

static int create_a_file(void)
{
    return of_result(openat(root.fd, "new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static int remove_a_file(void)
{
    return of_result(unlinkat(root.fd, "doomed", 0));
}

static int make_a_folder(void)
{
    return of_result(mkdirat(elsewhere.fd, "folder", 0700));
}

static int execute(void)
{
    return of_result(execl("/bin/true", "true", (char *)NULL));
}

static int fork_a_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return of_result(pid);
}

static int trace(void)
{
    return of_result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int connect_to_a_server(void)
{
    return of_result(
        connect(free_socket, (const struct sockaddr *)&listener_address, sizeof(listener_address)));
}

static int listen_at_a_port(void)
{
    const struct sockaddr_in any = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return of_result(bind(free_socket, (const struct sockaddr *)&any, sizeof(any)));
}

static int make_a_socket(void)
{
    return of_result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int make_memory_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : of_result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int map_executable_memory(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : 0;
}

static int signal_somebody(void)
{
    return of_result(kill(getpid(), SIGWINCH)); /* ignored by default */
}

static int cut_the_log(void)
{
    return of_result(ftruncate(log_fd, 0));
}

static int overwrite_the_log(void)
{
    return of_result(fcntl(log_fd, F_SETFL, 0)); /* without O_APPEND */
}

static const struct attempt {
    const char *name;
    int (*try)(void);
    unsigned refused_by;
} attempts[] = {
    {"open /etc/passwd", open_passwd, LANDLOCK},
    {"open it from the root", open_by_parent, LANDLOCK},
    {"list another folder", list_a_folder_elsewhere, LANDLOCK},
    {"write a file of the root", write_a_file, LANDLOCK | SECCOMP},
    {"create a file", create_a_file, LANDLOCK | SECCOMP},
    {"remove a file", remove_a_file, LANDLOCK | SECCOMP},
    {"make a folder", make_a_folder, LANDLOCK | SECCOMP},
    {"execute", execute, LANDLOCK | SECCOMP},
    {"fork", fork_a_process, SECCOMP},
    {"trace", trace, SECCOMP},
    {"connect", connect_to_a_server, LANDLOCK | SECCOMP},
    {"bind", listen_at_a_port, LANDLOCK | SECCOMP},
    {"make a socket", make_a_socket, SECCOMP},
    {"make memory executable", make_memory_executable, SECCOMP},
    {"map executable memory", map_executable_memory, SECCOMP},
    {"send a signal", signal_somebody, SECCOMP},
    {"cut the log", cut_the_log, SECCOMP},
    {"overwrite the log", overwrite_the_log, SECCOMP},
};

/* --- in a process of its own */

static void open_listener(void)
{
    socklen_t size = sizeof(listener_address);
    listener_address = (struct sockaddr_in){.sin_family = AF_INET,
                                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        bind(listen_fd, (const struct sockaddr *)&listener_address, sizeof(listener_address)), 0);
    assert_int_equal(listen(listen_fd, 64), 0);
    assert_int_equal(getsockname(listen_fd, (struct sockaddr *)&listener_address, &size), 0);
}

static int become_worker(void)
{
    struct identity identity;
    int err = 0;
    if (priv_is_root() && (err = priv_find(NULL, NULL, &identity)) == 0)
        err = priv_drop(&identity);
    return err ? err : priv_harden();
}

static int enter(unsigned parts)
{
    int err = become_worker();
    if (!err && (parts & LANDLOCK))
        err = sandbox_restrict_files(&sandbox);
    if (!err && (parts & SECCOMP))
        err = sandbox_restrict_calls(&sandbox);
    return -err;
}

#define COULD_NOT_ENTER 200

/* The exit status of @run in a child, or the signal that it died of, as a negative number. */
static int in_child(unsigned parts, int (*run)(void))
{
    int status;
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0) {
        (void)alarm(20);
        _exit(enter(parts) ? COULD_NOT_ENTER : run());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* A sanitizer makes calls of its own, and ends the process where they fail. */
static unsigned parts_there_are(void)
{
    bool has_filter = sandbox.filter && !sandbox_is_instrumented();
    return (sandbox.landlock > 0 ? LANDLOCK : 0) | (has_filter ? SECCOMP : 0);
}

static bool net_is_landlocked(void)
{
    return sandbox.landlock >= LANDLOCK_ABI_NET;
}

static void prepare_attempt(void)
{
    free_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_not_equal(free_socket, -1);
    (void)unlinkat(root.fd, "new", 0);
    scratch_file(&root, "doomed", "");
    (void)unlinkat(elsewhere.fd, "folder", AT_REMOVEDIR);
}

static void check_attempts(unsigned parts)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        const struct attempt *attempt = &attempts[i];
        unsigned refused_by = attempt->refused_by;
        if (!net_is_landlocked() &&
            (attempt->try == connect_to_a_server || attempt->try == listen_at_a_port))
            refused_by = SECCOMP;
        prepare_attempt();
        int result = in_child(parts, attempt->try);
        (void)close(free_socket);
        bool is_right = (refused_by & parts) ? result == EPERM || result == EACCES : result == 0;
        if (!is_right)
            print_error("%s with parts %u: %d\n", attempt->name, parts, result);
        assert_true(is_right);
    }
}

static void all_attempts_succeed_without_a_sandbox(void **state)
{
    check_attempts(0);
}

static void landlock_refuses_files_and_ports(void **state)
{
    if (!(parts_there_are() & LANDLOCK))
        skip();
    check_attempts(LANDLOCK);
}

static void the_filter_refuses_all_other_calls(void **state)
{
    if (!(parts_there_are() & SECCOMP))
        skip();
    check_attempts(SECCOMP);
}

static void nothing_succeeds_behind_both(void **state)
{
    if (parts_there_are() != (LANDLOCK | SECCOMP))
        skip();
    check_attempts(LANDLOCK | SECCOMP);
}

/* --- what still works */

static int serve_a_page(void)
{
    char request[64];
    struct stat status;
    int client = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (client == -1 || recv(client, request, sizeof(request), 0) <= 0)
        return 1;
    void *memory = malloc(1 << 20);
    int fd = path_open(root.fd, "page");
    if (!memory || fd < 0 || fstat(fd, &status) == -1)
        return 2;
    free(memory);
    if (sendfile(client, fd, NULL, (size_t)status.st_size) != status.st_size)
        return 3;
    int folder = path_open(root.fd, "");
    char entries[512];
    if (folder < 0 || syscall(SYS_getdents64, folder, entries, sizeof(entries)) <= 0)
        return 4;
    return write(log_fd, "served\n", 7) == 7 ? 0 : 5;
}

static void files_are_served_from_within(void **state)
{
    char reply[64] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (parts_there_are() == 0)
        skip();
    (void)close(listen_fd); /* with those whom nobody has accepted */
    open_listener();
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&listener_address, sizeof(listener_address)), 0);
    assert_int_equal(send(fd, "page", 4, 0), 4);
    assert_int_equal(in_child(parts_there_are(), serve_a_page), 0);
    assert_int_equal(recv(fd, reply, sizeof(reply), MSG_WAITALL), sizeof(GREETING) - 1);
    assert_string_equal(reply, GREETING);
    (void)close(fd);
}

static int abort_here(void)
{
    abort();
}

static void abort_still_says_that_it_was_abort(void **state)
{
    if (!(parts_there_are() & SECCOMP))
        skip();
    assert_int_equal(in_child(LANDLOCK | SECCOMP, abort_here), -SIGABRT);
}

static int call_what_nobody_knows(void)
{
    return of_result(syscall(4000));
}

static void calls_of_the_future_do_not_exist(void **state)
{
    if (!(parts_there_are() & SECCOMP))
        skip();
    assert_int_equal(in_child(SECCOMP, call_what_nobody_knows), ENOSYS);
}

static int own_status(const char *name)
{
    char line[128];
    int value = -1;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof(line), file)) {
        size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            value = (int)strtol(line + len + 1, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return value;
}

/* Needs a process that may still read /proc. */
static int filter_is_in_force(void)
{
    return own_status("NoNewPrivs") == 1 && own_status("Seccomp") == 2 ? 0 : 1;
}

static void the_kernel_says_so_too(void **state)
{
    if (!(parts_there_are() & SECCOMP))
        skip();
    assert_int_equal(in_child(SECCOMP, filter_is_in_force), 0);
}

/* --- threads */

struct older_thread {
    int go[2];
    int of_files, of_calls;
};

static void *wait_and_try(void *argument)
{
    struct older_thread *thread = argument;
    char byte;
    if (read(thread->go[0], &byte, 1) != 1)
        return NULL;
    thread->of_files = open_passwd();
    thread->of_calls = make_a_socket();
    return NULL;
}

/* Files come first; threads may be there when the filter comes, or start later. */
static int start_threads_before_and_after(void)
{
    struct older_thread thread = {.of_files = -1, .of_calls = -1};
    pthread_t older, younger;
    if (sandbox_restrict_files(&sandbox) || pipe2(thread.go, O_CLOEXEC) == -1 ||
        pthread_create(&older, NULL, wait_and_try, &thread) != 0)
        return 1;
    if (sandbox_restrict_calls(&sandbox) || write(thread.go[1], "", 1) != 1 ||
        pthread_join(older, NULL) != 0)
        return 2;
    if (thread.of_files != EACCES || thread.of_calls != EPERM)
        return 3;
    thread.of_files = thread.of_calls = -1;
    if (write(thread.go[1], "", 1) != 1 ||
        pthread_create(&younger, NULL, wait_and_try, &thread) != 0 ||
        pthread_join(younger, NULL) != 0)
        return 4;
    return thread.of_files == EACCES && thread.of_calls == EPERM ? 0 : 5;
}

static void threads_are_confined_too(void **state)
{
    if (parts_there_are() != (LANDLOCK | SECCOMP))
        skip();
    assert_int_equal(in_child(0, start_threads_before_and_after), 0);
}

/* --- words and policies */

static int connect_with_permission(void)
{
    const struct sandbox_policy policy = {.dir_fds = &root.fd, .dir_count = 1, .may_connect = true};
    struct sandbox open_one;
    sandbox_init(&open_one, &policy);
    if (sandbox_restrict_files(&open_one) || sandbox_restrict_calls(&open_one))
        return 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int err = of_result(
        connect(fd, (const struct sockaddr *)&listener_address, sizeof(listener_address)));
    if (err)
        return err;
    return open_passwd() == 0 || listen_at_a_port() == 0 ? 2 : 0;
}

static void a_policy_may_let_connect(void **state)
{
    if (parts_there_are() != (LANDLOCK | SECCOMP))
        skip();
    prepare_attempt();
    assert_int_equal(in_child(0, connect_with_permission), 0);
    (void)close(free_socket);
}

/* Make, write, rename and remove a file. */
static int of_renaming(int dir_fd)
{
    int fd = openat(dir_fd, "new/file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd == -1)
        return errno;
    int err = of_result(pwrite(fd, "x", 1, 0) == 1 ? 0 : -1);
    (void)close(fd);
    if (err)
        return err;
    err = of_result(renameat(dir_fd, "new/file", dir_fd, "new/name"));
    return err ? err : of_result(unlinkat(dir_fd, "new/name", 0));
}

static int write_with_permission(void)
{
    const struct sandbox_policy policy = {
        .dir_fds = &root.fd, .dir_count = 1, .own_fds = &elsewhere.fd, .own_count = 1};
    struct sandbox storing;
    sandbox_init(&storing, &policy);
    if (sandbox_restrict_files(&storing) || sandbox_restrict_calls(&storing))
        return 1;
    int err = of_result(mkdirat(elsewhere.fd, "new", 0700));
    if (!err)
        err = of_renaming(elsewhere.fd);
    if (err)
        return err;
    if (mkdirat(root.fd, "new", 0700) == 0 || unlinkat(root.fd, "page", 0) == 0)
        return 2;
    return symlinkat("/etc", elsewhere.fd, "link") == 0 || open_passwd() == 0 ? 3 : 0;
}

static void a_policy_may_let_write_in_a_folder_of_its_own(void **state)
{
    if (parts_there_are() != (LANDLOCK | SECCOMP))
        skip();
    assert_int_equal(in_child(0, write_with_permission), 0);
}

static void what_is_missing_is_told(void **state)
{
    static const struct {
        int landlock, filter_err; /* 0: there is a filter */
        const char *text;
    } rows[] = {
        {7, 0, "Landlock (ABI 7) and seccomp"},
        {3, 0, "Landlock (ABI 3, files only) and seccomp"},
        {-ENOSYS, 0, "seccomp; no Landlock: this kernel has none"},
        {-EOPNOTSUPP, 0, "seccomp; no Landlock: this kernel was started without"},
        {-EPERM, 0, "seccomp; no Landlock: it is forbidden here"},
        {7, -ENOSYS, "Landlock (ABI 7); no seccomp: built without libseccomp"},
        {-EPERM, -EPERM, "no Landlock: it is forbidden here; no seccomp: it is forbidden here"},
        {4, -ENOMEM, "Landlock (ABI 4); no seccomp: Cannot allocate memory"},
    };
    struct syscall_filter *any = (struct syscall_filter *)&root; /* only whether there is one */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct sandbox row = {.landlock = rows[i].landlock,
                                    .filter = rows[i].filter_err ? NULL : any,
                                    .filter_err = rows[i].filter_err};
        char text[SANDBOX_TEXT_SIZE];
        sandbox_describe(&row, text, sizeof(text));
        assert_string_equal(text, rows[i].text);
        assert_int_equal(sandbox_is_whole(&row), i < 2);
    }
}

static void a_missing_part_is_left_out(void **state)
{
    const struct sandbox none = {.landlock = -ENOSYS, .filter_err = -ENOSYS};
    assert_int_equal(sandbox_restrict_files(&none), 0);
    assert_int_equal(sandbox_restrict_calls(&none), 0);
    assert_int_equal(open_passwd(), 0);
}

/* --- */

static int set_up(void **state)
{
    const struct sandbox_policy policy = {.dir_fds = &root.fd, .dir_count = 1};
    scratch_init(&root);
    scratch_init(&elsewhere);
    /* So that a worker is refused by nothing else. */
    assert_int_equal(chmod(root.path, 0777), 0);
    assert_int_equal(chmod(elsewhere.path, 0777), 0);
    scratch_file(&root, "page", GREETING);
    scratch_file(&elsewhere, "page", "secret");
    assert_int_equal(fchmodat(root.fd, "page", 0666, 0), 0);
    assert_int_equal(fchmodat(elsewhere.fd, "page", 0666, 0), 0);
    log_fd = openat(elsewhere.fd, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_int_not_equal(log_fd, -1);

    open_listener();
    sandbox_init(&sandbox, &policy);
    return 0;
}

static int tear_down(void **state)
{
    sandbox_done(&sandbox);
    (void)close(listen_fd);
    (void)close(log_fd);
    scratch_done(&root);
    scratch_done(&elsewhere);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_attempts_succeed_without_a_sandbox),
        cmocka_unit_test(landlock_refuses_files_and_ports),
        cmocka_unit_test(the_filter_refuses_all_other_calls),
        cmocka_unit_test(nothing_succeeds_behind_both),
        cmocka_unit_test(files_are_served_from_within),
        cmocka_unit_test(abort_still_says_that_it_was_abort),
        cmocka_unit_test(calls_of_the_future_do_not_exist),
        cmocka_unit_test(the_kernel_says_so_too),
        cmocka_unit_test(threads_are_confined_too),
        cmocka_unit_test(a_policy_may_let_connect),
        cmocka_unit_test(a_policy_may_let_write_in_a_folder_of_its_own),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(a_missing_part_is_left_out),
    };
    return cmocka_run_group_tests_name("sandbox", tests, set_up, tear_down);
}
