# SPDX-License-Identifier: MIT
"""Master and workers: start, signals, crashes, reload, logs, daemon, pid file, command line."""

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import pty
import pwd
import random
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import support
from support import LATE, PATIENCE, wait_for

MIB = 1024 * 1024


def run(*args, cwd=None, env=None, seconds=20):
    """The program with @args until it ends: (status, stdout, stderr)."""
    done = subprocess.run([support.PROGRAM, *args], stdin=subprocess.DEVNULL,
                          timeout=seconds * PATIENCE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, text=True,
                          env=env)
    return done.returncode, done.stdout, done.stderr


def big_file(mebibytes):
    """Bytes that are different in every place, quickly."""
    block = random.Random(1).randbytes(MIB)
    return b"".join(i.to_bytes(8, "big") + block[8:] for i in range(mebibytes))


def request(path="/", keep_alive=True):
    return ("GET %s HTTP/1.1\r\nHost: t\r\n%s\r\n" %
            (path, "" if keep_alive else "Connection: close\r\n")).encode()


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(1)  # no byte of the body
        if not part:
            break
        data += part
    return data


def content_length(head):
    return int(re.search(rb"(?i)content-length: (\d+)", head).group(1))


class Start(support.ServerTest):
    def test_titles(self):
        server = self.serve(workers=3)
        self.assertEqual(support.title(server.pid), "tinyweb: master process " + server.conf)
        self.assertEqual([support.title(pid) for pid in server.workers()],
                         ["tinyweb: worker process"] * 3)

    def test_titles_with_a_long_environment_and_with_none(self):
        server = self.make(env={"FILLER": "x" * 100000})
        server.start()
        self.assertEqual(support.title(server.pid), "tinyweb: master process " + server.conf)
        self.assertEqual(server.get("/").status, 200)

        # Without an environment there is less room: the title is cut, and nothing is overwritten.
        port = support.free_port()
        bare = subprocess.Popen(
            [support.PROGRAM, "-q", "--port", str(port), server.root], env={},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for("start", lambda: support.can_connect(port))
            self.assertTrue("tinyweb: master process".startswith(support.title(bare.pid)[:23]))
            self.assertEqual(os.readlink("/proc/%d/cwd" % bare.pid), os.getcwd())
        finally:
            bare.terminate()
            self.assertEqual(bare.wait(10 * PATIENCE), 0)

    def test_it_says_what_it_serves(self):
        server = self.serve(workers=2)
        self.assertRegex(server.log(), r'serves "%s" on 127\.0\.0\.1:%d with 2 workers \(configured\)'
                         % (re.escape(server.root), server.port))

    def test_auto_counts_the_processors_it_may_use(self):
        cores = len(os.sched_getaffinity(0))
        server = self.serve(workers="auto")
        self.assertRegex(server.log(), r"with \d+ workers? \((%d cores?|cgroup quota)" % cores)
        self.assertLessEqual(len(server.workers()), cores)

        one = self.make(workers="auto")
        one.start_affinity = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(one.start_affinity)})
        try:
            one.start()
        finally:
            os.sched_setaffinity(0, one.start_affinity)
        self.assertEqual(len(one.workers()), 1)

    def test_port_zero_is_a_real_port_in_the_log(self):
        server = self.make(hand_over=False, listen="127.0.0.1:0")
        server.start()
        server.port = int(re.search(r"on 127\.0\.0\.1:(\d+) with", server.log()).group(1))
        self.assertNotEqual(server.port, 0)
        self.assertEqual(server.get("/").body, b"hello\n")

    def test_several_addresses(self):
        port = support.free_port()
        listen = "127.0.0.1:%d 127.0.0.2:%d" % (port, port)
        if socket.has_ipv6:
            listen += " [::1]:%d" % port
        self.serve(hand_over=False, listen=listen)
        self.assertTrue(support.can_connect(port))
        self.assertTrue(support.can_connect(port, "127.0.0.2"))

    def test_every_address_that_fails_is_named_with_its_line(self):
        with support.listening_socket() as one, support.listening_socket() as two:
            ports = [sock.getsockname()[1] for sock in (one, two)]
            server = self.make(hand_over=False, listen=" ".join("127.0.0.1:%d" % p for p in ports))
            server.exit_status = 1
            server.start(wait=False)
            self.assertEqual(server.wait(), 1)
            for port in ports:
                self.assertIn("tinyweb: cannot listen on 127.0.0.1:%d (tinyweb.conf:2): Address "
                              "already in use\n" % port, server.all_output())
            server.allow_error("cannot listen on")

    def test_no_connection_is_refused_once_the_command_has_returned(self):
        for _ in range(5):
            server = self.serve(workers=4)
            with support.Load(server, clients=4) as load:
                load.wait_for_more(50)
            self.assertEqual((load.refused, load.failures), (0, []))
            self.assertEqual(server.stop(), 0)

    def test_no_descriptor_of_the_starter_reaches_a_worker(self):
        leaked = os.open("/etc/hostname", os.O_RDONLY)
        os.set_inheritable(leaked, True)
        try:
            server = self.make(pid_file="pid")
            server.start(pass_fds=[leaked])
            pid_path = os.path.join(server.dir, "pid")
            self.assertIn(pid_path, support.descriptors(server.pid).values())
            for pid in server.workers():
                self.assertNotIn("/etc/hostname", support.descriptors(pid).values())
                self.assertNotIn(pid_path, support.descriptors(pid).values())
        finally:
            os.close(leaked)

    def test_workers_have_one_channel_and_their_own_loop(self):
        server = self.serve(workers=4)
        for pid in server.workers():
            found = list(support.descriptors(pid).values())
            self.assertEqual(len([d for d in found if "eventpoll" in d]), 1, found)
            self.assertEqual(len([d for d in found if "signalfd" in d]), 1, found)
            self.assertEqual(len([d for d in found if d.startswith("socket:")]), 2, found)

    def test_a_closed_standard_output_is_no_trap(self):
        port = support.free_port()
        server = self.make()
        shell = ('exec "$0" -q --port %d "$1" <&- >&- 2>&-' % port)
        process = subprocess.Popen(["/bin/sh", "-c", shell, support.PROGRAM, server.root])
        try:
            wait_for("start", lambda: support.can_connect(port))
            for fd in range(3):
                self.assertEqual(support.descriptors(process.pid)[fd], "/dev/null")
        finally:
            process.terminate()
            self.assertEqual(process.wait(10 * PATIENCE), 0)

    def test_many_workers(self):
        server = self.serve(workers=64, accept_mutex="file", worker_connections=64)
        self.assertEqual(len(server.workers()), 64)
        self.assertEqual(server.get("/").status, 200)


