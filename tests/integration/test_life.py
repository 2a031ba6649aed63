# SPDX-License-Identifier: MIT
"""A life that nobody notices: reloads, rotations and crashes under keep-alive load."""

import contextlib
import os
import pty
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import support
from support import LATE, PATIENCE, all_is_read, wait_for

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
                self.sock = socket.create_connection(self.address, 10 * PATIENCE)
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
        self.answers = [0] * clients
        self.threads = [threading.Thread(target=self.run, args=(i, pauses[i % len(pauses)]),
                                         daemon=True) for i in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.done.set()
        for thread in self.threads:
            thread.join(20 * PATIENCE)

    def run(self, number, pause):
        client = Client(self.address)
        while not self.done.is_set():
            try:
                retried = client.ask()
                with self.lock:
                    self.ok += 1
                    self.retried += retried
                    self.answers[number] += 1
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

    def wait_for_each(self, count=2, seconds=20.0):
        """Each client: whatever one did before is over."""
        start = list(self.answers)
        wait_for("answers for each", lambda: all(
            now >= then + count for now, then in zip(self.answers, start)), seconds)


# Every client asks again within this, so each connection of those who leave is told in an answer.
UNHURRIED = {"drain_idle": "60s"}


class LifeTest(support.ServerTest):
    def reload(self, server, count=1):
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use", count, 20)


class Lossless(LifeTest):
    def test_reloads_cost_no_request_and_no_retry(self):
        server = self.serve(workers=2, log_level="notice", **UNHURRIED)
        with Hammer(server) as hammer:
            for turn in range(20):
                self.reload(server, turn + 1)
                hammer.wait_for_more(20)
            wait_for("end of the old", lambda: len(server.workers()) == 2, 10)
            hammer.wait_for_more(20)
        self.assertEqual(hammer.failures, [])
        self.assertEqual(hammer.retried, 0, "of %d" % hammer.ok)

    def test_what_comes_after_a_reload_is_served_by_the_new_configuration(self):
        """Even by the very next connection: who leaves has stopped accepting."""
        server = self.serve({"0/index.html": b"hello\n", "1/index.html": b"hello\n"}, workers=4,
                            log_level="notice", **UNHURRIED)
        roots = [os.path.join(server.root, str(number)) for number in range(2)]
        for number, root in enumerate(roots):
            server.write("%d/which" % number, b"%d" % number)
        server.configure(root=roots[0])
        self.reload(server)
        with Hammer(server) as hammer:
            for turn in range(2, 32):
                server.configure(root=roots[turn % 2])
                self.reload(server, turn)
                for _ in range(8):
                    self.assertEqual(server.get("/which").body, b"%d" % (turn % 2))
        self.assertEqual((hammer.failures, hammer.retried), ([], 0), "of %d" % hammer.ok)

    def test_a_stopped_worker_does_not_hold_up_a_reload(self):
        server = self.serve(workers=2, shutdown_timeout="5m")
        server.allow_error("was killed by signal 9")
        stopped = server.workers()[0]
        os.kill(stopped, signal.SIGSTOP)
        self.reload(server)
        self.assertEqual(server.get("/").status, 200)
        os.kill(stopped, signal.SIGKILL)

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
                    os.kill(random.choice(wait_for("workers", server.workers)), signal.SIGKILL)
                time.sleep(0.1)
            hammer.wait_for_more(20)
            # A request that a killed worker had begun may fail, once a client and kill; afterwards
            # all is as before.
            self.assertLessEqual(len(hammer.failures), 6 * len(hammer.threads))
            wait_for("all workers", lambda: len(server.workers()) == 4, 10)
            hammer.wait_for_each()  # has noticed what happened to it
            hammer.failures.clear()
            hammer.wait_for_more(100)
            self.assertEqual(hammer.failures, [])

    def test_quiet_connections_end_without_a_reset(self):
        server = self.serve(workers=1, drain_idle="200ms", linger_timeout="60s")
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


class ProgramTest(LifeTest):
    """The server is a copy of the program, which can be replaced."""

    def make_server(self, **settings):
        server = self.make(pid_file="pid", **settings)
        server.pid_path = os.path.join(server.dir, "pid")
        # A copy, which the tests replace as a package would: by a rename.
        server.program = os.path.join(server.dir, "tinyweb")
        shutil.copy(support.PROGRAM, server.program)
        self.addCleanup(self.kill_new, server)
        return server

    def kill_new(self, server):
        pid = self.pid_in(server)
        if pid and pid != server.pid and support.is_alive(pid):
            os.kill(pid, signal.SIGKILL)

    def replace_program(self, server, content=None):
        fresh = server.program + ".new"
        if content is None:
            shutil.copy(support.PROGRAM, fresh)
        else:
            with open(fresh, "w") as file:
                file.write(content)
            os.chmod(fresh, 0o755)
        os.rename(fresh, server.program)

    def pid_in(self, server, suffix=""):
        try:
            with open(server.pid_path + suffix) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def end(self, pid, number=signal.SIGTERM):
        os.kill(pid, number)
        wait_for("end of %d" % pid, lambda: not support.is_alive(pid), 10)

    def upgrade(self, server, pid, count=1):
        """By signals: the pid of the new one, which serves beside the one that @pid is."""
        os.kill(pid, signal.SIGUSR2)
        server.wait_for_log("; QUIT ends this one", count, 20)
        self.assertEqual(self.pid_in(server, ".oldbin"), pid)
        self.assertNotEqual(self.pid_in(server), pid)
        return self.pid_in(server)


class Upgrade(ProgramTest):
    def test_upgrades_cost_no_request(self):
        server = self.make_server(workers=2, log_level="notice", **UNHURRIED).start()
        pid = server.pid
        with Hammer(server) as hammer:
            for turn in range(3):
                self.replace_program(server)
                new = self.upgrade(server, pid, turn + 1)
                hammer.wait_for_more(20)
                self.end(pid, signal.SIGQUIT)
                self.assertFalse(os.path.exists(server.pid_path + ".oldbin"))
                hammer.wait_for_more(20)
                pid = new
        self.assertEqual((hammer.failures, hammer.retried), ([], 0), "of %d" % hammer.ok)
        self.assertEqual(server.wait(), 0)
        self.end(pid)
        self.assertFalse(support.can_connect(server.port))
        self.assertFalse(os.path.exists(server.pid_path))

    def test_only_listeners_and_the_standard_ones_cross(self):
        server = self.make_server(workers=1).start()
        before = sorted(support.descriptors(server.pid).values())
        new = self.upgrade(server, server.pid)

        def kinds(names):
            return sorted(re.sub(r"\d+", "N", name.replace(".oldbin", "")) for name in names)

        # The pipe by which it says that it serves goes when it has said so.
        wait_for("the same descriptors",
                 lambda: kinds(support.descriptors(new).values()) == kinds(before))
        with open("/proc/%d/environ" % new) as file:
            self.assertNotIn("\0TINYWEB_READY_FD=\0", file.read())
        self.end(new)
        server.wait_for_log("the new program is gone")
        self.assertEqual(self.pid_in(server), server.pid)

    def test_a_new_program_that_fails_changes_nothing(self):
        server = self.make_server(workers=2, upgrade_timeout="2m", **UNHURRIED).start()
        server.allow_error("upgrade failed")
        old = server.workers()

        def fail(content, why):
            self.replace_program(server, content)
            server.kill(signal.SIGUSR2)
            server.wait_for_log("upgrade failed: %s; this one goes on" % why)
            self.assertEqual(self.pid_in(server), server.pid)
            self.assertFalse(os.path.exists(server.pid_path + ".oldbin"))

        with Hammer(server) as hammer:
            for content, why in (("#!/bin/sh\nexit 3\n", "it ended with status 3"),
                                 ("not a program", "it cannot be executed: Exec format error"),
                                 ("#!/bin/sh\nkill -9 $$\n", "it was killed by signal 9")):
                fail(content, why)
            os.unlink(server.program)
            server.kill(signal.SIGUSR2)
            server.wait_for_log("it cannot be executed: No such file")
            hammer.wait_for_more(20)
            self.assertEqual(server.workers(), old)
            server.configure(upgrade_timeout="300ms")
            self.reload(server)
            fail("#!/bin/sh\nexec sleep 600\n", "it did not serve in time")
            hammer.wait_for_more(20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0))
        # A second one starts from scratch.
        server.configure(upgrade_timeout="2m")
        self.reload(server, 2)
        self.replace_program(server)
        new = self.upgrade(server, server.pid)
        self.end(server.pid, signal.SIGQUIT)
        self.end(new)

    def test_a_broken_configuration_changes_nothing(self):
        server = self.make_server(workers=1).start()
        server.allow_error("upgrade failed|config")
        server.configure(lisen="1")
        server.kill(signal.SIGUSR2)
        server.wait_for_log("upgrade failed: it ended with status 1")
        self.assertEqual(self.pid_in(server), server.pid)
        self.assertEqual(server.get("/").status, 200)

    def test_a_second_upgrade_is_ignored_while_one_runs(self):
        server = self.make_server(workers=1).start()
        new = self.upgrade(server, server.pid)
        server.kill(signal.SIGUSR2)
        server.wait_for_log("no upgrade: a new program has been started already")
        os.kill(new, signal.SIGUSR2)
        server.wait_for_log("no upgrade: the program that this one has replaced is still running")
        self.end(server.pid, signal.SIGQUIT)
        self.end(new)

    def test_workers_rest_while_the_new_program_is_tried(self):
        server = self.make_server(workers=2, log_level="notice", **UNHURRIED).start()
        with Hammer(server) as hammer:
            new = self.upgrade(server, server.pid)
            server.kill(signal.SIGWINCH)
            server.wait_for_log("all workers have left", seconds=10)
            self.assertEqual([pid for pid in server.workers() if pid != new], [])
            hammer.wait_for_more(20)
            server.kill(signal.SIGHUP)  # it was not good enough
            server.wait_for_log("the new configuration is in use")
            self.end(new, signal.SIGQUIT)
            server.wait_for_log("the new program is gone")
            hammer.wait_for_more(20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0))
        self.assertEqual(self.pid_in(server), server.pid)
        self.assertEqual(len(server.workers()), 2)

    def test_resting_workers_come_back_when_the_new_program_dies(self):
        server = self.make_server(workers=2).start()
        new = self.upgrade(server, server.pid)
        server.kill(signal.SIGWINCH)
        server.wait_for_log("all workers have left", seconds=10)
        os.kill(new, signal.SIGKILL)
        server.wait_for_log("the workers are back", seconds=10)
        self.assertEqual(server.get("/").status, 200)
        self.assertEqual(self.pid_in(server), server.pid)

    def test_resting_keeps_what_waits(self):
        server = self.make_server(workers=1).start()
        server.kill(signal.SIGWINCH)
        server.wait_for_log("all workers have left", seconds=10)
        with server.connect() as sock:
            sock.sendall(REQUEST)
            server.kill(signal.SIGHUP)
            self.assertIn(b" 200 ", sock.recv(4096))
        server.wait_for_log("the new configuration is in use")  # who has answered may still be starting
        server.kill(signal.SIGWINCH)
        server.wait_for_log("all workers have left", 2, 10)
        self.assertEqual(server.stop(signal.SIGQUIT), 0)

    def test_a_daemon(self):
        server = self.make_server(workers=1, daemon="on")
        env = dict(server.env, TINYWEB_LISTEN_FDS=str(server.socket.fileno()))
        subprocess.run([server.program, "-c", "tinyweb.conf"], cwd=server.dir, env=env, check=True,
                       pass_fds=[server.socket.fileno()], timeout=20 * PATIENCE)
        server.socket.close()
        server.socket = None
        old = self.pid_in(server)
        try:
            new = self.upgrade(server, old)
            for fd in ("0", "1"):
                self.assertEqual(os.readlink("/proc/%d/fd/%s" % (new, fd)), "/dev/null")
            self.assertEqual(os.readlink("/proc/%d/cwd" % new), "/")
            self.end(old, signal.SIGQUIT)
            self.assertEqual(server.get("/").status, 200)
        finally:
            for pid in {old, self.pid_in(server)} - {0}:
                with contextlib.suppress(ProcessLookupError):
                    self.end(pid)
        self.assertNotIn("[error]", server.log())

    def test_as_process_1_it_is_refused(self):
        server = self.make_server(workers=1)
        inside = ["unshare", "--pid", "--fork", "--kill-child", server.program, "-f", "-c",
                  server.conf]
        with open(server.output, "ab") as output:
            process = subprocess.Popen(
                inside, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=server.dir,
                env=dict(server.env, TINYWEB_LISTEN_FDS=str(server.socket.fileno())),
                pass_fds=[server.socket.fileno()])
        try:
            wait_for("start", lambda: "has started" in server.log() or process.poll() is not None)
            if process.poll() is not None:
                self.skipTest("no namespaces here")
            pid = wait_for("process 1", lambda: support.children(process.pid))[0]
            os.kill(pid, signal.SIGUSR2)
            server.wait_for_log("no upgrade: this is process 1")
            os.kill(pid, signal.SIGTERM)
            self.assertEqual(process.wait(10 * PATIENCE), 0)
        finally:
            process.kill()
            process.wait()

    def test_a_ready_descriptor_that_is_none_is_refused(self):
        for value in ("", "0", "x", "99", "-1"):
            server = self.make(env={"TINYWEB_READY_FD": value})
            server.exit_status = 1
            server.start(wait=False)
            self.assertEqual(server.wait(), 1)
            self.assertIn("is no pipe", server.all_output())


