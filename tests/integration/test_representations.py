# SPDX-License-Identifier: MIT
"""What is sent of a file: precompressed siblings by Accept-Encoding, entity tags,
and the header lines that the configuration adds."""

import gzip
import os
import re
import subprocess
import time
import unittest
import urllib.parse

import rawhttp
import support
from support import wait_for

PAGE = b"<!doctype html><title>page</title>\n" * 50
SCRIPT = b"export const answer = 42;\n" * 40
# Not decoded here, so any bytes will do.
BR = b"these bytes stand for brotli"
ZSTD = b"these bytes stand for zstd"
CODINGS = {"br": BR, "zstd": ZSTD, "gzip": gzip.compress(SCRIPT)}

FILES = {
    "index.html": PAGE,
    "index.html.gz": gzip.compress(PAGE),
    "app.js": SCRIPT,
    "app.js.br": BR,
    "app.js.zst": ZSTD,
    "app.js.gz": CODINGS["gzip"],
    "plain.txt": b"plain\n",
    "large.wasm": b"0123456789abcdef" * 20000,
    "large.wasm.gz": gzip.compress(b"0123456789abcdef" * 20000, 0),
}


def accept(value):
    return ["Accept-Encoding: " + value]


class Precompressed(rawhttp.HttpTest):
    def test_browsers_and_simple_clients_get_what_they_can_read(self):
        conn = self.dial(self.serve(FILES))
        rows = [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, deflate", "gzip"),
            ("zstd, gzip", "zstd"),
            ("br;q=0.5, gzip;q=0.9", "gzip"),
            ("br;q=0, *", "zstd"),
            ("*;q=0.1", "br"),
            ("deflate", None),
            ("identity", None),
            ("", None),
            ("br;q=0, gzip;q=0, zstd;q=0", None),
            ("nonsense ;;; q=", None),
        ]
        for _ in range(2):  # the second time from memory
            for value, coding in rows:
                with self.subTest(value):
                    response = conn.get("/app.js", fields=accept(value))
                    self.assertEqual(response.status, 200)
                    self.assertEqual(response.get("Content-Encoding"), coding)
                    self.assertEqual(response.body, CODINGS.get(coding, SCRIPT))
                    self.assertEqual(response.get("Vary"), "Accept-Encoding")
                    self.assertEqual(response.get("Content-Type"),
                                     "text/javascript; charset=utf-8")
        self.assertEqual(conn.get("/app.js").body, SCRIPT)

    def test_an_index_has_siblings_too(self):
        conn = self.dial(self.serve(FILES))
        response = conn.get("/", fields=accept("gzip"))
        self.assertEqual(gzip.decompress(response.body), PAGE)
        self.assertEqual(response.get("Content-Type"), "text/html; charset=utf-8")

    def test_large_ones_are_sent_whole_and_in_part(self):
        conn = self.dial(self.serve(FILES))
        whole = conn.get("/large.wasm", fields=accept("gzip"))
        self.assertEqual(whole.body, FILES["large.wasm.gz"])
        self.assertEqual(whole.get("Content-Type"), "application/wasm")
        part = conn.get("/large.wasm", fields=accept("gzip") + ["Range: bytes=1000-1999"])
        self.assertEqual(part.status, 206)
        self.assertEqual(part.body, FILES["large.wasm.gz"][1000:2000])
        self.assertEqual(part.get("Content-Range"),
                         "bytes 1000-1999/%d" % len(FILES["large.wasm.gz"]))
        self.assertEqual(part.get("Content-Encoding"), "gzip")

    def test_tags_tell_the_codings_apart(self):
        conn = self.dial(self.serve(FILES))
        tags = {}
        for coding in ("identity", "gzip", "zstd", "br"):
            tags[coding] = conn.get("/app.js", fields=accept(coding)).get("ETag")
            self.assertRegex(tags[coding], r'\A"[0-9a-f.-]+(-br|-zst|-gz)?"\Z')
        self.assertEqual(len(set(tags.values())), 4)
        for coding, tag in tags.items():
            for other in tags:
                response = conn.get("/app.js",
                                    fields=accept(other) + ["If-None-Match: " + tag])
                self.assertEqual(response.status, 304 if coding == other else 200)
                self.assertEqual(response.get("Vary"), "Accept-Encoding")
                self.assertEqual(response.get("ETag"), tags[other])
            response = conn.get("/app.js", fields=accept("br") +
                                ["Range: bytes=0-4", "If-Range: " + tag])
            self.assertEqual(response.status, 206 if coding == "br" else 200)

    def test_vary_is_on_whatever_depends_on_the_field(self):
        conn = self.dial(self.serve(FILES))
        rows = [
            (200, []),
            (206, ["Range: bytes=0-0"]),
            (304, ["If-None-Match: *"]),
            (412, ['If-Match: "other"']),
            (416, ["Range: bytes=99999999-"]),
        ]
        for encoding in ("identity", "br"):
            for status, fields in rows:
                for method in ("GET", "HEAD"):
                    response = conn.get("/app.js", method=method, fields=accept(encoding) + fields)
                    if method == "GET" or status not in (206, 416):
                        self.assertEqual(response.status, status)
                    self.assertEqual(response.get("Vary"), "Accept-Encoding")
        response = conn.get("/app.js", fields=accept("identity;q=0, compress"))
        self.assertEqual((response.status, response.get("Vary")), (406, "Accept-Encoding"))

    def test_without_siblings_there_is_nothing_to_negotiate(self):
        conn = self.dial(self.serve(FILES))
        for value in ("gzip, br", "identity;q=0", "*;q=0"):
            response = conn.get("/plain.txt", fields=accept(value))
            self.assertEqual((response.status, response.body), (200, b"plain\n"))
            self.assertNotIn("Vary", response)

    def test_the_answer_is_the_same_for_head_and_for_both_versions(self):
        conn = self.dial(self.serve(FILES))
        usual = conn.get("/app.js", fields=accept("br"))
        head = conn.get("/app.js", method="HEAD", fields=accept("br"))
        self.assertEqual(head.without_date()[:2], usual.without_date()[:2])
        old = conn.get("/app.js", version="1.0",
                       fields=accept("br") + ["Connection: keep-alive"])
        self.assertEqual(old.body, BR)
        self.assertEqual(old.get("Content-Encoding"), "br")

    def test_by_its_own_name_it_is_a_file(self):
        conn = self.dial(self.serve(FILES))
        response = conn.get("/app.js.gz", fields=accept("gzip"))
        self.assertEqual(response.body, CODINGS["gzip"])
        self.assertEqual(response.get("Content-Type"), "application/gzip")
        self.assertNotIn("Content-Encoding", response)
        self.assertNotIn("Vary", response)

    def test_what_a_build_writes_anew_is_seen(self):
        server = self.serve({"a.css": b"old {}\n"}, sections={"cache": {"cache_valid": "50ms"}})
        conn = self.dial(server)
        self.assertNotIn("Vary", conn.get("/a.css", fields=accept("br")))
        server.write("a.css", b"new {}\n")
        server.write("a.css.br", b"first")

        def body():
            return conn.get("/a.css", fields=accept("br")).body

        wait_for("the sibling", lambda: body() == b"first")
        server.write("a.css.br", b"second")
        wait_for("its new content", lambda: body() == b"second")
        os.unlink(os.path.join(server.root, "a.css.br"))
        wait_for("its end", lambda: body() == b"new {}\n")
        wait_for("no Vary", lambda: "Vary" not in conn.get("/a.css"))

    def test_an_older_sibling_is_not_sent_and_named_in_the_log(self):
        server = self.serve(FILES)
        conn = self.dial(server)
        past = time.time() - 100
        os.utime(os.path.join(server.root, "app.js.br"), (past, past))
        for _ in range(3):
            response = conn.get("/app.js", fields=accept("br, gzip"))
            self.assertEqual(response.get("Content-Encoding"), "gzip")
        self.assertEqual(len(re.findall(r"'app.js.br' is not sent: it is older", server.log())), 1)

    def test_a_sibling_leads_nowhere_that_its_file_may_not(self):
        server = self.make({"a.txt": b"a\n", "b.txt": b"b\n", "c.txt": b"c\n"})
        os.symlink("/etc/passwd", os.path.join(server.root, "a.txt.gz"))
        os.mkfifo(os.path.join(server.root, "b.txt.gz"))
        os.mkdir(os.path.join(server.root, "c.txt.br"))
        server.start()
        conn = self.dial(server)
        for name in "abc":
            response = conn.get("/%s.txt" % name, fields=accept("gzip, br"))
            self.assertEqual((response.status, response.body), (200, name.encode() + b"\n"))
            self.assertNotIn("Content-Encoding", response)

    def test_off(self):
        conn = self.dial(self.serve(FILES, precompressed="off"))
        response = conn.get("/app.js", fields=accept("br, identity;q=0"))
        self.assertEqual(response.body, SCRIPT)
        self.assertNotIn("Vary", response)