@unittest.skipUnless(os.geteuid() == 0, "only root can give rights up")
class Privileges(support.ServerTest):
    def status(self, pid):
        with open("/proc/%d/status" % pid) as file:
            return {name: value.strip() for name, _, value in
                    (line.partition(":") for line in file)}

    def test_workers_have_none_left(self):
        server = self.serve(user="www-data")
        www_data = pwd.getpwnam("www-data")
        for pid in server.workers():
            status = self.status(pid)
            self.assertEqual(status["Uid"].split(), [str(www_data.pw_uid)] * 4)
            self.assertEqual(status["Gid"].split(), [str(www_data.pw_gid)] * 4)
            self.assertNotIn("0", status["Groups"].split())
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                self.assertEqual(int(status[name], 16), 0, name)
            self.assertEqual(status["NoNewPrivs"], "1")

    def test_a_user_and_a_group_by_name(self):
        server = self.serve(user="daemon", group="nogroup")
        status = self.status(server.workers()[0])
        self.assertEqual(status["Uid"].split()[0], str(pwd.getpwnam("daemon").pw_uid))
        self.assertEqual(status["Gid"].split()[0], "65534")

    def test_root_is_allowed_with_a_warning(self):
        server = self.serve(user="root")
        self.assertEqual(self.status(server.workers()[0])["Uid"].split()[0], "0")
        self.assertIn("[warn] process: workers run as root", server.log())

    def test_a_root_below_a_private_folder(self):
        server = self.make()
        os.chmod(server.dir, 0o700)
        server.start()
        self.assertEqual(server.get("/").body, b"hello\n")

    def test_files_that_the_workers_cannot_read_are_named(self):
        server = self.make()
        os.chmod(os.path.join(server.root, "index.html"), 0o600)
        server.start()
        server.wait_for_log('www-data cannot read "%s/index.html": Permission denied' % server.root)
        os.chmod(server.root, 0o700)
        server.kill(signal.SIGHUP)
        server.wait_for_log('www-data cannot enter the root "%s": Permission denied' % server.root)

    def test_started_by_somebody_else(self):
        server = self.make(user="www-data")
        os.chmod(server.dir, 0o777)
        nobody = pwd.getpwnam("nobody")

        def become_nobody():
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)

        server.start(before=become_nobody)
        self.assertIn('[warn] process: only root can change to user "www-data"', server.log())
        self.assertEqual(self.status(server.workers()[0])["Uid"].split()[0], str(nobody.pw_uid))
        self.assertEqual(server.get("/").status, 200)

    def test_logs_are_no_reading_for_everybody(self):
        server = self.serve()
        for path in (server.error_log, server.access_log):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)

    def test_a_log_is_not_written_through_a_link(self):
        server = self.make()
        os.symlink("/etc/tinyweb-was-here", server.access_log)
        server.start(wait=False)
        server.exit_status = 1
        self.assertEqual(server.wait(), 1)
        self.assertIn("it is a symbolic link", server.all_output())
        self.assertFalse(os.path.exists("/etc/tinyweb-was-here"))


class FastEnd(support.ServerTest):
    """TERM and INT: within a second, whatever clients do."""

    def end_and_time(self, server, number):
        workers = server.workers()
        began = time.monotonic()
        self.assertEqual(server.stop(number, 5), 0)
        took = time.monotonic() - began
        self.assertLess(took, 1.0 + LATE)
        self.assertEqual([pid for pid in workers if support.is_alive(pid)], [])
        self.assertFalse(support.can_connect(server.port))

    def busy_clients(self, server):
        clients = [server.connect() for _ in range(24)]
        for i, sock in enumerate(clients):
            if i % 4 == 0:
                sock.sendall(request("/big"))  # and read nothing
            elif i % 4 == 1:
                sock.sendall(request("/big"))
                self.assertIn(b" 200 ", read_head(sock))
            elif i % 4 == 2:
                sock.sendall(b"GET / HT")  # half a request
        self.addCleanup(lambda: [sock.close() for sock in clients])
        return clients

    def test_idle(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.end_and_time(self.serve(), number)

    def test_busy_and_stopped_clients(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.serve({"index.html": b"x", "big": bytes(64 * MIB)})
            self.busy_clients(server)
            self.end_and_time(server, number)

    def test_a_stopped_worker_is_killed(self):
        server = self.serve(workers=3)
        os.kill(server.workers()[0], signal.SIGSTOP)
        self.end_and_time(server, signal.SIGTERM)
        self.assertIn("was killed by signal 9", server.log())

    def test_all_workers_stopped(self):
        server = self.serve(workers=3)
        for pid in server.workers():
            os.kill(pid, signal.SIGSTOP)
        self.end_and_time(server, signal.SIGINT)

    def test_under_load(self):
        server = self.serve(workers=4)
        with support.Load(server) as load:
            load.wait_for_more()
            self.end_and_time(server, signal.SIGTERM)

    def test_term_while_it_finishes_gracefully(self):
        server = self.serve({"big": bytes(64 * MIB)})
        sock = server.connect()
        sock.sendall(request("/big"))
        read_head(sock)
        server.kill(signal.SIGQUIT)
        server.wait_for_log("finishes running requests")
        time.sleep(0.2)
        self.assertIsNone(server.process.poll())
        self.end_and_time(server, signal.SIGTERM)
        sock.close()

    def test_a_worker_told_by_hand_is_replaced(self):
        server = self.serve()
        for number in (signal.SIGTERM, signal.SIGQUIT):
            old = server.workers()
            os.kill(old[0], number)
            wait_for("another worker", lambda: len(server.workers()) == 2 and
                     old[0] not in server.workers())
        self.assertEqual(server.get("/").status, 200)

    def test_signals_for_the_master_do_not_move_a_worker(self):
        server = self.serve()
        old = server.workers()
        for pid in old:
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2,
                           signal.SIGWINCH, signal.SIGPIPE, signal.SIGCHLD):
                os.kill(pid, number)
        self.assertEqual(server.get("/").status, 200)
        self.assertEqual(server.workers(), old)


class OddMoments(support.ServerTest):
    def test_told_to_end_while_it_starts(self):
        for i in range(30):
            server = self.make(workers=4)
            server.start(wait=False)
            time.sleep(i * 0.0005)
            server.kill(signal.SIGTERM)
            status = server.wait(5)
            self.assertIn(status, (0, -signal.SIGTERM))  # before it could listen to signals
            server.exit_status = status
            self.assertFalse(support.can_connect(server.port))

    def test_told_to_end_while_it_reloads(self):
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            for delay in (0, 0.001, 0.003, 0.01):
                server = self.serve(workers=4)
                server.kill(signal.SIGHUP)
                time.sleep(delay)
                workers = server.workers()
                self.assertEqual(server.stop(number, 5), 0)
                self.assertFalse(any(map(support.is_alive, workers)))

    def test_a_reload_while_it_ends_is_ignored(self):
        server = self.serve({"big": bytes(16 * MIB)})
        sock = server.connect()
        sock.sendall(request("/big"))
        read_head(sock)
        server.kill(signal.SIGQUIT)
        server.wait_for_log("finishes running requests")
        server.kill(signal.SIGHUP)
        time.sleep(0.2)
        self.assertNotIn("the new configuration", server.log())
        sock.close()
        self.assertEqual(server.wait(5), 0)

    def test_workers_killed_while_it_reloads(self):
        server = self.serve(workers=4)
        server.allow_error("was killed|reload failed|cannot start")
        for _ in range(10):
            server.kill(signal.SIGHUP)
            time.sleep(random.random() * 0.01)
            for pid in server.workers():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            wait_for("service", lambda: len(server.workers()) == 4, 8)
            self.assertEqual(server.get("/").status, 200)

    def test_nothing_leaks_in_the_master(self):
        server = self.serve(workers=3, accept_mutex="file")
        server.allow_error("was killed")

        def reload_and_crash(turns):
            for _ in range(turns):
                done = server.log().count("the new configuration is in use")
                server.kill(signal.SIGHUP)
                server.wait_for_log("the new configuration is in use", done + 1)
                wait_for("end of the old", lambda: len(server.workers()) == 3, 5)
                victim = server.workers()[0]
                os.kill(victim, signal.SIGKILL)
                wait_for("replacement", lambda: len(server.workers()) == 3 and
                         victim not in server.workers(), 5)
                server.kill(signal.SIGUSR1)
        reload_and_crash(2)
        time.sleep(0.2)
        before = support.descriptors(server.pid)
        reload_and_crash(8)
        wait_for("the old number of descriptors",
                 lambda: len(support.descriptors(server.pid)) <= len(before))


class Terminal(support.ServerTest):
    """In the foreground of a terminal, whose keys and changes reach the whole group."""

    def start(self, server, ignore_hangup=False):
        ours, theirs = pty.openpty()

        def before():
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
        server.start(before=before, pass_fds=[theirs])
        os.close(theirs)
        return ours

    def test_interrupt_key(self):
        server = self.make(workers=3)
        terminal = self.start(server)
        os.write(terminal, b"\x03")
        self.assertEqual(server.wait(), 0)
        self.assertIn("SIGINT from the terminal: ends at once", server.log())
        # By the key; a busy machine may have the master lose its patience with one.
        self.assertNotRegex(server.log(), r"killed by signal (?!9 )")
        os.close(terminal)

    def test_a_window_that_changes_its_size(self):
        server = self.make()
        terminal = self.start(server)
        workers = server.workers()
        for rows in range(10, 20):
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        self.assertEqual(server.get("/").status, 200)
        self.assertEqual(server.workers(), workers)
        self.assertNotIn("SIGWINCH", server.log())
        self.assertEqual(server.stop(), 0)
        os.close(terminal)

    def test_a_terminal_that_is_closed(self):
        server = self.make()
        os.close(self.start(server))
        self.assertEqual(server.wait(), 0)
        self.assertIn("SIGHUP from the terminal: ends at once", server.log())

    def test_nohup(self):
        server = self.make()
        os.close(self.start(server, ignore_hangup=True))
        time.sleep(0.2)
        self.assertEqual(server.get("/").status, 200)
        server.kill(signal.SIGHUP)  # somebody's command, not a hang-up
        server.wait_for_log("the new configuration is in use")


class GracefulEnd(support.ServerTest):
    def test_a_slow_download_is_finished(self):
        content = big_file(200)
        server = self.serve({"big": content})
        sock = server.connect(30)
        sock.sendall(request("/big"))
        head = read_head(sock)
        self.assertEqual(content_length(head), len(content))
        server.kill(signal.SIGQUIT)
        wait_for("refusal", lambda: not support.can_connect(server.port))

        def titles():
            for pid in server.workers():
                with contextlib.suppress(OSError):  # the one without a client has ended
                    yield support.title(pid)
        self.assertIn("tinyweb: worker process is shutting down", list(titles()))

        digest, got = hashlib.sha256(), 0
        while got < len(content):
            part = sock.recv(MIB)
            self.assertTrue(part, "cut after %d bytes" % got)
            digest.update(part)
            got += len(part)
            if got < 100 * MIB:
                time.sleep(0.002)
                self.assertIsNone(server.process.poll(), "it ended before its client had everything")
        self.assertEqual(digest.hexdigest(), support.sha256(content))
        sock.close()
        self.assertEqual(server.wait(), 0)
        self.assertFalse(support.can_connect(server.port))

    def test_idle_connections_are_told_with_their_next_answer(self):
        server = self.serve(drain_idle="60s")
        sock = server.connect()
        sock.sendall(request())
        head = read_head(sock)
        sock.recv(content_length(head))
        server.kill(signal.SIGQUIT)
        server.wait_for_log("finishes running requests")
        wait_for("all workers to have heard", lambda: not support.can_connect(server.port))
        sock.sendall(request())
        head = read_head(sock)
        self.assertIn(b" 200 ", head)
        self.assertIn(b"connection: close", head.lower())
        self.assertEqual(sock.recv(100), b"hello\n")
        self.assertEqual(sock.recv(100), b"")
        sock.close()
        self.assertEqual(server.wait(5), 0)

    def test_quiet_connections_do_not_hold_it_up(self):
        server = self.serve()
        quiet = [server.connect() for _ in range(20)]
        began = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 5), 0)
        self.assertLess(time.monotonic() - began, 3 + LATE)
        for sock in quiet:
            sock.close()

    def test_without_connections_it_ends_at_once(self):
        server = self.serve()
        began = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 5), 0)
        self.assertLess(time.monotonic() - began, 0.5 + LATE)

    def test_shutdown_timeout(self):
        server = self.serve({"big": bytes(64 * MIB)}, shutdown_timeout="500ms", send_timeout="10m")
        sock = server.connect()
        sock.sendall(request("/big"))
        read_head(sock)
        began = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 5), 0)
        self.assertTrue(0.4 < time.monotonic() - began < 2 + LATE, time.monotonic() - began)
        sock.close()

    def test_shutdown_timeout_with_a_stopped_worker(self):
        server = self.serve(shutdown_timeout="300ms")
        os.kill(server.workers()[0], signal.SIGSTOP)
        began = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 5), 0)
        self.assertLess(time.monotonic() - began, 2 + LATE)

    def test_what_the_kernel_had_accepted_is_answered(self):
        server = self.serve(workers=2)
        for pid in server.workers():
            os.kill(pid, signal.SIGSTOP)
        waiting = [server.connect() for _ in range(10)]  # in the queue: nobody accepts
        for sock in waiting:
            sock.sendall(request(keep_alive=False))
        server.kill(signal.SIGQUIT)
        server.wait_for_log("finishes running requests")
        for pid in server.workers():
            os.kill(pid, signal.SIGCONT)
        for sock in waiting:
            self.assertIn(b" 200 ", read_head(sock))
            sock.close()
        self.assertEqual(server.wait(5), 0)