class Service(LifeTest):
    """A datagram socket in place of the service manager."""

    def make_service(self, watchdog_usec=None, **settings):
        server = self.make(**settings)
        path = os.path.join(server.dir, "notify")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(path)
        self.manager.settimeout(10 * PATIENCE)
        server.env["NOTIFY_SOCKET"] = path
        if watchdog_usec:
            server.env["WATCHDOG_USEC"] = str(watchdog_usec)
        return server

    def hear(self, name):
        """The next datagram that has @name, as a dictionary; others are skipped."""
        while True:
            lines = self.manager.recv(4096).decode().split("\n")
            values = dict(line.split("=", 1) for line in lines)
            if name in values:
                return values

    def test_start_reload_and_end_are_told(self):
        server = self.make_service(workers=2, shutdown_timeout="1s").start()
        server.allow_error("config|reload failed")
        self.assertEqual(self.hear("READY"), {"READY": "1", "STATUS": "serving with 2 workers"})
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        server.configure(workers=1)
        server.kill(signal.SIGHUP)
        said = self.hear("RELOADING")
        self.assertLessEqual(before, int(said["MONOTONIC_USEC"]))
        self.assertLessEqual(int(said["MONOTONIC_USEC"]),
                             time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        self.assertEqual(self.hear("READY")["STATUS"], "serving with 1 worker")
        server.configure(lisen="1")
        server.kill(signal.SIGHUP)
        self.hear("RELOADING")
        self.assertEqual(self.hear("READY")["STATUS"], "serving with 1 worker")
        server.kill(signal.SIGQUIT)
        self.hear("STOPPING")
        self.assertEqual(self.hear("EXTEND_TIMEOUT_USEC")["EXTEND_TIMEOUT_USEC"], "6000000")
        self.assertEqual(server.wait(), 0)

    def test_the_watchdog_is_fed_twice_as_often_as_it_asks(self):
        server = self.make_service(watchdog_usec=200000, workers=1).start()
        self.hear("WATCHDOG")
        with server.connect() as sock:
            sock.sendall(REQUEST)
            sock.recv(4096)
            wait_for("the connection", lambda: self.hear("WATCHDOG")["STATUS"] ==
                     "serving, 1 connections")
            began = time.monotonic()
            self.manager.settimeout(0)  # what waits to be read is older than that
            with contextlib.suppress(BlockingIOError):
                while True:
                    self.hear("WATCHDOG")
            self.manager.settimeout(10 * PATIENCE)
            for _ in range(6):
                self.hear("WATCHDOG")
        self.assertGreater(time.monotonic() - began, 0.4)
        os.kill(server.pid, signal.SIGSTOP)
        self.manager.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            for _ in range(1000):
                self.hear("WATCHDOG")
        os.kill(server.pid, signal.SIGCONT)

    def test_the_service_goes_with_the_new_program(self):
        server = self.make_service(workers=1, pid_file="pid").start()
        self.hear("READY")
        server.kill(signal.SIGUSR2)
        server.wait_for_log("; QUIT ends this one")
        with open(os.path.join(server.dir, "pid")) as file:
            new = int(file.read())
        self.hear("READY")
        server.kill(signal.SIGQUIT)
        self.assertEqual(self.hear("MAINPID")["MAINPID"], str(new))
        self.assertEqual(server.wait(), 0)
        os.kill(new, signal.SIGTERM)
        self.hear("STOPPING")
        wait_for("end", lambda: not support.is_alive(new))

    def test_a_socket_that_cannot_be_is_a_warning(self):
        server = self.serve(env={"NOTIFY_SOCKET": "nonsense"})
        self.assertIn("cannot tell the service manager anything", server.all_output())

    # What sets LISTEN_PID has to know it, so it executes the program itself.
    ACTIVATE = """
import os, sys
fds = [int(word) for word in sys.argv[2].split(",") if word]
moved = [os.dup2(os.dup(fd), 100 + i) for i, fd in enumerate(fds)]
for i, fd in enumerate(moved):
    os.dup2(fd, 3 + i)
    os.close(fd)
os.closerange(3 + len(fds), 256)
os.environ["LISTEN_PID"] = sys.argv[3] if len(sys.argv[3]) > 0 else str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(fds))
os.environ["LISTEN_FDNAMES"] = ":".join("x" * len(fds))
os.execv(sys.argv[1], [sys.argv[1], "-f", "-c", sys.argv[4]])
"""

    def activate(self, server, socks, pid=""):
        numbers = [sock.fileno() for sock in socks]
        with open(server.output, "ab") as output:
            server.process = subprocess.Popen(
                [sys.executable, "-c", self.ACTIVATE, server.program,
                 ",".join(map(str, numbers)), pid, server.conf], stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, pass_fds=numbers, env=server.env, cwd=server.dir)

    def test_sockets_of_the_service_manager(self):
        server = self.make(workers=1)
        other = support.listening_socket()
        self.activate(server, [server.socket, other])
        ports = [sock.getsockname()[1] for sock in (server.socket, other)]
        server.socket.close()
        server.socket = None
        other.close()
        wait_for("start", server.has_started)
        self.assertEqual(server.get("/").body, b"hello\n")
        self.assertIn("an inherited socket is closed: 127.0.0.1:%d is not configured" % ports[1],
                      server.log())
        self.assertFalse(support.can_connect(ports[1]))

    def test_sockets_for_another_process_are_not_taken(self):
        server = self.make(workers=1, hand_over=False)
        self.activate(server, [support.listening_socket()], pid="1")
        wait_for("start", server.has_started)
        self.assertNotIn("inherited", server.log())

    def test_what_does_not_listen_is_refused(self):
        server = self.make(workers=1)
        server.exit_status = 1
        with socket.socket() as sock:
            self.activate(server, [sock])
            self.assertEqual(server.wait(), 1)
        self.assertIn("LISTEN_FDS: descriptor 3 is no listening TCP socket", server.all_output())


class Control(ProgramTest):
    """The words of -s over the control socket."""

    def run_word(self, server, word, *args, seconds=30):
        done = subprocess.run([server.program, *args, "-g", "server.pid_file=" + server.pid_path,
                               "-g", "server.root=" + server.root, "-s", word],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=seconds * PATIENCE,
                              cwd=server.dir)
        return done.returncode, done.stdout, done.stderr

    def test_reload_waits_for_the_outcome(self):
        server = self.make_server(workers=2).start()
        for turn in range(1, 4):
            self.assertEqual(self.run_word(server, "reload"), (
                0, "", "tinyweb: the server (pid %d) uses the new configuration\n" % server.pid))
            self.assertEqual(server.log().count("the new configuration is in use"), turn)
        self.assertEqual(self.run_word(server, "reload", "-q"), (0, "", ""))
        self.assertRegex(server.log(), r"reload from pid \d+: reads the configuration anew")

    def test_a_refused_reload_tells_every_reason(self):
        server = self.make_server(workers=1).start()
        server.allow_error("config|reload failed|cannot listen")
        server.configure(lisen="1", workers="many")
        status, out, err = self.run_word(server, "reload")
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(err, r'tinyweb: \S+tinyweb\.conf:\d+:\d+: unknown key "lisen"')
        self.assertRegex(err, r"tinyweb: \S+tinyweb\.conf:\d+:\d+: .*many")
        self.assertIn("tinyweb: -s reload: it was not done, and all is as before\n", err)
        with support.listening_socket() as other:
            port = other.getsockname()[1]
            server.configure(lisen=None, workers=1, listen="127.0.0.1:%d" % port)
            status, _, err = self.run_word(server, "reload")
        self.assertEqual(status, 1)
        self.assertIn("tinyweb: cannot listen on 127.0.0.1:%d" % port, err)
        self.assertEqual(server.get("/").status, 200)

    def test_many_at_once_are_all_answered(self):
        server = self.make_server(workers=1).start()
        words = [subprocess.Popen([server.program, "-q", "-c", server.conf, "-s", "reload"])
                 for _ in range(6)]
        self.assertEqual([word.wait(30 * PATIENCE) for word in words], [0] * 6)

    def test_without_the_socket_a_signal_does_it(self):
        server = self.make_server(workers=1).start()
        os.unlink(server.pid_path + ".ctl")
        status, _, err = self.run_word(server, "reload")
        self.assertEqual((status, err), (0, "tinyweb: the server (pid %d) has been told\n" %
                                         server.pid))
        server.wait_for_log("the new configuration is in use")
        status, _, err = self.run_word(server, "upgrade")
        self.assertEqual(status, 1)
        self.assertIn("cannot be asked", err)

    def test_status(self):
        server = self.make_server(workers=2, accept_mutex="atomic")
        status, out, err = self.run_word(server, "status")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no server is running", err)
        server.start()
        for _ in range(5):
            server.get("/")
        wait_for("all to be counted", lambda: ", requests 5, " in self.run_word(server, "status")[1])
        status, out, err = self.run_word(server, "status")
        self.assertEqual((status, err), (0, ""))
        lines = out.splitlines()
        self.assertRegex(lines[0], r"^tinyweb [0-9.]+, master %d: serving$" % server.pid)
        self.assertEqual(lines[1], "configuration 1, 2 of 2 workers")
        self.assertRegex(lines[2], r"^connections \d+, requests 5, bytes sent \d+$")
        self.assertEqual(lines[3], "answers: 2xx 5, 3xx 0, 4xx 0, 5xx 0")
        self.assertEqual(lines[4], "rates and times are measured with status = on")
        rows = [line.split() for line in lines[6:]]
        self.assertEqual(sorted(int(row[1]) for row in rows), server.workers())
        self.assertEqual(sum(int(row[3]) for row in rows), 5)
        self.assertEqual(sum(int(row[4]) for row in rows), 5)
        self.assertEqual(len({len(row) for row in rows + [lines[5].split()]}), 1)

    def test_top_shows_it_again_and_again(self):
        server = self.make_server(workers=1, status="on").start()
        command = [support.PROGRAM, "top", "-c", server.conf]
        once = subprocess.run(command, stdout=subprocess.PIPE, timeout=20 * PATIENCE, check=True)
        self.assertIn(b"master %d: serving" % server.pid, once.stdout)
        self.assertNotIn(b"\033", once.stdout)
        terminal, end = pty.openpty()
        shown = b""
        with subprocess.Popen(command, stdout=end, stderr=end, stdin=subprocess.DEVNULL) as process:
            os.close(end)
            while shown.count(b"\033[H") < 3:
                shown += os.read(terminal, 65536)
            server.stop()
            shown = support.read_terminal(terminal, shown)  # it ends with the server
            self.assertEqual(process.wait(10 * PATIENCE), 3)
        os.close(terminal)
        self.assertGreaterEqual(shown.count(b": serving"), 2)

    def test_status_of_the_last_second(self):
        server = self.make_server(workers=1, status="on").start()
        seen = []

        def has_sample():
            server.get("/")
            seen.append(self.run_word(server, "status")[1])
            return re.search(r"^last second: requests [1-9]\d*, 5xx 0, bytes [1-9]\d*, "
                             r"p50 [\d.]+ [mµ]s, p99 [\d.]+ [mµ]s$", seen[-1], re.MULTILINE)
        wait_for("a sample", has_sample)

    def test_the_socket_is_the_owners_and_goes_with_the_server(self):
        server = self.make_server(workers=1).start()
        self.assertEqual(os.stat(server.pid_path + ".ctl").st_mode & 0o777, 0o600)
        self.assertEqual(server.stop(), 0)
        self.assertEqual([name for name in os.listdir(server.dir) if name.startswith("pid")], [])

    def test_nonsense_does_no_harm(self):
        server = self.make_server(workers=1).start()
        random.seed(1)
        for _ in range(200):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
                sock.connect(server.pid_path + ".ctl")
                for _ in range(random.randrange(3)):
                    with contextlib.suppress(OSError):
                        sock.send(random.randbytes(random.randrange(2000)))
        self.assertEqual(self.run_word(server, "status")[0], 0)
        self.assertEqual(server.get("/").status, 200)

    def test_upgrade_in_one_command(self):
        server = self.make_server(workers=2, log_level="notice", **UNHURRIED).start()
        with Hammer(server) as hammer:
            for _ in range(2):
                self.replace_program(server)
                old = self.pid_in(server)
                status, out, err = self.run_word(server, "upgrade")
                self.assertEqual((status, out, err), (
                    0, "", "tinyweb: the server (pid %d) has been replaced by a new program\n" %
                    old))
                self.assertNotEqual(self.pid_in(server), old)
                wait_for("end of the old", lambda: not support.is_alive(old), 10)
                self.assertEqual(self.run_word(server, "status")[0], 0)
                hammer.wait_for_more(20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0), "of %d" % hammer.ok)
        self.assertEqual(server.wait(), 0)
        self.assertEqual(self.run_word(server, "stop")[0], 0)
        self.assertFalse(support.can_connect(server.port))

    def test_what_comes_after_an_upgrade_is_served_by_the_new_program(self):
        """Even by the very next connection: who leaves has stopped accepting."""
        server = self.make_server(workers=4, log_level="notice", **UNHURRIED)
        roots = [os.path.join(server.root, str(number)) for number in range(2)]
        for number in range(2):
            server.write("%d/index.html" % number, b"hello\n")
            server.write("%d/which" % number, b"%d" % number)
        server.configure(root=roots[0])
        server.start()
        with Hammer(server) as hammer:
            for turn in range(1, 9):
                server.configure(root=roots[turn % 2])
                old = self.pid_in(server)
                self.assertEqual(subprocess.run(
                    [server.program, "-q", "-c", server.conf, "-s", "upgrade"],
                    timeout=60 * PATIENCE, check=False).returncode, 0)
                for _ in range(8):
                    self.assertEqual(server.get("/which").body, b"%d" % (turn % 2))
                wait_for("end of the old", lambda: not support.is_alive(old), 20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0), "of %d" % hammer.ok)
        self.assertEqual(server.wait(), 0)
        self.end(self.pid_in(server))

    def test_a_stopped_worker_does_not_hold_up_an_upgrade(self):
        """Not for long, that is: it may accept something when it goes on, so the command waits for it."""
        server = self.make_server(workers=2).start()
        stopped = server.workers()[0]
        os.kill(stopped, signal.SIGSTOP)
        began = time.monotonic()
        with subprocess.Popen([server.program, "-q", "-c", server.conf, "-s", "upgrade"]) as command:
            server.wait_for_log("serves; this one ends")
            time.sleep(0.5)
            has_returned = command.poll() is not None
            if time.monotonic() - began < 3:  # as long as it waits at most
                self.assertFalse(has_returned)
            self.assertEqual(command.wait(20 * PATIENCE), 0)
        self.assertEqual(server.get("/").status, 200)
        os.kill(stopped, signal.SIGCONT)
        self.assertEqual(server.wait(), 0)
        self.end(self.pid_in(server))

    def test_an_upgrade_that_fails_is_told(self):
        server = self.make_server(workers=1).start()
        server.allow_error("upgrade failed")
        good = server.program + ".good"
        shutil.copy(server.program, good)
        for content, seconds, why in (
                ("#!/bin/sh\nexit 3\n", 120, "it ended with status 3"),
                ("#!/bin/sh\nexec sleep 600\n", 0.3, "it did not serve in time")):
            server.configure(upgrade_timeout="%dms" % (seconds * 1000))
            self.reload(server, server.log().count("the new configuration is in use") + 1)
            self.replace_program(server, content)
            program, server.program = server.program, good
            status, _, err = self.run_word(server, "upgrade")
            server.program = program
            self.assertEqual(status, 1)
            self.assertIn("tinyweb: upgrade failed: %s\n" % why, err)
            self.assertEqual(self.pid_in(server), server.pid)
        server.program = good
        self.assertEqual(self.run_word(server, "reload")[0], 0)