def has_hash():
    info = subprocess.run([support.PROGRAM, "-V"], stdout=subprocess.PIPE, text=True).stdout
    return re.search(r"content hash: +yes", info) is not None


class EncodedByName(rawhttp.HttpTest):
    def test_svgz_is_an_image_of_gzip(self):
        image = gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 20)
        conn = self.dial(self.serve({"a.svgz": image, "B.SVGZ": image, "c.svg": b"<svg/>",
                                     "svgz": image, "x.svgz/d.svg": b"<svg/>"}))
        for name in ("a.svgz", "B.SVGZ"):
            response = conn.get("/" + name)
            self.assertEqual((response.status, response.body), (200, image))
            self.assertEqual((response.get("Content-Type"), response.get("Content-Encoding")),
                             ("image/svg+xml", "gzip"))
            self.assertNotIn("Vary", response)  # there is nothing to choose from
        self.assertEqual(conn.get("/a.svgz", "HEAD").get("Content-Encoding"), "gzip")
        part = conn.get("/a.svgz", fields=["Range: bytes=2-5"])
        self.assertEqual((part.status, part.body, part.get("Content-Encoding")),
                         (206, image[2:6], "gzip"))
        # A range of several parts has no word for the coding of each: all of it, as of siblings.
        self.assertEqual(conn.get("/a.svgz", fields=["Range: bytes=0-0,5-5"]).status, 200)
        known = conn.get("/a.svgz", fields=["If-None-Match: *"])
        self.assertEqual((known.status, known.get("Content-Encoding")), (304, None))
        for name in ("c.svg", "svgz", "x.svgz/d.svg"):
            self.assertNotIn("Content-Encoding", conn.get("/" + name))

    def test_a_sibling_of_it_is_coded_twice(self):
        image = gzip.compress(b"<svg/>")
        conn = self.dial(self.serve({"a.svgz": image, "a.svgz.br": b"coded again"}))
        response = conn.get("/a.svgz", fields=["Accept-Encoding: gzip, br"])
        self.assertEqual((response.body, response.get("Content-Encoding")),
                         (b"coded again", "gzip, br"))
        self.assertEqual(conn.get("/a.svgz").get("Content-Encoding"), "gzip")