class Crashes(support.ServerTest):
    def setUp(self):
        super().setUp()
        self.expected = r"was killed by signal"

    def crash(self, server, pids, number=signal.SIGKILL):
        server.allow_error(self.expected)
        for pid in pids:
            os.kill(pid, number)

    def wait_for_workers(self, server, count, without, seconds=1.0):
        wait_for("replacement", lambda: len(server.workers()) == count and
                 not set(without) & set(server.workers()), seconds)

    def test_a_killed_worker_is_replaced_within_a_second(self):
        for mutex in ("atomic", "file", "off"):
            with self.subTest(accept_mutex=mutex):
                server = self.serve(workers=3, accept_mutex=mutex)
                with support.Load(server) as load:
                    load.wait_for_more()
                    for _ in range(5):
                        old = server.workers()
                        self.crash(server, [random.choice(old)])
                        wait_for("replacement", lambda: len(server.workers()) == 3 and
                                 server.workers() != old, 6)
                        load.wait_for_more()
                self.assertEqual(load.refused, 0)

    def test_first_death_is_replaced_within_a_second(self):
        server = self.serve(workers=2)
        time.sleep(1.1)  # a worker that has lived for a while
        old = server.workers()
        self.crash(server, old[:1])
        self.wait_for_workers(server, 2, old[:1])
        self.assertNotIn("is started again in", server.log())  # but at once

    def test_all_killed_at_once_are_replaced_without_zombies(self):
        server = self.serve(workers=8)
        old = server.workers()
        self.crash(server, old)
        self.wait_for_workers(server, 8, old)
        self.assertEqual([pid for pid in support.children(server.pid)
                          if support.process_state(pid) == "Z"], [])
        self.assertEqual(server.get("/").status, 200)

    def test_other_connections_do_not_notice(self):
        content = big_file(32)
        server = self.serve({"index.html": b"x", "big": content}, workers=2)
        sock = server.connect()
        sock.sendall(request("/big"))
        head = read_head(sock)
        inode = None
        busy = None
        for pid in server.workers():
            for target in support.descriptors(pid).values():
                if target.endswith("/big"):
                    busy, inode = pid, target
        self.assertIsNotNone(inode)
        self.crash(server, [pid for pid in server.workers() if pid != busy])
        got = b""
        while len(got) < content_length(head):
            part = sock.recv(MIB)
            self.assertTrue(part)
            got += part
        self.assertEqual(support.sha256(got), support.sha256(content))
        sock.close()

    def test_a_stopped_worker_does_not_stop_the_others(self):
        for mutex in ("atomic", "file", "off"):
            with self.subTest(accept_mutex=mutex):
                server = self.serve(workers=2, accept_mutex=mutex)
                os.kill(server.workers()[0], signal.SIGSTOP)
                for _ in range(40):
                    self.assertEqual(server.get("/", seconds=3).status, 200)

    def test_stopped_and_killed_at_any_moment(self):
        """What a worker did when it was stopped or killed is left to chance, many times."""
        server = self.serve(workers=3)
        with support.Load(server, clients=6) as load:
            load.wait_for_more()
            for turn in range(40):
                victim = random.choice(server.workers())
                os.kill(victim, signal.SIGSTOP)
                wait_for("the stop", lambda: support.process_state(victim) == "T")
                for _ in range(3):  # what it has taken waits; the others go on
                    self.assertEqual(server.get("/").status, 200)
                if turn % 4 == 3:
                    self.crash(server, [victim])
                    wait_for("replacement", lambda: len(server.workers()) == 3 and
                             victim not in server.workers(), 7)
                else:
                    os.kill(victim, signal.SIGCONT)
        self.assertEqual(load.refused, 0)

    @unittest.skipUnless(os.geteuid() == 0, "looks into the memory of a server")
    def test_a_holder_of_the_mutex_that_is_stopped_then_killed_costs_nothing(self):
        """Workers are stopped while they accept, until one is caught with the mutex."""
        server = self.serve(workers=2)
        time.sleep(1.1)
        victim = None
        limit = time.monotonic() + 60
        with support.Flood(server):
            while not victim and time.monotonic() < limit:
                for pid in server.workers():
                    os.kill(pid, signal.SIGSTOP)
                    time.sleep(0.0005)
                    if support.accept_mutex_owner(server.pid) == pid:
                        victim = pid
                        break
                    os.kill(pid, signal.SIGCONT)
        if not victim:
            self.skipTest("no worker was ever caught with the mutex")

        self.assertEqual(support.process_state(victim), "T")
        for _ in range(50):  # the other one gets no turn, and serves
            began = time.monotonic()
            self.assertEqual(server.get("/").status, 200)
            self.assertLess(time.monotonic() - began, 0.5 + LATE)
        self.assertEqual(support.accept_mutex_owner(server.pid), victim)
        self.crash(server, [victim])
        server.wait_for_log("(pid %d) held the accept mutex; it is free again" % victim)
        wait_for("replacement", lambda: len(server.workers()) == 2 and
                 victim not in server.workers(), 1)
        for _ in range(20):
            self.assertEqual(server.get("/").status, 200)
        self.assertNotEqual(support.accept_mutex_owner(server.pid), victim)

    def test_a_worker_that_dies_young_is_not_started_in_a_circle(self):
        server = self.serve(workers=1)
        self.crash(server, [])
        pids = set()
        before = support.cpu_seconds(server.pid)
        limit = time.monotonic() + 2.5
        while time.monotonic() < limit:
            for pid in server.workers():
                pids.add(pid)
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        # At most one in 10 ms, where each had come to serve; those that had not wait ever longer.
        self.assertLess(len(pids), 2.5 / 0.01)
        self.assertLess(support.cpu_seconds(server.pid) - before, 1.5)
        wait_for("a worker in the end", lambda: server.workers(), 7)
        wait_for("service", lambda: server.get("/").status == 200, 7)

    def test_a_request_that_kills_stops_nobody_else(self):
        """Sent again and again, to all workers: others are served between two deaths."""
        server = self.serve(workers=2)
        server.allow_error(self.expected)
        served, kills = 0, 0
        limit = time.monotonic() + 20 * PATIENCE
        while served < 30 and time.monotonic() < limit:
            for pid in server.workers():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
            began = time.monotonic()
            with contextlib.suppress(OSError, http.client.HTTPException):
                served += server.get("/", seconds=5).status == 200
                self.assertLess(time.monotonic() - began, 2 + LATE)
        self.assertEqual(served, 30)
        print("     %d kills, and 30 answers among them" % kills)

    def test_a_crash_is_named(self):
        server = self.serve(workers=2)
        self.crash(server, server.workers()[:1], signal.SIGSYS)  # which no sanitizer catches
        server.wait_for_log("was killed by signal 31 (Bad system call)")

    def test_a_dead_master_leaves_no_orphans_and_no_port(self):
        server = self.serve(workers=3)
        workers = server.workers()
        server.kill(signal.SIGKILL)
        server.exit_status = -signal.SIGKILL
        wait_for("end of the workers", lambda: not any(map(support.is_alive, workers)), 4)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", server.port))
        sock.listen()
        sock.close()

    def test_workers_of_a_dead_master_finish_their_requests(self):
        content = big_file(64)
        server = self.serve({"big": content}, workers=2)
        sock = server.connect(30)
        sock.sendall(request("/big"))
        head = read_head(sock)
        workers = server.workers()
        server.kill(signal.SIGKILL)
        server.exit_status = -signal.SIGKILL
        server.process.wait()
        wait_for("refusal", lambda: not support.can_connect(server.port))
        digest, left = hashlib.sha256(), content_length(head)
        while left > 0:
            part = sock.recv(MIB)
            self.assertTrue(part)
            digest.update(part)
            left -= len(part)
        self.assertEqual(digest.hexdigest(), support.sha256(content))
        sock.close()
        wait_for("end of the workers", lambda: not any(map(support.is_alive, workers)), 4)

    def test_a_stopped_master_does_not_stop_the_workers(self):
        server = self.serve(workers=2)
        server.kill(signal.SIGSTOP)
        try:
            for _ in range(20):
                self.assertEqual(server.get("/").status, 200)
        finally:
            server.kill(signal.SIGCONT)

    def test_the_master_does_nothing_when_there_is_nothing_to_do(self):
        server = self.serve(workers=2)
        before = support.cpu_seconds(server.pid)
        with support.Load(server) as load:
            load.wait_for_more(100)
            time.sleep(1)
        self.assertLessEqual(support.cpu_seconds(server.pid) - before, 0.01)


