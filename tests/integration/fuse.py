# SPDX-License-Identifier: MIT
"""A file system of one file, whose reads are held until the test lets them go, or just slow.

Speaks the kernel's own protocol (linux/fuse.h) on /dev/fuse, so no library is needed; but root is.
"""

import ctypes
import errno
import os
import stat
import struct
import threading
import time

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 14, 15, 17, 18
FLUSH, INIT, OPENDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 25, 26, 27, 29, 36, 42
HEADER = struct.Struct("<IIQQIIII")
MNT_DETACH = 2
ROOT, FILE = 1, 2
MTIME = 1700000000  # the entity tag of a file without a time is made of all its bytes

libc = ctypes.CDLL(None, use_errno=True)


class Repeated:
    """The bytes of @block again and again, @size of them; of as much as can be sliced nothing is held."""

    def __init__(self, block, size):
        self.block, self.size = block, size

    def __len__(self):
        return self.size

    def __getitem__(self, part):
        first, last, _ = part.indices(self.size)
        start = first % len(self.block)
        times = (start + last - first) // len(self.block) + 1
        return (self.block * times)[start:start + max(last - first, 0)]


class HeldFile:
    """@content as the file @name below @folder, which exists. With a @delay in seconds nothing is held, but one
    read after the other takes that long, as on a disk with a single head."""

    def __init__(self, folder, name, content, delay=None):
        self.folder, self.name, self.content = folder, name.encode(), content
        self.is_open = delay is not None
        self.delay = delay or 0.0
        self.held = []  # reads that wait: (unique, offset, size)
        self.lock = threading.Lock()
        self.arrived = threading.Event()
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % self.fd
        if libc.mount(b"held", folder.encode(), b"fuse", 0, options.encode()) != 0:
            err = ctypes.get_errno()
            os.close(self.fd)
            raise OSError(err, os.strerror(err))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def let_go(self):
        """What waits is answered, and what comes from now on."""
        with self.lock:
            self.is_open = True
            for read in self.held:
                self.answer_read(*read)
            self.held = []

    def close(self):
        self.let_go()
        libc.umount2(self.folder.encode(), MNT_DETACH)
        self.thread.join(20)
        os.close(self.fd)

    def reply(self, unique, body=b"", error=0):
        os.write(self.fd, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)

    def answer_read(self, unique, offset, size):
        self.reply(unique, self.content[offset:offset + size])

    def attributes(self, node):
        mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
        size = 0 if node == ROOT else len(self.content)
        return struct.pack("<6Q10I", node, size, size // 512, MTIME, MTIME, MTIME, 0, 0, 0,
                           mode, 1, 0, 0, 0, 4096, 0)

    def answer(self, opcode, unique, node, body):
        if opcode == INIT:
            major, minor, read_ahead = struct.unpack_from("<III", body)
            self.reply(unique, struct.pack("<IIIIHHIIHH32x", major, min(minor, 31), read_ahead, 0,
                                           16, 12, 4096, 1, 0, 0))
        elif opcode == LOOKUP and body.rstrip(b"\0") == self.name:
            self.reply(unique, struct.pack("<QQQQII", FILE, 0, 60, 60, 0, 0) + self.attributes(FILE))
        elif opcode == LOOKUP:
            self.reply(unique, error=errno.ENOENT)
        elif opcode == GETATTR:
            self.reply(unique, struct.pack("<QII", 60, 0, 0) + self.attributes(node))
        elif opcode in (OPEN, OPENDIR):
            self.reply(unique, struct.pack("<QII", 0, 0, 0))
        elif opcode == STATFS:
            self.reply(unique, bytes(80))
        elif opcode == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            with self.lock:
                if self.is_open:
                    time.sleep(self.delay)
                    self.answer_read(unique, offset, size)
                else:
                    self.held.append((unique, offset, size))
                    self.arrived.set()
        elif opcode in (RELEASE, RELEASEDIR, FLUSH):
            self.reply(unique)
        elif opcode not in (FORGET, BATCH_FORGET, INTERRUPT):
            self.reply(unique, error=errno.ENOSYS)

    def serve(self):
        while True:
            try:
                request = os.read(self.fd, 1 << 17)
            except OSError as err:
                if err.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return  # ENODEV: it was unmounted
            _, opcode, unique, node = HEADER.unpack_from(request)[:4]
            try:
                self.answer(opcode, unique, node, request[HEADER.size:])
            except OSError:
                pass  # the request was interrupted meanwhile