class EntityTags(rawhttp.HttpTest):
    def reply(self, server, path="/a.txt", fields=()):
        return self.dial(server).get(path, fields=fields)

    def test_by_hash_replicas_agree(self):
        if not has_hash():
            self.skipTest("built without libxxhash")
        tags = []
        for age in (1000, 2000):
            server = self.make({"a.txt": b"the same\n", "b.bin": b"large" * 40000}, etag="hash")
            for name in ("a.txt", "b.bin"):
                then = time.time() - age
                os.utime(os.path.join(server.root, name), (then, then))
            server.start()
            tags.append([self.reply(server, path).get("ETag") for path in ("/a.txt", "/b.bin")])
            self.assertIn("Last-Modified", self.reply(server))
        self.assertEqual(tags[0], tags[1])
        self.assertRegex(tags[0][0], r'\A"[0-9a-f]+-[0-9a-f]+"\Z')

    def test_without_the_library_hash_is_a_mistake(self):
        if has_hash():
            self.skipTest("built with libxxhash")
        server = self.make(etag="hash")
        server.start(wait=False)
        self.assertEqual(server.wait(), 1)
        self.assertIn("without libxxhash", server.all_output())
        server.exit_status = 1
        server.allow_error("libxxhash")

    def test_times_of_images_do_not_make_old_copies_live_for_ever(self):
        for then in (0, 1, 315532800):  # 1970, the store of Nix, the first day of ZIP
            server = self.make({"a.txt": b"old\n"}, sections={"cache": {"cache_valid": "0"}})
            path = os.path.join(server.root, "a.txt")
            os.utime(path, (then, then))
            server.start()
            old = self.reply(server)
            self.assertNotIn("Last-Modified", old)
            self.assertEqual("ETag" in old, has_hash())
            with open(path + "~", "wb") as file:  # as a new image would: same size, same time
                file.write(b"new\n")
            os.utime(path + "~", (then, then))
            os.chmod(path + "~", 0o644)
            os.rename(path + "~", path)
            fields = ["If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT"]
            if "ETag" in old:
                fields.append("If-None-Match: " + old.get("ETag"))
            new = self.reply(server, fields=fields)
            self.assertEqual((new.status, new.body), (200, b"new\n"))

    def test_off(self):
        server = self.serve({"a.txt": b"a\n"}, etag="off")
        reply = self.reply(server)
        self.assertNotIn("ETag", reply)
        again = self.reply(server, fields=["If-Modified-Since: " + reply.get("Last-Modified")])
        self.assertEqual(again.status, 304)
        self.assertEqual(self.reply(server, fields=['If-None-Match: "x"']).status, 200)


