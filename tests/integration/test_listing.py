#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Listings: read as a browser, a script and wget read them."""

import html.parser
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import rawhttp
import support

STRANGE = ["<script>.txt", "a&b\"c'.txt", "50%.txt", "中文.txt", "a b.txt", "new\nline.txt", "#1?.txt",
           "javascript:alert(1)", "-rf", "a+b;c=d,e.txt", "😀.txt", "~tilde", "x" * 250,
           "back\\slash", "http:", "C:", "&amp;.txt", "\x7f\x01", "%2e%2e", "\u202egnp.exe"]


class Page(html.parser.HTMLParser):
    """The rows of a listing: [(href, name, size, date)]; and what else it says."""

    def __init__(self, body):
        super().__init__()
        self.rows, self.sorts, self.crumbs, self.tags = [], [], [], set()
        self.text = self.title = self.readme = self.heading = ""
        self.inside = None
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.inside = tag if tag != "i" else self.inside
        if tag == "tr":
            self.rows.append(["", "", "", ""])
            self.column = 0
        elif tag in ("td", "th"):
            self.column += 1
        elif tag == "h1":
            self.rows = []
        elif tag == "a" and attrs["href"].startswith("?"):
            self.sorts.append(attrs["href"])
        elif tag == "a" and self.rows:
            self.rows[-1][0] = attrs["href"]
        elif tag == "a":
            self.crumbs.append(attrs["href"])

    def handle_endtag(self, tag):
        if tag in ("table", "pre", "h1", "title", "style"):
            self.inside = None

    def handle_data(self, data):
        self.text += data if self.inside != "style" else ""
        if self.inside == "title":
            self.title += data
        elif self.inside == "pre":
            self.readme += data
        elif self.inside in ("td", "a", "span") and self.rows and self.column:
            self.rows[-1][self.column] += data.rstrip("\n")

    def entries(self):
        return [tuple(row) for row in self.rows[1:] if row[1] != ".."]

    def names(self):
        return [row[1] for row in self.entries()]


