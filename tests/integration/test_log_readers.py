# SPDX-License-Identifier: MIT
"""The access log, read by the programs that people have for it: goaccess, fail2ban, a JSON parser."""

import json
import os
import shutil
import subprocess
import unittest

import rawhttp
from rawhttp import request
from support import wait_for

JSON_FORMAT = json.dumps({
    "time": "%dT%tZ", "client": "%h", "host": "%v", "method": "%m", "target": "%U",
    "protocol": "%H", "status": "%s", "bytes": "%b", "duration": "%T", "referer": "%R",
    "user_agent": "%u"})
MEMBERS = ["time", "client", "user", "host", "method", "target", "protocol", "status", "bytes",
           "duration", "referer", "user_agent", "request_id", "reason", "upstream", "cache",
           "coding", "range"]


class ReaderTest(rawhttp.HttpTest):
    def program(self, name):
        path = shutil.which(name)
        if not path:
            raise unittest.SkipTest("no %s here" % name)
        return path

    def lines(self, server, count):
        wait_for("%d lines" % count, lambda: len(server.access_lines()) >= count, 20)
        lines = server.access_lines()
        self.assertEqual(len(lines), count)
        return lines

    def serve_some(self, **settings):
        """Nine requests: six found, three not; the log has all that a line can have in it."""
        server = self.serve({"index.html": b"hello", "a.html": b"a"}, trusted_proxy="127.0.0.1",
                            client_address="x-forwarded-for", **settings)
        conn = self.dial(server)
        for target in ("/", "/a.html", "/a.html?q=%20"):
            for client in ("203.0.113.7", "2001:db8::7"):
                conn.get(target, fields=[
                    "Host: www.example.org", "X-Forwarded-For: " + client,
                    "Referer: http://from.example/\\xe4\"x", 'User-Agent: Mozilla/5.0 "x" \\ (X11)'])
        for target in ("/wp-login.php", "/phpMyAdmin/index.php", "/no"):
            conn.get(target, fields=["Host: example.org", "X-Forwarded-For: 203.0.113.66"])
        self.lines(server, 9)
        return server

    def goaccess(self, server, log_format, *arguments):
        report = os.path.join(server.dir, "report.json")
        done = subprocess.run(
            [self.program("goaccess"), server.access_log, "-o", report, "--no-global-config",
             "--no-progress", "--log-format=" + log_format] + list(arguments),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=dict(os.environ, TERM="dumb"), timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        with open(report) as file:
            found = json.load(file)
        general = found["general"]
        self.assertEqual((general["total_requests"], general["valid_requests"],
                          general["failed_requests"]), (9, 9, 0))
        hosts = {row["data"] for row in found["hosts"]["data"]}
        self.assertEqual(hosts, {"203.0.113.7", "2001:db8::7", "203.0.113.66"})
        missing = {row["data"] for row in found["not_found"]["data"]}
        self.assertEqual(missing, {"/wp-login.php", "/phpMyAdmin/index.php", "/no"})
        return found


class GoAccess(ReaderTest):
    def test_combined(self):
        self.program("goaccess")
        self.goaccess(self.serve_some(), "COMBINED")

    def test_vhost_combined(self):
        self.program("goaccess")
        found = self.goaccess(self.serve_some(access_log_format="vhost_combined"), "VCOMBINED")
        names = {row["data"]: row["hits"]["count"] for row in found["vhosts"]["data"]}
        self.assertEqual(names, {"www.example.org": 6, "example.org": 3})

    def test_json(self):
        self.program("goaccess")
        found = self.goaccess(self.serve_some(access_log_format="json"), JSON_FORMAT,
                              "--date-format=%Y-%m-%d", "--time-format=%H:%M:%S")
        names = {row["data"]: row["hits"]["count"] for row in found["vhosts"]["data"]}
        self.assertEqual(names, {"www.example.org": 6, "example.org": 3})


class Fail2ban(ReaderTest):
    def test_the_filter_for_searches_finds_its_lines(self):
        """As Debian has it, for nginx: no filter of ours is needed."""
        program = self.program("fail2ban-regex")
        server = self.serve_some()
        done = subprocess.run([program, "--print-all-matched", server.access_log,
                               "nginx-botsearch"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
        self.assertIn("Lines: 9 lines, 0 ignored, 2 matched, 7 missed", done.stdout)
        matched, _, _ = done.stdout.partition("Missed line(s)")
        self.assertEqual(matched.count("|  203.0.113.66 - - ["), 2, done.stdout)


class Json(ReaderTest):
    def parsed(self, server, count):
        found = [json.loads(line) for line in self.lines(server, count)]
        for record in found:
            self.assertEqual(list(record), MEMBERS)
        return found

    def test_a_line(self):
        server = self.serve(access_log_format="json", request_id="on")
        response = self.dial(server).get("/?q", fields=["Host: example.org:81",
                                                        "User-Agent: test"])
        record, = self.parsed(server, 1)
        self.assertRegex(record.pop("time"), r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        self.assertLess(record.pop("duration"), 10)
        self.assertEqual(record, {
            "client": "127.0.0.1", "user": None, "host": "example.org:81", "method": "GET",
            "target": "/?q", "protocol": "HTTP/1.1", "status": 200, "bytes": 6, "referer": None,
            "user_agent": "test", "request_id": response.get("X-Request-ID"), "reason": "ok",
            "upstream": None, "cache": None, "coding": None, "range": None})

    def test_the_coding_that_was_sent(self):
        server = self.serve({"a.js": b"let a\n" * 300, "a.js.br": b"br", "b.js": b"let b\n" * 300},
                            access_log_format="json", gzip="on", request_id="on")
        conn = self.dial(server)
        for path, accepted in (("/a.js", "br"), ("/a.js", "identity"), ("/b.js", "gzip"),
                               ("/none", "br")):
            conn.get(path, fields=["Accept-Encoding: " + accepted])
        self.assertEqual([record["coding"] for record in self.parsed(server, 4)],
                         ["br", None, "gzip", None])

    def test_the_part_that_was_sent(self):
        server = self.serve(access_log_format="json")
        conn = self.dial(server)
        for ranges in ("0-1", "-2", "0-0,2-2,4-4", "6-"):
            conn.get("/", fields=["Range: bytes=" + ranges])
        conn.get("/")
        self.assertEqual([record["range"] for record in self.parsed(server, 5)],
                         ["0-1", "4-5", "0-0,+2", None, None])

    def test_whatever_a_client_sends_is_one_object(self):
        server = self.serve(access_log_format="json", max_header_size="8k")
        sent = [request(b"/\xc3\xa4", fields=[b"Referer: \xff\"}\\", b"User-Agent: \t\xe4\xf6"]),
                request(b"/" + b"'" * 3000, fields=[b"User-Agent: " + b"\xff" * 3000]),
                b"nonsense \"\x01\x7f\xff\r\n\r\n"]
        for data in sent:
            conn = self.dial(server)
            conn.send(data)
            conn.response()
            conn.close()
        conn = self.dial(server)
        conn.send(b"GET /half")
        conn.end_sending()
        conn.rest()
        found = self.parsed(server, 4)
        self.assertEqual(found[0]["user_agent"], "\ufffd\ufffd")
        self.assertEqual(found[0]["referer"], "\ufffd\"}\\")
        self.assertEqual(found[0]["target"], "/ä")
        self.assertEqual([record["status"] for record in found], [404, 404, 400, 0])
        self.assertTrue(found[1]["target"].startswith("/'''"))

    def test_the_request_id_of_a_refused_request(self):
        server = self.serve(access_log_format="json", request_id="on")
        conn = self.dial(server)
        conn.send(b"nonsense\r\n\r\n")
        response = conn.response()
        record, = self.parsed(server, 1)
        self.assertEqual(record["request_id"], response.get("X-Request-ID"))
        self.assertEqual((record["host"], record["method"], record["target"]),
                         (None, None, "nonsense"))


class ErrorPage(ReaderTest):
    """Whoever is told "it does not work" can be told which request it was."""

    def test_it_names_the_request_as_the_log_does(self):
        server = self.serve(access_log_format="json", request_id="on")
        conn = self.dial(server)
        sent = [request("/none"), request("/.hidden"), request("/", method="POST"),
                request("/%zz"), b"nonsense\r\n\r\n"]
        for data in sent:
            conn = self.dial(server)
            conn.send(data)
            response = conn.response()
            self.assertIn(b", request %s</footer>" % response.get("X-Request-ID").encode(),
                          response.body)
        records = [json.loads(line) for line in self.lines(server, len(sent))]
        self.assertEqual(len({record["request_id"] for record in records}), len(sent))

    def test_it_names_none_where_requests_have_none(self):
        response = self.dial(self.serve()).get("/none")
        self.assertIn(b"<footer>TinyWeb</footer>", response.body)


class Sample(ReaderTest):
    def test_errors_have_all_their_lines(self):
        server = self.serve(access_log_sample=10, workers=1)
        conn = self.dial(server)
        for i in range(40):
            conn.get("/")
            if i % 10 == 0:
                conn.get("/no")
        lines = self.lines(server, 8)
        self.assertEqual(sum('" 404 ' in line for line in lines), 4)

    def test_errors_alone(self):
        server = self.serve(access_log_sample=0, workers=1)
        conn = self.dial(server)
        for target in ("/", "/no", "/"):
            conn.get(target)
        self.assertIn('"GET /no HTTP/1.1" 404', self.lines(server, 1)[0])