class HeaderLines(rawhttp.HttpTest):
    def test_on_every_answer(self):
        conn = self.dial(self.serve(
            {"index.html": PAGE, "folder/a": b"a", "large.bin": b"x" * 300000},
            **{"header.X-Frame-Options": "SAMEORIGIN",
               "header.Content-Security-Policy": '"default-src \'self\'; img-src *"',
               "header.Cache-Control": "max-age=60"}))
        rows = [
            (200, "/", "GET", []), (200, "/", "HEAD", []), (200, "/large.bin", "GET", []),
            (206, "/", "GET", ["Range: bytes=0-1"]),
            (206, "/", "GET", ["Range: bytes=0-1,4-5"]),
            (304, "/", "GET", ["If-None-Match: *"]),
            (301, "/folder", "GET", []), (403, "/folder/", "GET", []), (404, "/none", "GET", []),
            (405, "/", "DELETE", []), (416, "/", "GET", ["Range: bytes=99999-"]),
            (412, "/", "GET", ['If-Match: "x"']), (204, "/", "OPTIONS", []),
        ]
        for version in ("1.1", "1.0"):
            for status, target, method, fields in rows:
                with self.subTest((status, version)):
                    keep = fields + ["Connection: keep-alive"]
                    response = conn.get(target, method, version, keep)
                    self.assertEqual(response.status, status)
                    self.assertEqual(response.get("X-Frame-Options"), "SAMEORIGIN")
                    self.assertEqual(response.get("Content-Security-Policy"),
                                     "default-src 'self'; img-src *")
                    is_file = status in (200, 206, 304)
                    self.assertEqual(response.get("Cache-Control"),
                                     "max-age=60" if is_file else None)
        bad = self.dial(self.servers[0])
        bad.send(b"nonsense\r\n\r\n")
        self.assertEqual(bad.response().get("X-Frame-Options"), "SAMEORIGIN")

    def test_many_long_ones_fit(self):
        settings = {"header.X-%d" % i: "v" * 480 for i in range(8)}
        conn = self.dial(self.serve({"index.html": PAGE, "big": b"b" * 100000}, **settings))
        for target in ("/", "/big", "/none"):
            for fields in ([], ["Range: bytes=1-2"], ["If-None-Match: *"]):
                response = conn.get(target, fields=fields)
                for i in range(8):
                    self.assertEqual(response.get("X-%d" % i), "v" * 480)

    def test_locations_add_replace_and_take_back(self):
        conn = self.dial(self.serve(
            {"a.txt": b"a", "sub/a.txt": b"b"},
            sections={"location sub": {"prefix": "/sub", "header.X-Two": "inner",
                                       "header.X-Three": "", "cache_control": "no-store",
                                       "header.X-Content-Type-Options": ""}},
            **{"header.X-One": "1", "header.X-Two": "outer", "header.X-Three": "3"}))
        names = ("X-One", "X-Two", "X-Three", "Cache-Control", "X-Content-Type-Options")
        for target, expected in (("/a.txt", ("1", "outer", "3", None, "nosniff")),
                                 ("/sub/a.txt", ("1", "inner", None, "no-store", None)),
                                 ("/a.txt", ("1", "outer", "3", None, "nosniff"))):
            response = conn.get(target)
            self.assertEqual(tuple(response.get(name) for name in names), expected)

    def test_cache_control_auto(self):
        conn = self.dial(self.serve(
            {"index.html": PAGE, "app.3f2a9b1c.js": SCRIPT, "app.3f2a9b1c.js.br": BR,
             "sw.js": SCRIPT, "a.txt": b"a"}, cache_control="auto"))
        for target, expected in (("/", "no-cache"), ("/sw.js", "no-cache"),
                                 ("/app.3f2a9b1c.js", "public, max-age=31536000, immutable"),
                                 ("/a.txt", "max-age=0, must-revalidate"), ("/none", None)):
            for fields in ([], accept("br"), ["If-None-Match: *"], ["Range: bytes=0-0"]):
                self.assertEqual(conn.get(target, fields=fields).get("Cache-Control"), expected)

    def test_off_is_the_default(self):
        self.assertNotIn("Cache-Control", self.dial(self.serve(FILES)).get("/"))