@unittest.skipUnless(os.geteuid() == 0, "needs root to give workers a limit of their own")
class FailedStart(support.ServerTest):
    """Workers that cannot begin, for lack of memory or descriptors."""

    def limit_descriptors(self, pid, count):
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (count, hard))

    def test_unknown_user(self):
        server = self.make(user="nobody-has-this-name")
        server.exit_status = 1
        server.start(wait=False)
        self.assertEqual(server.wait(5), 1)
        self.assertIn("nobody-has-this-name", server.all_output())

    @unittest.skipIf(support.is_sanitized(), "limits memory")
    def test_first_start_gives_up(self):
        server = self.make(workers=3)
        server.allow_error(".")
        server.exit_status = 1
        server.configure(worker_connections=1000000)
        server.start(wait=False, before=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (48 * MIB, 48 * MIB)))  # no memory for a million slots
        began = time.monotonic()
        self.assertEqual(server.wait(10), 1)
        self.assertLess(time.monotonic() - began, 3 + LATE)
        self.assertIn("the workers cannot start", server.all_output())

    def test_a_later_start_is_tried_again_slowly(self):
        server = self.serve(workers=2)
        server.allow_error(".")
        before = support.cpu_seconds(server.pid)
        # New children have no descriptors left for a loop of their own.
        self.limit_descriptors(server.pid, 5)
        time.sleep(1.1)
        old = server.workers()
        os.kill(old[0], signal.SIGKILL)
        time.sleep(3)
        self.assertEqual(len(server.workers()), 1)
        self.assertEqual(server.get("/").status, 200)
        self.assertLess(support.cpu_seconds(server.pid) - before, 0.2)
        self.assertLess(server.log().count("could not start") + server.log().count("cannot fork"),
                        6)
        self.limit_descriptors(server.pid, 1024)
        wait_for("recovery", lambda: len(server.workers()) == 2, 8)


