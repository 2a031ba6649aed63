# SPDX-License-Identifier: MIT
"""What a location may do besides sending files: redirects, fixed statuses; clean URLs, fallback."""

import os
import unittest

import rawhttp

BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Locations(rawhttp.HttpTest):
    def ask(self, server, path, accept=None, method="GET"):
        conn = self.dial(server)
        fields = b"Accept: %s\r\n" % accept if accept else b""
        conn.send(b"%s %s HTTP/1.1\r\nHost: t\r\n%s\r\n" %
                  (method.encode(), path.encode("latin-1"), fields))
        return conn.response(method)

    def expect_redirects(self, server, rows):
        for path, status, location in rows:
            reply = self.ask(server, path)
            self.assertEqual((reply.status, reply.get("Location")), (status, location), path)

    def test_redirects(self):
        server = self.serve({"index.html": b"x", "new/a.txt": b"a"}, sections={
            "location tail": {"prefix": "/old/", "redirect": "301 /new/$tail"},
            "location page": {"prefix": "/page.html", "redirect": "308 /new.html"},
            "location away": {"prefix": "/away", "redirect": "302 https://other.example/x/$tail"},
            "location query": {"prefix": "/query", "redirect": "307 /q?fixed=1"},
            "location part": {"prefix": "/part", "redirect": '"301 /doc?a=b#part"'},
            "location hash": {"prefix": "/hash", "redirect": '"301 /doc#part"'},
            "location php": {"glob": "*.php", "redirect": "301 /no-scripts"}})
        self.expect_redirects(server, (
            ("/old/a.txt", 301, "/new/a.txt"),
            ("/old", 301, "/new/"),
            ("/old/", 301, "/new/"),
            ("/old/a/b/?x=1&y=2", 301, "/new/a/b/?x=1&y=2"),
            ("/old/%61%20b%0d%0aX:y", 301, "/new/a%20b%0D%0AX:y"),
            ("/old//evil.example/x", 301, "/new/evil.example/x"),
            ("/old/%2f%2fevil", 301, "/new/evil"),
            ("/old/%3fa=%23", 301, "/new/%3Fa=%23"),
            ("/page.html?a", 308, "/new.html?a"),
            ("/away/y?z", 302, "https://other.example/x/y?z"),
            ("/query?mine=2", 307, "/q?fixed=1"),
            ("/part?mine=2", 301, "/doc?a=b#part"),
            ("/hash?mine=2", 301, "/doc?mine=2#part"),
            ("/some/where.php", 301, "/no-scripts")))
        self.assertEqual(self.ask(server, "/older").status, 404)
        self.assertEqual(self.ask(server, "/old/..%2f..").status, 400)
        reply = self.ask(server, "/old/x", method="POST")
        self.assertEqual((reply.status, reply.get("Location")), (301, "/new/x"))
        reply = self.ask(server, "/old/x", method="HEAD")
        self.assertEqual((reply.status, reply.get("Location")), (301, "/new/x"))

    def test_the_server_as_such_is_in_no_location(self):
        server = self.serve(sections={
            "location all": {"prefix": "/", "redirect": "301 https://other.example/$tail"}})
        reply = self.ask(server, "*", method="OPTIONS")
        self.assertEqual((reply.status, reply.get("Allow")), (204, "GET, HEAD, OPTIONS"))
        self.assertEqual(self.ask(server, "/").get("Location"), "https://other.example/")

    def test_the_longest_target_has_room(self):
        server = self.serve(sections={
            "location long": {"prefix": "/l", "redirect": "301 /%s/$tail" % ("t" * 900)}},
            max_header_size="32k")
        tail, query = "%C3%A4" * 1300, "?" + "q" * 300
        reply = self.ask(server, "/l/" + tail + query)
        self.assertEqual(reply.get("Location"), "/%s/%s%s" % ("t" * 900, tail, query))

    def test_fixed_statuses_have_error_pages(self):
        server = self.serve({"index.html": b"x", "gone.html": b"<p>gone"}, sections={
            "server": {"error_page.410": "/gone.html"},
            "location gone": {"prefix": "/gone", "status": "410"},
            "location closed": {"glob": "*.bak *.sql", "status": "403"}})
        reply = self.ask(server, "/gone/with/all")
        self.assertEqual((reply.status, reply.body), (410, b"<p>gone"))
        self.assertEqual(self.ask(server, "/x/dump.sql").status, 403)
        self.assertEqual(self.ask(server, "/gone", method="POST").status, 410)

    FILES = {"index.html": b"start", "a.html": b"page a", "b.html": b"page b",
             "b/index.html": b"folder b", "c.html": b"page c", "c/post.html": b"post",
             "d/index.html": b"folder d", "e": b"file e", "e.html": b"page e",
             "f/g.html": b"page g", "both.html/x.txt": b"x"}

    def test_clean_urls(self):
        server = self.serve(dict(self.FILES), clean_urls="on")
        for path, body in (("/", b"start"), ("/a", b"page a"), ("/b", b"page b"),
                           ("/b/", b"folder b"), ("/c", b"page c"), ("/c/post", b"post"),
                           ("/d/", b"folder d"), ("/e", b"file e"), ("/e.html", b"page e"),
                           ("/f/g", b"page g"), ("/%61", b"page a"),
                           ("/both.html/x.txt", b"x")):
            reply = self.ask(server, path)
            self.assertEqual((reply.status, reply.body), (200, body), path)
        self.expect_redirects(server, (
            ("/a.html", 301, "/a"), ("/a.html?x=1", 301, "/a?x=1"), ("/index.html", 301, "/"),
            ("/b.html", 301, "/b"), ("/b/index.html", 301, "/b/"), ("/f/g.html", 301, "/f/g"),
            ("/c/", 301, "/c"), ("/a/?y", 301, "/a?y"), ("/d", 301, "/d/"),
            ("/both.html", 301, "/both.html/")))
        for path in ("/none", "/none.html", "/none/", "/a.htm", "/a/b", "/.html", "/f/.html"):
            self.assertEqual(self.ask(server, path).status, 404, path)
        self.assertEqual(self.ask(server, "/a").get("Content-Type"), "text/html; charset=utf-8")

    def test_clean_urls_lead_to_what_was_asked_for(self):
        server = self.serve({"index.html": b"second", "start.html": b"first"},
                            clean_urls="on", index="start.html index.html")
        self.assertEqual(self.ask(server, "/").body, b"first")
        self.assertEqual(self.ask(server, "/index.html").body, b"second")

    def test_clean_urls_below_a_prefix(self):
        server = self.make({"index.html": b"x"}, sections={"location docs": {
            "prefix": "/docs", "root": "manual", "strip_prefix": "on", "clean_urls": "on"}})
        os.makedirs(os.path.join(server.dir, "manual"))
        for name in ("index.html", "a.html"):
            with open(os.path.join(server.dir, "manual", name), "wb") as file:
                file.write(name.encode())
        server.start()
        self.expect_redirects(server, (("/docs/a.html", 301, "/docs/a"), ("/docs", 301, "/docs/"),
                                       ("/docs/index.html", 301, "/docs/")))
        self.assertEqual(self.ask(server, "/docs/a").body, b"a.html")

    def test_fallback_is_for_browsers_that_go_to_a_page(self):
        server = self.serve({"index.html": b"app", "real.txt": b"real", "empty/x.txt": b"x",
                             "404.html": b"lost"},
                            **{"fallback": "/index.html", "error_page.404": "/404.html"},
                            sections={"location api": {"prefix": "/api", "fallback": ""}})
        for path in ("/users/7", "/users/", "/v1.2/john.doe", "/empty/", "/users?x=/a.js"):
            for accept in (BROWSER, b"*/*, TEXT/HTML ; q=0.1"):
                reply = self.ask(server, path, accept)
                self.assertEqual((reply.status, reply.body), (200, b"app"), path)
                self.assertIn("Accept", reply.all("Vary"))
                self.assertIn("ETag", reply)
        for path, accept in (("/app.1234.js", BROWSER), ("/img/x.PNG", BROWSER),
                             ("/old.html", BROWSER), ("/users/7", None), ("/users/7", b"*/*"),
                             ("/users/7", b"application/json, text/html;q=0"),
                             ("/users/7", b"text/html;q=0.000, text/plain")):
            reply = self.ask(server, path, accept)
            self.assertEqual((reply.status, reply.body), (404, b"lost"), (path, accept))
        self.assertEqual(self.ask(server, "/real.txt", BROWSER).body, b"real")
        self.assertEqual(self.ask(server, "/api/x", BROWSER).status, 404)
        self.assertEqual(self.ask(server, "/users/7", BROWSER, "POST").status, 405)
        self.assertEqual(self.ask(server, "/users/7", BROWSER, "HEAD").status, 200)
        reply = self.ask(server, "/empty", BROWSER)
        self.assertEqual((reply.status, reply.get("Location")), (301, "/empty/"))
        self.assertEqual(self.ask(server, "/.hidden", BROWSER).status, 404)
        self.assertEqual(self.ask(server, "/users/7").all("Vary"), ["Accept"])

    def test_a_listing_wins_over_the_fallback(self):
        server = self.serve({"index.html": b"app", "a/x.txt": b"x", "a.html": b"page"},
                            fallback="/index.html", listing="on", clean_urls="on")
        self.assertIn(b"x.txt", self.ask(server, "/a/", BROWSER).body)
        self.assertEqual(self.ask(server, "/a", BROWSER).body, b"page")
        self.assertEqual(self.ask(server, "/none/", BROWSER).body, b"app")

    def test_a_fallback_without_its_file_is_not_found(self):
        server = self.serve({"index.html": b"x"}, fallback="/app.html")
        self.assertEqual(self.ask(server, "/users", BROWSER).status, 404)


if __name__ == "__main__":
    unittest.main()