ALLOW = "Access-Control-Allow-Origin"
PREFLIGHT = ["Access-Control-Request-Method: GET", "Access-Control-Request-Headers: range, x-y"]


class Cors(rawhttp.HttpTest):
    FILES = {"index.html": PAGE, "index.html.gz": gzip.compress(PAGE), "folder/a": b"a",
             "plain.txt": b"plain"}
    ROWS = [
        (200, "/", "GET", []), (206, "/", "GET", ["Range: bytes=0-1"]),
        (304, "/", "GET", ["If-None-Match: *"]), (301, "/folder", "GET", []),
        (404, "/none", "GET", []), (405, "/", "PUT", []), (416, "/", "GET", ["Range: bytes=99999-"]),
        (204, "/", "OPTIONS", []), (200, "/plain.txt", "GET", []),
    ]

    def check_all(self, conn, origin, expected, vary):
        fields = ["Origin: " + origin] if origin else []
        for status, target, method, more in self.ROWS:
            with self.subTest((origin, status, target)):
                response = conn.get(target, method, fields=fields + more)
                self.assertEqual(response.status, status)
                self.assertEqual(response.get(ALLOW), expected)
                self.assertEqual("Access-Control-Expose-Headers" in response, expected is not None)
                has_choice = target == "/" and method == "GET"
                names = [name for name in ("Accept-Encoding" if has_choice else "", vary) if name]
                self.assertEqual(response.get("Vary"), ", ".join(names) or None)

    def preflight(self, conn, origin):
        response = conn.get("/", "OPTIONS", fields=["Origin: " + origin] + PREFLIGHT)
        self.assertEqual((response.status, response.body), (204, b""))
        return response

    def test_all_origins(self):
        conn = self.dial(self.serve(self.FILES, cors="*"))
        for origin in (None, "https://a.example", "null"):
            self.check_all(conn, origin, "*", None)
        response = self.preflight(conn, "https://a.example")
        self.assertEqual(response.get(ALLOW), "*")
        self.assertEqual(response.get("Access-Control-Allow-Methods"), "GET, HEAD")
        self.assertEqual(response.get("Access-Control-Allow-Headers"), "*, Authorization")
        self.assertEqual(response.get("Access-Control-Max-Age"), "7200")

    def test_one_origin_is_told_to_all(self):
        conn = self.dial(self.serve(self.FILES, cors="https://a.example"))
        for origin in (None, "https://a.example", "https://b.example"):
            self.check_all(conn, origin, "https://a.example", None)
        self.assertIn("Access-Control-Allow-Methods", self.preflight(conn, "https://a.example"))
        self.assertNotIn("Access-Control-Allow-Methods", self.preflight(conn, "https://b.example"))

    def test_of_several_each_is_told_its_own(self):
        conn = self.dial(self.serve(self.FILES, cors="https://a.example http://b.example:8080"))
        for origin in ("https://a.example", "http://b.example:8080"):
            self.check_all(conn, origin, origin, "Origin")
            self.assertEqual(self.preflight(conn, origin).get(ALLOW), origin)
        for origin in (None, "https://c.example", "https://a.example.evil.example", "null"):
            self.check_all(conn, origin, None, "Origin")
        response = self.preflight(conn, "https://c.example")
        self.assertNotIn(ALLOW, response)
        self.assertNotIn("Access-Control-Allow-Methods", response)

    def test_preflights_are_never_redirected(self):
        """Browsers take no redirect and no error for an answer, so the request itself would fail."""
        conn = self.dial(self.serve(self.FILES, cors="https://a.example http://b.example", sections={
            "location old": {"prefix": "/old", "redirect": "301 /new/$tail"},
            "location gone": {"prefix": "/gone", "status": "410"},
            "location plain": {"prefix": "/plain", "redirect": "301 /new/", "cors": "off"}}))
        origin = "Origin: http://b.example"
        for path, status in (("/old/a", 301), ("/gone", 410)):
            response = conn.get(path, "OPTIONS", fields=[origin] + PREFLIGHT)
            self.assertEqual((response.status, response.get(ALLOW)), (204, "http://b.example"))
            self.assertEqual(response.get("Access-Control-Allow-Methods"), "GET, HEAD")
            self.assertEqual(response.get("Allow"), "GET, HEAD, OPTIONS")
            response = conn.get(path, fields=[origin])
            self.assertEqual((response.status, response.get(ALLOW)), (status, "http://b.example"))
            for fields in ([], [origin], PREFLIGHT):  # any other OPTIONS is like any other request
                self.assertEqual(conn.get(path, "OPTIONS", fields=fields).status, status)
        self.assertEqual(conn.get("/plain", "OPTIONS", fields=[origin] + PREFLIGHT).status, 301)

    def test_off(self):
        conn = self.dial(self.serve(self.FILES))
        self.check_all(conn, "https://a.example", None, None)
        response = self.preflight(conn, "https://a.example")
        self.assertFalse([name for name, _ in response.fields if name.startswith("Access")])


