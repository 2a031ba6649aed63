# SPDX-License-Identifier: MIT
"""Targets that try to leave the root, or to see what is hidden in it.

Each row is sent as it stands, on a connection of its own. It has its status and never a byte from
outside of the root; the request behind it on the same connection is answered as if nothing had
been.
"""

import errno
import os
import unittest

import rawhttp
import support
from rawhttp import parse, request

OUTSIDE = b"outside of the root\n"
HIDDEN = b"a hidden file\n"
FILES = {
    "index.html": b"the index\n",
    "file.txt": b"a file\n",
    "dir/index.html": b"the index of dir\n",
    "dir/file.txt": b"a file in dir\n",
    "dir/sub/file.txt": b"a file in sub\n",
    "bare/file.txt": b"a file without an index\n",
    "a..b": b"dots inside\n",
    "c..": b"dots behind\n",
    "d.": b"a dot behind\n",
    "semi;colon": b"a semicolon\n",
    "back\\slash": b"a backslash\n",
    "100%": b"a percent sign\n",
    "%2e%2e": b"looks like an escape\n",
    "%41": b"looks like an A\n",
    "a+b": b"a plus\n",
    "a b": b"a blank\n",
    "a#b": b"a hash\n",
    "a?b": b"a question mark\n",
    "a\"<>b": b"quote and angles\n",
    "a\r\nb": b"a line end\n",
    "～": b"a wide tilde\n",
    ".htaccess": HIDDEN,
    ".git/config": HIDDEN,
    "dir/.secret": HIDDEN,
    "dir/.svn/entries": HIDDEN,
    "...": HIDDEN,
    "..x": HIDDEN,
    ".well-known/acme": b"a challenge\n",
    ".well-known/dir/file": b"a deep challenge\n",
    ".well-known/.secret": HIDDEN,
    ".well-knownx/file": HIDDEN,
    "dir/.well-known/file": HIDDEN,
}

# What must be in no answer, besides the contents above.
FOREIGN = [OUTSIDE, HIDDEN, b"root:x:0:0", b"root:*:", b"processor\t:"]

ABOVE = [
    "/..", "/../", "/../outside.txt", "/../../etc/passwd", "/" + "../" * 30 + "etc/passwd",
    "/../root/index.html", "/../root-evil/secret.txt", "/dir/../..", "/dir/../../outside.txt",
    "/dir/sub/../../../outside.txt", "/./../outside.txt", "/.././outside.txt",
    "//../outside.txt", "/dir//../../outside.txt", "/..//outside.txt", "/..//../outside.txt",
    "/%2e%2e", "/%2e%2e/", "/%2E%2E/outside.txt", "/.%2e/outside.txt", "/%2e./outside.txt",
    "/%2e%2e%2f", "/%2e%2e%2foutside.txt", "/..%2foutside.txt", "/..%2Foutside.txt",
    "/..%2f..%2f..%2fetc%2fpasswd", "/dir/..%2f..%2foutside.txt", "/dir%2f..%2f..%2foutside.txt",
    "/dir/%2e%2e/%2e%2e/outside.txt", "/a/..%2f..%2fx", "/%2f..%2foutside.txt",
    "/dir/../../", "/dir/../..?x", "/..?/dir/", "/../?..", "/none/../../outside.txt",
    "http://a/../outside.txt", "http://a/%2e%2e/outside.txt", "http://a/dir/../../outside.txt",
    "/" + "dir/../" * 200 + "../outside.txt",
    "/" + "../" * 1000,
]

