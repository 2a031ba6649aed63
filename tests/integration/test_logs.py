# SPDX-License-Identifier: MIT
"""The access log and the error log: whole lines that say what was, and that nobody can forge."""

import calendar
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import rawhttp
from rawhttp import request
from support import wait_for

MIB = 1024 * 1024
COMBINED = re.compile(
    r'(?P<host>[0-9a-f.:]+) - - \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] '
    r'"(?P<line>[^"]*)" (?P<status>\d{3}) (?P<bytes>\d+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" '
    r'(?P<seconds>\d+\.\d{3}) (?P<reason>[a-z0-9-]+)(?: (?P<part>[0-9,+-]+))?\Z')
ERROR_LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<pid>\d+) "
    r"\[(?P<level>error|warn|notice|info|debug)\] "
    r"(?P<module>main|config|process|event|net|file|http|handler): \S.*\Z")


class LogTest(rawhttp.HttpTest):
    def lines(self, server, count, path=None):
        """The first @count lines, each taken apart; they come within a second or so."""
        wait_for("%d lines" % count, lambda: len(server.access_lines(path)) >= count, 20)
        found = []
        for line in server.access_lines(path):
            match = COMBINED.match(line)
            self.assertTrue(match, line)
            found.append(match.groupdict())
        self.assertEqual(len(found), count)
        return found


