# SPDX-License-Identifier: MIT
"""Files come back as they are: every byte, the right type, old or new but never torn."""

import contextlib
import os
import random
import re
import socket
import stat
import threading
import time
import unittest
import urllib.parse

import rawhttp
import support
from rawhttp import Ended, request
from support import wait_for

KIB = 1024
MIB = 1024 * KIB
TOP = os.path.join(support.HERE, os.pardir, os.pardir)
WWW = os.path.join(TOP, "www")
MIME_TYPES = os.path.join(TOP, "conf", "mime.types")

# Text has its charset.
TYPES = {
    "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon",
    "json": "application/json", "xml": "text/xml", "pdf": "application/pdf",
    "wasm": "application/wasm", "webmanifest": "application/manifest+json",
    "woff": "font/woff", "woff2": "font/woff2", "mp4": "video/mp4", "webm": "video/webm",
    "mp3": "audio/mpeg", "zip": "application/zip", "gz": "application/gzip",
}
UNKNOWN = "application/octet-stream"

# Of the type's parameters only what follows matters here.
MAY_HAVE_CHARSET = {"image/svg+xml", "application/json", "application/manifest+json", "text/xml",
                    "image/x-icon", "image/vnd.microsoft.icon", "application/xml"}


def pattern(size, seed=0):
    """Bytes that tell where they are from, and of which @seed."""
    return b"".join(b"%05d%010d\n" % (seed, at) for at in range(0, size + 16, 16))[:size]


def quoted(name):
    return "/" + urllib.parse.quote(name, safe="/")


def worker_ids(pid):
    with open("/proc/%d/status" % pid) as file:
        return re.search(r"Uid:\s+(\d+)", file.read()).group(1)