MALFORMED = [
    "/%", "/%2", "/%zz", "/%2z", "/%z2", "/%%", "/%%2e", "/%+2e", "/%-1",
    "/%u002e%u002e/", "/%0x2e", "/dir/%", "/dir/%2", "/file.txt%", "/file.txt%0",
    "/%%32%65%%32%65/outside.txt",
    # A NUL.
    "/%00", "/file.txt%00", "/file.txt%00.html", "/index.html%00/../outside.txt", "/dir%00/",
    "/%2500%00", "/..%00/outside.txt", "/.%00./outside.txt",
    # UTF-8 that is none: overlong, surrogates, beyond Unicode, cut, alone.
    "/%c0%ae%c0%ae/outside.txt", "/%c0%ae%c0%ae%c0%afoutside.txt", "/..%c0%afoutside.txt",
    "/%c0%2e%c0%2e/", "/%c1%9c", "/%c1%1c..", "/%e0%80%ae%e0%80%ae/outside.txt",
    "/%e0%80%af", "/%f0%80%80%ae", "/%f0%80%80%af", "/%f8%80%80%80%ae", "/%fc%80%80%80%80%ae",
    "/%ed%a0%80", "/%ed%bf%bf", "/%f4%90%80%80", "/%f5%80%80%80", "/%ff", "/%fe", "/%80", "/%bf",
    "/%e4", "/%e4%b8", "/%f0%9f%98", "/%e4%b8/", "/%e4%b8%2f", "/%e4/b8/ad",
    "/%c3%28", "/%a0%a1", "/dir/%ff", "/%ff/../file.txt",
]

# Refused before the path is looked at: the connection ends.
REFUSED = [
    "..", "../outside.txt", "file.txt", "%2foutside.txt", "\\..\\outside.txt", "/..\\outside.txt",
    "/..\\..\\etc/passwd", "/dir\\..\\..\\outside.txt", "/\\..\\outside.txt", "/C:\\boot.ini",
    "/#/../outside.txt", "/file.txt#", "/..#/", "/<", "/>", "/\"", "file:///etc/passwd",
    "http:../outside.txt", "http:/../outside.txt", "http://", "http:///etc/passwd",
    "http://a\\..\\outside.txt", "*/../outside.txt", "?/../outside.txt",
    b"/\0", b"/file.txt\0", b"/..\0/", b"/\x7f", b"/..\r/outside.txt", b"/\t../outside.txt",
    b"/ ../outside.txt",
]

MISSING = [
    # Decoded once: what comes out is a name.
    "/%252e%252e/", "/%252e%252e/outside.txt", "/%252e%252e%252foutside.txt",
    "/..%252foutside.txt", "/%25%32%65%25%32%65/outside.txt", "/%2525252e/", "/%2500",
    "/%25c0%25ae",
    # Backslashes are plain bytes, and semicolons end nothing.
    "/..%5coutside.txt", "/..%5c..%5cetc%5cpasswd", "/%2e%2e%5coutside.txt", "/dir%5cfile.txt",
    "/%5c..%5coutside.txt", "/%5c%5coutside.txt",
    "/..;/outside.txt", "/..;x=y/outside.txt", "/dir/..;/..;/outside.txt", "/;/../none",
    "/file.txt;x", "/index.html;.css", "/dir;/file.txt",
    # Dots of other alphabets, and slashes that only look so.
    "/%ef%bc%8e%ef%bc%8e/outside.txt", "/%e2%80%a5/outside.txt", "/%e2%80%a4%e2%80%a4/outside.txt",
    "/..%ef%bc%8foutside.txt", "/..%e2%88%95outside.txt", "/..%e2%81%84outside.txt",
    "/．．/outside.txt", "/%cc%b8%2e%2e/outside.txt", "/%c2%ae%c2%ae/outside.txt",
    "/%ef%bb%bf../outside.txt", "/..%e2%80%8b/outside.txt", "/%e2%80%ae../outside.txt",
    # Dots with something about them.
    "/..%20/outside.txt", "/%20../outside.txt", "/..%09/outside.txt", "/..%0d/outside.txt",
    "/..%0a/outside.txt", "/%0a../outside.txt", "/..%7f/outside.txt", "/.%20./outside.txt",
    "/..:/outside.txt", "/..a/outside.txt", "/..../outside.txt", "/....//outside.txt",
    "/....//....//etc/passwd", "/.../.../etc/passwd", "/..././outside.txt", "/…/outside.txt",
    # Places that are elsewhere.
    "//etc/passwd", "///etc/passwd", "/etc/passwd", "/%2fetc%2fpasswd", "/%2f%2fetc/passwd",
    "/etc%2fpasswd", "/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/stdin", "/dev/zero",
    "/file:///etc/passwd", "/http://a/../file.txtx", "/~root/", "/~", "/C:/boot.ini",
    "/root-evil/secret.txt",
    "/outside.txt", "/root/index.html",
    # Names that are not there.
    "/none", "/none/", "/none/none", "/dir/none", "/none?/../../outside.txt", "/FILE.TXT",
    "/index.htm",
    "/index.html~", "/index.html.", "/index.html%20", "/index.html%0a", "/%69ndex.htmlx",
    "/file.txt.",
    "/file%2etxtx", "/d", "/d..", "/a...b",
    # A file is no directory.
    "/file.txt/", "/file.txt//", "/file.txt/.", "/file.txt/./", "/file.txt%2f", "/file.txt/none",
    "/file.txt/index.html", "/dir/file.txt/", "/index.html/",
    # Too long for any file system.
    "/" + "x" * 256, "/" + "x" * 5000, "/" + "x/" * 3000, "/dir/" + "x" * 300 + "/file.txt",
    "/" + "dir/" * 1500 + "file.txt", "/" + "%41" * 2000, "/" + "中" * 100,
    # A query that looks like a path changes nothing.
    "/none?/../file.txt", "/none?/file.txt",
]