class AccessLog(LogTest):
    def test_a_line(self):
        server = self.serve()
        before = time.time()
        self.dial(server).get("/?a=b", fields=["Referer: http://from/", "User-Agent: Test/1.0 (x)"])
        line, = self.lines(server, 1)
        said = calendar.timegm(time.strptime(line.pop("time"), "%d/%b/%Y:%H:%M:%S +0000"))
        self.assertLessEqual(abs(said - before), 10)
        self.assertLess(float(line.pop("seconds")), 10)
        self.assertEqual(line, {
            "host": "127.0.0.1", "line": "GET /?a=b HTTP/1.1", "status": "200", "bytes": "6",
            "referer": "http://from/", "agent": "Test/1.0 (x)", "reason": "ok",
            "part": None})

    def test_ipv6_has_no_brackets(self):
        if not rawhttp.has_ipv6():
            self.skipTest("no IPv6 here")
        server = self.serve(address="::1")
        self.dial(server).get()
        self.assertEqual(self.lines(server, 1)[0]["host"], "::1")

    def test_an_ipv4_client_of_an_ipv6_socket(self):
        with socket.socket() as probe:  # free on every address, not on ours alone
            probe.bind(("", 0))
            port = probe.getsockname()[1]
        server = self.make(hand_over=False)
        server.port = port
        server.configure(listen="[::]:%d *:%d" % (port, port))
        if not rawhttp.has_ipv6():
            self.skipTest("no IPv6 here")
        server.start()
        self.dial(server).get()
        self.assertEqual(self.lines(server, 1)[0]["host"], "127.0.0.1")

    def test_reasons(self):
        server = self.make({"index.html": b"hello\n", "dir/x": b"x", "a/index.html": b"a",
                            "secret": b"", ".hidden": b""}, max_uri_size="1k", max_header_size="2k",
                           max_header_count=10, max_body_size=100)
        os.chmod(os.path.join(server.root, "secret"), 0o600)
        os.symlink("/etc/passwd", os.path.join(server.root, "out"))
        os.symlink("loop", os.path.join(server.root, "loop"))
        os.utime(os.path.join(server.root, "index.html"), (10**9, 10**9))
        server.start()
        etag = self.dial(server).get().get("ETag")
        date = "Sun, 09 Sep 2001 01:46:40 GMT"
        rows = [
            (request(), 200, "ok"),
            (request("/.hidden"), 404, "hidden"),
            (request("/none"), 404, "not-found"),
            (request("/out"), 404, "symlink"),
            (request("/loop"), 404, "symlink-loop"),
            (request("/a"), 301, "directory"),
            (request("/dir/"), 403, "no-index"),
            (request("/%zz"), 400, "bad-path"),
            (request("/", "POST"), 405, "method"),
            (request("/", "OPTIONS"), 204, "options"),
            (request(fields=["If-None-Match: " + etag]), 304, "etag"),
            (request(fields=["If-Modified-Since: " + date]), 304, "not-modified-since"),
            (request(fields=["If-Match: \"x\""]), 412, "if-match"),
            (request(fields=["If-Unmodified-Since: Sat, 08 Sep 2001 01:46:40 GMT"]), 412,
             "if-unmodified-since"),
            (request(fields=["Range: bytes=0-1"]), 206, "range", "0-1"),
            (request(fields=["Range: bytes=0-0,2-2"]), 206, "range", "0-0,+1"),
            (request(fields=["Range: bytes=99-"]), 416, "range"),
            (request(fields=["X : y"]), 400, "bad-request"),
            (request(fields=["Content-Length: 101"]), 413, "body-too-large"),
            (request("/?" + "x" * 2000), 414, "uri-too-long"),
            (request(fields=["X: " + "y" * 3000]), 431, "header-too-large"),
            (request(fields=["X: y"] * 10), 431, "too-many-headers"),
            (request(fields=["Expect: x"]), 417, "expectation"),
            (request("/", "BREW"), 501, "not-implemented"),
            (request(version="2.0"), 505, "http-version"),
            (request("/", "POST", fields=["Transfer-Encoding: chunked"], body=b"x\r\n"), 400,
             "bad-body"),
        ]
        if os.getuid() == 0:
            rows.append((request("/secret"), 403, "permission"))
        for data, status, *_ in rows:
            with rawhttp.Connection(server) as conn:
                conn.send(data)
                self.assertEqual(conn.response("GET").status, status, data[:100])
        lines = self.lines(server, len(rows) + 1)[1:]
        self.assertEqual([(int(line["status"]), line["reason"], line["part"]) for line in lines],
                         [(*row[1:], None)[:3] for row in rows])
        for line, (data, *_) in zip(lines, rows):
            self.assertEqual(line["line"], data.split(b"\r\n")[0].decode()[:len(line["line"])])

    def test_deadlines_have_a_line(self):
        server = self.serve(header_timeout="1s", body_timeout="1s", keepalive_timeout="1s")
        for data in (b"GET / HT", request("/", "POST", fields=["Content-Length: 5"])):
            conn = self.dial(server)
            conn.send(data)
            self.assertEqual(conn.response().status, 408)
        self.dial(server).ending()  # said nothing: no line
        conn = self.dial(server)
        conn.get()
        conn.ending()  # idle: no other line
        found = [(line["status"], line["reason"]) for line in self.lines(server, 3)]
        self.assertEqual(sorted(found), sorted([("408", "timeout-header"), ("408", "timeout-body"),
                                                ("200", "ok")]))

    def test_bytes(self):
        server = self.serve({"index.html": b"hello\n", "big": b"x" * 3 * MIB})
        conn = self.dial(server)
        conn.get()
        conn.get("/", "HEAD")
        conn.get("/big")
        conn.get("/big", fields=["Range: bytes=1000000-1999999"])
        several = conn.get("/big", fields=["Range: bytes=0-0,2000000-2999999"])
        missing = conn.get("/none")
        found = [int(line["bytes"]) for line in self.lines(server, 6)]
        self.assertEqual(found[:4], [6, 0, 3 * MIB, 1000000])
        self.assertIn(found[4], (several.length, 1000001))
        self.assertEqual(found[5], missing.length)

    def test_an_aborted_download_counts_what_was_sent(self):
        size = 64 * MIB
        server = self.serve()
        os.truncate(server.write("big", b""), size)
        conn = self.dial(server, receive_buffer=65536)
        conn.send(request("/big"))
        conn.head()
        conn.exactly(5 * MIB)
        conn.reset()
        line, = self.lines(server, 1)
        self.assertEqual(line["status"], "200")
        self.assertNotEqual(line["reason"], "ok")
        # What the kernel had taken counts, and that may be some megabytes.
        self.assertGreaterEqual(int(line["bytes"]), 5 * MIB)
        self.assertLess(int(line["bytes"]), 32 * MIB)

    def test_a_download_that_is_too_slow(self):
        server = self.serve(send_timeout="300ms")
        os.truncate(server.write("big", b""), 64 * MIB)
        conn = self.dial(server, receive_buffer=8192)
        conn.send(request("/big"))
        line, = self.lines(server, 1)
        self.assertEqual(line["reason"], "send-timeout")
        self.assertLess(int(line["bytes"]), 32 * MIB)

    def test_time_is_that_of_the_request(self):
        server = self.serve()
        conn = self.dial(server)
        conn.get()
        time.sleep(2.5)  # idle, which is nobody's time
        conn.send(b"GET / HTTP/1.1\r\n")
        time.sleep(0.6)
        conn.send(b"Host: t\r\n\r\n")
        conn.response()
        first, second = self.lines(server, 2)
        self.assertLess(float(first["seconds"]), 2.4)
        self.assertGreaterEqual(float(second["seconds"]), 0.55)

    def test_the_last_lines_come_when_it_ends(self):
        server = self.serve(workers=2)
        for _ in range(50):
            self.dial(server).get(fields=["Connection: close"])
        server.stop()
        self.assertEqual(len(self.lines(server, 50)), 50)

    def test_nobody_forges_a_line(self):
        server = self.serve()
        forged = ('1.2.3.4 - - [01/Jan/2000:00:00:00 +0000] "GET /forged HTTP/1.1" '
                  '200 1 "-" "-" 0.000 ok')
        rows = [
            request("/%0a" + forged.replace(" ", "%20").replace('"', "%22")),
            request("/x?\xc3\xa9".encode()), request('/a"b'), request("/a\\x22b"),
            b"GET /\n" + forged.encode() + b"\n HTTP/1.1\r\nHost: t\r\n\r\n",
            b"GET /\r" + forged.encode() + b" HTTP/1.1\r\nHost: t\r\n\r\n",
            b"GET /\x1b[2J\x1b]0;title\x07 HTTP/1.1\r\nHost: t\r\n\r\n",
            b"GET /\0 HTTP/1.1\r\nHost: t\r\n\r\n",
            request(fields=['User-Agent: " 200 0 "-" "-" 0.000 ok', 'Referer: "']),
            request(fields=["User-Agent: \\", "Referer: \\\""]),
            request(fields=["User-Agent: a\tb", b"Referer: \x80\xff\xe2\x80\xae"]),
            request(fields=["User-Agent: \\x22", "Referer: \\n\\r"]),
            request(fields=["User-Agent: " + "x" * 10000, "Referer: " + "\"" * 5000]),
            request("/" + "\xff" * 2000), request("/?" + '"' * 4000),
            request(fields=["User-Agent: a" + "\u202e" * 1000]),
        ]
        for data in rows:
            with rawhttp.Connection(server) as conn:
                conn.send(data)
                conn.response()
        for match in self.lines(server, len(rows)):
            self.assertEqual(match["host"], "127.0.0.1")
        with open(server.access_log, "rb") as file:
            content = file.read()
        self.assertEqual(content.count(b"\n"), len(rows))
        self.assertRegex(content, rb"\A[\n\x20-\x7e]*\Z")
        self.assertLessEqual(max(map(len, content.split(b"\n"))), 4096)
        self.assertIn(rb'" 200 6 "\x5C\x22" "\x5C" 0.', content)
        self.assertIn(rb'"\x80\xFF\xE2\x80\xAE" "a\x09b"', content)

    def test_lines_of_several_workers_are_whole(self):
        server = self.serve(workers=4, keepalive_requests=0)
        each = 3000

        def ask(number):
            with rawhttp.Connection(server) as conn:
                for start in range(0, each, 100):
                    conn.send(b"".join(request("/?%d-%d" % (number, start + at),
                                               fields=["User-Agent: " + "u" * (at * 7)])
                                       for at in range(100)))
                    conn.responses(100)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen = {line["line"] for line in self.lines(server, 8 * each)}
        self.assertEqual(len(seen), 8 * each)

    def test_off(self):
        server = self.serve(access_log="off")
        for _ in range(10):
            self.assertEqual(self.dial(server).get().status, 200)
        server.stop()
        self.assertFalse(os.path.exists(server.access_log))
        with open(server.output) as file:
            self.assertNotIn("GET", file.read())

    def test_stdout(self):
        server = self.serve(access_log="stdout")
        self.dial(server).get("/none")
        line, = self.lines(server, 1, server.output)
        self.assertEqual((line["status"], line["reason"]), ("404", "not-found"))
        self.assertFalse(os.path.exists(server.access_log))

    def test_a_full_disk_costs_lines_and_nothing_else(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        server = self.serve(access_log="/dev/full")
        server.allow_error("access log: .* dropped")
        for _ in range(20):
            self.assertEqual(self.dial(server).get().status, 200)
        server.wait_for_log("dropped", 1, 20)
        self.assertEqual(self.dial(server).get().status, 200)
        self.assertEqual(server.log().count("dropped"), 1)

    def test_a_disk_that_was_full_gets_whole_lines_again(self):
        """The logs have a disk of their own, which fills up and is made room on."""
        folder = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs", folder],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            self.skipTest("only root may mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        filler = os.path.join(folder, "filler")
        with open(filler, "wb") as file:
            file.write(b"x" * 128 * 1024)
        server = self.make()
        path = os.path.join(folder, "access.log")
        server.configure(access_log=path, workers=1)
        server.allow_error("access log: .* dropped")
        server.start()
        conn = self.dial(server)

        def ask(name, count):
            conn.send(request("/" + name, fields=["User-Agent: " + "x" * 900]) * count)
            self.assertEqual({response.status for response in conn.responses(count)}, {404})

        for _ in range(5):
            ask("full", 100)
        server.wait_for_log("dropped", 1, 20)
        os.unlink(filler)

        def goes_on():
            ask("again", 1)
            return any("GET /again " in line for line in server.access_lines(path))

        wait_for("lines", goes_on, 20)
        lines = server.access_lines(path)
        torn = [line for line in lines if not COMBINED.match(line)]
        self.assertLessEqual(len(torn), 1)
        self.assertTrue(COMBINED.match(lines[-1]), lines[-1])
        self.assertGreater(len(lines), 50)

    def test_a_pipe_that_nobody_reads_blocks_nobody(self):
        server = self.make()
        path = os.path.join(server.dir, "pipe")
        os.mkfifo(path)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, fd)
        server.configure(access_log=path)
        server.allow_error("access log: .* dropped")
        server.start()
        conn = self.dial(server)
        for _ in range(60):
            conn.send(request("/none", fields=["User-Agent: " + "x" * 900]) * 100)
            conn.responses(100)
        data = os.read(fd, 1 << 20)
        self.assertTrue(COMBINED.match(data.split(b"\n")[0].decode()))


