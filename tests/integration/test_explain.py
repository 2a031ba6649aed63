# SPDX-License-Identifier: MIT
"""tinyweb explain: for hundreds of requests its status and fields are those of the live server, and
what it says of files and of the configuration is true."""

import json
import os
import re
import socket
import subprocess
import unittest

import support
from origin import Origin

PROGRAM = os.path.abspath(support.PROGRAM)
MTIME = 1700000000
MTIME_DATE = "Tue, 14 Nov 2023 22:13:20 GMT"

FILES = {
    "index.html": b"<p>start", "a.txt": b"0123456789" * 20, "app.js": b"let x = 1;\n" * 50,
    "app.js.gz": b"gz" * 40, "app.js.br": b"br" * 30, "app.12ab34cd.js": b"hashed",
    "old.css": b"new", "old.css.gz": b"stale", "empty.txt": b"", "page.html": b"<p>page",
    "sub/index.html": b"<p>sub", "sub/deep/x.txt": b"x", "list/1.txt": b"1", "list/2 b.txt": b"2",
    "list/README.md": b"# hi", ".hidden": b"no", "sub/.git/config": b"no",
    ".well-known/security.txt": b"mail", "sp ace.txt": b"s", "\u00fcml.txt": b"u",
    "big.bin": b"z" * 300000, "404.html": b"<p>lost", "d/download.zip": b"PK", "spa/app.html": b"spa",
    "other/index.html": b"<p>other", "noext": b"n", "locked.html": b"secret",
}

SECTIONS = {
    "server": {
        "clean_urls": "on", "error_page.404": "/404.html", "header.X-Frame-Options": "DENY",
        "listing": "off"},
    "host shop": {"server_name": "shop.example *.shop.example", "root": "root/other",
                  "cache_control": "auto", "header.X-Frame-Options": "", "header.X-Shop": "1"},
    "host cors": {"server_name": "cors.example", "cors": "https://a.example https://b.example",
                  "cache_control": '"max-age=60"', "etag": "off", "clean_urls": "off"},
    "location list": {"prefix": "/list", "listing": "on"},
    "location moved": {"prefix": "/moved", "redirect": "301 /new/$tail"},
    "location gone": {"prefix": "/gone", "status": "410"},
    "location zips": {"glob": "*.zip", "attachment": "*.zip"},
    "location deep": {"prefix": "/strip", "strip_prefix": "on", "root": "root/sub"},
    "location spa": {"prefix": "/spa", "fallback": "/spa/app.html"},
}

PATHS = [
    "/", "/index.html", "/a.txt", "/app.js", "/app.js.gz", "/app.12ab34cd.js", "/old.css",
    "/empty.txt", "/page", "/page.html", "/page/", "/sub", "/sub/", "/sub/index.html",
    "/sub/deep", "/sub/deep/", "/sub/deep/x.txt", "/list", "/list/", "/list/?sort=size",
    "/list/1.txt", "/list/2%20b.txt", "/.hidden", "/sub/.git/config", "/.well-known/security.txt",
    "/sp%20ace.txt", "/%C3%BCml.txt", "/big.bin", "/d/download.zip", "/noext", "/nothing",
    "/nothing/at/all", "/../etc/passwd", "/a/../a.txt", "/%2e%2e/%2e%2e/etc/passwd", "/a%00.txt",
    "/%zz", "/..%2fx", "//a.txt", "/./a.txt", "/moved/x/y", "/moved", "/gone/x",
    "/strip/deep/x.txt", "/strip", "/spa/route/one", "/spa/missing.js", "/a.txt?x=1&y=%20",
    "/locked.html", "/-/live", "/-/ready", "/-/status", "/%41.txt", "/a.txt/", "/A.TXT",
    "/" + "x" * 300, "/" + "y" * 9000, "/sub/../list/", "/list/../.hidden", "*",
]

HEADER_SETS = [
    [], ["Accept-Encoding: gzip, br"], ["Accept-Encoding: identity;q=0"],
    ["Range: bytes=0-9"], ["If-None-Match: *"], ["Accept: text/html"],
]