HIDDEN_TARGETS = [
    "/.htaccess", "/%2ehtaccess", "/%2Ehtaccess", "/./.htaccess", "//.htaccess",
    "/dir/../.htaccess",
    "/.htaccess/", "/.htaccess?x", "/.git", "/.git/", "/.git/config", "/%2egit/config",
    "/.git%2fconfig",
    "/dir/.secret", "/dir/%2esecret", "/dir%2f.secret", "/dir%2f%2esecret", "/dir/.svn/entries",
    "/dir/.none", "/.none", "/.none/file.txt", "/...", "/.../", "/..x", "/%2e%2ex",
    "/.well-known/.secret", "/.well-known/%2esecret", "/.well-known/dir/../.secret",
    "/.well-known/../.git/config", "/.well-known/..%2f.git/config",
    "/.well-known%2f..%2f.git/config",
    "/.well-knownx/file", "/.well-known../file", "/.WELL-KNOWN/acme", "/.well-known%20",
    "/dir/.well-known/file", "/.well-known/.well-known/acme", "/.git/../.htaccess",
    "/dir/sub/../.secret",
    "/http://a/.git/config", "/.%2ex",
]

FOUND = {  # name: targets that lead there
    "index.html": ["/", "/.", "/./", "//", "///", "/%2f", "/%2F%2f", "/%2e", "/%2e/", "/%2e%2f",
        "/?", "/?..", "/?/../../etc/passwd", "/?%2e%2e", "/?%zz%00", "/index.html",
        "/./index.html", "//index.html", "/%69%6e%64%65%78.html", "/%69ndex%2ehtml", "/dir/..",
        "/dir/../", "/dir/../index.html", "/dir/..%2findex.html", "/dir%2f..%2findex.html",
        "/dir/sub/../../index.html", "/dir/%2e%2e/index.html", "/none/../index.html",
        "/none/none/../../index.html", "/file.txt/../index.html", "/file.txt/..", "/.git/..",
        "/.git/../index.html", "/%252e%252e/../index.html", "//a/%2e%2e/", "//smuggled/.."],
    "dir/index.html": ["/dir/", "/dir//", "/dir/.", "/dir%2f", "//dir/", "/dir/sub/..",
        "/dir/sub/../", "/dir/?/../x"],
    "dir/file.txt": ["/dir/file.txt", "/dir//file.txt", "/dir/./file.txt", "/dir%2ffile.txt",
        "/%64ir/file.txt", "/dir/sub/../file.txt", "/dir/sub//..//file.txt",
        "/dir/.//.//./file.txt", "http://a/dir/file.txt", "http://a//dir/./file.txt",
        "/" + "dir/../" * 500 + "dir/file.txt", "/" + "./" * 2000 + "dir/file.txt",
        "/" + "/" * 4000 + "dir/file.txt"],
    "a..b": ["/a..b", "/%61%2e%2eb"],
    "c..": ["/c.."],
    "d.": ["/d."],
    "semi;colon": ["/semi;colon", "/semi%3bcolon"],
    "back\\slash": ["/back%5cslash"],
    "100%": ["/100%25"],
    "%2e%2e": ["/%252e%252e"],
    "%41": ["/%2541"],
    "a+b": ["/a+b", "/a%2bb"],
    "a b": ["/a%20b"],
    "a#b": ["/a%23b"],
    "a?b": ["/a%3fb"],
    "a\"<>b": ["/a%22%3c%3eb"],
    "a\r\nb": ["/a%0d%0ab"],
    "～": ["/～", "/%ef%bd%9e"],
    ".well-known/acme": ["/.well-known/acme", "/%2ewell-known/acme", "/.well-known%2facme",
        "/./.well-known/./acme", "/.git/../.well-known/acme"],
    ".well-known/dir/file": ["/.well-known/dir/file"],
}

