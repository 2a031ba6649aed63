# SPDX-License-Identifier: MIT
"""`tinyweb FOLDER`, as somebody at a terminal sees it."""

import http.client
import os
import pty
import re
import signal
import subprocess
import tempfile
import unittest

import support
from support import wait_for

URL = re.compile(r"http://127\.0\.0\.1:(\d+)/")
COLOUR = re.compile(r"\x1b\[\d+m")
ROWS = ["200  GET         3 B", "/  ", "404  GET", "no such file",
        "hidden: the name begins with a dot", "HEAD", "405  POST",
        "/  0-1\n", "/  0-0 and 1 more\n", "416  GET", "/  there is no such part\n",
        "/  unchanged, by its date\n"]


class OneShot(unittest.TestCase):
    def start(self, *args, terminal=False, env=None):
        folder = tempfile.TemporaryDirectory(prefix="tinyweb-test-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        with open(os.path.join(folder.name, "index.html"), "w") as file:
            file.write("hi\n")
        self.read_fd, write_fd = pty.openpty() if terminal else os.pipe()
        self.addCleanup(os.close, self.read_fd)
        os.set_blocking(self.read_fd, False)
        environ = {name: value for name, value in os.environ.items()
                   if name not in ("NO_COLOR", "TERM")}
        self.process = subprocess.Popen(
            [support.PROGRAM, "--port", str(support.free_port()), *args, folder.name],
            stdin=subprocess.DEVNULL, stdout=write_fd, stderr=subprocess.PIPE,
            env=dict(environ, **(env or {})), start_new_session=True)
        os.close(write_fd)
        self.addCleanup(self.end)
        self.data, self.text = b"", ""
        wait_for("the address", lambda: URL.search(self.output()), 10)
        self.port = int(URL.search(self.text).group(1))

    def output(self):
        try:
            while True:
                data = os.read(self.read_fd, 65536)
                if not data:
                    break
                self.data += data
        except OSError:  # nothing now, or the terminal is gone
            pass
        self.text = self.data.decode(errors="replace")  # the last character may be a half one yet
        return self.text

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def get(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply, body

    def interrupt(self):
        """As Ctrl-C does: everybody in the foreground is told."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.assertEqual(self.process.wait(60), 0)
        wait_for("the end", lambda: "slowest" in self.output() or "0 requests" in self.text)
        self.assertEqual(self.process.stderr.read(), b"")
        return self.text

    def ask_around(self):
        for method, path in (("GET", "/"), ("GET", "/nope"), ("GET", "/nope"), ("GET", "/.git/x"),
                             ("HEAD", "/"), ("POST", "/")):
            self.get(path, method)
        self.get("/", Range="bytes=0-1")
        self.get("/", Range="bytes=0-0,2-2")
        self.get("/", Range="bytes=3-")
        self.get("/", **{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
        wait_for("the rows", lambda: "by its date" in COLOUR.sub("", self.output()))

    def test_requests_are_shown_and_summed_up(self):
        self.start()
        self.ask_around()
        text = self.interrupt()
        for row in ROWS:
            self.assertIn(row, text)
        self.assertIn("10 requests in", text)
        self.assertIn("4 answered, 1 redirected or unchanged, 5 refused", text)
        self.assertIn("not found: 2x /nope, 1x /.git/x", text)
        self.assertNotRegex(text, COLOUR)

    def test_the_summary_comes_whoever_ends_it(self):
        self.start()
        self.get("/")
        wait_for("the row", lambda: "200  GET" in self.output())
        os.killpg(self.process.pid, signal.SIGTERM)  # as timeout(1) does, and the end of a session
        self.assertEqual(self.process.wait(60), 0)
        wait_for("the summary", lambda: "1 request in" in self.output())

    def test_a_terminal_gets_colours(self):
        self.start(terminal=True)
        self.ask_around()
        self.assertRegex(self.interrupt(), COLOUR)

    def test_nobody_who_wants_none_gets_colours(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.start(terminal=True, env=env)
            self.ask_around()
            self.assertNotRegex(self.interrupt(), COLOUR)

    def test_the_log_is_as_it_is_elsewhere(self):
        with tempfile.TemporaryDirectory(prefix="tinyweb-test-") as folder:
            log = os.path.join(folder, "log")
            self.start("-g", "server.access_log=" + log)
            self.get("/")
            wait_for("a line", lambda: os.path.getsize(log) > 0)
            with open(log) as file:
                self.assertIn('"GET / HTTP/1.1" 200 3 ', file.read())
            os.killpg(self.process.pid, signal.SIGINT)
            self.assertEqual(self.process.wait(60), 0)
            self.assertNotIn("requests in", self.output())

    def test_an_application_of_one_page(self):
        self.start("--spa")
        reply, body = self.get("/orders/42", Accept="text/html")
        self.assertEqual((reply.status, body), (200, b"hi\n"))
        reply, _ = self.get("/app.js", Accept="*/*")
        self.assertEqual(reply.status, 404)
        self.interrupt()

    def test_pages_from_everywhere_may_read(self):
        self.start("--cors")
        reply, _ = self.get("/", Origin="http://elsewhere.example")
        self.assertEqual(reply.getheader("Access-Control-Allow-Origin"), "*")
        self.interrupt()

    def test_helpers_that_are_missing_are_named(self):
        self.start("--qr", "--open", env={"PATH": "/nowhere"})
        said = (self.process.stderr.readline() + self.process.stderr.readline()).decode()
        self.get("/")
        os.killpg(self.process.pid, signal.SIGINT)
        self.assertEqual(self.process.wait(60), 0)
        self.assertIn("--qr: there is no qrencode", said)
        self.assertIn("--open: cannot start xdg-open", said)