class Limits(support.ServerTest):
    def soft_limit(self, pid):
        with open("/proc/%d/limits" % pid) as file:
            return int(re.search(r"^Max open files +(\d+)", file.read(), re.M).group(1))

    def test_max_open_files(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        server = self.serve(max_open_files=500, worker_connections=100)
        self.assertEqual({self.soft_limit(pid) for pid in server.workers()}, {500})
        server.configure(max_open_files=600)
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        wait_for("end of the old", lambda: len(server.workers()) == 2)
        self.assertEqual({self.soft_limit(pid) for pid in server.workers()}, {600})

        server = self.serve(worker_connections=100)
        self.assertEqual({self.soft_limit(pid) for pid in server.workers()}, {hard})
        self.assertNotIn("[warn]", server.log())

    def test_more_than_the_hard_limit_is_a_warning(self):
        server = self.make(max_open_files=5000, worker_connections=4900)
        server.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1024)))
        if "is above the hard limit" not in server.log():
            self.assertEqual(self.soft_limit(server.workers()[0]), 5000)  # we may raise it
            return
        self.assertIn("max_open_files 5000 is above the hard limit: it is 1024", server.log())
        self.assertIn("worker_connections 4900 is more than 1024 open files allow", server.log())
        self.assertEqual(self.soft_limit(server.workers()[0]), 1024)


