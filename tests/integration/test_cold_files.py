# SPDX-License-Identifier: MIT
"""A file on a slow disk holds up the client that asked for it, and nobody else.

The order is what is tested: others are answered while the read is held, which the test ends itself.
"""

import os
import socket
import time
import unittest

import fuse
import support

SIZE = 4 << 20
SMALL = b"GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW = b"GET /slow/big.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def read_all(sock):
    return b"".join(iter(lambda: sock.recv(1 << 20), b""))


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


class ColdFiles(support.ServerTest):
    content = os.urandom(1 << 16) * (SIZE >> 16)

    def start_on_slow_disk(self, **settings):
        server = self.make({"small.html": b"small", "slow/other.html": b"hidden by the mount"},
                           workers=1, **settings)
        (folder,) = (base for base, _, _ in os.walk(server.dir) if base.endswith("/slow"))
        try:
            disk = fuse.HeldFile(folder, "big.bin", self.content)
        except OSError as err:
            self.skipTest("no FUSE here: %s" % err)
        self.addCleanup(disk.close)
        return server.start(), disk

    def test_others_are_served_while_a_slow_read_is_held(self):
        server, disk = self.start_on_slow_disk()
        with server.connect() as slow, server.connect() as small:
            slow.sendall(SLOW)
            self.assertTrue(disk.arrived.wait(20))
            times = []
            for _ in range(100):
                start = time.monotonic()
                small.sendall(SMALL)
                answer = b""
                while not answer.endswith(b"small"):
                    part = small.recv(4096)
                    self.assertTrue(part)
                    answer += part
                times.append(time.monotonic() - start)
            self.assertTrue(disk.held)
            print("p99 beside a held read: %.2f ms" % (sorted(times)[98] * 1000))
            disk.let_go()
            self.assertEqual(body_of(read_all(slow)), self.content)

    def test_without_threads_they_wait_with_it(self):
        server, disk = self.start_on_slow_disk(io_threads=0)
        with server.connect() as slow, server.connect() as small:
            slow.sendall(SLOW)
            self.assertTrue(disk.arrived.wait(20))
            small.sendall(SMALL)
            small.settimeout(0.5)
            with self.assertRaises(socket.timeout):
                small.recv(4096)
            disk.let_go()
            small.settimeout(20)
            self.assertIn(b"small", small.recv(4096))
            self.assertEqual(body_of(read_all(slow)), self.content)

    def test_a_client_may_leave_while_a_slow_read_is_held(self):
        server, disk = self.start_on_slow_disk()
        with server.connect() as slow:
            slow.sendall(SLOW)
            self.assertTrue(disk.arrived.wait(20))
        with server.connect() as small:
            small.sendall(SMALL)
            self.assertIn(b"200 OK", small.recv(4096))
        disk.let_go()
        with server.connect() as slow:
            slow.sendall(SLOW)
            self.assertEqual(body_of(read_all(slow)), self.content)

    def test_what_the_kernel_forgot_comes_whole(self):
        server = self.make({"big.bin": self.content}, workers=1).start()
        (path,) = (os.path.join(base, "big.bin") for base, _, names in os.walk(server.dir)
                   if "big.bin" in names)
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)
        with server.connect() as sock:
            sock.sendall(SLOW.replace(b"/slow", b""))
            self.assertEqual(body_of(read_all(sock)), self.content)


if __name__ == "__main__":
    unittest.main()
