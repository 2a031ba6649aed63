/* SPDX-License-Identifier: MIT */
/* test_path_open.c - one tree full of traps, opened by openat2 and step by step. */
#include "support/unit.h"

#include "base/macros.h"
#include "file/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The next @fails calls of openat2 end with @fail_errno; those on "/" are the probe. */
static struct {
    int fail_errno;
    unsigned fails, calls;
    bool spares_probe;
} openat2_script;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    va_list args;
    long arg[4];

    va_start(args, number);
    for (int i = 0; i < 4; i++)
        arg[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2) {
        bool is_probe = strcmp((const char *)arg[1], "/") == 0;

        openat2_script.calls++;
        if (openat2_script.fails > 0 && !(is_probe && openat2_script.spares_probe)) {
            openat2_script.fails--;
            errno = openat2_script.fail_errno;
            return -1;
        }
    }
    return __real_syscall(number, arg[0], arg[1], arg[2], arg[3]);
}

/* base/root is served; base/outside must never be seen. */
static char base[64];
static int root_fd;

static void in_base(char out[256], const char *path)
{
    assert_true(snprintf(out, 256, "%s/%s", base, path) < 256);
}

static void make_directory(const char *path)
{
    char full[256];

    in_base(full, path);
    assert_int_equal(mkdir(full, 0755), 0);
}

static void make_file(const char *path)
{
    char full[256];
    int fd;

    in_base(full, path);
    fd = open(full, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, path, strlen(path)), (ssize_t)strlen(path));
    close(fd);
}

static void make_link(const char *path, const char *target)
{
    char full[256];

    in_base(full, path);
    assert_int_equal(symlink(target, full), 0);
}

static void make_links(void)
{
    char inside[256];

    in_base(inside, "root/file.txt");
    make_link("root/abs_out", "/etc/passwd");
    make_link("root/abs_in", inside);
    make_link("root/abs_root", "/");
    make_link("root/rel_out", "../outside/secret.txt");
    make_link("root/dir/rel_out", "../../outside/secret.txt");
    make_link("root/dir_out", "../outside");
    make_link("root/up", "..");
    make_link("root/out_and_back", "../root/file.txt");
    make_link("root/deep_out", "dir/sub/../../../outside/secret.txt");
    make_link("root/rel_in", "file.txt");
    make_link("root/dotted_in", "./dir/./sub/.././inner.txt");
    make_link("root/dir/up_in", "../file.txt");
    make_link("root/dir/sub/up_up_in", "../../file.txt");
    make_link("root/dir/parent", "..");
    make_link("root/link_dir", "dir");
    make_link("root/link_dir_slash", "dir/");
    make_link("root/link_dir_dot", "dir/.");
    make_link("root/link_dir_up", "dir/sub/..");
    make_link("root/link_sub", "dir/sub");
    make_link("root/physical", "link_sub/../inner.txt"); /* not "inner.txt" of the root */
    make_link("root/link_dot", ".");
    make_link("root/link_file_slash", "file.txt/");
    make_link("root/first", "second");
    make_link("root/second", "dir/third");
    make_link("root/dir/third", "../link_dir/sub/up_up_in");
    make_link("root/dangling", "nothing");
    make_link("root/dangling_dir", "nothing/x");
    make_link("root/loop", "loop");
    make_link("root/loop_a", "loop_b");
    make_link("root/loop_b", "loop_a");
    make_link("root/loop_dir", "loop_dir/x");
    make_link("root/to_fifo", "fifo");
    /* how Kubernetes projects a volume */
    make_link("root/..data", "..2026_11_24");
    make_link("root/index.html", "..data/index.html");
}

static void make_chain(void)
{
    char path[64];
    char target[64] = "file.txt";

    for (int i = 1; i <= 41; i++) {
        snprintf(path, sizeof(path), "root/chain%d", i);
        make_link(path, target);
        snprintf(target, sizeof(target), "chain%d", i);
    }
}