class Drain(ProgramTest):
    """What orchestrators and balancers see."""

    def word(self, server, word):
        done = subprocess.run([server.program, "-q", "-c", server.conf, "-s", word],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=30 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def status_of(self, server, path):
        return server.get(path).status

    def test_live_and_ready(self):
        server = self.make_server(workers=2).start()
        reply = server.get("/-/live")
        self.assertEqual((reply.status, reply.body), (200, b"live\n"))
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        reply = server.get("/-/ready")
        self.assertEqual((reply.status, reply.body), (200, b"ready\n"))
        self.assertEqual(server.get("/-/ready", method="HEAD").body, b"")
        self.assertEqual(server.get("/-/ready", method="POST").status, 405)
        self.assertEqual(self.status_of(server, "/-/other"), 404)
        self.assertEqual(self.status_of(server, "/-/ready/"), 404)

    def test_drain_and_undrain(self):
        server = self.make_server(workers=2).start()
        with Hammer(server) as hammer:
            for _ in range(3):
                self.word(server, "drain")
                reply = server.get("/-/ready")
                self.assertEqual((reply.status, reply.body), (503, b"draining\n"))
                self.assertEqual(self.status_of(server, "/-/live"), 200)
                self.word(server, "undrain")
                self.assertEqual(self.status_of(server, "/-/ready"), 200)
            hammer.wait_for_more(20)
        self.assertEqual((hammer.failures, hammer.retried), ([], 0))
        self.word(server, "drain")
        self.reload(server)  # which changes nothing of it
        self.assertEqual(self.status_of(server, "/-/ready"), 503)

    def test_service_goes_on_for_the_delay(self):
        server = self.make_server(workers=2, shutdown_delay="10m", ready_status=404).start()
        with Hammer(server) as hammer:
            hammer.wait_for_more(20)
            server.kill(signal.SIGQUIT)
            wait_for("not ready", lambda: self.status_of(server, "/-/ready") == 404)
            self.assertEqual(self.status_of(server, "/"), 200)
            hammer.wait_for_more(50)
            hammer.wait_for_each()
        self.assertEqual((hammer.failures, hammer.retried), ([], 0))

    def test_the_delay_ends(self):
        server = self.make_server(workers=2, shutdown_delay="700ms").start()
        began = time.monotonic()
        server.kill(signal.SIGQUIT)
        self.assertEqual(server.wait(), 0)
        self.assertGreater(time.monotonic() - began, 0.69)
        self.assertIn("not ready any more; goes on for 700 ms", server.log())

    def test_the_delay_is_cut_short(self):
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            server = self.make_server(workers=1, shutdown_delay="10m").start()
            server.kill(signal.SIGQUIT)
            server.wait_for_log("not ready any more; goes on for 600000 ms")
            began = time.monotonic()
            self.assertEqual(server.stop(number), 0)
            self.assertLess(time.monotonic() - began, 3 + LATE)

    def test_commands_while_it_is_about_to_end(self):
        server = self.make_server(workers=1, shutdown_delay="10m").start()
        server.kill(signal.SIGQUIT)
        server.wait_for_log("not ready any more")
        server.kill(signal.SIGHUP)
        server.kill(signal.SIGUSR2)
        done = subprocess.run([server.program, "-c", server.conf, "-s", "reload"],
                              timeout=30 * PATIENCE,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tinyweb: the server is ending\n", done.stderr)
        self.word(server, "stop")
        self.assertNotIn("new configuration", server.log())

    def test_term_may_be_graceful(self):
        server = self.make_server(workers=1, stop_signal_graceful="on").start()
        sock = server.connect()
        sock.sendall(b"GET / HTTP/1.1\r\n")
        wait_for("the worker to have it", lambda: all_is_read(server.port))
        server.kill(signal.SIGTERM)
        wait_for("the worker to leave", lambda: not support.can_connect(server.port))
        sock.sendall(b"Host: t\r\n\r\n")
        self.assertIn(b"200", sock.recv(4096))
        sock.close()
        self.assertEqual(server.wait(5), 0)
        for last in (signal.SIGTERM, signal.SIGINT):  # the second one does not wait
            server = self.make_server(workers=1, stop_signal_graceful="on").start()
            with server.connect() as sock:
                sock.sendall(b"GET / HTTP/1.1\r\n")
                wait_for("the worker to have it", lambda: all_is_read(server.port))
                server.kill(signal.SIGTERM)
                server.wait_for_log("SIGTERM from")
                self.assertEqual(server.stop(last, 5), 0)
        server = self.make_server(workers=1, stop_signal_graceful="on").start()
        with server.connect() as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n")
            self.word(server, "stop")
        self.assertEqual(server.wait(), 0)

    def test_paths_and_who_may_ask(self):
        server = self.make_server(workers=1, health="off").start()
        self.assertEqual(self.status_of(server, "/-/live"), 404)
        server.configure(health="on", live_path="/healthz", ready_path="/status/ready")
        self.reload(server)
        self.assertEqual(self.status_of(server, "/healthz"), 200)
        self.assertEqual(self.status_of(server, "/status/ready"), 200)
        self.assertEqual(self.status_of(server, "/-/live"), 404)
        self.assertEqual(self.status_of(server, "/"), 200)
