/* SPDX-License-Identifier: MIT */
/* replay.c - the driver of a fuzz target where libFuzzer is not: gives it every file of its corpora once. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX_BYTES (1 << 20) /* far above what libFuzzer writes by itself: 4 KiB */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;

    static uint8_t whole[INPUT_MAX_BYTES];
    size_t len = fread(whole, 1, sizeof(whole), file);
    int err = ferror(file) ? -EIO : 0;
    fclose(file);

    /* A block of exactly the input's size: a sanitizer then sees the first byte read beyond it. */
    uint8_t *input = malloc(len ? len : 1);
    if (!input)
        return -ENOMEM;
    memcpy(input, whole, len);
    if (!err)
        (void)LLVMFuzzerTestOneInput(input, len); /* 0 and -1 only steer libFuzzer's corpus */
    free(input);
    return err;
}

static int replay_directory(const char *path, unsigned *count)
{
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOENT ? 0 : -errno;

    int err = 0;
    for (struct dirent *entry = readdir(dir); entry && !err; entry = readdir(dir)) {
        char name[4096];
        struct stat st;
        int len = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || len >= (int)sizeof(name))
            continue;
        if (stat(name, &st) == -1 || !S_ISREG(st.st_mode))
            continue;
        err = replay_file(name);
        *count += 1;
    }
    closedir(dir);
    return err;
}

/* Below the source tree, which make check names in the environment. */
static int replay_corpora(const char *target, unsigned *count)
{
    static const char *const folders[] = {"corpus", "regression"};
    const char *srcdir = getenv("srcdir");
    if (!srcdir)
        srcdir = ".";

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char path[4096];
        int len = snprintf(path, sizeof(path), "%s/fuzz/%s/%s", srcdir, folders[i], target);
        int err = len < (int)sizeof(path) ? replay_directory(path, count) : -ENAMETOOLONG;
        if (err) {
            fprintf(stderr, "%s: %s\n", path, strerror(-err));
            return err;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *program = slash ? slash + 1 : argv[0];
    const char *target = strncmp(program, "fuzz_", 5) == 0 ? program + 5 : program;
    unsigned count = 0;
    int err = 0;

    if (argc == 1)
        err = replay_corpora(target, &count);
    for (int i = 1; i < argc && !err; i++, count++) {
        err = replay_file(argv[i]);
        if (err)
            fprintf(stderr, "%s: %s\n", argv[i], strerror(-err));
    }
    printf("%s: %u inputs replayed\n", target, count);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