static int set_up(void **state)
{
    char path[256];

    strcpy(base, "/tmp/tinyweb-test-XXXXXX");
    assert_non_null(mkdtemp(base));
    make_directory("outside");
    make_file("outside/secret.txt");
    make_directory("root");
    make_file("root/file.txt");
    make_directory("root/dir");
    make_file("root/dir/inner.txt");
    make_directory("root/dir/sub");
    make_file("root/dir/sub/deep.txt");
    make_directory("root/..2026_11_24");
    make_file("root/..2026_11_24/index.html");
    make_file("root/..hidden");
    make_file("root/...");
    make_directory("root/\xe4\xb8\xad\xe6\x96\x87 \xe6\xb5\x8b\xe8\xaf\x95");
    make_file("root/\xe4\xb8\xad\xe6\x96\x87 \xe6\xb5\x8b\xe8\xaf\x95/\xf0\x9f\x98\x80.html");
    make_links();
    make_chain();
    in_base(path, "root/fifo");
    assert_int_equal(mkfifo(path, 0644), 0);
    in_base(path, "root");
    root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(root_fd, -1);
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
    return remove(path);
}

static int tear_down(void **state)
{
    close(root_fd);
    return nftw(base, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* @same: what the descriptor must be, in base; NULL: @err instead. */
struct row {
    const char *path, *same;
    int err;
};

static const struct row rows[] = {
    {"", "root", 0},
    {"file.txt", "root/file.txt", 0},
    {"dir", "root/dir", 0},
    {"dir/", "root/dir", 0},
    {"dir/inner.txt", "root/dir/inner.txt", 0},
    {"dir/sub/deep.txt", "root/dir/sub/deep.txt", 0},
    {"...", "root/...", 0},
    {"..hidden", "root/..hidden", 0},
    {"\xe4\xb8\xad\xe6\x96\x87 \xe6\xb5\x8b\xe8\xaf\x95/\xf0\x9f\x98\x80.html",
     "root/\xe4\xb8\xad\xe6\x96\x87 \xe6\xb5\x8b\xe8\xaf\x95/\xf0\x9f\x98\x80.html", 0},
    {"fifo", "root/fifo", 0},
    {"to_fifo", "root/fifo", 0},

    {"nothing", NULL, -ENOENT},
    {"nothing/", NULL, -ENOENT},
    {"nothing/x", NULL, -ENOENT},
    {"dir/nothing", NULL, -ENOENT},
    {"file.txt/", NULL, -ENOTDIR},
    {"file.txt/x", NULL, -ENOTDIR},
    {"fifo/", NULL, -ENOTDIR},
    {"rel_in/", NULL, -ENOTDIR},
    {"rel_in/x", NULL, -ENOTDIR},
    {"link_file_slash", NULL, -ENOTDIR},
    {"link_file_slash/x", NULL, -ENOTDIR},

    {"rel_in", "root/file.txt", 0},
    {"dotted_in", "root/dir/inner.txt", 0},
    {"dir/up_in", "root/file.txt", 0},
    {"dir/sub/up_up_in", "root/file.txt", 0},
    {"dir/parent", "root", 0},
    {"dir/parent/", "root", 0},
    {"dir/parent/file.txt", "root/file.txt", 0},
    {"dir/parent/dir/parent/dir/inner.txt", "root/dir/inner.txt", 0},
    {"link_dir", "root/dir", 0},
    {"link_dir/", "root/dir", 0},
    {"link_dir/inner.txt", "root/dir/inner.txt", 0},
    {"link_dir/sub/", "root/dir/sub", 0},
    {"link_dir_slash", "root/dir", 0},
    {"link_dir_slash/inner.txt", "root/dir/inner.txt", 0},
    {"link_dir_dot", "root/dir", 0},
    {"link_dir_dot/inner.txt", "root/dir/inner.txt", 0},
    {"link_dir_up", "root/dir", 0},
    {"link_dir_up/", "root/dir", 0},
    {"link_dir_up/inner.txt", "root/dir/inner.txt", 0},
    {"physical", "root/dir/inner.txt", 0},
    {"link_dot", "root", 0},
    {"link_dot/link_dot/file.txt", "root/file.txt", 0},
    {"first", "root/file.txt", 0},
    {"index.html", "root/..2026_11_24/index.html", 0},
    {"..data/index.html", "root/..2026_11_24/index.html", 0},

    {"abs_out", NULL, -EXDEV},
    {"abs_in", NULL, -EXDEV},
    {"abs_root", NULL, -EXDEV},
    {"abs_root/etc/passwd", NULL, -EXDEV},
    {"rel_out", NULL, -EXDEV},
    {"dir/rel_out", NULL, -EXDEV},
    {"link_dir/rel_out", NULL, -EXDEV},
    {"dir_out", NULL, -EXDEV},
    {"dir_out/secret.txt", NULL, -EXDEV},
    {"up", NULL, -EXDEV},
    {"up/outside/secret.txt", NULL, -EXDEV},
    {"dir/parent/up", NULL, -EXDEV},
    {"out_and_back", NULL, -EXDEV},
    {"deep_out", NULL, -EXDEV},

    {"dangling", NULL, -ENOENT},
    {"dangling/", NULL, -ENOENT},
    {"dangling_dir", NULL, -ENOENT},
    {"loop", NULL, -ELOOP},
    {"loop/x", NULL, -ELOOP},
    {"loop_a", NULL, -ELOOP},
    {"loop_dir", NULL, -ELOOP},
    {"chain40", "root/file.txt", 0},
    {"chain41", NULL, -ELOOP},

    /* path_decode never gives these, but the wall stands on its own */
    {"..", NULL, -EXDEV},
    {"../outside/secret.txt", NULL, -EXDEV},
    {"dir/../../outside/secret.txt", NULL, -EXDEV},
    {"dir/../file.txt", "root/file.txt", 0},
    {"dir/..", "root", 0},
    {"dir/.", "root/dir", 0},
    {".", "root", 0},
    {"./file.txt", "root/file.txt", 0},
    {"dir//sub///deep.txt", "root/dir/sub/deep.txt", 0},
    {"/etc/passwd", NULL, -EXDEV},
    {"/", NULL, -EXDEV},
};

static void check_row(const struct row *row)
{
    int fd = path_open(root_fd, row->path);
    char full[256];
    struct stat expected;
    struct stat got;

    if (!row->same) {
        if (fd != row->err)
            fail_msg("'%s': %d, expected %d", row->path, fd, row->err);
        return;
    }
    if (fd < 0)
        fail_msg("'%s': %d", row->path, fd);
    in_base(full, row->same);
    assert_int_equal(lstat(full, &expected), 0);
    assert_int_equal(fstat(fd, &got), 0);
    if (expected.st_ino != got.st_ino || expected.st_dev != got.st_dev)
        fail_msg("'%s' is not '%s'", row->path, row->same);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_PATH), O_RDONLY | O_NONBLOCK);
    close(fd);
}

