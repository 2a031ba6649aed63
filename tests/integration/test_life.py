# SPDX-License-Identifier: MIT
"""A life that nobody notices: reloads, rotations and crashes under keep-alive load."""

import contextlib
import os
import random
import signal
import socket
import threading
import time

import support
from support import wait_for

REQUEST = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"


class Ended(Exception):
    """The connection ended before the first byte of an answer, or within it."""

    def __init__(self, had_bytes, how):
        super().__init__(how)
        self.had_bytes = had_bytes
        self.how = how


class Client:
    """One keep-alive connection after the other, by raw bytes."""

    def __init__(self, address):
        self.address = address
        self.sock = None
        self.used = False

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def answer(self):
        data = b""
        while not data.endswith(b"hello\n"):
            try:
                part = self.sock.recv(4096)
            except ConnectionResetError:
                raise Ended(bool(data), "reset") from None
            if not part:
                raise Ended(bool(data), "closed")
            data += part
        return data

    def ask(self):
        """True when it took a second connection: the first had been used, and was closed."""
        retried = False
        while True:
            if not self.sock:
                self.sock = socket.create_connection(self.address, 10)
                self.used = False
            try:
                try:
                    self.sock.sendall(REQUEST)
                except (BrokenPipeError, ConnectionResetError):
                    raise Ended(False, "reset") from None
                data = self.answer()
            except Ended as end:
                reused = self.used
                self.close()
                if end.had_bytes or not reused or retried:
                    raise
                retried = True
                continue
            self.used = True
            if not data.startswith(b"HTTP/1.1 200 "):
                raise AssertionError(data)
            if b"\r\nConnection: close\r\n" in data:
                self.close()
            return retried


class Hammer:
    """Keep-alive clients in threads, some with pauses; counts answers, retries and failures."""

    def __init__(self, server, clients=6, pauses=(0, 0, 0.001, 0.01, 0.05, 0.2)):
        self.address = (server.address, server.port)
        self.done = threading.Event()
        self.lock = threading.Lock()
        self.ok = self.retried = 0
        self.failures = []
        self.threads = [threading.Thread(target=self.run, args=(pauses[i % len(pauses)],),
                                         daemon=True) for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.done.set()
        for thread in self.threads:
            thread.join(20)

    def run(self, pause):
        client = Client(self.address)
        while not self.done.is_set():
            try:
                retried = client.ask()
                with self.lock:
                    self.ok += 1
                    self.retried += retried
            except (OSError, Ended, AssertionError) as error:
                client.close()
                with self.lock:
                    self.failures.append(repr(error))
            if pause:
                time.sleep(random.uniform(0, 2 * pause))
        client.close()

    def wait_for_more(self, count=50, seconds=20.0):
        start = self.ok
        wait_for("answers under load", lambda: self.ok >= start + count, seconds)


class LifeTest(support.ServerTest):
    def reload(self, server, count=1):
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use", count, 20)


class Lossless(LifeTest):
    def test_reloads_cost_no_request_and_no_retry(self):
        server = self.serve(workers=2, log_level="notice")
        with Hammer(server) as hammer:
            for turn in range(20):
                self.reload(server, turn + 1)
                hammer.wait_for_more(20)
            wait_for("end of the old", lambda: len(server.workers()) == 2, 10)
            hammer.wait_for_more(20)
        self.assertEqual(hammer.failures, [])
        # Every client asks again within drain_idle, so each old connection is told in an answer.
        self.assertEqual(hammer.retried, 0, "of %d" % hammer.ok)

    def test_rotations_cost_no_request_and_no_line(self):
        server = self.serve(workers=2, log_level="notice")
        names = []
        with Hammer(server) as hammer:
            for turn in range(10):
                names.append("%s.%d" % (server.access_log, turn))
                os.rename(server.access_log, names[-1])
                server.kill(signal.SIGUSR1)
                wait_for("new log", lambda: os.path.exists(server.access_log))
                hammer.wait_for_more(20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0))
        names.append(server.access_log)
        wait_for("every line", lambda: sum(len(server.access_lines(name)) for name in names) ==
                 hammer.ok)

    def test_killed_workers_cost_what_they_were_doing_and_nothing_else(self):
        server = self.serve(workers=4, log_level="notice")
        server.allow_error("was killed by signal 9")
        with Hammer(server) as hammer:
            for _ in range(6):
                hammer.wait_for_more(20)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(random.choice(server.workers()), signal.SIGKILL)
                time.sleep(0.1)
            hammer.wait_for_more(20)
            # A request that a killed worker had begun may fail, once a client and kill; afterwards
            # all is as before.
            self.assertLessEqual(len(hammer.failures), 6 * len(hammer.threads))
            wait_for("all workers", lambda: len(server.workers()) == 4, 10)
            hammer.failures.clear()
            hammer.wait_for_more(100)
            self.assertEqual(hammer.failures, [])

    def test_quiet_connections_end_without_a_reset(self):
        server = self.serve(workers=1, drain_idle="200ms")
        quiet = [server.connect() for _ in range(10)]
        for sock in quiet[:5]:
            sock.sendall(REQUEST)
            self.assertTrue(sock.recv(4096))
        began = time.monotonic()
        self.reload(server)
        for sock in quiet:
            self.assertEqual(sock.recv(100), b"")
        self.assertGreater(time.monotonic() - began, 0.15)
        # The request was on its way: the end of the answers' side, not an error.
        for sock in quiet:
            with contextlib.suppress(BrokenPipeError):
                sock.sendall(REQUEST)
            self.assertEqual(sock.recv(100), b"")
            sock.close()
        wait_for("end of the old", lambda: len(server.workers()) == 1, 5)

    def test_what_waits_for_a_removed_listener_is_answered(self):
        port = support.free_port()
        server = self.make(workers=2)
        both = "127.0.0.1:%d 127.0.0.1:%d" % (server.port, port)
        server.configure(listen=both)
        server.start()
        old = server.workers()
        for pid in old:
            os.kill(pid, signal.SIGSTOP)
        waiting = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(10)]
        for sock in waiting:
            sock.sendall(REQUEST)
        server.configure(listen="127.0.0.1:%d" % server.port)
        self.reload(server)
        for pid in old:
            os.kill(pid, signal.SIGCONT)
        for sock in waiting:
            self.assertIn(b" 200 ", sock.recv(4096))
            sock.close()
        wait_for("closing", lambda: not support.can_connect(port))
        self.assertEqual(server.get("/").status, 200)