class ErrorLog(LogTest):
    def test_its_lines(self):
        server = self.serve(log_level="debug", workers=2)
        self.dial(server).get()
        server.stop()
        lines = server.log().splitlines()
        self.assertGreaterEqual(len(lines), 4)
        for line in lines:
            self.assertTrue(ERROR_LINE.match(line), line)
        self.assertIn("has started", server.log())

    def levels(self, **settings):
        server = self.make(**settings)
        server.start(wait=False)
        wait_for("a connection", lambda: rawhttp.support.can_connect(server.port), 20)
        self.dial(server).get()
        time.sleep(0.2)
        server.stop()
        return [(m["module"], m["level"]) for m in map(ERROR_LINE.match, server.log().splitlines())]

    def test_levels(self):
        every = self.levels(log_level="debug")
        self.assertIn(("process", "info"), every)
        self.assertIn(("process", "notice"), every)
        for level, missing in (("notice", {"info", "debug"}),
                               ("error", {"warn", "notice", "info", "debug"})):
            found = self.levels(log_level=level)
            self.assertEqual({said for _, said in found} & missing, set())

    def test_a_level_of_one_module(self):
        found = self.levels(log_level="error", **{"log_level.process": "info"})
        self.assertEqual({module for module, _ in found}, {"process"})
        self.assertIn(("process", "info"), found)
        found = self.levels(log_level="debug", **{"log_level.process": "error"})
        self.assertEqual([row for row in found if row[0] == "process"], [])

    def test_a_level_of_net_shows_net_alone(self):
        found = self.levels(log_level="error", **{"log_level.net": "debug"})
        self.assertEqual({module for module, _ in found} - {"net"}, set())

    def test_clients_do_not_fill_it(self):
        """What a client does is the access log's matter; limits have a line now and then."""
        server = self.serve(log_level="info", header_timeout="1s", workers=1)
        before = len(server.log().splitlines())
        for data in (request("/none"), b"\0", request("/%zz"), request("/", "POST"), b"GET") * 2:
            with rawhttp.Connection(server) as conn:
                conn.send(data)
                conn.response()
        lines = server.log().splitlines()[before:]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("client 127.0.0.1 sent no whole head of a request in header_timeout", lines[0])


if __name__ == "__main__":
    unittest.main()