static void check_all_rows(void)
{
    unsigned before = open_descriptors();

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(&rows[i]);
    assert_int_equal(open_descriptors(), before);
}

static void skip_without_openat2(void)
{
    path_force_fallback(false);
    if (syscall(SYS_openat2, -1, "", NULL, 0) == -1 && (errno == ENOSYS || errno == EPERM))
        skip();
}

static void openat2_stays_beneath_the_root(void **state)
{
    skip_without_openat2();
    openat2_script.calls = 0;
    check_all_rows();
    assert_int_equal(openat2_script.calls, COUNT_OF(rows));
}

static void steps_stay_beneath_the_root(void **state)
{
    path_force_fallback(true);
    openat2_script.calls = 0;
    check_all_rows();
    assert_int_equal(openat2_script.calls, 0);
}

static void check_lengths(void)
{
    char name[NAME_MAX + 2];
    char path[2 * PATH_MAX];

    memset(name, 'n', sizeof(name) - 1);
    name[NAME_MAX + 1] = '\0';
    assert_int_equal(path_open(root_fd, name), -ENAMETOOLONG);
    name[NAME_MAX] = '\0';
    assert_int_equal(path_open(root_fd, name), -ENOENT);

    for (size_t i = 0; i + 1 < sizeof(path); i += 2)
        memcpy(path + i, "./", 2);
    path[PATH_MAX] = '\0';
    assert_int_equal(path_open(root_fd, path), -ENAMETOOLONG);
    path[PATH_MAX - 2] = '\0';
    check_row(&(struct row){path, "root", 0});
    memcpy(path, "dir/parent/", 11); /* a link puts even more before it */
    path[11] = '.';
    path[12] = '/';
    path[PATH_MAX - 3] = '\0';
    check_row(&(struct row){path, "root", 0});
}

