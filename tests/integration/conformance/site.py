# SPDX-License-Identifier: MIT
"""The files that every server serves while rows are played against it."""

import gzip
import os

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
CODED = b"a text that is worth compressing, again and again\n" * 40
LARGE = bytes(range(256)) * 2048

MODIFIED_SECONDS = 784111777
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
FUTURE_SECONDS = 4070908800  # 1 January 2099

# Of the host that requests name if nothing else is said, and of "other.test".
FILES = {
    "index.html": b"<!doctype html><title>index</title>\n",
    "file.txt": ALPHABET,
    "empty.txt": b"",
    "large.bin": LARGE,
    "coded.txt": CODED,
    "coded.txt.gz": gzip.compress(CODED, 9, mtime=0),
    "future.txt": b"made tomorrow\n",
    "folder/index.html": b"<!doctype html><title>folder</title>\n",
    "smuggled.txt": b"SMUGGLED",
}
OTHER_FILES = {"file.txt": b"the other host\n"}


def set_times(root):
    for folder, _, names in os.walk(root):
        for name in names:
            seconds = FUTURE_SECONDS if name == "future.txt" else MODIFIED_SECONDS
            os.utime(os.path.join(folder, name), (seconds, seconds))


def write(root, files):
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)
    set_times(root)