class Reload(support.ServerTest):
    def second_root(self, server, content=b"second\n"):
        path = os.path.join(server.dir, "second")
        os.mkdir(path, 0o755)
        with open(os.path.join(path, "index.html"), "wb") as file:
            file.write(content)
        os.chmod(os.path.join(path, "index.html"), 0o644)
        return path

    def wait_for_second(self, server):
        """An old worker may take one more connection before it hears that it is to quit."""
        wait_for("new content", lambda: server.get("/").body == b"second\n", 2)

    def reload(self, server, count=1):
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use", count, 10)

    def test_a_new_root_under_load(self):
        server = self.serve(workers=2)
        old = server.workers()
        server.configure(root=self.second_root(server), workers=3)
        with support.Load(server) as load:
            load.wait_for_more()
            self.reload(server)
            load.wait_for_more()
            self.wait_for_second(server)
            wait_for("end of the old", lambda: not set(old) & set(server.workers()), 5)
        self.assertEqual((load.refused, load.failures), (0, []))
        self.assertEqual(len(server.workers()), 3)

    def test_many_reloads_under_load(self):
        server = self.serve(workers=2)
        with support.Load(server) as load:
            for turn in range(10):
                self.reload(server, turn + 1)
                load.wait_for_more(5)
        self.assertEqual((load.refused, load.failures), (0, []))
        wait_for("end of the old", lambda: len(server.workers()) == 2, 5)

    def test_a_broken_file_changes_nothing(self):
        server = self.serve(workers=2)
        server.allow_error("config:|reload failed")
        old = server.workers()
        for broken in ({"root": "/nonexistent"}, {"root": "root", "lisen": "1"}):
            server.configure(**broken)
            failures = server.log().count("reload failed")
            with support.Load(server) as load:
                load.wait_for_more()
                server.kill(signal.SIGHUP)
                server.wait_for_log("reload failed", failures + 1)
                load.wait_for_more()
            self.assertEqual((load.refused, load.failures), (0, []))
        self.assertIn('unknown key "lisen"', server.log())
        self.assertEqual(server.workers(), old)
        server.configure(lisen=None, root=self.second_root(server))
        self.reload(server)
        self.wait_for_second(server)

    def test_an_address_that_cannot_be_had_changes_nothing(self):
        server = self.serve()
        server.allow_error("cannot listen|reload failed")
        old = server.workers()
        with support.listening_socket() as other:
            server.configure(listen="127.0.0.1:%d 127.0.0.1:%d" %
                             (server.port, other.getsockname()[1]))
            server.kill(signal.SIGHUP)
            server.wait_for_log("reload failed")
        self.assertIn("cannot listen on", server.log())
        self.assertEqual(server.workers(), old)
        self.assertEqual(server.get("/").status, 200)

    def test_addresses_come_and_go(self):
        server = self.serve()
        port = support.free_port()
        server.configure(listen="127.0.0.1:%d 127.0.0.1:%d" % (server.port, port))
        self.reload(server)
        self.assertTrue(support.can_connect(port))
        self.assertTrue(support.can_connect(server.port))
        server.configure(listen="127.0.0.1:%d" % server.port)
        self.reload(server, 2)
        wait_for("closing", lambda: not support.can_connect(port))
        self.assertEqual(server.get("/").status, 200)

    def test_a_running_download_goes_on(self):
        content = big_file(64)
        server = self.serve({"index.html": b"x", "big": content})
        sock = server.connect(30)
        sock.sendall(request("/big"))
        head = read_head(sock)
        server.configure(root=self.second_root(server))
        self.reload(server)
        self.wait_for_second(server)
        digest, left = hashlib.sha256(), content_length(head)
        while left > 0:
            part = sock.recv(MIB)
            self.assertTrue(part)
            digest.update(part)
            left -= len(part)
        self.assertEqual(digest.hexdigest(), support.sha256(content))
        sock.close()
        wait_for("end of the old", lambda: len(server.workers()) == 2, 5)

    @unittest.skipIf(support.is_sanitized(), "limits memory")
    def test_workers_that_cannot_start_leave_the_old_ones(self):
        server = self.serve(workers=2)
        server.allow_error(".")
        old = server.workers()
        # The new ones find no memory for their slots.
        resource.prlimit(server.pid, resource.RLIMIT_AS, (64 * MIB, resource.RLIM_INFINITY))
        server.configure(worker_connections=1000000)
        server.kill(signal.SIGHUP)
        server.wait_for_log("reload failed", seconds=10)
        resource.prlimit(server.pid, resource.RLIMIT_AS,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_for("end of the new", lambda: server.workers() == old, 5)
        self.assertEqual(server.get("/").status, 200)
        server.configure(worker_connections=1000)
        self.reload(server)
        self.assertEqual(server.get("/").status, 200)

    def test_another_mutex(self):
        server = self.serve(workers=2)
        with support.Load(server) as load:
            for turn, mutex in enumerate(("file", "off", "atomic", "file", "atomic")):
                server.configure(accept_mutex=mutex)
                self.reload(server, turn + 1)
                load.wait_for_more()
        self.assertEqual((load.refused, load.failures), (0, []))

    def test_a_new_pid_file_waits_for_the_next_start(self):
        server = self.serve(pid_file="pid")
        server.configure(pid_file="other")
        self.reload(server)
        self.assertIn("a new pid_file takes effect at the next start", server.log())
        self.assertTrue(os.path.exists(os.path.join(server.dir, "pid")))
        self.assertFalse(os.path.exists(os.path.join(server.dir, "other")))

    def test_a_new_log_file(self):
        server = self.serve()
        server.get("/")
        fresh = os.path.join(server.dir, "fresh.log")
        server.configure(access_log="fresh.log")
        self.reload(server)
        server.get("/")
        wait_for("a line", lambda: server.access_lines(fresh))

    def test_a_storm_of_signals(self):
        server = self.serve(workers=2)
        server.allow_error("too many workers|reload failed")
        numbers = [signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD, signal.SIGPIPE]
        with support.Load(server, clients=2) as load:
            for i in range(10000):
                server.kill(random.choice(numbers) if i % 50 == 0 else random.choice(numbers[1:]))
            load.wait_for_more()
        self.assertEqual((load.refused, load.failures), (0, []))
        wait_for("calm", lambda: len(server.workers()) == 2, 15)


class Deferred(support.ServerTest):
    """The kernel holds a connection back until its first bytes have come, or for a second or so."""
    PATIENCE = 20

    def serve_deferred(self, **settings):
        return self.serve(workers=1, defer_accept="on", **settings)

    def silent(self, server, count=1):
        socks = [server.connect(self.PATIENCE) for _ in range(count)]
        for sock in socks:
            self.addCleanup(sock.close)
        return socks

    def accepted(self, server):
        (worker,) = json.loads(server.get("/-/status.json").body)["workers"]
        return worker["accepted"]

    def ask(self, sock):
        sock.sendall(request(keep_alive=False))
        self.assertIn(b" 200 ", read_head(sock))

    def test_who_speaks_late_is_accepted_and_answered(self):
        server = self.serve_deferred(status="on")
        before = self.accepted(server)
        (sock,) = self.silent(server)
        looks = 1
        while self.accepted(server) == before + looks:  # nobody but who looks
            looks += 1
            self.assertLess(looks, 50 * self.PATIENCE, "the silent one is not accepted")
            time.sleep(0.02)
        self.ask(sock)

    def test_who_says_nothing_is_cut(self):
        server = self.serve_deferred(header_timeout="3s")
        (silent,) = self.silent(server)
        (begun,) = self.silent(server)
        begun.sendall(b"GET / HTTP/1.1\r\n")
        self.assertEqual(silent.recv(100), b"")
        self.assertIn(begun.recv(4096)[9:12], (b"", b"408"))

    def test_checks_that_only_connect_are_served(self):
        server = self.serve_deferred(status="on")
        for _ in range(20):
            server.connect().close()
        looks = []

        def are_counted():
            looks.append(self.accepted(server))
            return looks[-1] >= len(looks) + 20
        wait_for("all of them to be counted", are_counted, self.PATIENCE)

    def test_a_reload_loses_nobody_who_is_silent(self):
        server = self.serve_deferred(drain_idle="%ds" % self.PATIENCE)
        socks = self.silent(server, 5)
        for count, word in enumerate(("off", "on"), 1):
            server.configure(defer_accept=word)
            server.kill(signal.SIGHUP)
            server.wait_for_log("the new configuration is in use", count, 10)
            socks += self.silent(server, 5)
        for sock in socks:
            self.ask(sock)

    def test_who_is_silent_holds_up_no_end(self):
        server = self.serve_deferred()
        socks = self.silent(server, 5)
        server.kill(signal.SIGQUIT)
        self.assertEqual(server.wait(self.PATIENCE), 0)
        for sock in socks:
            with contextlib.suppress(ConnectionError):
                sock.sendall(request())
                self.assertEqual(sock.recv(100), b"")


class Logs(support.ServerTest):
    def test_rotation_loses_and_tears_no_line(self):
        server = self.serve(workers=3)
        sent = 0
        with support.Load(server) as load:
            for turn in range(5):
                load.wait_for_more()
                os.rename(server.access_log, "%s.%d" % (server.access_log, turn))
                os.rename(server.error_log, "%s.%d" % (server.error_log, turn))
                server.kill(signal.SIGUSR1)
                wait_for("new files", lambda: os.path.exists(server.access_log) and
                         os.path.exists(server.error_log), 1)
                load.wait_for_more()
                wait_for("lines in the new file", server.access_lines)
        sent = load.ok
        self.assertEqual(load.failures, [])
        self.assertEqual(server.stop(), 0)
        lines = server.access_lines()
        self.assertTrue(lines, "nothing in the newest file")
        for turn in range(5):
            lines += server.access_lines("%s.%d" % (server.access_log, turn))
        self.assertEqual(len(lines), sent)
        shapes = {re.sub(r"\d+(\.\d+)?", "N", line) for line in lines}
        self.assertLess(len(shapes), 30, "torn lines")

    def test_a_folder_that_is_gone_keeps_the_old_file(self):
        logs_dir = "logs"
        server = self.make(access_log="logs/access.log")
        os.mkdir(os.path.join(server.dir, logs_dir))
        server.access_log = os.path.join(server.dir, logs_dir, "access.log")
        server.allow_error("cannot open the access log")
        server.start()
        moved = os.path.join(server.dir, "moved")
        os.rename(os.path.join(server.dir, logs_dir), moved)
        server.kill(signal.SIGUSR1)
        server.wait_for_log("cannot open the access log")
        server.get("/")
        wait_for("a line", lambda: server.access_lines(os.path.join(moved, "access.log")))

    def test_a_fifo_without_a_reader(self):
        server = self.make()
        os.mkfifo(server.access_log)
        server.start()
        for _ in range(200):
            self.assertEqual(server.get("/").status, 200)

    def test_off(self):
        server = self.serve(access_log="off")
        server.get("/")
        self.assertFalse(os.path.exists(server.access_log))


class Daemon(support.ServerTest):
    def setUp(self):
        super().setUp()
        self.pids = []

    def make_daemon(self, **settings):
        server = self.make(hand_over=False, daemon="on", pid_file="pid", **settings)
        server.pid_path = os.path.join(server.dir, "pid")
        self.addCleanup(self.kill, server)
        return server

    def kill(self, server):
        with contextlib.suppress(OSError, ValueError):
            os.kill(self.pid_of(server), signal.SIGKILL)

    def pid_of(self, server):
        with open(server.pid_path) as file:
            return int(file.read())

    def test_it_leaves_the_terminal_when_all_is_well(self):
        server = self.make_daemon()
        status, out, err = run("-c", server.conf)
        self.assertEqual((status, out, err), (0, "", ""))
        # At once: whoever gave the command may go on.
        self.assertEqual(server.get("/").body, b"hello\n")
        pid = self.pid_of(server)
        fds = support.descriptors(pid)
        self.assertEqual(fds[0], "/dev/null")
        self.assertEqual(fds[1], "/dev/null")
        self.assertEqual(fds[2], server.error_log)
        self.assertEqual(os.readlink("/proc/%d/cwd" % pid), "/")
        self.assertEqual(os.getsid(pid), pid)
        with open("/proc/%d/stat" % pid) as file:
            self.assertEqual(file.read().rpartition(")")[2].split()[4], "0")  # no terminal
        with open("/proc/%d/status" % pid) as file:
            self.assertIn("Umask:\t0027", file.read())
        for worker in support.children(pid):
            self.assertNotIn(server.output, support.descriptors(worker).values())
        self.assertEqual(run("-c", server.conf, "-s", "stop")[0], 0)
        self.assertFalse(os.path.exists(server.pid_path))
        self.assertFalse(support.is_alive(pid))

    def test_a_busy_port_is_told_on_the_terminal(self):
        server = self.make_daemon()
        with socket.socket() as other:
            other.bind(("127.0.0.1", server.port))
            other.listen()
            status, _, err = run("-c", server.conf)
        self.assertEqual(status, 1)
        self.assertIn("tinyweb: cannot listen on 127.0.0.1:%d (tinyweb.conf:2): Address already in "
                      "use\n" % server.port, err)
        self.assertFalse(os.path.exists(server.pid_path))
        self.assertIn("cannot listen on", server.log())

    def test_overrides_keep_their_folder_through_a_reload(self):
        server = self.make_daemon()
        status, _, err = run("-c", "tinyweb.conf", "-g", "server.root=root", cwd=server.dir)
        self.assertEqual((status, err), (0, ""))
        os.kill(self.pid_of(server), signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.assertEqual(server.get("/").body, b"hello\n")
        self.assertEqual(os.readlink("/proc/%d/cwd" % self.pid_of(server)), "/")
        self.assertEqual(run("-c", server.conf, "-s", "quit")[0], 0)

    def test_foreground_has_the_last_word(self):
        server = self.make(daemon="on")
        server.start()  # with -f
        self.assertIsNone(server.process.poll())

    def test_a_log_on_the_terminal_is_warned_of(self):
        server = self.make_daemon(error_log=None)
        status, _, err = run("-c", server.conf)
        self.assertEqual(status, 0)
        self.assertIn("error_log goes nowhere", err)
        self.assertEqual(run("-c", server.conf, "-s", "stop")[0], 0)


class PidFile(support.ServerTest):
    def make_with_pid(self, **arguments):
        server = self.make(pid_file="pid", **arguments)
        server.pid_path = os.path.join(server.dir, "pid")
        return server

    def read(self, server):
        with open(server.pid_path) as file:
            return file.read()

    def test_written_and_removed(self):
        server = self.make_with_pid().start()
        self.assertEqual(self.read(server), "%d\n" % server.pid)
        self.assertEqual(os.stat(server.pid_path).st_mode & 0o777, 0o644)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(server.pid_path))

    def test_a_second_start_is_refused(self):
        server = self.make_with_pid().start()
        status, _, err = run("-f", "-c", server.conf)
        self.assertEqual(status, 1)
        self.assertEqual(err, 'tinyweb: a server (pid %d) is running with pid file "%s"\n' %
                         (server.pid, server.pid_path))
        self.assertEqual(self.read(server), "%d\n" % server.pid)
        self.assertEqual(server.get("/").status, 200)
        server.allow_error("is running with pid file")

    def test_a_stale_one_is_replaced(self):
        for content in ("1\n", "999999999\n", "nonsense", ""):
            server = self.make_with_pid()
            with open(server.pid_path, "w") as file:
                file.write(content)
            server.start()
            self.assertEqual(self.read(server), "%d\n" % server.pid)
            self.assertEqual(server.stop(), 0)

    def test_after_a_crash_of_the_master(self):
        server = self.make_with_pid().start()
        workers = server.workers()
        server.kill(signal.SIGKILL)
        server.process.wait()
        server.exit_status = -signal.SIGKILL
        wait_for("end of the workers", lambda: not any(map(support.is_alive, workers)))
        status, _, err = run("-c", server.conf, "-s", "stop")
        self.assertEqual(status, 1)
        self.assertIn("was left behind", err)

    def test_somebody_elses_file_is_left_alone(self):
        server = self.make_with_pid().start()
        os.unlink(server.pid_path)
        with open(server.pid_path, "w") as file:
            file.write("12345\n")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.read(server), "12345\n")

    def test_a_link_and_a_folder_are_refused(self):
        for make in (lambda path: os.symlink("/tmp/tinyweb-elsewhere", path), os.mkdir):
            server = self.make_with_pid()
            make(server.pid_path)
            server.start(wait=False)
            server.exit_status = 1
            server.allow_error("cannot write the pid file")
            self.assertEqual(server.wait(), 1)
            self.assertRegex(server.all_output(), "cannot write the pid file|is a directory")
            self.assertFalse(os.path.exists("/tmp/tinyweb-elsewhere"))

    def test_words(self):
        server = self.make_with_pid().start()
        old = server.workers()
        status, _, err = run("-c", server.conf, "-s", "reload")
        self.assertEqual((status, err), (0, "tinyweb: the server (pid %d) uses the new configuration\n" %
                                         server.pid))
        server.wait_for_log("the new configuration is in use")
        wait_for("new workers", lambda: not set(old) & set(server.workers()))

        os.unlink(server.access_log)
        self.assertEqual(run("-q", "-c", server.conf, "-s", "reopen"), (0, "", ""))
        wait_for("new log", lambda: os.path.exists(server.access_log))

        status, _, err = run("-c", server.conf, "-s", "quit")
        self.assertEqual((status, err), (0, "tinyweb: the server (pid %d) has ended\n" %
                                         server.pid))
        self.assertEqual(server.wait(1), 0)
        status, _, err = run("-c", server.conf, "-s", "quit")
        self.assertEqual(status, 1)
        self.assertEqual(err, 'tinyweb: no server is running: there is no pid file "%s"\n' %
                         server.pid_path)

    def test_stop_waits_for_a_worker_that_has_to_be_killed(self):
        server = self.make_with_pid().start()
        worker = server.workers()[0]
        os.kill(worker, signal.SIGSTOP)
        self.assertEqual(run("-c", server.conf, "-s", "stop")[0], 0)
        self.assertFalse(support.is_alive(worker))

    def test_the_file_of_another_program_is_not_believed(self):
        server = self.make_with_pid()
        victim = subprocess.Popen(["sleep", "60"])
        try:
            with open(server.pid_path, "w") as file:
                file.write("%d\n" % victim.pid)
            status, _, err = run("-c", server.conf, "-s", "stop")
            self.assertEqual(status, 1)
            self.assertIn("was left behind", err)
            self.assertIsNone(victim.poll())
        finally:
            victim.kill()
            victim.wait()

    def test_by_an_override(self):
        server = self.make_with_pid().start()
        other = self.make()
        status, _, _ = run("-c", other.conf, "-g", "server.pid_file=" + server.pid_path, "-s",
                           "stop")
        self.assertEqual(status, 0)
        status, _, err = run("-c", other.conf, "-s", "stop")
        self.assertEqual(status, 1)
        self.assertIn("needs to know the server's pid file", err)