FOUND_BY_LINKS = {
    "dir/file.txt": ["/inside", "/inside-dir/file.txt", "/around", "/chain"],
    "file.txt": ["/dir/up"],
    ".htaccess": ["/to-hidden"],
}

LINKS = {  # name: target
    "inside": "dir/file.txt", "inside-dir": "dir", "dir/up": "../file.txt",
    "around": "dir/../dir/sub/../file.txt", "chain": "inside", "to-hidden": ".htaccess",
    "out": "../outside.txt", "out-dir": "..", "out-deep": "dir/sub/../../../outside.txt",
    "out-chain": "out", "dir/out": "../../outside.txt", "absolute": "/etc/passwd",
    "absolute-inside": None, "absolute-root": "/", "loop": "loop", "loop-a": "loop-b",
    "loop-b": "loop-a", "dangling": "none", "proc": "/proc/self/root/etc/passwd",
    "evil": "../root-evil/secret.txt", "again": "../root/file.txt",
}

OUT_OF_THE_ROOT = [
    "/out", "/out-dir", "/out-dir/", "/out-dir/outside.txt", "/out-dir/root/file.txt", "/out-deep",
    "/out-chain", "/dir/out", "/absolute", "/absolute-inside", "/absolute-root/etc/passwd", "/loop",
    "/loop-a", "/loop/file.txt", "/dangling", "/proc", "/evil", "/again", "/out/../out",
    "/inside-dir/../out",
]

REDIRECTS = [  # a directory without its slash; where it leads
    ("/dir", "/dir/"), ("//dir", "/dir/"), ("///dir", "/dir/"), ("/./dir", "/dir/"),
    ("/dir/sub", "/dir/sub/"), ("/%64ir", "/dir/"), ("/dir?a=b&c", "/dir/?a=b&c"),
    ("/dir?", "/dir/?"), ("/dir?/../..", "/dir/?/../.."), ("/none/../dir", "/dir/"),
    ("//smuggled.example/%2e%2e/dir", "/dir/"), ("/%2fsmuggled.example/..%2fdir", "/dir/"),
    ("http://smuggled.example/dir", "/dir/"), ("/.well-known", "/.well-known/"),
    ("/dir/../dir", "/dir/"), ("/bare", "/bare/"), ("/inside-dir", "/inside-dir/"),
    ("/line%0d%0aend", "/line%0D%0Aend/"), ("/line%0d%0aend?%0d%0aX:y",
    "/line%0D%0Aend/?%0d%0aX:y"),
    ("/%22quote%22", "/%22quote%22/"), ("/hash%23", "/hash%23/"), ("/mark%3f", "/mark%3F/"),
    ("/per%25cent", "/per%25cent/"), ("/目录", "/%E7%9B%AE%E5%BD%95/"),
    ("/%e7%9b%ae%e5%bd%95?问", "/%E7%9B%AE%E5%BD%95/?%E9%97%AE"),
    ("/bl%20ank", "/bl%20ank/"),
]