SPECIAL = [
    ("GET", "/a.txt", ["Range: bytes=190-"]), ("GET", "/a.txt", ["Range: bytes=500-600"]),
    ("GET", "/a.txt", ["Range: bytes=0-1,5-6"]), ("GET", "/a.txt", ["Range: bytes=-5"]),
    ("GET", "/a.txt", ["Range: lines=1-2"]),
    ("GET", "/a.txt", ["If-Modified-Since: " + MTIME_DATE]),
    ("GET", "/a.txt", ["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"]),
    ("GET", "/a.txt", ['If-Match: "no"']),
    ("GET", "/a.txt", ["Range: bytes=0-1", 'If-Range: "no"']),
    ("GET", "/a.txt", ["Range: bytes=0-1", "If-Range: " + MTIME_DATE]),
    ("GET", "/a.txt", ["Connection: close"]),
    ("GET", "/a.txt", ["Host: a", "Host: b"]), ("GET", "/a.txt", ["Host: b ad"]),
    ("GET", "/a.txt", ["X-Bad\x01: 1"]), ("GET", "/a.txt", ["Transfer-Encoding: gzip"]),
    ("GET", "/a.txt", ["Expect: 100-continue"]), ("GET", "/a.txt", ["Expect: something"]),
    ("GET", "/big.bin", ["Range: bytes=100000-"]), ("HEAD", "/big.bin", []),
    ("HEAD", "/", []), ("HEAD", "/nothing", []), ("HEAD", "/list/", []), ("POST", "/a.txt", []),
    ("PUT", "/a.txt", []), ("DELETE", "/nothing", []), ("OPTIONS", "/a.txt", []),
    ("OPTIONS", "*", []), ("TRACE", "/", []), ("CONNECT", "a:80", []), ("BREW", "/", []),
    ("GET", "/a.txt", ["X-A: " + "b" * 20000]),
    ("GET", "/list/", ["Accept: application/json"]), ("GET", "/list/", ["Accept: text/plain"]),
]


def is_comparable(name):
    return name != "Date"


def normal(fields):
    """Without what differs from one answer to the next."""
    return [(name, re.sub(r"boundary=\S+", "boundary=", value)) for name, value in fields
            if is_comparable(name)]