class Types(rawhttp.HttpTest):
    def test_modern_files_have_theirs_without_configuration(self):
        expected = {
            "a.mjs": "text/javascript; charset=utf-8", "a.wasm": "application/wasm",
            "a.webmanifest": "application/manifest+json", "a.avif": "image/avif",
            "a.webp": "image/webp", "a.woff2": "font/woff2", "a.jxl": "image/jxl",
            "a.map": "application/json", "a.ics": "text/calendar; charset=utf-8",
            "a.md": "text/markdown; charset=utf-8", "a.txt": "text/plain; charset=utf-8",
            "a.xml": "text/xml", "a.svg": "image/svg+xml", "a.json": "application/json",
            "a.rss": "application/rss+xml", "a.html": "text/html; charset=utf-8",
        }
        conn = self.dial(self.serve({name: b"content" for name in expected}))
        for name, media_type in expected.items():
            self.assertEqual(conn.get("/" + name).get("Content-Type"), media_type)


class Attachments(rawhttp.HttpTest):
    def test_names(self):
        name = "L\u00e4nge \u4e2d\u6587.zip"
        conn = self.dial(self.serve({"a.zip": b"zip", "a.txt": b"text", name: b"other",
                                     "big.iso": b"i" * 200000},
                                    attachment="*.zip *.iso"))
        field = "Content-Disposition"
        for fields in ([], ["Range: bytes=0-0"], ["If-None-Match: *"]):
            self.assertEqual(conn.get("/a.zip", fields=fields).get(field),
                             'attachment; filename="a.zip"')
            self.assertEqual(conn.get("/big.iso", fields=fields).get(field),
                             'attachment; filename="big.iso"')
            self.assertNotIn(field, conn.get("/a.txt", fields=fields))
        response = conn.get("/" + urllib.parse.quote(name))
        self.assertEqual(response.body, b"other")
        self.assertEqual(response.get(field), 'attachment; filename="L__nge ______.zip"; '
                         "filename*=UTF-8''L%C3%A4nge%20%E4%B8%AD%E6%96%87.zip")
        self.assertNotIn(field, conn.get("/none.zip"))


