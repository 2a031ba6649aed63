# SPDX-License-Identifier: MIT
"""Hosts and locations: which files and pages a request gets."""

import os
import unittest

import rawhttp
import support


class Hosts(rawhttp.HttpTest):
    def make_server(self, sections, files):
        """@files by their path beside the root, which is "root"."""
        server = self.make({"index.html": b"of the server\n"}, sections=sections)
        for name, content in files.items():
            path = os.path.join(server.dir, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        return server.start()

    def ask(self, server, path, host="t", method=b"GET", fields=b""):
        conn = self.dial(server)
        conn.send(b"%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" %
                  (method, path.encode(), host.encode(), fields))
        return conn.response(method.decode())

    def test_each_host_has_its_own_root(self):
        server = self.make_server({
            "host a": {"server_name": "a.example www.a.example", "root": "a"},
            "host wild": {"server_name": "*.example", "root": "wild"}},
            {"a/index.html": b"of a\n", "wild/index.html": b"of wild\n"})
        for host, body in (("a.example", b"of a\n"), ("A.EXAMPLE:81", b"of a\n"),
                           ("www.a.example.", b"of a\n"), ("b.example", b"of wild\n"),
                           ("x.b.example", b"of wild\n"), ("example", b"of the server\n"),
                           ("[::1]:80", b"of the server\n")):
            self.assertEqual(self.ask(server, "/", host).body, body, host)
        reply = self.ask(server, "http://a.example/", "b.example")
        self.assertEqual(reply.body, b"of a\n", "an absolute target wins")

    def test_the_same_path_of_two_roots_is_two_files(self):
        server = self.make_server(
            {"host a": {"server_name": "a", "root": "a"}},
            {"a/same.txt": b"one", "root/same.txt": b"other"})
        for _ in range(3):  # the later ones from memory
            self.assertEqual(self.ask(server, "/same.txt", "a").body, b"one")
            self.assertEqual(self.ask(server, "/same.txt", "b").body, b"other")

    def test_a_default_host_takes_what_no_other_has(self):
        server = self.make_server(
            {"host a": {"server_name": "a", "root": "a"},
             "host rest": {"server_name": "default", "root": "rest"}},
            {"a/index.html": b"of a\n", "rest/index.html": b"rest\n"})
        self.assertEqual(self.ask(server, "/", "unknown").body, b"rest\n")
        conn = self.dial(server)
        conn.send(b"GET / HTTP/1.0\r\n\r\n")
        self.assertEqual(conn.response().body, b"rest\n")

    def test_locations_have_roots_indexes_and_error_pages(self):
        server = self.make_server(
            {"server": {"error_page.404": "/404.html"},
             "location docs": {"prefix": "/docs/", "root": "manual", "strip_prefix": "on",
                               "index": "start.html", "error_page.404": "/lost.html"},
             "location kept": {"prefix": "/kept", "root": "manual"},
             "location plain": {"prefix": "/plain", "error_page.404": ""}},
            {"manual/start.html": b"start\n", "manual/a.txt": b"a\n", "manual/sub/start.html": b"sub",
             "manual/lost.html": b"lost in the manual\n", "manual/kept/b.txt": b"b\n",
             "root/404.html": b"lost\n", "root/docs/a.txt": b"never seen\n"})
        self.assertEqual(self.ask(server, "/docs/").body, b"start\n")
        self.assertEqual(self.ask(server, "/docs/a.txt").body, b"a\n")
        self.assertEqual(self.ask(server, "/d%6fcs/%61.txt").body, b"a\n")
        self.assertEqual(self.ask(server, "/x/../docs/a.txt").body, b"a\n")
        self.assertEqual(self.ask(server, "/docs/sub/").body, b"sub")
        self.assertEqual(self.ask(server, "/kept/b.txt").body, b"b\n")
        reply = self.ask(server, "/docs/none")
        self.assertEqual((reply.status, reply.body), (404, b"lost in the manual\n"))
        reply = self.ask(server, "/none")
        self.assertEqual((reply.status, reply.body), (404, b"lost\n"))
        reply = self.ask(server, "/plain/none")
        self.assertEqual(reply.status, 404)
        self.assertIn(b"<h1>404</h1>", reply.body)
        for path in ("/docs/../../etc/passwd", "/docs/%2e%2e/%2e%2e/etc/passwd"):
            self.assertIn(self.ask(server, path).status, (400, 404))
        self.assertEqual(self.ask(server, "/docs/.hidden").status, 404)

    def test_a_folder_without_its_slash_is_redirected_with_the_prefix(self):
        server = self.make_server(
            {"location docs": {"prefix": "/docs", "root": "manual", "strip_prefix": "on"}},
            {"manual/index.html": b"m\n", "manual/sub/index.html": b"s\n"})
        for path, location in (("/docs", "/docs/"), ("/docs?a=b", "/docs/?a=b"),
                               ("/docs/sub", "/docs/sub/")):
            reply = self.ask(server, path)
            self.assertEqual((reply.status, reply.get("Location")), (301, location))
        self.assertEqual(self.ask(server, "/docsx").status, 404)

    def test_patterns_choose_within_a_prefix(self):
        server = self.make_server(
            {"location css": {"glob": "*.css", "root": "styles"},
             "location img": {"prefix": "/img", "glob": "*.txt /img/big/**", "root": "pictures"}},
            {"styles/a.css": b"styles", "root/a.css": b"root", "styles/img/b.css": b"img styles",
             "pictures/img/a.txt": b"text", "pictures/img/big/x": b"big", "root/img/x": b"small"})
        for path, body in (("/a.css", b"styles"), ("/img/b.css", b"img styles"),
                           ("/img/a.txt", b"text"), ("/img/big/x", b"big"), ("/img/x", b"small")):
            self.assertEqual(self.ask(server, path).body, body, path)

    def test_reload_takes_new_hosts(self):
        server = self.make_server({"host a": {"server_name": "a", "root": "a"}},
                                  {"a/index.html": b"of a\n", "b/index.html": b"of b\n"})
        server.sections["host b"] = {"server_name": "b", "root": "b"}
        server.configure()
        server.kill(support.signal.SIGHUP)
        support.wait_for("the new host", lambda: self.ask(server, "/", "b").body == b"of b\n")
        self.assertEqual(self.ask(server, "/", "a").body, b"of a\n")


if __name__ == "__main__":
    unittest.main()
