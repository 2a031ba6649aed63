/* SPDX-License-Identifier: MIT */
/*
 * path.h - from the path of a request target to a file below a root, and nowhere else.
 *
 * Two walls: path_decode is pure text (RFC 3986 sections 2.1 and 5.2.4), path_open lets the
 * kernel check (openat2(2), RESOLVE_BENEATH): a symbolic link may lead about inside the root but
 * not out of it.
 */
#ifndef TINYWEB_FILE_PATH_H
#define TINYWEB_FILE_PATH_H

#include "base/macros.h"
#include "base/slice.h"

/*
 * Decode @raw, which starts with "/" and has neither query nor fragment: each %HH once; no NUL;
 * valid UTF-8 (no overlong forms, no surrogates, at most U+10FFFF); then "." and ".." and empty
 * segments resolved. The result is relative to the root without a leading "/": "" is the root,
 * "a/b" a name, "a/b/" says that the target ended in "/" (or in a dot segment). It points into
 * @raw when nothing had to change, else into @out, which has room for raw.len bytes.
 *
 * Returns 0, -EINVAL (bad escape, NUL, bad UTF-8), or -EXDEV (".." above the root).
 */
MUST_CHECK int path_decode(struct slice raw, char *out, struct slice *ret_path);

/* True when a segment of the decoded @path starts with ".", except a first segment ".well-known"
 * (RFC 8615) itself; a dot segment below it is hidden as everywhere. */
bool path_is_hidden(struct slice path);

/*
 * Open @path (as path_decode gives it; terminated) for reading below @root_fd: close-on-exec,
 * non-blocking (a FIFO does not hang), never a controlling terminal. "" and a trailing "/" open
 * the directory itself. Returns the descriptor, or -errno: -ENOENT, -ENOTDIR, -EACCES, -EXDEV
 * (leads out of the root), -ELOOP, -ENAMETOOLONG, -EMFILE, -EAGAIN (the tree kept changing) …
 * Where the kernel lacks openat2 (-ENOSYS, -EPERM in some sandboxes) the same is done step by
 * step with O_NOFOLLOW, following links that stay inside; found out once per process.
 */
MUST_CHECK int path_open(int root_fd, const char *path);

/* For tests: take the step by step way from now on, or not. */
void path_force_fallback(bool is_forced);

#endif