if __name__ == "__main__":
    unittest.main()


class OnTheFly(rawhttp.HttpTest):
    """gzip = on."""

    def test_files_are_compressed_kept_and_made_anew_when_they_change(self):
        server = self.serve({"app.js": SCRIPT, "large.css": PAGE * 3000}, gzip="on", workers=1)
        conn = self.dial(server)
        for name, content in (("/app.js", SCRIPT), ("/large.css", PAGE * 3000)):
            for _ in range(2):
                response = conn.get(name, fields=accept("gzip, br"))
                self.assertEqual(response.get("Content-Encoding"), "gzip")
                self.assertEqual(gzip.decompress(response.body), content)
                head = conn.get(name, method="HEAD", fields=accept("gzip, br"))
                self.assertEqual(head.without_date()[:2], response.without_date()[:2])
                self.assertEqual(conn.get(name).body, content)
        tag = conn.get("/app.js", fields=accept("gzip")).get("ETag")
        server.write("app.js", SCRIPT * 2)
        changed = wait_for("the change", lambda: self.changed(conn, tag))
        self.assertEqual(gzip.decompress(changed.body), SCRIPT * 2)
        server.write("app.js.gz", CODINGS["gzip"])  # a sibling wins as soon as it is seen
        wait_for("the sibling", lambda: conn.get("/app.js", fields=accept("gzip")).body ==
                 CODINGS["gzip"])

    def changed(self, conn, tag):
        response = conn.get("/app.js", fields=accept("gzip"))
        return response if response.get("ETag") != tag else None

    def test_what_is_compressed_already_is_left_alone(self):
        server = self.serve({"a.svgz": PAGE, "b.svg": PAGE}, gzip="on", workers=1)
        conn = self.dial(server)
        self.assertEqual(conn.get("/a.svgz", fields=accept("gzip")).body, PAGE)
        self.assertLess(conn.get("/b.svg", fields=accept("gzip")).length, len(PAGE) // 2)

    def test_others_are_served_while_large_files_are_compressed(self):
        # Some 8 MiB that take their time, though they can be made smaller.
        words = b"".join(b"%x " % (number * 2654435761 % 2 ** 32) for number in range(900000))
        files = {"%d.txt" % number: words for number in range(3)}
        server = self.serve(dict(files, **{"a.png": b"small\n"}), gzip="on", gzip_level="9",
                            workers=1)
        slow = [self.dial(server) for _ in range(6)]
        quick = self.dial(server)
        for number, conn in enumerate(slow):
            conn.send(rawhttp.request("/%d.txt" % (number % 3), fields=accept("gzip")))
        answered = 0
        while all(conn.is_quiet(0) for conn in slow):
            self.assertEqual(quick.get("/a.png").status, 200)
            answered += 1
        self.assertGreater(answered, 4)
        bodies = [conn.response(seconds=180).body for conn in slow]
        self.assertEqual(bodies[:3], bodies[3:])
        self.assertEqual(gzip.decompress(bodies[0]), words)

    def test_memory_is_bounded(self):
        if support.is_sanitized():
            self.skipTest("what was freed stays for a while")
        files = {"%d.txt" % number: os.urandom(100000).hex().encode() for number in range(100)}
        server = self.serve(files, gzip="on", gzip_level="1", workers=1,
                            sections={"cache": {"max_size": "1m"}})
        conn = self.dial(server)
        for number, name in enumerate(files):
            if number == 10:  # more than the cache holds
                before = rawhttp.resident_kib(server.workers()[0])
            response = conn.get("/" + name, fields=accept("gzip"))
            self.assertEqual(gzip.decompress(response.body), files[name])
        # Kept, they would be some 10 MiB.
        self.assertLess(rawhttp.resident_kib(server.workers()[0]) - before, 5000)