class ExplainTest(support.ServerTest):
    def site(self, **settings):
        server = self.make(FILES, sections=SECTIONS, workers=1, **settings)
        for folder, _, names in os.walk(server.root):
            for name in names:
                path = os.path.join(folder, name)
                seconds = MTIME - 100 if name == "old.css.gz" else MTIME
                os.utime(path, (seconds, seconds))
        os.chmod(os.path.join(server.root, "locked.html"), 0o600)
        return server

    @staticmethod
    def explain(server, path, headers=(), method=None, json_wanted=True):
        arguments = [PROGRAM, "explain", "-c", server.conf]
        arguments += ["--json"] if json_wanted else []
        arguments += ["-X", method] if method else []
        for header in headers:
            arguments += ["-H", header]
        return subprocess.run(arguments + ["--", path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120,
                              env=support.clean_environment())


class SameAnswer(ExplainTest):
    def live(self, server, request):
        """Status and fields of the first answer that is not interim."""
        with server.connect() as sock:
            sock.sendall(request)
            received = b""
            while True:
                head, end, rest = received.partition(b"\r\n\r\n")
                if end and head.startswith(b"HTTP/1.1 1"):
                    received = rest
                    continue
                if end:
                    break
                part = sock.recv(65536)
                self.assertTrue(part, "no answer to %r" % request)
                received += part
        lines = head.decode("latin-1").split("\r\n")
        return int(lines[0].split(" ")[1]), [tuple(line.split(": ", 1)) for line in lines[1:]]

    def compare(self, server, method, host, path, headers):
        own_host = any(header.startswith("Host:") for header in headers)
        fields = [] if own_host else ["Host: " + host]
        request = "%s %s HTTP/1.1\r\n%s\r\n\r\n" % (method, path, "\r\n".join(fields + headers))
        status, live_fields = self.live(server, request.encode())
        result = self.explain(server, path, fields + headers, method)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual(found["status"], status)
        self.assertEqual(normal((each["name"], each["value"]) for each in found["headers"]),
                         normal(live_fields))

    def test_hundreds_of_requests(self):
        server = self.site().start()
        hosts = ["localhost", "shop.example", "www.shop.example:8080", "cors.example"]
        rows = [("GET", hosts[i % 2 and (j % len(hosts))], path, headers)
                for i, headers in enumerate(HEADER_SETS) for j, path in enumerate(PATHS)]
        rows += [(method, hosts[0], path, headers) for method, path, headers in SPECIAL]
        rows += [("GET", "cors.example", "/a.txt", ["Origin: https://a.example"]),
                 ("OPTIONS", "cors.example", "/a.txt",
                  ["Origin: https://a.example", "Access-Control-Request-Method: GET"]),
                 ("GET", "cors.example", "/a.txt", ["Origin: https://evil.example"]),
                 ("GET", "shop.example", "/", []), ("GET", "shop.example", "/nope", [])]
        self.assertGreater(len(rows), 300)
        for method, host, path, headers in rows:
            with self.subTest(method=method, host=host, path=path[:40], headers=headers):
                self.compare(server, method, host, path, headers)


class Reasons(ExplainTest):
    def fields(self, server, path, headers=(), **options):
        result = self.explain(server, path, headers, **options)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return json.loads(result.stdout)

    def line_of(self, server, text, section=None):
        """The number of the line of the configuration; behind the header of @section."""
        with open(server.conf) as file:
            lines = file.read().splitlines()
        start = lines.index("[%s]" % section) if section else 0
        return next(i for i, line in enumerate(lines) if i >= start and line.startswith(text)) + 1

    def test_each_step_names_its_line(self):
        server = self.site()
        found = self.fields(server, "http://www.shop.example/app.js")
        self.assertEqual(found["host"], {"name": "shop", "decided": {
            "directive": "server_name", "file": server.conf,
            "line": self.line_of(server, "server_name", "host shop")}})
        self.assertEqual(found["root_decided"]["line"], self.line_of(server, "root", "host shop"))
        found = self.fields(server, "/strip/deep/x.txt")
        self.assertEqual(found["location"], {"name": "deep", "decided": {
            "directive": "prefix", "file": server.conf,
            "line": self.line_of(server, "prefix", "location deep")}})
        self.assertEqual(found["file"], "deep/x.txt")

    def test_each_field_names_its_line(self):
        server = self.site()
        found = self.fields(server, "http://shop.example/")
        decided = {each["name"]: each["decided"] for each in found["headers"]}
        self.assertEqual(decided["X-Shop"]["line"],
                         self.line_of(server, "header.X-Shop", "host shop"))
        self.assertEqual(decided["Cache-Control"]["line"],
                         self.line_of(server, "cache_control", "host shop"))
        self.assertEqual(decided["ETag"], {"directive": "etag", "file": None, "line": 0})
        self.assertIsNone(decided["Date"])

    def test_compression_on_the_way_names_its_line(self):
        server = self.site(gzip="on")
        server.write("long.txt", b"a" * 5000)
        for path, directive in [("/long.txt", "gzip"), ("/app.js", "precompressed")]:
            found = self.fields(server, path, ["Accept-Encoding: gzip"])
            decided = {each["name"]: (each["value"], each["decided"])
                       for each in found["headers"]}
            self.assertEqual(decided["Content-Encoding"][0], "gzip")
            self.assertEqual(decided["Content-Encoding"][1]["directive"], directive)
            self.assertEqual(decided["Vary"][1]["directive"], directive)

    def test_files_that_are_looked_for(self):
        server = self.site()
        found = self.fields(server, "/app.js", ["Accept-Encoding: br, gzip;q=0.5"])
        self.assertEqual([each["path"] for each in found["looked_for"]], ["app.js", "app.js.br"])
        self.assertEqual((found["file"], found["coding"]), ("app.js.br", "br"))
        found = self.fields(server, "/page")
        self.assertEqual([(each["path"], each["found"]) for each in found["looked_for"]],
                         [("page", False), ("page.html", True)])
        found = self.fields(server, "/old.css", ["Accept-Encoding: gzip"])
        self.assertIn("'old.css.gz' is not sent: it is older", found["notes"])

    def test_reasons(self):
        server = self.site()
        for path, status, reason in [
                ("/.hidden", 404, "hidden"), ("/index.html", 301, "clean-url"),
                ("/nothing", 404, "not-found"), ("/%zz", 400, "bad-path"), ("/", 200, "ok")]:
            found = self.fields(server, path)
            self.assertEqual((found["status"], found["reason"]), (status, reason), path)
        self.assertEqual(self.fields(server, "/%zz")["handlers"], [])

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_it_sees_with_the_eyes_of_a_worker(self):
        server = self.site()
        self.assertEqual(self.fields(server, "http://cors.example/locked.html")["status"], 403)

    def test_the_text_for_people(self):
        server = self.site()
        result = self.explain(server, "http://shop.example/nope\x07", json_wanted=False)
        self.assertEqual(result.returncode, 2)
        result = self.explain(server, "http://shop.example/", json_wanted=False)
        text = result.stdout.decode()
        self.assertRegex(text, r"(?m)^GET / HTTP/1.1$")
        self.assertRegex(text, r"(?m)^  host        \[host shop\] +; server_name \S+:\d+$")
        self.assertRegex(text, r"(?m)^  looked for  index.html: is there$")
        self.assertRegex(text, r"(?m)^  file        index.html, 8 bytes +; index \(default\)$")
        self.assertRegex(text, r"(?m)^  status      200 OK: ok$")
        self.assertRegex(text, r"(?m)^  X-Shop: 1 +; header \S+:\d+$")

    def test_wrong_use(self):
        server = self.site()
        for arguments in [["explain"], ["explain", "/", "/"], ["-H", "a: b", "."],
                          ["explain", "-H", "nocolon", "/"], ["explain", "/a b"],
                          ["explain", "-X", "A B", "/"]]:
            result = subprocess.run([PROGRAM, "-c", server.conf] + arguments
                                    if arguments[0] == "explain" else [PROGRAM] + arguments,
                                    stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, timeout=120)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(b"tinyweb: ", result.stderr)
        self.assertEqual(self.explain(server, "/").returncode, 0)


class Proxied(ExplainTest):
    """Of what other servers answer it tells which they are, and asks none of them."""

    def front(self, **settings):
        app = Origin()
        self.addCleanup(app.close)
        self.app = app
        return self.make(workers=1, sections={
            "upstream app": dict({"servers": "%s, 10.0.0.2:80 backup" % app.name}, **settings),
            "location api": {"prefix": "/api", "proxy": "app"}})

    def test_the_servers_are_told_and_not_asked(self):
        server = self.front()
        text = self.explain(server, "/api/x", json_wanted=False).stdout.decode()
        for line in (r"  handler     proxy\n", r"  upstream    \[upstream app\] .*; proxy ",
                     r"  servers     %s\n              10.0.0.2:80, a backup\n" % self.app.name,
                     r"  server      one of them, in turn .*; balance \(default\)\n"):
            self.assertRegex(text, line)
        self.assertEqual(self.app.connections, [])

    def test_a_hash_tells_which_server_it_is_for_each_cookie(self):
        server = self.front(servers="127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3", balance="hash",
                            hash_key="cookie:sid")
        found = []
        for value in "abcdefghij":
            headers = ["Cookie: x=1; sid=%s" % value]
            answer = json.loads(self.explain(server, "/api/" + value, headers).stdout)
            self.assertEqual(answer["upstream"], "app")
            again = json.loads(self.explain(server, "/api/y", headers).stdout)
            self.assertEqual(again["server"], answer["server"])
            found.append(answer["server"])
        self.assertLess(1, len(set(found)))
        self.assertIsNone(json.loads(self.explain(server, "/api/x").stdout)["server"])

    def test_what_is_refused_here_is_told_as_ever(self):
        answer = json.loads(self.explain(self.front(), "/api/x", method="TRACE").stdout)
        self.assertEqual((answer["status"], answer["handlers"]), (405, ["proxy"]))


if __name__ == "__main__":
    unittest.main()