class Inherited(support.ServerTest):
    def start_with(self, value):
        server = self.make(hand_over=False, env={"TINYWEB_LISTEN_FDS": value})
        server.start(wait=False)
        return server

    def test_bad_values(self):
        for value in ("", ";", "4;", ";4", "a", "4,5", "-1", "+4", " 4", "0", "1", "2", "99",
                      "4;4", "4294967300", "99999999999999999999"):
            with self.subTest(value=value):
                server = self.start_with(value)
                server.exit_status = 1
                self.assertEqual(server.wait(5), 1)
                self.assertIn("TINYWEB_LISTEN_FDS", server.all_output())

    def test_what_does_not_listen_is_refused(self):
        ends = socket.socketpair()
        fresh = socket.socket()
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        local = socket.socket(socket.AF_UNIX)
        local.bind("\0tinyweb-test-%d" % os.getpid())
        local.listen()
        with ends[0], ends[1], fresh, datagram, local, open("/etc/hostname") as file:
            for thing in (ends[0], fresh, datagram, local, file):
                server = self.make(hand_over=False,
                                   env={"TINYWEB_LISTEN_FDS": str(thing.fileno())})
                server.start(wait=False, pass_fds=[thing.fileno()])
                server.exit_status = 1
                self.assertEqual(server.wait(5), 1)
                self.assertIn("is no listening TCP socket", server.all_output())

    def test_an_unwanted_one_is_closed_with_a_warning(self):
        server = self.make()
        wanted = support.free_port()
        handed_over = server.port
        server.configure(listen="127.0.0.1:%d" % wanted)
        server.start()
        self.assertIn("[warn] process: an inherited socket is closed: 127.0.0.1:%d is not configured" %
                      handed_over, server.log())
        self.assertFalse(support.can_connect(handed_over))
        self.assertTrue(support.can_connect(wanted))
        server.port = wanted


