# SPDX-License-Identifier: MIT
"""access_log and error_log = syslog: a daemon that listens, sleeps, goes and comes again."""

import contextlib
import os
import re
import socket
import subprocess
import tempfile

import rawhttp
import support
from support import wait_for

ACCESS = re.compile(r"<190>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d tinyweb\[(\d+)\]: "
                    r'127\.0\.0\.1 - - \[[^]]+\] "GET (\S+) HTTP/1\.1" (\d+) \d+ "-" "-" '
                    r"[\d.]+ \S+\Z")
ERROR = re.compile(r"<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d tinyweb\[(\d+)\]: "
                   r"\[(\w+)\] \w+: .+\Z")


class Daemon:
    """A syslog daemon that keeps what it was told."""

    def __init__(self, path):
        self.path, self.lines = path, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.socket.setblocking(False)

    def receive(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.lines.append(self.socket.recv(65536).decode())
        return self.lines

    def access(self):
        return [match.groups() for match in map(ACCESS.match, self.receive()) if match]

    def paths(self):
        return [path for _, path, _ in self.access()]

    def close(self):
        self.receive()
        self.socket.close()


class Syslog(rawhttp.HttpTest):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="tinyweb-test-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.path = os.path.join(folder.name, "log")
        self.start_daemon()

    def start_daemon(self):
        self.daemon = Daemon(self.path)
        self.addCleanup(self.daemon.socket.close)

    def make(self, files=None, **settings):
        return super().make(files, **dict({"access_log": "syslog:" + self.path,
                                           "access_log_delay": "10ms", "workers": 2}, **settings))

    def wait_for_paths(self, paths):
        wait_for("lines of %s" % paths, lambda: sorted(self.daemon.paths()) == sorted(paths), 10)

    def test_each_request_is_a_message(self):
        server = self.serve()
        for path in ("/", "/no", "/?a=%20%22"):
            server.get(path, headers={"User-Agent": "-", "Accept-Encoding": "identity"})
        wait_for("three lines", lambda: len(self.daemon.receive()) == 3)
        found = self.daemon.access()
        self.assertEqual(sorted((path, status) for _, path, status in found),
                         [("/", "200"), ("/?a=%20%22", "200"), ("/no", "404")])
        self.assertLessEqual({int(pid) for pid, _, _ in found}, set(server.workers()))

    def test_the_error_log_goes_there_too(self):
        server = self.make(error_log="syslog:" + self.path)
        server.start(wait=False)
        wait_for("the start", lambda: any("has started" in line for line in
                                          self.daemon.receive()), 20)
        server.get("/")
        self.assertEqual(server.stop(), 0)
        rows = [match.groups() for match in map(ERROR.match, self.daemon.receive()) if match]
        self.assertEqual({(priority, level) for priority, _, level in rows},
                         {("29", "notice"), ("30", "info")})
        self.assertIn(str(server.pid), {pid for _, pid, _ in rows})
        self.assertEqual(len(rows) + len(self.daemon.access()), len(self.daemon.lines))

    def test_a_daemon_that_is_started_anew_gets_what_was_asked_meanwhile(self):
        server = self.serve()
        server.get("/before", headers={"User-Agent": "-"})
        self.wait_for_paths(["/before"])
        self.daemon.close()
        for number in range(4):
            server.get("/meanwhile%d" % number, headers={"User-Agent": "-"})
        self.start_daemon()
        self.wait_for_paths(["/meanwhile%d" % number for number in range(4)])
        server.get("/after", headers={"User-Agent": "-"})
        wait_for("a line", lambda: "/after" in self.daemon.paths())
        server.wait_for_log('the access log goes to "%s" again' % self.path)

    def test_a_daemon_that_sleeps_makes_nobody_wait(self):
        server = self.serve({"index.html": b"hello"}, status="on", workers=1)
        server.allow_error("access log: [0-9]+ lines dropped so far")
        conn = self.dial(server)
        fields = ["User-Agent: " + "u" * 700]

        def dropped():
            for _ in range(50):
                self.assertEqual(conn.get("/", fields=fields).status, 200)
            text = server.get("/-/metrics").body.decode()
            return int(re.search(r"(?m)^tinyweb_log_lines_dropped_total (\d+)", text).group(1))
        self.assertGreater(wait_for("lines that are dropped and counted", dropped, 20), 0)
        self.assertGreater(len(self.daemon.receive()), 5)  # it wakes up
        wait_for("the lines that waited", lambda: "/-/metrics" in self.daemon.paths() or
                 not server.get("/-/metrics"), 10)

    def test_a_reload_and_a_reopening_keep_the_log(self):
        server = self.serve()
        server.configure(access_log="off")
        server.kill(1)
        server.wait_for_log("the new configuration is in use")
        server.get("/unlogged", headers={"User-Agent": "-"})
        server.configure(access_log="syslog:" + self.path)
        server.kill(1)
        server.wait_for_log("the new configuration is in use", 2)
        server.get("/one", headers={"User-Agent": "-"})
        self.wait_for_paths(["/one"])
        server.kill(10)
        server.wait_for_log("opens the logs anew")
        server.get("/two", headers={"User-Agent": "-"})
        self.wait_for_paths(["/one", "/two"])

    def run_test(self, **settings):
        server = self.make(**settings)
        done = subprocess.run([os.path.abspath(support.PROGRAM), "-t", "-c", server.conf],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=120, env=support.clean_environment())
        return done.returncode, done.stderr

    def test_a_daemon_that_is_not_there_is_named_by_the_test(self):
        status, said = self.run_test()
        self.assertEqual((status, "daemon" in said), (0, False))
        self.daemon.close()
        status, said = self.run_test()
        self.assertEqual(status, 0)
        self.assertIn('access_log: no syslog daemon listens at "%s" now (Connection refused)' %
                      self.path, said)
        os.unlink(self.path)
        status, said = self.run_test()
        self.assertEqual(status, 1)
        self.assertIn('access_log: there is no syslog daemon at "%s" (No such file or directory): '
                      "start one, or name a file" % self.path, said)
        self.assertIn("access_log = syslog:" + self.path, said)
        status, said = self.run_test(access_log="syslog:/etc/passwd")
        self.assertEqual(status, 1)
        self.assertIn('"/etc/passwd" is not the socket of a syslog daemon', said)

    def test_what_is_in_effect_can_be_read_again(self):
        server = self.make(access_log="syslog:" + self.path, error_log="syslog:log/../log")
        os.mkdir(os.path.join(server.dir, "log"))
        shown = subprocess.run([os.path.abspath(support.PROGRAM), "-T", "-q", "-c", server.conf],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               timeout=120, env=support.clean_environment()).stdout
        self.assertNotIn("error_log", shown)  # it is no socket, so there is nothing to show
        server.configure(error_log="syslog:" + self.path)
        shown = subprocess.run([os.path.abspath(support.PROGRAM), "-T", "-q", "-c", server.conf],
                               stdout=subprocess.PIPE, timeout=120, text=True,
                               env=support.clean_environment()).stdout
        self.assertRegex(shown, r"(?m)^access_log = syslog:%s +;" % re.escape(self.path))
        self.assertRegex(shown, r"(?m)^error_log = syslog:%s +;" % re.escape(self.path))

    def test_a_start_without_it_fails_and_says_so(self):
        self.daemon.close()
        server = self.make()
        server.start(wait=False)
        server.exit_status = 1
        self.assertEqual(server.wait(), 1)
        self.assertIn('cannot open the access log "%s": Connection refused' % self.path,
                      server.all_output())