static void long_names_and_paths_are_refused(void **state)
{
    path_force_fallback(true);
    check_lengths();
    skip_without_openat2();
    check_lengths();
}

/* 0 when every locked thing is refused; by an exit status, since root has to become somebody. */
static int check_locked(void)
{
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) == -1)
        return 1;
    for (int forced = 0; forced < 2; forced++) {
        path_force_fallback(forced != 0);
        if (path_open(root_fd, "locked") != -EACCES || path_open(root_fd, "closed/x") != -EACCES ||
            path_open(root_fd, "closed") != -EACCES)
            return 2;
    }
    return 0;
}

static void what_may_not_be_read_is_refused(void **state)
{
    char full[256];
    int status;
    pid_t pid;

    make_file("root/locked");
    make_directory("root/closed");
    in_base(full, "root/locked");
    assert_int_equal(chmod(full, 0), 0);
    in_base(full, "root/closed");
    assert_int_equal(chmod(full, 0), 0);
    pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0)
        _exit(check_locked());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(full, 0755), 0);
}

static void magic_links_of_proc_lead_nowhere(void **state)
{
    static const char *const paths[] = {"self/exe",   "self/cwd",  "self/cwd/",
                                        "self/root",  "self/fd/0", "self/root/etc/passwd",
                                        "self/ns/mnt"};
    int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

    assert_int_not_equal(proc_fd, -1);
    for (int forced = 0; forced < 2; forced++) {
        path_force_fallback(forced != 0);
        for (size_t i = 0; i < COUNT_OF(paths); i++) {
            int fd = path_open(proc_fd, paths[i]);

            if (fd >= 0)
                fail_msg("'%s' was opened", paths[i]);
        }
        int fd = path_open(proc_fd, "self/status"); /* "self" is a link like any other */
        assert_true(fd >= 0);
        close(fd);
    }
    close(proc_fd);
}

static void a_missing_system_call_is_found_out_once(void **state)
{
    static const int errors[] = {ENOSYS, EPERM};

    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        path_force_fallback(false);
        openat2_script.fail_errno = errors[i];
        openat2_script.fails = UINT32_MAX;
        openat2_script.calls = 0;
        check_row(&(struct row){"dir/up_in", "root/file.txt", 0});
        check_row(&(struct row){"rel_out", NULL, -EXDEV});
        check_row(&(struct row){"", "root", 0});
        assert_int_equal(openat2_script.calls, 2); /* and its probe */
        openat2_script.fails = 0;
    }
    path_force_fallback(false);
}

static void a_file_system_that_refuses_is_not_a_missing_call(void **state)
{
    skip_without_openat2();
    openat2_script.fail_errno = EPERM;
    openat2_script.fails = 1;
    openat2_script.spares_probe = true;
    check_row(&(struct row){"file.txt", NULL, -EPERM});
    openat2_script.spares_probe = false;
    openat2_script.calls = 0;
    check_row(&(struct row){"file.txt", "root/file.txt", 0});
    assert_int_equal(openat2_script.calls, 1); /* still asked */
}