class CommandLine(support.ServerTest):
    def test_versions(self):
        status, out, err = run("-v")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^tinyweb \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version"), (0, out, ""))
        status, info, err = run("-V")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(info.startswith(out))
        self.assertIn("accept mutex", info)

    def test_help(self):
        status, out, err = run("-h")
        self.assertEqual((status, err), (0, ""))
        for option in ("-c", "-t", "-T", "-s", "-f", "-g", "-q", "--lan", "--port", "-v", "-V"):
            self.assertIn(option, out)
        self.assertEqual(run("--help"), (0, out, ""))

    def test_wrong_use_is_one_helpful_line(self):
        for args, expected in (
                (["--verison"], 'unknown option "--verison", did you mean "--version"?'),
                (["--qqqqqqqq"], 'unknown option "--qqqqqqqq"; tinyweb -h lists all'),
                (["-x"], "unknown option -x"),
                (["-qx"], "unknown option -x"),
                (["-c"], "-c wants a value"),
                (["--config"], "--config wants a value"),
                (["-s", "stpo"], 'did you mean "stop"?'),
                (["-s", "zzz"], "stop, quit, reload, reopen, upgrade, status, drain, undrain, maint, "
                                "ready or purge"),
                (["-g", "workers"], "SECTION.KEY=VALUE"),
                (["--port", "0", "."], "from 1 to 65535"),
                (["--port", "x", "."], "from 1 to 65535"),
                (["--port", "65536", "."], "from 1 to 65535"),
                (["a", "b"], '"b" is one too many'),
                (["--lan"], "need a folder"),
                (["-c", "x", "y"], "do not go together"),
                (["-s", "stop", "y"], "-s takes no folder")):
            with self.subTest(args=args):
                status, out, err = run(*args)
                self.assertEqual((status, out), (2, ""))
                self.assertTrue(err.startswith("tinyweb: "), err)
                self.assertEqual(err.count("\n"), 1, err)
                self.assertIn(expected, err)

    def test_test(self):
        server = self.make()
        status, out, err = run("-t", "-c", server.conf)
        self.assertEqual((status, out), (0, ""))
        self.assertEqual(err, "tinyweb: the configuration file %s syntax is ok\n"
                              "tinyweb: configuration file %s test is successful\n" %
                         (server.conf, server.conf))
        self.assertEqual(run("-t", "-q", "-c", server.conf), (0, "", ""))
        server.configure(lisen="1")
        status, out, err = run("-t", "-q", "-c", server.conf)
        self.assertEqual((status, out), (1, ""))
        self.assertIn('unknown key "lisen", did you mean "listen"?', err)
        self.assertIn("tinyweb: configuration file %s test failed\n" % server.conf, err)
        self.assertEqual(run("-t", "-c", "/nonexistent")[0], 1)

    def test_from_a_folder_that_is_gone(self):
        server = self.make()
        gone = tempfile.mkdtemp()
        done = subprocess.run(
            ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", support.PROGRAM, "-t", "-q", "-c", server.conf],
            cwd=gone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_dump_is_a_configuration(self):
        server = self.make()
        status, dump, err = run("-T", "-c", server.conf)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("shutdown_timeout", dump)
        with open(server.conf, "w") as file:
            file.write(dump)
        self.assertEqual(run("-t", "-q", "-c", server.conf), (0, "", ""))
        server.start()
        self.assertEqual(server.get("/").status, 200)

    def test_overrides(self):
        server = self.make()
        status, dump, _ = run("-T", "-c", server.conf, "-g", "server.workers=7", "--set",
                              "server.keepalive_timeout=3s")
        self.assertEqual(status, 0)
        self.assertRegex(dump, r"workers\s*=\s*7")
        self.assertRegex(dump, r"keepalive_timeout\s*=\s*3s")
        status, _, err = run("-t", "-c", server.conf, "-g", "server.wrkers=7")
        self.assertEqual(status, 1)
        self.assertIn("did you mean", err)


class OneShot(support.ServerTest):
    def start(self, server, *args):
        """The process, and the first address that it prints."""
        process = subprocess.Popen([support.PROGRAM, *args], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        self.assertRegex(line, r"^Serving .* on http://[\d.]+:\d+/$")
        server.port = int(re.search(r":(\d+)/", line).group(1))
        return process, line

    def end(self, process):
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(5 * PATIENCE), 0)
        self.assertLess(time.monotonic() - began, 1 + LATE)

    def test_a_folder(self):
        server = self.make()
        process, line = self.start(server, server.root)
        self.assertIn("http://127.0.0.1:", line)
        self.assertIn(server.port, range(8080, 8180))
        self.assertEqual(server.get("/").body, b"hello\n")
        second, _ = self.start(self.make(), server.root)
        for pid in support.children(process.pid):
            self.assertIn(support.title(pid),
                          ("tinyweb: worker process", "tinyweb: shows requests"))
        self.end(second)
        self.end(process)
        self.assertRegex(process.stdout.read(), r"200  GET .* /\n")
        self.assertEqual(process.stderr.read(), "")

    def test_only_this_machine_unless_told_otherwise(self):
        server = self.make()
        process, _ = self.start(server, server.root)
        self.assertFalse(support.can_connect(server.port, "127.0.0.2"))
        self.end(process)
        process, line = self.start(server, "--lan", server.root)
        self.assertTrue(support.can_connect(server.port, "127.0.0.2"))
        self.end(process)

    def test_a_port(self):
        server = self.make()
        port = support.free_port()
        process, line = self.start(server, "--port", str(port), server.root)
        self.assertEqual(server.port, port)
        status, _, err = run("--port", str(port), server.root)
        self.assertEqual(status, 1)
        self.assertIn("cannot listen on 127.0.0.1:%d: Address already in use" % port, err)
        self.end(process)

    def test_odd_names(self):
        for name in ("with blank", "a;b#c", "中文", "q\"q", "ends in blank "):
            server = self.make()
            folder = os.path.join(server.dir, name)
            os.rename(server.root, folder)
            process, _ = self.start(server, folder)
            self.assertEqual(server.get("/").body, b"hello\n", name)
            self.end(process)

    @unittest.skipUnless(os.geteuid() == 0, "only root has workers of another user")
    def test_a_folder_that_the_workers_cannot_read_is_told(self):
        server = self.make()
        os.chmod(server.root, 0o700)
        process, _ = self.start(server, server.root)
        self.end(process)
        self.assertIn('cannot enter the root "%s": Permission denied' % server.root,
                      process.stderr.read())
        process, _ = self.start(server, "-g", "server.user=root", server.root)
        self.assertEqual(server.get("/").body, b"hello\n")
        self.end(process)

    def test_quiet(self):
        server = self.make()
        port = support.free_port()
        process = subprocess.Popen([support.PROGRAM, "-q", "--port", str(port), server.root],
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        try:
            wait_for("start", lambda: support.can_connect(port))
        finally:
            process.terminate()
            self.assertEqual(process.communicate()[0], "")
        self.assertEqual(process.returncode, 0)

    def test_what_is_no_folder(self):
        server = self.make()
        status, _, err = run(os.path.join(server.dir, "nothing"))
        self.assertEqual(status, 1)
        self.assertIn("No such file or directory", err)
        status, _, err = run(server.conf)
        self.assertEqual(status, 1)
        self.assertIn("is a file, not a folder; a configuration is named by -c", err)


if __name__ == "__main__":
    unittest.main()