class Listing(rawhttp.HttpTest):
    def listing_server(self, files, **settings):
        return self.serve(files, **dict({"listing": "on", "index": "index.html"}, **settings))

    def fill(self, count):
        """A server whose root has @count empty files in many/."""
        server = self.make({"x": b"x"}, listing="on", workers=1)
        folder = os.path.join(server.root, "many")
        os.mkdir(folder)
        for number in range(count):
            with open(os.path.join(folder, "file %d.txt" % number), "w"):
                pass
        return server.start()

    # --- HTML

    def test_strange_names(self):
        server = self.listing_server({name: name.encode() for name in STRANGE})
        reply = server.get("/")
        self.assertEqual(reply.status, 200)
        page = Page(reply.body)
        self.assertNotIn("script", page.tags)
        seen = set()
        for href, name, size, _ in page.entries():
            url = urllib.parse.urljoin("http://test/", href)
            self.assertTrue(url.startswith("http://test/"), href)
            path = url[len("http://test"):]
            reply = server.get(path)
            self.assertEqual(reply.status, 200, path)
            seen.add(reply.body.decode())
            self.assertEqual(size, "%d B" % len(reply.body))
            if reply.body.decode().isprintable() and not name.startswith("\u202e"):
                self.assertEqual(name, reply.body.decode())
            self.assertNotIn("\n", name)
        self.assertEqual(seen, set(STRANGE))

    def test_names_that_are_not_utf8(self):
        server = self.make({"good": b"1"}, listing="on")
        with open(os.path.join(os.fsencode(server.root), b"latin\xe9.txt"), "w"):
            pass
        server.start()
        page = Page(server.get("/").body)
        self.assertEqual([(row[0], row[1]) for row in page.entries()],
                         [("good", "good"), ("", "latin\\xe9.txt")])
        self.assertEqual(server.get("/?format=text").body, b"good\n")
        self.assertEqual(len(json.loads(server.get("/?format=json").body)), 1)

    def test_what_is_not_listed(self):
        server = self.make({"seen": b"1", ".env": b"secret", ".git/config": b"secret"},
                           listing="on")
        for name, target in (("dangling", "none"), ("out", "/etc"), ("loop", "loop"),
                             ("inside", "seen")):
            os.symlink(target, os.path.join(server.root, name))
        os.mkfifo(os.path.join(server.root, "fifo"))
        server.start()
        self.assertEqual(server.get("/?format=text").body, b"inside\nseen\n")
        self.assertEqual(server.get("/.git/").status, 404)
        self.assertEqual(server.get("/out/").status, 404)

    def test_the_way_up(self):
        server = self.listing_server({"a/b b/c/file": b"1"})
        page = Page(server.get("/a/b%20b/c/?x=1").body)
        self.assertEqual(page.title, "/a/b b/c/")
        self.assertEqual(page.crumbs, ["../../../", "../../", "../"])
        self.assertEqual(page.rows[1][:2], ["../", ".."])
        page = Page(server.get("/").body)
        self.assertEqual([row[1] for row in page.rows[1:]], ["a/"])

    def test_a_location_of_its_own(self):
        server = self.make({"x": b"1", "pub/files/a": b"1", "quiet/a": b"1"}, sections={
            "location pub": {"prefix": "/pub", "listing": "on"},
            "location short": {"prefix": "/short", "root": "root/pub", "strip_prefix": "on",
                               "listing": "on"}})
        server.start()
        self.assertEqual(server.get("/").status, 403)
        self.assertEqual(server.get("/quiet/").status, 403)
        self.assertEqual(server.get("/pub/?format=text").body, b"files/\n")
        page = Page(server.get("/short/files/").body)
        self.assertEqual((page.title, page.names()), ("/short/files/", ["a"]))

    def test_readme(self):
        text = "# Title\n<script>alert(1)</script> & 中文\n"
        server = self.listing_server({"README.md": text.encode(), "long/readme": b"y" * 100000,
                                      "latin/README.txt": b"\xe9"})
        page = Page(server.get("/").body)
        self.assertEqual(page.readme.strip(), text.strip())
        self.assertNotIn("script", page.tags)
        page = Page(server.get("/long/").body)
        self.assertEqual(page.readme.strip(), "y" * 65536 + "\n…")
        self.assertEqual(Page(server.get("/latin/").body).readme, "")

    # --- orders and forms

    def test_orders(self):
        server = self.make({"b10": b"1" * 10, "B2": b"1" * 300, "a": b"1" * 20, "z/x": b"",
                            "y/x": b""}, listing="on")
        for number, name in enumerate(["a", "y", "b10", "z", "B2"]):
            os.utime(os.path.join(server.root, name), (1000000 + number, 1000000 + number))
        server.start()
        for query, expected in (("", "y/ z/ a B2 b10"), ("?order=desc", "z/ y/ b10 B2 a"),
                                ("?sort=size", "y/ z/ b10 a B2"),
                                ("?sort=size&order=desc", "y/ z/ B2 a b10"),
                                ("?sort=date&order=asc", "y/ z/ a b10 B2"),
                                ("?sort=date&order=desc", "z/ y/ B2 b10 a"),
                                ("?sort=none&x", "y/ z/ a B2 b10")):
            page = Page(server.get("/" + query).body)
            self.assertEqual(" ".join(page.names()), expected, query)
            self.assertEqual(len(page.sorts), 3)
        page = Page(server.get("/").body)
        self.assertEqual(" ".join(Page(server.get("/" + page.sorts[0]).body).names()),
                         "z/ y/ b10 B2 a")

    def test_forms(self):
        server = self.listing_server({"a.txt": b"12345", "dir/x": b""})
        os.utime(os.path.join(server.root, "a.txt"), (784111777, 784111777))
        for accept, kind in (("application/json", "application/json"),
                             ("application/json, text/plain, */*", "application/json"),
                             ("text/plain", "text/plain; charset=utf-8"),
                             ("*/*", "text/html; charset=utf-8"),
                             ("text/html,application/xml;q=0.9,*/*;q=0.8",
                              "text/html; charset=utf-8")):
            reply = server.get("/", headers={"Accept": accept, "Connection": "close"})
            self.assertEqual(reply.headers["Content-Type"], kind)
            self.assertEqual(reply.headers["Vary"], "Accept")
            self.assertEqual(reply.headers["Cache-Control"], "no-cache")
        entries = json.loads(server.get("/?format=json").body)
        del entries[0]["mtime"]
        self.assertEqual(entries, [
            {"name": "dir", "type": "directory"},
            {"name": "a.txt", "type": "file", "size": 5, "mtime": "1994-11-06T08:49:37Z"}])
        self.assertEqual(server.get("/?format=text").body, b"dir/\na.txt\n")

    def test_json_of_strange_names(self):
        server = self.listing_server({name: b"" for name in STRANGE})
        entries = json.loads(server.get("/?format=json").body)
        self.assertEqual({entry["name"] for entry in entries}, set(STRANGE))

    def test_validators_and_head(self):
        server = self.listing_server({"a": b"1"})
        conn = self.dial(server)
        whole = conn.get("/")
        self.assertNotIn("Last-Modified", whole)
        etag = whole.get("ETag")
        self.assertTrue(etag.startswith('W/"'))
        self.assertEqual(conn.get("/", fields=["If-None-Match: " + etag]).status, 304)
        head = conn.get("/", method="HEAD")
        self.assertEqual(head.without_date()[:2], whole.without_date()[:2])
        self.assertEqual(conn.get("/", fields=["Range: bytes=0-9"]).status, 200)
        server.write("b", b"1")
        self.assertEqual(conn.get("/", fields=["If-None-Match: " + etag]).status, 200)

    def test_configured_fields(self):
        server = self.listing_server({"a": b"1"}, **{
            "header.X-Own": "yes", "header.X-Content-Type-Options": "nosniff",
            "header.Content-Security-Policy": "", "cache_control": "max-age=60"})
        reply = self.dial(server).get("/")  # which allows no field twice
        self.assertEqual(reply.get("X-Own"), "yes")
        self.assertEqual(reply.get("Cache-Control"), "no-cache")
        self.assertNotIn("Content-Security-Policy", reply)

    def test_off_by_default(self):
        server = self.serve({"a": b"1"})
        self.assertEqual(server.get("/").status, 403)
        self.assertEqual(server.get("/", headers={"Accept": "application/json"}).status, 403)

    # --- tools

    @unittest.skipUnless(shutil.which("wget"), "no wget")
    def test_wget_mirrors_a_tree(self):
        files = {"a/b/c/deep.txt": b"deep", "a/x.bin": bytes(range(256)) * 500, "top": b"top",
                 "with/index.html": b"<a href=\"more/\">more</a>", "with/more/m": b"m",
                 "sp ace/ü & <b>.txt": b"strange", "100%/#?.txt": b"more", "a/.hidden": b"no"}
        server = self.listing_server(files)
        with tempfile.TemporaryDirectory(prefix="tinyweb-wget-") as folder:
            subprocess.run(["wget", "-q", "-r", "-np", "-l", "inf", "-nH", "-P", folder,
                            "-e", "robots=off", "--restrict-file-names=nocontrol",
                            "http://127.0.0.1:%d/" % server.port],
                           env=dict(os.environ, LC_ALL="C.UTF-8"), timeout=60, check=True)
            found = {}
            for place, _, names in os.walk(folder):
                for name in names:
                    path = os.path.join(place, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, folder)] = file.read()
        # Of each listing, wget keeps the page itself, in every order that it links to.
        wanted = {name: data for name, data in files.items() if ".hidden" not in name}
        copied = {name: data for name, data in found.items()
                  if name in wanted or not os.path.basename(name).startswith("index.html")}
        self.assertEqual(copied, wanted)

    # --- many entries

    def test_a_thousand(self):
        server = self.fill(1000)
        page = Page(server.get("/many/").body)
        self.assertEqual(page.names(), ["file %d.txt" % number for number in range(1000)])

    def test_fifty_thousand_while_others_are_served(self):
        server = self.fill(50000)
        lister, other = self.dial(server), self.dial(server)
        self.assertEqual(other.get("/x").status, 200)
        lister.send(rawhttp.request("/many/?sort=name&format=text"))
        served = 0
        while not select.select([lister.sock], [], [], 0)[0]:
            self.assertEqual(other.get("/x").body, b"x")
            served += 1
        # It takes some 600 turns of the loop, and each of them answers what has come.
        self.assertGreater(served, 4)
        lines = lister.response().body.decode().split("\n")
        self.assertEqual(lines, ["file %d.txt" % number for number in range(50000)] + [""])
        self.assertEqual(len(json.loads(server.get("/many/?format=json", seconds=60).body)), 50000)

    def test_clients_that_leave(self):
        server = self.fill(5000)
        for wait in (0, 0.001, 0.01, 0.05, 0.2):
            conn = self.dial(server)
            conn.send(rawhttp.request("/many/"))
            time.sleep(wait)
            conn.close()
        self.assertEqual(server.get("/x").status, 200)

    def test_the_limit(self):
        server = self.make({"%d" % number: b"" for number in range(20)}, listing="on",
                           listing_limit=7)
        server.start()
        reply = server.get("/")
        self.assertEqual(reply.headers["X-Listing-Limit"], "7")
        page = Page(reply.body)
        self.assertEqual(len(page.entries()), 7)
        self.assertIn("Only 7 entries are shown", page.text)

    def test_a_folder_from_the_command_line(self):
        with tempfile.TemporaryDirectory(prefix="tinyweb-one-") as folder:
            os.chmod(folder, 0o755)
            with open(os.path.join(folder, "a.txt"), "w"):
                pass
            port = support.free_port()
            process = subprocess.Popen([support.PROGRAM, "--port", str(port), folder],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                support.wait_for("port", lambda: support.can_connect(port), 20)
                url = "http://127.0.0.1:%d/?format=text" % port
                with urllib.request.urlopen(url, timeout=60) as reply:
                    self.assertEqual(reply.read(), b"a.txt\n")
            finally:
                process.terminate()
                process.communicate(timeout=60)


if __name__ == "__main__":
    unittest.main()