static void a_changing_tree_is_tried_again_a_few_times(void **state)
{
    static const int errors[] = {EAGAIN, EINTR};

    skip_without_openat2();
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        openat2_script.fail_errno = errors[i];
        openat2_script.fails = 3;
        check_row(&(struct row){"file.txt", "root/file.txt", 0});
        openat2_script.fails = UINT32_MAX;
        openat2_script.calls = 0;
        check_row(&(struct row){"file.txt", NULL, -errors[i]});
        assert_in_range(openat2_script.calls, 2, 20);
        openat2_script.fails = 0;
    }
}

/* Swap two names of base over and over, until killed. */
static pid_t start_swapping(const char *a, const char *b)
{
    char path_a[256];
    char path_b[256];
    pid_t pid;

    in_base(path_a, a);
    in_base(path_b, b);
    pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG,
                    SIGKILL); /* a failed assertion does not come back to stop it */
        for (;;)
            (void)renameat2(AT_FDCWD, path_a, AT_FDCWD, path_b, RENAME_EXCHANGE);
    }
    return pid;
}

static void stop_swapping(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* Open @path for a while; fail when it is ever the secret. Returns how often it was opened. */
static unsigned open_for_a_while(const char *path)
{
    struct stat secret;
    struct stat got;
    unsigned opened = 0;
    char full[256];
    struct timespec start;
    struct timespec now;

    in_base(full, "outside/secret.txt");
    assert_int_equal(stat(full, &secret), 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        int fd = path_open(root_fd, path);

        if (fd >= 0) {
            opened++;
            assert_int_equal(fstat(fd, &got), 0);
            assert_int_not_equal(got.st_ino, secret.st_ino);
            close(fd);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < 150);
    return opened;
}

static void a_directory_swapped_for_a_link_gives_nothing_away(void **state)
{
    pid_t pid;

    make_directory("root/swap");
    make_file("root/swap/secret.txt");
    make_link("root/swap_link", "../outside");
    pid = start_swapping("root/swap", "root/swap_link");
    for (int forced = 0; forced < 2; forced++) {
        path_force_fallback(forced != 0);
        (void)open_for_a_while("swap/secret.txt"); /* how often depends on the machine */
    }
    stop_swapping(pid);
}

static void a_directory_that_leaves_the_root_takes_nobody_out(void **state)
{
    pid_t pid;

    /* base/away/b/up/../../../outside: from inside the root "../../.." would end above it */
    make_directory("away");
    make_directory("away/b");
    make_directory("root/a");
    make_directory("root/a/b");
    make_link("root/a/b/leave", "../../../outside/secret.txt");
    make_link("away/b/leave", "../../outside/secret.txt");
    pid = start_swapping("root/a", "away");
    for (int forced = 0; forced < 2; forced++) {
        path_force_fallback(forced != 0);
        assert_int_equal(open_for_a_while("a/b/leave"), 0);
    }
    stop_swapping(pid);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(openat2_stays_beneath_the_root),
        cmocka_unit_test(steps_stay_beneath_the_root),
        cmocka_unit_test(long_names_and_paths_are_refused),
        cmocka_unit_test(what_may_not_be_read_is_refused),
        cmocka_unit_test(magic_links_of_proc_lead_nowhere),
        cmocka_unit_test(a_missing_system_call_is_found_out_once),
        cmocka_unit_test(a_file_system_that_refuses_is_not_a_missing_call),
        cmocka_unit_test(a_changing_tree_is_tried_again_a_few_times),
        cmocka_unit_test(a_directory_swapped_for_a_link_gives_nothing_away),
        cmocka_unit_test(a_directory_that_leaves_the_root_takes_nobody_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