class Traversal(rawhttp.HttpTest):
    def setUp(self):
        super().setUp()
        server = self.server = self.make(dict(FILES))
        for folder in ("line\r\nend", "\"quote\"", "hash#", "mark?", "per%cent", "目录", "bl ank"):
            os.mkdir(os.path.join(server.root, folder), 0o755)
        for name, target in LINKS.items():
            os.symlink(target or os.path.join(server.root, "file.txt"),
                       os.path.join(server.root, name))
        os.mkdir(server.root + "-evil", 0o755)
        for path in (server.root + "-evil/secret.txt", os.path.join(server.dir, "outside.txt")):
            with open(path, "wb") as file:
                file.write(OUTSIDE)
            os.chmod(path, 0o644)
        os.chmod(server.dir, 0o755)  # so that nothing but the server's own walls keeps them out
        server.start()

    def check(self, target, statuses, body=None, location=None, method="GET"):
        """One row, and the request behind it; closes itself where the connection is not sound."""
        with self.subTest(target if len(target) < 100 else target[:100]):
            behind = request("/dir/file.txt", fields=["Connection: close"])
            with rawhttp.Connection(self.server) as conn:
                conn.send(request(target, method) + behind)
                received, how = conn.rest()
            self.assertEqual(how, "closed")
            for foreign in FOREIGN:
                if body != foreign:
                    self.assertNotIn(foreign, received)
            responses = parse(received, [method, "GET"])
            first = responses[0]
            self.assertIn(first.status, statuses)
            self.assertEqual(first.get("Location"), location)
            if body is not None:
                self.assertEqual(first.body, body)
            elif first.status != 301 and method == "GET":
                self.assertIn(b"<html", first.body)
            if first.closes:
                self.assertEqual(len(responses), 1)
                self.assertEqual(first.status, 400)
            else:
                self.assertEqual([r.status for r in responses[1:]], [200])
                self.assertEqual(responses[1].body, FILES["dir/file.txt"])
            return first

    def test_above_the_root(self):
        for target in ABOVE:
            self.check(target, [400])

    def test_malformed(self):
        for target in MALFORMED:
            self.check(target, [400])

    def test_refused(self):
        for target in REFUSED:
            self.assertTrue(self.check(target, [400]).closes)

    def test_missing(self):
        for target in MISSING:
            self.check(target, [404])

    def test_hidden(self):
        for target in HIDDEN_TARGETS:
            self.check(target, [404])

    def test_found(self):
        for table in (FOUND, FOUND_BY_LINKS):
            for name, targets in table.items():
                for target in targets:
                    self.check(target, [200], FILES[name])

    def test_links_out_of_the_root(self):
        for target in OUT_OF_THE_ROOT:
            self.check(target, [404])

    def test_redirects(self):
        for target, location in REDIRECTS:
            self.check(target, [301], location=location)

    def test_the_same_with_head(self):
        for target in ABOVE[:10] + MALFORMED[:20]:
            self.check(target, [400], method="HEAD")
        for target in MISSING + HIDDEN_TARGETS + OUT_OF_THE_ROOT:
            self.check(target, [404], method="HEAD")

    def test_none_of_it_is_an_error_page(self):
        """The same rows where error pages are files: the page, and nothing else."""
        server = self.serve(dict(FILES, **{"404.html": b"<html>404\n", "400.html": b"<html>400\n"}),
                            **{"error_page.404": "/404.html", "error_page.400": "/400.html"})
        with rawhttp.Connection(server) as conn:
            for target in ABOVE[:20] + MALFORMED[:20]:
                self.assertEqual(conn.get(target).body, b"<html>400\n")
            for target in MISSING[:20] + HIDDEN_TARGETS:
                response = conn.get(target)
                self.assertEqual((response.status, response.body), (404, b"<html>404\n"), target)


class TraversalWithoutOpenat2(Traversal):
    """The same where the kernel has no openat2: the server walks step by step."""

    def setUp(self):
        support.forbid_calls(self, {support.SYS_OPENAT2: errno.ENOSYS})
        super().setUp()


if __name__ == "__main__":
    unittest.main()
