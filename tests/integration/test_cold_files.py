# SPDX-License-Identifier: MIT
"""A file on a slow disk holds up the client that asked for it, and nobody else.

The order is what is tested: others are answered while the read is held, which the test ends itself. The
times beside a disk that is slow, and beside one that was not read for long, are printed; TESTS_LONG=1 takes a
file of 1 GiB for them, and holds them to 10 ms.
"""

import os
import signal
import socket
import threading
import time
import unittest

import fuse
import support
from support import LATE

LONG = os.environ.get("TESTS_LONG") == "1"
SIZE = 4 << 20
LARGE = 1 << 30 if LONG else 32 << 20
READ_SECONDS = 0.005  # of the slow disk, for up to 128 KiB
P99_MAX = 0.010
SMALL = b"GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW = b"GET /slow/big.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def read_all(sock):
    return b"".join(iter(lambda: sock.recv(1 << 20), b""))


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


class ColdFilesTest(support.ServerTest):
    content = os.urandom(1 << 16) * (SIZE >> 16)

    def start_on_slow_disk(self, content=content, delay=None, **settings):
        server = self.make({"small.html": b"small", "slow/other.html": b"hidden by the mount"},
                           workers=1, **settings)
        (folder,) = (base for base, _, _ in os.walk(server.dir) if base.endswith("/slow"))
        try:
            disk = fuse.HeldFile(folder, "big.bin", content, delay)
        except OSError as err:
            self.skipTest("no FUSE here: %s" % err)
        self.addCleanup(disk.close)
        return server.start(), disk


class ColdFiles(ColdFilesTest):
    def test_others_are_served_while_a_slow_read_is_held(self):
        server, disk = self.start_on_slow_disk()
        with server.connect() as slow, server.connect() as small:
            slow.sendall(SLOW)
            self.assertTrue(disk.arrived.wait(60))
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
            self.assertTrue(disk.arrived.wait(60))
            small.sendall(SMALL)
            small.settimeout(0.5)
            with self.assertRaises(socket.timeout):
                small.recv(4096)
            disk.let_go()
            small.settimeout(60)
            self.assertIn(b"small", small.recv(4096))
            self.assertEqual(body_of(read_all(slow)), self.content)

    def test_a_client_may_leave_while_a_slow_read_is_held(self):
        server, disk = self.start_on_slow_disk()
        with server.connect() as slow:
            slow.sendall(SLOW)
            self.assertTrue(disk.arrived.wait(60))
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


class Ends(ColdFilesTest):
    """The end is not a disk's to decide."""

    def start_waiting(self, **settings):
        """A worker that waits for the disk, in a thread or itself."""
        server, disk = self.start_on_slow_disk(**settings)
        slow = server.connect()
        self.addCleanup(slow.close)
        slow.sendall(SLOW)
        self.assertTrue(disk.arrived.wait(60))
        return server, disk, slow

    def test_quit_waits_for_a_disk_and_no_longer_than_shutdown_timeout(self):
        server, _, _ = self.start_waiting(shutdown_timeout="700ms")
        start = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 20), 0)
        self.assertGreater(time.monotonic() - start, 0.6)
        self.assertLess(time.monotonic() - start, 0.7 + LATE)
        self.assertIn("connections have not finished in time", server.log())
        self.assertIn("a disk does not answer: ending without it", server.log())

    def test_quit_finishes_what_a_disk_answers_in_time(self):
        server, disk, slow = self.start_waiting(shutdown_timeout="30s")
        server.kill(signal.SIGQUIT)
        server.wait_for_log("SIGQUIT from")
        disk.let_go()
        self.assertEqual(body_of(read_all(slow)), self.content)
        self.assertEqual(server.wait(20), 0)

    def test_term_does_not_wait_for_a_disk(self):
        for threads in (8, 0):
            with self.subTest(io_threads=threads):
                server, _, _ = self.start_waiting(io_threads=threads)
                start = time.monotonic()
                self.assertEqual(server.stop(signal.SIGTERM, 20), 0)
                self.assertLess(time.monotonic() - start, 2 + LATE)
                if threads > 0:  # what waits in the kernel has given the port back before
                    self.assertFalse(support.can_connect(server.port))


class BesideColdFiles(ColdFilesTest):
    """What a hot small file takes meanwhile, with threads and without."""

    def ask(self, sock):
        start = time.monotonic()
        sock.sendall(SMALL)
        answer = b""
        while not answer.endswith(b"small"):
            part = sock.recv(4096)
            self.assertTrue(part)
            answer += part
        return time.monotonic() - start

    def times_beside(self, server, target):
        """Seconds of each small request while the large file comes; and how long that took."""
        done = threading.Event()
        sizes = []

        def download():
            with server.connect(120) as sock:
                sock.sendall(target)
                sizes.append(sum(map(len, iter(lambda: sock.recv(1 << 20), b""))))
            done.set()

        thread = threading.Thread(target=download)
        with server.connect(120) as small:
            self.ask(small)
            begun = time.monotonic()
            thread.start()
            times = []
            while not done.wait(0.001):
                times.append(self.ask(small))
        thread.join()
        self.assertGreater(sizes[0], LARGE)
        return sorted(times), time.monotonic() - begun

    def report(self, what, threads, times, took):
        p99 = times[len(times) * 99 // 100]
        print("     %s, io_threads = %s: %d MiB in %.1f s, beside it %d small files: p50 %.2f ms, "
              "p99 %.2f ms, most %.2f ms" % (what, threads, LARGE >> 20, took, len(times),
                                             times[len(times) // 2] * 1e3, p99 * 1e3, times[-1] * 1e3))
        return times[len(times) // 2], p99

    def test_a_slow_disk(self):
        content = fuse.Repeated(ColdFiles.content[:1 << 16], LARGE)
        for _ in range(4):
            found = {}
            for threads in (8, 0):
                server, disk = self.start_on_slow_disk(content, READ_SECONDS, io_threads=threads)
                found[threads] = self.report("a slow disk", threads,
                                             *self.times_beside(server, SLOW))
            if found[8][0] < found[0][0]:
                break
        # Without threads most small files wait for a read; with them, the machine has to be busy for that.
        self.assertLess(found[8][0], found[0][0])
        if LONG:
            self.assertLess(found[8][1], P99_MAX)

    def test_a_real_disk(self):
        found = {}
        for threads in (8, 0):
            server = self.make({"small.html": b"small"}, workers=1, io_threads=threads)
            path = server.write("big.bin", b"")
            with open(path, "wb") as file:
                for _ in range(LARGE // (1 << 20)):
                    file.write(ColdFiles.content[:1 << 20])
                file.flush()
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            server.start()
            found[threads] = self.report("a real disk", threads, *self.times_beside(
                server, SLOW.replace(b"/slow", b"")))
        if LONG:
            self.assertLess(found[8][1], P99_MAX)


if __name__ == "__main__":
    unittest.main()