class Contents(rawhttp.HttpTest):
    def check_type(self, response, name):
        """By the extension alone."""
        extension = name.rpartition("/")[2].rpartition(".")[2].lower() if "." in name else ""
        expected = TYPES.get(extension, UNKNOWN)
        found = response.get("Content-Type")
        if expected.split(";")[0] in MAY_HAVE_CHARSET:
            found = found.split(";")[0]
            expected = expected.split(";")[0]
        if extension == "ico":
            self.assertIn(found, ("image/x-icon", "image/vnd.microsoft.icon"))
        elif extension == "xml":
            self.assertIn(found, ("text/xml", "application/xml"))
        else:
            self.assertEqual(found, expected, name)
        self.assertEqual(response.get("X-Content-Type-Options"), "nosniff")

    def test_the_real_www(self):
        server = self.make(root=os.path.abspath(WWW), workers=2,
                           sections={"mime": {"include": os.path.abspath(MIME_TYPES)}})
        server.start()
        conn = self.dial(server)
        count = 0
        for folder, _, names in os.walk(WWW):
            for name in names:
                path = os.path.join(folder, name)
                target = os.path.relpath(path, WWW)
                with open(path, "rb") as file:
                    content = file.read()
                response = conn.get(quoted(target))
                self.assertEqual((response.status, response.body), (200, content), target)
                self.check_type(response, target)
                count += 1
        self.assertGreaterEqual(count, 5)
        with open(os.path.join(WWW, "index.html"), "rb") as file:
            self.assertEqual(conn.get("/").body, file.read())

    def test_every_type(self):
        names = ["file." + extension for extension in TYPES] + [
            "FILE.CSS", "File.Html", "a.b.css", "archive.tar.gz", "none", "x.unknown", "dot.",
            "name.html.x", "css", "a.css/none", "a.css/b.png", "中文.png", "sp ace.js"]
        server = self.serve({name: name.encode() for name in names})
        conn = self.dial(server)
        for name in names:
            response = conn.get(quoted(name))
            self.assertEqual((response.status, response.body), (200, name.encode()), name)
            self.check_type(response, name)

    def test_types_of_a_file(self):
        server = self.make({"a.css": b"", "a.foo": b"", "a.bar": b"", "a": b"", "a.baz": b""},
                           sections={"mime": {
                               "include": "my.types", "default_type": "text/x-none",
                               "charset": "us-ascii"}})
        with open(os.path.join(server.dir, "my.types"), "w") as file:
            file.write("types { text/x-foo foo; application/x-bar bar BAZ; text/x-css css; }\n")
        server.start()
        conn = self.dial(server)
        for name, expected in [("a.css", "text/x-css; charset=us-ascii"),
                               ("a.foo", "text/x-foo; charset=us-ascii"),
                               ("a.bar", "application/x-bar"), ("a.baz", "application/x-bar"),
                               ("a", "text/x-none; charset=us-ascii")]:
            self.assertEqual(conn.get("/" + name).get("Content-Type"), expected, name)

    def test_no_charset(self):
        server = self.serve({"a.css": b""}, sections={"mime": {"charset": "off"}})
        self.assertEqual(self.dial(server).get("/a.css").get("Content-Type"), "text/css")

    def test_names_of_all_alphabets(self):
        names = ["中文 测试.html", "😀🎉.txt", "目录/文件.css", "ÄÖÜ ß.txt", "ελληνικά", "кириллица.js",
                 "עברית.html", "日本語/😺 猫.svg", "a\u0301.txt", "á.txt", "𝒳.txt", "\u200d.txt",
                 "tab\tname", "new\nline", "quote\"s", "back\\slash", "semi;colon", "q?mark",
                 "ha#sh", "per%cent", "plus+plus", "am&p", "a'b", "{[|]}^`", "~tilde", "-", "%",
                 "%41", "😀" * 63, "x" * 255]
        files = {name: ("I am %r\n" % name).encode() for name in names}
        server = self.serve(files)
        conn = self.dial(server)
        for name, content in files.items():
            response = conn.get(quoted(name))
            self.assertEqual((response.status, response.body), (200, content), name)
            everything = "/" + "".join("%%%02x" % byte for byte in name.encode())
            self.assertEqual(conn.get(everything).body, content, name)
            if not re.search(r"[\x00-\x20#?%\"<>\\]", name):
                self.assertEqual(conn.get("/" + name).body, content, name)  # raw UTF-8

    def test_curl(self):
        """As people type it: curl sends UTF-8 as it is, and follows the redirect."""
        server = self.serve({"中文测试.html": "你好\n".encode(), "目录/index.html": b"index\n"})
        url = "http://127.0.0.1:%d/" % server.port
        for path, content in (("中文测试.html", "你好\n"), ("%E4%B8%AD文测试.html", "你好\n"),
                              ("目录", "index\n"), ("目录/../目录/", "index\n")):
            with self.subTest(path):
                try:
                    done = support.subprocess.run(
                        ["curl", "-sSL", "--max-time", "20", "--path-as-is", url + path],
                        stdout=-1, check=True)
                except FileNotFoundError:
                    self.skipTest("no curl")
                self.assertEqual(done.stdout.decode(), content)

    def test_sizes(self):
        """On both sides of every border: memory or file, one write or several."""
        sizes = [0, 1, 2, 15, 16, 511, 512, 513, 1023, 1024, 4095, 4096, 4097, 16383, 16384, 16385,
                 65535, 65536, 65537, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, MIB - 1, MIB,
                 MIB + 1, 5 * MIB + 7]
        server = self.serve({"f%d.txt" % size: pattern(size, size) for size in sizes})
        conn = self.dial(server)
        for _ in range(2):  # from the disk and from the cache
            for size in sizes:
                response = conn.get("/f%d.txt" % size)
                self.assertEqual(response.body, pattern(size, size), size)
                head = conn.get("/f%d.txt" % size, "HEAD")
                self.assertEqual(head.length, size)

    def test_ten_thousand_small_files(self):
        count = 10000
        rng = random.Random(4)
        files = {"d%02d/f%d.txt" % (i % 50, i): rng.randbytes(rng.randrange(2000))
                 for i in range(count)}
        server = self.serve(files, workers=2, access_log="off", keepalive_requests=0)
        names = list(files)

        def fetch(part, depth):
            with rawhttp.Connection(server) as conn:
                for start in range(0, len(part), depth):
                    some = part[start:start + depth]
                    conn.send(b"".join(request("/" + name) for name in some))
                    for name in some:
                        if conn.response().body != files[name]:
                            wrong.append(name)
            done.append(len(part))

        for depth in (1, 100):
            wrong, done = [], []
            threads = [threading.Thread(target=fetch, args=(names[at::4], depth))
                       for at in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual((wrong, sum(done)), ([], count))

    def test_more_files_than_the_cache_holds(self):
        files = {"f%d" % i: pattern(1000 if i % 3 else 100 * KIB, i) for i in range(300)}
        server = self.serve(files, sections={"cache": {"max_entries": 20, "max_size": "64k"}})
        conn = self.dial(server)
        rng = random.Random(5)
        for _ in range(1000):
            name = rng.choice(list(files))
            self.assertEqual(conn.get("/" + name).body, files[name])

    def test_two_gibibytes(self):
        """A sparse file with marks, whole, and in ranges on both sides of 2^31."""
        size = (1 << 31) + 12345
        marks = {0: b"start", (1 << 30) + 7: b"one", (1 << 31) - 3: b"border", size - 3: b"end"}
        server = self.serve()
        path = server.write("huge", b"")
        with open(path, "r+b") as file:
            file.truncate(size)
            for at, mark in marks.items():
                file.seek(at)
                file.write(mark)
        conn = self.dial(server, seconds=120)
        for first, last in [(0, 9), ((1 << 30), (1 << 30) + 20), ((1 << 31) - 10, (1 << 31) + 10),
                            ((1 << 31) - 1, (1 << 31) - 1), (1 << 31, 1 << 31),
                            (size - 10, size - 1), (size - 10, size + 100)]:
            response = conn.get("/huge", fields=["Range: bytes=%d-%d" % (first, last)])
            last = min(last, size - 1)
            self.assertEqual((response.status, response.get("Content-Range")),
                             (206, "bytes %d-%d/%d" % (first, last, size)))
            with open(path, "rb") as file:
                file.seek(first)
                self.assertEqual(response.body, file.read(last - first + 1))
        self.assertEqual(conn.get("/huge", "HEAD").length, size)
        conn.send(request("/huge"))
        head = conn.head()
        self.assertEqual((head.status, head.length), (200, size))
        self.assertEqual(self.nonzero(conn, size), marks)
        self.assertEqual(conn.get("/none").status, 404)  # and the connection goes on

    def nonzero(self, conn, size):
        """Read @size bytes; what is not zero, by its place."""
        block = bytearray(1 << 20)
        zeros = bytes(1 << 20)
        view = memoryview(block)
        found, position = {}, 0

        def look(data):
            for match in re.finditer(rb"[^\0]+", data):
                at = position + match.start()
                joined = [start for start in found if start + len(found[start]) == at]
                if joined:
                    found[joined[0]] += match.group()
                else:
                    found[at] = match.group()

        look(conn.buffer)
        position, conn.buffer = len(conn.buffer), b""
        conn.sock.settimeout(120)
        while position < size:
            count = conn.sock.recv_into(view, min(len(block), size - position))
            if not count:
                raise Ended("closed", b"")
            if block[:count] != zeros[:count]:
                look(bytes(block[:count]))
            position += count
        return found


class Directories(rawhttp.HttpTest):
    def test_index_files(self):
        server = self.make({"index.html": b"1\n", "second/index.htm": b"2\n",
                            "both/index.htm": b"htm\n", "both/index.html": b"html\n",
                            "third/default.txt": b"3\n", "none/x": b"", "folder/index.html/x": b"",
                            "folder/index.htm": b"folder\n"},
                           index="index.html index.htm default.txt")
        os.mkdir(os.path.join(server.root, "empty"), 0o755)
        server.start()
        conn = self.dial(server)
        for target, body in [("/", b"1\n"), ("/second/", b"2\n"), ("/both/", b"html\n"),
                             ("/third/", b"3\n"), ("/folder/", b"folder\n")]:
            response = conn.get(target)
            self.assertEqual((response.status, response.body), (200, body), target)
        self.assertEqual(conn.get("/third/").get("Content-Type"), "text/plain; charset=utf-8")
        for target in ("/none/", "/empty/"):
            self.assertEqual(conn.get(target).status, 403, target)
        self.assertEqual(conn.get("/missing/").status, 404)

    def test_redirects(self):
        server = self.make({"dir/index.html": b"", "a b/c/index.html": b""})
        os.makedirs(os.path.join(server.root, "目录/😀"))
        server.start()
        conn = self.dial(server)
        for target, location in [
                ("/dir", "/dir/"), ("/dir?", "/dir/?"), ("/dir?a=b&c=%20d", "/dir/?a=b&c=%20d"),
                ("/dir?a=中", "/dir/?a=%E4%B8%AD"), ("/a%20b", "/a%20b/"),
                ("/a%20b/c", "/a%20b/c/"), ("/%e7%9b%ae%e5%bd%95", "/%E7%9B%AE%E5%BD%95/"),
                ("/目录/😀", "/%E7%9B%AE%E5%BD%95/%F0%9F%98%80/"), ("//dir", "/dir/"),
                ("http://other/dir", "/dir/")]:
            for method in ("GET", "HEAD"):
                response = conn.get(target, method)
                self.assertEqual((response.status, response.get("Location")), (301, location))
                self.assertFalse(response.closes)

    def test_a_redirect_leads_to_the_page(self):
        server = self.serve({"目 录/index.html": b"found\n"})
        conn = self.dial(server)
        location = conn.get(quoted("目 录") + "?x").get("Location")
        self.assertEqual(conn.get(location).body, b"found\n")

    def test_a_redirect_as_long_as_the_longest_target(self):
        server = self.serve({"dir/index.html": b""})
        conn = self.dial(server)
        query = "?" + "x" * (8192 - len("/dir?"))
        self.assertEqual(conn.get("/dir" + query).get("Location"), "/dir/" + query)
        query = "?" + "中" * ((8192 - len("/dir?")) // 3)  # each becomes nine bytes
        self.assertEqual(conn.get("/dir" + query).get("Location"),
                         "/dir/?" + urllib.parse.quote(query[1:]))

    def test_a_directory_with_a_private_parent(self):
        """The master opens the root, so workers without rights need not reach it by its path."""
        if os.getuid() != 0:
            self.skipTest("only root can drop its rights")
        server = self.make({"index.html": b"deep\n"})
        os.chmod(server.dir, 0o700)
        server.start()
        self.assertNotEqual(worker_ids(server.workers()[0]), "0")
        self.assertEqual(self.dial(server).get("/").body, b"deep\n")

    def test_a_renamed_root_is_still_served(self):
        """Until the next reload: the directory was opened at the start."""
        server = self.serve({"index.html": b"hello\n"},
                            sections={"cache": {"cache_valid": "10ms"}})
        conn = self.dial(server)
        conn.get("/")
        os.rename(server.root, server.root + ".old")
        self.addCleanup(os.rename, server.root + ".old", server.root)
        time.sleep(0.1)
        self.assertEqual(conn.get("/").body, b"hello\n")


class Permissions(rawhttp.HttpTest):
    def test_what_may_not_be_read(self):
        if os.getuid() != 0:
            self.skipTest("needs files of somebody else")
        server = self.make({"secret": b"SECRET", "dir/index.html": b"SECRET", "big": b"S" * MIB,
                            "index/index.html": b"SECRET", "closed/file": b"SECRET"})
        for name, mode in [("secret", 0o600), ("dir", 0o700), ("big", 0o600), ("closed", 0o744),
                           ("index/index.html", 0o600)]:
            os.chmod(os.path.join(server.root, name), mode)
        server.start()
        conn = self.dial(server)
        for target in ("/secret", "/dir/", "/dir/index.html", "/big", "/index/", "/closed/file"):
            response = conn.get(target)
            self.assertEqual((response.status, response.closes), (403, False), target)
            self.assertNotIn(b"SECRET", response.body)

    def test_what_is_no_file(self):
        """A FIFO must not hang, and a device not stream."""
        server = self.make()
        os.mkfifo(os.path.join(server.root, "fifo"), 0o644)
        os.chmod(os.path.join(server.root, "fifo"), 0o644)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(os.path.join(server.root, "socket"))
        os.chmod(os.path.join(server.root, "socket"), 0o666)
        targets = ["/fifo", "/socket"]
        with contextlib.suppress(PermissionError):
            for name, major, minor in [("zero", 1, 5), ("null", 1, 3), ("full", 1, 7),
                                       ("no-driver", 250, 77)]:
                path = os.path.join(server.root, name)
                os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(major, minor))
                os.chmod(path, 0o666)
                targets.append("/" + name)
        os.symlink("fifo", os.path.join(server.root, "link"))
        server.start()
        conn = self.dial(server)
        for target in targets + ["/link"]:
            for method in ("GET", "HEAD"):
                start = time.monotonic()
                response = conn.get(target, method)
                self.assertEqual((response.status, response.closes), (403, False), target)
                self.assertLess(time.monotonic() - start, 5 + support.LATE)
        self.assertEqual(conn.get("/").body, b"hello\n")

    def test_a_fifo_with_a_writer(self):
        server = self.make()
        path = os.path.join(server.root, "fifo")
        os.mkfifo(path)
        os.chmod(path, 0o644)
        server.start()
        fd = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, fd)
        os.write(fd, b"SECRET")
        self.assertEqual(self.dial(server).get("/fifo").status, 403)
        self.assertEqual(os.read(fd, 100), b"SECRET")  # it took nothing

    def test_links(self):
        server = self.make({"a/file": b"inside\n", "index.html": b""})
        outside = os.path.join(server.dir, "outside")
        with open(outside, "w") as file:
            file.write("SECRET")
        os.chmod(outside, 0o644)
        os.chmod(server.dir, 0o755)
        for name, target in [("in", "a/file"), ("dir", "a"), ("a/up", "../a/file"),
                             ("out", "../outside"), ("abs", outside), ("a/out", "../../outside"),
                             ("outdir", ".."), ("loop", "loop"), ("dangling", "nothing"),
                             ("proc", "/proc/self/environ"), ("magic", "/proc/self/cwd/outside")]:
            os.symlink(target, os.path.join(server.root, name))
        server.start()
        conn = self.dial(server)
        for target in ("/in", "/dir/file", "/a/up"):
            self.assertEqual(conn.get(target).body, b"inside\n", target)
        for target in ("/out", "/abs", "/a/out", "/outdir/outside", "/outdir/", "/loop",
                       "/dangling", "/proc", "/magic"):
            response = conn.get(target)
            self.assertEqual(response.status, 404, target)
            self.assertNotIn(b"SECRET", response.body)

    def test_a_mounted_config_map(self):
        """Kubernetes: file -> ..data/file, ..data -> ..2026_01; replaced by one rename."""
        server = self.make({"..2026_01/page.html": b"old\n", "..2026_02/page.html": b"new!\n"},
                           sections={"cache": {"cache_valid": "100ms"}})
        os.symlink("..2026_01", os.path.join(server.root, "..data"))
        os.symlink("..data/page.html", os.path.join(server.root, "page.html"))
        server.start()
        conn = self.dial(server)
        self.assertEqual(conn.get("/page.html").body, b"old\n")
        for target in ("/..data/page.html", "/..2026_01/page.html"):
            self.assertEqual(conn.get(target).status, 404, target)
        os.symlink("..2026_02", os.path.join(server.root, "..tmp"))
        os.rename(os.path.join(server.root, "..tmp"), os.path.join(server.root, "..data"))
        time.sleep(0.3)
        self.assertEqual(conn.get("/page.html").body, b"new!\n")

    def test_long_names(self):
        deep = "/".join(["d" * 200] * 18)
        server = self.make({"n" * 255: b"long\n"})
        folder = os.open(server.root, os.O_PATH)
        for name in deep.split("/"):  # longer than a path may be from the root of the system
            os.mkdir(name, 0o755, dir_fd=folder)
            inner = os.open(name, os.O_PATH, dir_fd=folder)
            os.close(folder)
            folder = inner
        fd = os.open("file", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=folder)
        os.write(fd, b"deep\n")
        os.close(fd)
        os.close(folder)
        server.start()
        conn = self.dial(server)
        self.assertEqual(conn.get("/" + "n" * 255).body, b"long\n")
        self.assertEqual(conn.get("/" + "n" * 256).status, 404)
        self.assertEqual(conn.get("/%s/file" % deep).body, b"deep\n")
        self.assertEqual(conn.get("/%s/none" % deep).status, 404)
        self.assertEqual(conn.get("/%s" % deep).status, 301)
        for size in (4000, 4094, 4095, 4096, 4097, 5000, 8000):
            self.assertEqual(conn.get("/" + "d/" * (size // 2)).status, 404, size)


class Head(rawhttp.HttpTest):
    def test_the_fields_of_a_get(self):
        server = self.serve({"small": b"small\n", "big": pattern(MIB), "empty": b"",
                             "dir/index.html": b"index\n"})
        conn = self.dial(server)
        etag = conn.get("/small").get("ETag")
        for target, fields in [("/small", []), ("/big", []), ("/empty", []), ("/dir/", []),
                               ("/dir", []), ("/none", []), ("/.git", []), ("/%00", []),
                               ("/small", ["If-None-Match: " + etag]),
                               ("/small", ["If-Match: \"x\""]), ("/dir", ["Range: bytes=0-1"])]:
            with self.subTest("%s %s" % (target, fields)):
                for version, more in (("1.1", []), ("1.0", ["Connection: keep-alive"])):
                    got = conn.get(target, fields=fields + more, version=version)
                    head = conn.get(target, "HEAD", fields=fields + more, version=version)
                    self.assertEqual(head.status, got.status)
                    self.assertEqual([f for f in head.fields if f[0] != "Date"],
                                     [f for f in got.fields if f[0] != "Date"])
                    self.assertEqual(head.body, b"")

    def test_a_range_is_for_get_alone(self):
        server = self.serve({"small": b"small\n"})
        response = self.dial(server).get("/small", "HEAD", fields=["Range: bytes=0-1"])
        self.assertEqual((response.status, response.length), (200, 6))


class Changes(rawhttp.HttpTest):
    """What happens to a file while it is served."""

    VALID = 0.2

    def serve_changing(self, files, **arguments):
        return self.serve(files, sections={"cache": {"cache_valid": "200ms"}}, **arguments)

    def becomes(self, conn, target, body, status=200):
        """Within the valid time, or what a busy machine makes of it."""
        def is_there():
            response = conn.get(target)
            return response.status == status and (body is None or response.body == body)
        wait_for("%s with %r" % (target, body and body[:40]), is_there, self.VALID + 5)
        for _ in range(5):
            self.assertTrue(is_there())  # and stays so

    def test_edited(self):
        server = self.serve_changing({"page": b"old content\n"})
        conn = self.dial(server)
        first = conn.get("/page")
        self.assertEqual(first.body, b"old content\n")
        server.write("page", b"newer and longer content\n")
        self.becomes(conn, "/page", b"newer and longer content\n")
        self.assertNotEqual(conn.get("/page").get("ETag"), first.get("ETag"))

    def test_edited_to_the_same_size_and_time(self):
        """ETag and date cannot tell, but the content that is sent is the new one."""
        server = self.serve_changing({"page": b"old content\n"})
        conn = self.dial(server)
        path = os.path.join(server.root, "page")
        before = os.stat(path)
        conn.get("/page")
        with open(path, "r+b") as file:
            file.write(b"new content\n")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.becomes(conn, "/page", b"new content\n")

    def test_edited_again_and_again_at_once(self):
        """Several changes within one tick of the kernel's clock."""
        server = self.serve_changing({"page": b"0000\n"})
        conn = self.dial(server)
        for round_ in range(1, 6):
            for turn in range(20):
                with open(os.path.join(server.root, "page"), "r+b") as file:
                    file.write(b"%02d%02d\n" % (round_, turn))
                conn.get("/page")
            self.becomes(conn, "/page", b"%02d19\n" % round_)

    def test_not_looked_at_within_the_valid_time(self):
        server = self.serve({"page": b"old\n"}, sections={"cache": {"cache_valid": "1h"}})
        conn = self.dial(server)
        conn.get("/page")
        time.sleep(0.2)  # the file is not too young to be trusted any more
        conn.get("/page")
        server.write("page", b"new\n")
        self.assertEqual(conn.get("/page").body, b"old\n")

    def test_looked_at_each_time(self):
        server = self.serve({"page": b"old\n"}, sections={"cache": {"cache_valid": 0}})
        conn = self.dial(server)
        for turn in range(50):
            server.write("page", b"content %d\n" % turn)
            self.assertEqual(conn.get("/page").body, b"content %d\n" % turn)

    def test_replaced_by_a_rename(self):
        server = self.serve_changing({"page": b"old\n", "other": b"another\n"})
        conn = self.dial(server)
        conn.get("/page")
        os.rename(os.path.join(server.root, "other"), os.path.join(server.root, "page"))
        self.becomes(conn, "/page", b"another\n")
        self.assertEqual(conn.get("/other").status, 404)

    def test_deleted_and_there_again(self):
        server = self.serve_changing({"page": b"page\n", "big": pattern(MIB)})
        conn = self.dial(server)
        for name, content in (("page", b"page\n"), ("big", pattern(MIB))):
            self.assertEqual(conn.get("/" + name).body, content)
            os.unlink(os.path.join(server.root, name))
            self.becomes(conn, "/" + name, None, 404)
            server.write(name, content)
            self.assertEqual(conn.get("/" + name).body, content)  # a 404 is not remembered

    def test_a_file_becomes_a_directory_and_back(self):
        server = self.serve_changing({"thing": b"file\n"})
        conn = self.dial(server)
        conn.get("/thing")
        os.unlink(os.path.join(server.root, "thing"))
        server.write("thing/index.html", b"directory\n")
        self.becomes(conn, "/thing", None, 301)
        self.becomes(conn, "/thing/", b"directory\n")
        os.rename(os.path.join(server.root, "thing"), os.path.join(server.root, "gone"))
        server.write("thing", b"file again\n")
        self.becomes(conn, "/thing", b"file again\n")

    def test_rights_taken_away(self):
        if os.getuid() != 0:
            self.skipTest("needs files of somebody else")
        server = self.serve_changing({"page": b"page\n"})
        conn = self.dial(server)
        self.assertEqual(conn.get("/page").status, 200)
        os.chmod(os.path.join(server.root, "page"), 0o600)
        self.becomes(conn, "/page", None, 403)
        os.chmod(os.path.join(server.root, "page"), 0o644)
        self.becomes(conn, "/page", b"page\n")

    def test_never_torn_when_it_is_replaced(self):
        """Clients read while versions of different length follow each other by rename."""
        versions = [pattern(size, seed) for seed, size in
                    enumerate([100, 5000, 40000, 70000, 200000, 1, 900000])]
        server = self.serve({"page": versions[0]}, workers=2, keepalive_requests=0,
                            sections={"cache": {"cache_valid": "10ms"}})
        whole = set(versions)
        wrong, counts = [], [0] * 4
        done = threading.Event()

        def read(number):
            with rawhttp.Connection(server) as conn:
                while not done.is_set():
                    response = conn.get("/page")
                    if response.status != 200 or response.body not in whole:
                        wrong.append((response, response.body[:100]))
                    counts[number] += 1

        threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        began, turn = time.monotonic(), 0
        while (took := time.monotonic() - began) < 2 or (min(counts) <= 10 and took < 60):
            turn += 1
            path = server.write("next", versions[turn % len(versions)])
            os.rename(path, os.path.join(server.root, "page"))
            time.sleep(0.003)
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(min(counts), 10)  # unless a reader failed

    def test_never_longer_or_shorter_than_announced_when_edited_in_place(self):
        """A file that fits in memory is read as it was at one moment, or the request waits."""
        server = self.serve({"page": b"x" * 1000}, workers=2,
                            sections={"cache": {"cache_valid": 0}})
        path = os.path.join(server.root, "page")
        done = threading.Event()

        def edit():
            turn = 0
            while not done.is_set():
                turn += 1
                with open(path, "r+b") as file:
                    file.truncate(10)
                    file.write(b"%d" % (turn % 10) * (turn % 50 * 1000 + 10))

        thread = threading.Thread(target=edit)
        thread.start()
        conn = self.dial(server)
        statuses = set()
        for _ in range(1500):
            response = conn.get("/page")  # which reads as many bytes as announced
            statuses.add(response.status)
            if response.status == 200:
                self.assertLessEqual(len(set(response.body)), 3)
        done.set()
        thread.join()
        self.assertLessEqual(statuses, {200, 503})
        self.assertIn(200, statuses)

    def download(self, server, then, size=16 * MIB):
        """A slow download of /big; @then() is called when it has begun. All that came, and how
        it ended."""
        conn = self.dial(server, receive_buffer=16384)
        conn.send(request("/big", fields=["Connection: close"]))
        head = conn.head()
        self.assertEqual(head.length, size)
        then()
        time.sleep(0.1)
        return conn.rest()

    def test_shrinks_during_the_download(self):
        """It is cut, and never filled up with zeros."""
        size = 16 * MIB
        for left in (0, 8 * MIB, 8 * MIB + 1):
            with self.subTest(left):
                server = self.serve({"big": pattern(size)})
                server.allow_error("shrink|shorter|aborted")
                path = os.path.join(server.root, "big")
                data, how = self.download(server, lambda: os.truncate(path, left), size)
                self.assertLess(len(data), size)
                self.assertEqual(how, "reset")
                self.assertEqual(data, pattern(size)[:len(data)])
                line = wait_for("log", server.access_lines, 5)[-1]
                self.assertNotIn(" %d " % size, line)
                self.assertEqual(self.dial(server).get("/none").status, 404)

    def test_grows_during_the_download(self):
        size = 8 * MIB
        server = self.serve({"big": pattern(size)})

        def grow():
            with open(os.path.join(server.root, "big"), "ab") as file:
                file.write(b"MORE" * 1000)

        self.assertEqual(self.download(server, grow, size), (pattern(size), "closed"))

    def test_deleted_or_replaced_during_the_download(self):
        size = 8 * MIB
        server = self.serve({"big": pattern(size), "next": b"new"})
        path = os.path.join(server.root, "big")
        self.assertEqual(self.download(
            server, lambda: os.rename(os.path.join(server.root, "next"), path), size),
            (pattern(size), "closed"))
        server.write("big", pattern(size))
        time.sleep(1.2)
        self.assertEqual(self.download(server, lambda: os.unlink(path), size),
                         (pattern(size), "closed"))


if __name__ == "__main__":
    unittest.main()
