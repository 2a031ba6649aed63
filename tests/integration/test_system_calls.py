# SPDX-License-Identifier: MIT
"""What the server asks of the kernel, seen by strace: nothing twice, nothing that waits."""

import collections
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import rawhttp
import support
from rawhttp import request
from support import wait_for

CALL = re.compile(r"^(?:\d+ +)?(?:[\d.]+ +)?(\w+)\(")


class Trace:
    """strace on running processes, from entry to exit."""

    def __init__(self, pids, expression=None):
        self.path = "/tmp/tinyweb-strace-%d-%d" % (os.getpid(), id(self))
        command = ["strace", "-f", "-qq", "-o", self.path]
        for pid in pids:
            command += ["-p", str(pid)]
        if expression:
            command += ["-e", expression]
        self.pids = pids
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)

    @staticmethod
    def tracer_of(pid):
        with open("/proc/%d/status" % pid) as file:
            return int(re.search(r"TracerPid:\s+(\d+)", file.read()).group(1))

    def __enter__(self):
        def is_attached():
            if self.process.poll() is not None:
                raise unittest.SkipTest("strace: " + self.process.stderr.read())
            return all(self.tracer_of(pid) == self.process.pid for pid in self.pids)
        wait_for("strace", is_attached, 20)
        return self

    def __exit__(self, *exc):
        self.stop()
        self.process.stderr.close()
        os.unlink(self.path)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)

    def lines(self):
        self.stop()
        with open(self.path, errors="replace") as file:
            return file.read().splitlines()

    def calls(self):
        """How many of each; one that was interrupted and resumed counts once."""
        return collections.Counter(match.group(1) for match in map(CALL.match, self.lines())
                                   if match)


@unittest.skipUnless(shutil.which("strace"), "no strace")
class SystemCalls(rawhttp.HttpTest):
    def test_a_hot_file_costs_a_read_and_a_write(self):
        """No openat, no stat, no epoll_ctl for a request on a connection that is open."""
        server = self.serve({"index.html": b"hello\n" * 100}, access_log="off",
                            sections={"cache": {"cache_valid": "1h"}})
        conn = self.dial(server)
        conn.get()
        time.sleep(0.2)  # the file is not too young to be believed any more
        conn.get()
        with Trace(server.workers()) as trace:
            for _ in range(100):
                conn.get()
            calls = trace.calls()
        reads = calls["read"] + calls["recvfrom"] + calls["recvmsg"] + calls["readv"]
        writes = calls["write"] + calls["writev"] + calls["sendto"] + calls["sendmsg"]
        self.assertLessEqual(reads, 102)
        self.assertLessEqual(writes, 102)
        self.assertGreaterEqual(writes, 100)
        for name in ("openat", "openat2", "open", "stat", "fstat", "newfstatat", "statx", "close",
                     "epoll_ctl", "fcntl", "setsockopt", "sendfile", "pread64", "mmap", "brk"):
            self.assertLessEqual(calls[name], 2, "%s: %s" % (name, calls))
        waits = calls["epoll_wait"] + calls["epoll_pwait"] + calls["epoll_pwait2"]
        self.assertLessEqual(waits, 202)

    def test_pipelined_answers_leave_together(self):
        server = self.serve(access_log="off")
        conn = self.dial(server)
        conn.get()
        with Trace(server.workers()) as trace:
            conn.send(request() * 100)
            conn.responses(100)
            calls = trace.calls()
        writes = calls["write"] + calls["writev"] + calls["sendto"] + calls["sendmsg"]
        self.assertLessEqual(writes, 20)

    def test_a_short_connection_needs_no_watch(self):
        """It is read at once after accept, and often over by then."""
        server = self.serve(access_log="off")
        with rawhttp.Connection(server) as conn:
            conn.get()
        with Trace(server.workers()) as trace:
            for _ in range(50):
                with rawhttp.Connection(server) as conn:
                    conn.send(request(fields=["Connection: close"]))
                    conn.rest()
            calls = trace.calls()
        self.assertGreaterEqual(calls["accept4"], 50)
        self.assertLessEqual(calls["epoll_ctl"], 150)

    def test_no_descriptor_is_closed_twice(self):
        """Every kind of end: none of them gives EBADF."""
        server = self.serve({"index.html": b"hello\n", "big": b"x" * 300000}, workers=2,
                            keepalive_timeout="1s", header_timeout="1s",
                            linger_timeout="500ms", send_timeout="1s",
                            sections={"cache": {"cache_valid": "10ms", "max_entries": 2}})
        os.truncate(server.write("huge", b""), 64 << 20)
        pids = [server.pid] + server.workers()
        with Trace(pids) as trace:
            for turn in range(5):
                for target in ("/", "/big", "/none", "/huge", "/%zz"):
                    conn = self.dial(server, receive_buffer=8192)
                    conn.send(request(target))
                    if turn % 5 == 0:
                        conn.reset()
                    elif turn % 5 == 1:
                        conn.head()
                        conn.close()
                    elif turn % 5 == 2:
                        conn.end_sending()
                    elif turn % 5 == 3:
                        conn.send(b"rubbish\0")
                os.utime(os.path.join(server.root, "big"))
                time.sleep(0.1)
            time.sleep(2.5)
            self.hang_up()
            time.sleep(0.3)
            bad = [line for line in trace.lines() if "EBADF" in line]
        self.assertEqual(bad, [])

    def test_the_master_does_no_network_io(self):
        server = self.serve(workers=2)
        with Trace([server.pid]) as trace:
            for _ in range(50):
                with rawhttp.Connection(server) as conn:
                    conn.get()
            time.sleep(0.3)
            calls = trace.calls()
        self.assertEqual({name: count for name, count in calls.items()
                          if name.startswith(("accept", "recv", "send", "shutdown", "write"))}, {})

    def test_workers_never_sleep_on_a_lock(self):
        for mutex in ("atomic", "file"):
            with self.subTest(mutex):
                server = self.serve(workers=2, accept_mutex=mutex)
                with Trace(server.workers(), "trace=futex,fcntl,flock,semop,semtimedop,nanosleep,"
                                             "clock_nanosleep") as trace:
                    for _ in range(100):
                        with rawhttp.Connection(server) as conn:
                            conn.get()
                    lines = trace.lines()
                waiting = [line for line in lines if "WAIT" in line or "SETLKW" in line or
                           "nanosleep" in line or "flock(" in line or "sem" in line]
                self.assertEqual(waiting, [])

    def test_one_connection_wakes_one_worker(self):
        """Seven of eight do not even notice."""
        server = self.serve(workers=8, access_log="off")
        rounds = 20
        time.sleep(0.3)
        with Trace(server.workers(), "trace=epoll_wait,epoll_pwait,epoll_pwait2") as trace:
            for _ in range(rounds):
                with rawhttp.Connection(server) as conn:
                    conn.get(fields=["Connection: close"])
                    conn.rest()
                time.sleep(0.03)
            lines = trace.lines()
        woken = [line.split()[0] for line in lines if re.search(r"\) += [1-9]", line)]
        # The one worker hears of the connection, and may be told more of it; nobody else is.
        self.assertLessEqual(len(woken), rounds * 3, collections.Counter(woken))

    def test_idle_workers_do_nothing(self):
        server = self.serve(workers=2)
        conn = self.dial(server)
        conn.get()
        time.sleep(1.5)  # the access log has been written
        with Trace(server.workers()) as trace:
            time.sleep(1.0)
            calls = trace.calls()
        self.assertLessEqual(sum(calls.values()), 6, calls)


if __name__ == "__main__":
    unittest.main()
