# SPDX-License-Identifier: MIT
"""Pages in headless Chromium: every asset arrives with its type, and the console stays silent.

The browser is driven through the DevTools protocol over two pipes. Screenshots are kept in
TESTS_ARTEFACTS, or build/test-artefacts/.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import zlib

import rawhttp
import support

TOP = os.path.join(support.HERE, os.pardir, os.pardir)
WWW = os.path.abspath(os.path.join(TOP, "www"))
MIME_TYPES = os.path.abspath(os.path.join(TOP, "conf", "mime.types"))
LONG = os.environ.get("TESTS_LONG") == "1"
MTIME = 1700000000
SECONDS = 90.0  # a cold start on a busy machine

# Puts the pipes where the browser looks for them: it reads from 3 and writes to 4.
STARTER = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.close(read)
os.close(write)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    return None


def png(size, colour):
    """A square of one colour."""
    def chunk(kind, data):
        data = kind + data
        return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    rows = (b"\0" + bytes(colour) * size) * size
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="tinyweb-chromium-")
        to_read, self.write_fd = os.pipe()
        self.read_fd, to_write = os.pipe()
        self.log = open(os.path.join(self.profile, "log"), "w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(to_read), str(to_write), chromium(), "--headless",
             "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server",
             "--remote-debugging-pipe", "--window-size=1280,900",
             "--user-data-dir=" + os.path.join(self.profile, "profile"), "about:blank"],
            pass_fds=[to_read, to_write], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True, cwd=self.profile)
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.last_id = 0
        self.events = []

    def close(self):
        with contextlib.suppress(OSError, AssertionError):
            self.call("Browser.close", seconds=10)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session: helpers and all
        self.process.wait()
        os.close(self.read_fd)
        os.close(self.write_fd)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def output(self):
        self.log.seek(0)
        return self.log.read()[-3000:].decode(errors="replace")

    def message(self, seconds):
        until = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            ready = select.select([self.read_fd], [], [], max(until - time.monotonic(), 0))[0]
            if not ready:
                return None
            data = os.read(self.read_fd, 1 << 20)
            if not data:
                raise AssertionError("the browser ended:\n" + self.output())
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, seconds=SECONDS, **params):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.write_fd, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + seconds
        while True:
            answer = self.message(max(until - time.monotonic(), 0))
            if answer is None:
                raise AssertionError("%s: no answer:\n%s" % (method, self.output()))
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise AssertionError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def collect(self, seconds):
        """What comes until nothing has come for so long."""
        while True:
            event = self.message(seconds)
            if event is None:
                return
            if "method" in event:
                self.events.append(event)


class Page:
    """A tab, and all that happened in it since it was told to go somewhere."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def run(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def open(self, url):
        self.browser.events = []
        self.call("Page.navigate", url=url)
        self.loaded()

    def reload(self):
        self.browser.events = []
        self.call("Page.reload")
        self.loaded()

    def loaded(self):
        until = time.monotonic() + SECONDS
        while not self.of("Page.loadEventFired"):
            self.browser.collect(0.05)
            if time.monotonic() > until:
                raise AssertionError("never loaded:\n" + self.browser.output())
        self.browser.collect(0.5)  # what scripts still ask for

    def of(self, method):
        return [event["params"] for event in self.browser.events if event["method"] == method
                and event.get("sessionId") == self.session]

    def responses(self):
        """{path: (status, type, protocol)}"""
        found = {}
        for event in self.of("Network.responseReceived"):
            response = event["response"]
            path = urllib.parse.unquote(urllib.parse.urlsplit(response["url"]).path)
            found[path] = (response["status"], response["mimeType"], response["protocol"])
        return found

    def complaints(self):
        found = ["exception: %s" % event["exceptionDetails"] for event in
                 self.of("Runtime.exceptionThrown")]
        found += ["console: %s" % event for event in self.of("Runtime.consoleAPICalled")
                  if event["type"] in ("error", "warning", "assert")]
        found += ["log: %s" % event["entry"] for event in self.of("Log.entryAdded")
                  if event["entry"]["level"] in ("error", "warning")]
        # Cancelled is what a script did not want to read to its end.
        found += ["failed: %s" % event for event in self.of("Network.loadingFailed")
                  if not event.get("canceled")]
        return found

    def screenshot(self, name):
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        with open(support.artefact(name), "wb") as file:
            file.write(data)
        return data

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)


@unittest.skipUnless(chromium(), "no chromium")
class BrowserTest(rawhttp.HttpTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        self.page = Page(self.browser)

    def make(self, files=None, **arguments):
        # A browser keeps its connections, and some that it has opened in advance, for longer than
        # a test waits for their end.
        return super().make(files, keepalive_timeout="2s", header_timeout="2s", **arguments)

    def url(self, server, path="/"):
        return "http://127.0.0.1:%d%s" % (server.port, path)


class InABrowser(BrowserTest):
    def serve_www(self):
        server = self.make(root=WWW, workers=2, sections={"mime": {"include": MIME_TYPES}},
                           **{"error_page.404": "/404.html", "error_page.503": "/50x.html"})
        return server.start()

    def test_the_live_page_agrees_with_what_was_asked(self):
        server = self.make(status="on", workers=2).start()
        shown = 'Number(document.querySelector("#requests").title)'
        with support.Load(server) as load:
            load.wait_for_more(200)
            self.page.open(self.url(server, "/-/"))
            self.assertGreaterEqual(self.page.run(shown), 200)  # without a script's doing
            support.wait_for("a point of the plot",
                             lambda: self.page.run('document.querySelector("polyline").points.length'))
        asked = load.ok + len(load.failures)
        self.assertEqual(load.failures, [])
        # The page renews itself: its own requests are all that is counted besides.
        support.wait_for("an update", lambda: self.page.run(shown) > asked)
        now = self.page.run(shown)
        self.browser.collect(0.1)
        own = len(self.page.of("Network.requestWillBeSent"))
        self.assertLessEqual(now, asked + own)
        self.assertEqual(self.page.complaints(), [])
        self.page.screenshot("live.png")
        self.page.resize(390, 844, mobile=True)
        self.assertLessEqual(self.page.run("document.documentElement.scrollWidth"), 390)
        self.page.screenshot("live-phone.png")
        self.page.open("about:blank")  # or it would go on asking

    def test_the_welcome_page(self):
        server = self.serve_www()
        self.page.open(self.url(server))
        self.assertEqual(self.page.complaints(), [])
        responses = self.page.responses()
        types = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
                 "/": "text/html"}
        for path, (status, type_, protocol) in responses.items():
            self.assertEqual((status, protocol), (200, "http/1.1"), path)
            self.assertEqual(type_, types[os.path.splitext(path)[1] or "/"], path)
        wanted = {"/"} | {"/assets/" + name for name in os.listdir(os.path.join(WWW, "assets"))}
        self.assertEqual(wanted - set(responses), set())
        self.assertGreater(self.page.run("document.styleSheets.length"), 0)
        self.assertTrue(self.page.run("document.title"))
        self.assertEqual(self.page.run(
            "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"),
            [])
        self.assertGreater(len(self.page.screenshot("welcome.png")), 5000)

    def test_the_welcome_page_on_a_telephone(self):
        server = self.serve_www()
        self.page.resize(375, 700, True)
        self.page.open(self.url(server))
        self.page.screenshot("welcome-narrow.png")
        self.assertEqual(self.page.complaints(), [])

    def test_the_error_pages(self):
        server = self.serve_www()
        for path, name in (("/none/at/all", "404.png"), ("/50x.html", "50x.png")):
            self.page.open(self.url(server, path))
            self.page.screenshot(name)
            complaints = [text for text in self.page.complaints() if "404" not in text]
            self.assertEqual(complaints, [])
            for asset, (status, _, _) in self.page.responses().items():
                is_missing = asset in ("/none/at/all", "/favicon.ico")
                self.assertEqual(status, 404 if is_missing else 200, asset)

    def test_the_built_in_error_page(self):
        server = self.serve()
        self.page.open(self.url(server, "/none"))
        self.page.screenshot("404-built-in.png")
        self.assertIn("404", self.page.run("document.body.innerText"))
        self.assertEqual(self.page.run("document.compatMode"), "CSS1Compat")
        self.assertEqual(self.page.run("document.characterSet"), "UTF-8")

    def assets(self):
        page = """<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><title>资源</title>
<link rel="icon" href="图标.png"><link rel="stylesheet" href="style.css">
<link rel="manifest" href="site.webmanifest"><link rel="stylesheet" href="目录/样式.css">
<img id="png" src="a.png"><img id="svg" src="a.svg"><img src="目录/😀 图.png">
<iframe src="frame.html"></iframe><script src="plain.js"></script>
<script type="module" src="module.mjs"></script>"""
        module = """import { answer } from "./deep/other.mjs";
const data = await (await fetch("data.json?x=%E4%B8%AD")).json();
const wasm = await WebAssembly.instantiateStreaming(fetch("module.wasm"));
const part = await fetch("large.bin", { headers: { Range: "bytes=1000-1009" } });
const head = await fetch("large.bin", { method: "HEAD" });
const whole = await (await fetch("large.bin")).arrayBuffer();
window.result = { answer, data, wasm: !!wasm.instance, part: [part.status, await part.text()],
  head: [head.status, head.headers.get("content-length")], whole: whole.byteLength };
"""
        return {
            "index.html": page.encode(), "style.css": b"body { color: rgb(1, 2, 3) }\n",
            "目录/样式.css": b"body { background: rgb(200, 220, 240) url(\"../a.png\") }\n",
            "plain.js": b"window.plain = true;\n", "module.mjs": module.encode(),
            "deep/other.mjs": b"export const answer = 42;\n", "data.json": b"{\"a\": [1, 2]}\n",
            "module.wasm": b"\0asm\1\0\0\0", "a.png": png(8, (200, 30, 30)),
            "图标.png": png(16, (0, 0, 200)), "目录/😀 图.png": png(40, (20, 160, 60)),
            "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
                     b"<rect width='9' height='9'/></svg>\n",
            "site.webmanifest": b"{\"name\": \"test\"}\n", "frame.html": b"<!DOCTYPE html>frame",
            "large.bin": b"".join(b"%09d\n" % at for at in range(100000)),
        }

    def test_a_page_with_assets(self):
        server = self.serve(self.assets(), workers=2)
        self.page.open(self.url(server))
        support.wait_for("the scripts", lambda: self.page.run("Boolean(window.result && window.plain)"),
                         30)
        self.browser.collect(0.5)
        self.assertEqual(self.page.complaints(), [])
        responses = self.page.responses()
        expected = {"/": "text/html", "/style.css": "text/css", "/目录/样式.css": "text/css",
                    "/a.png": "image/png", "/a.svg": "image/svg+xml", "/目录/😀 图.png": "image/png",
                    "/plain.js": "text/javascript", "/module.mjs": "text/javascript",
                    "/deep/other.mjs": "text/javascript", "/data.json": "application/json",
                    "/module.wasm": "application/wasm", "/frame.html": "text/html"}
        for path, type_ in expected.items():
            self.assertEqual(responses.get(path), (200, type_, "http/1.1"), path)
        self.assertEqual(self.page.run("window.result"), {
            "answer": 42, "data": {"a": [1, 2]}, "wasm": True,
            "part": [206, "000000100\n"], "head": [200, "1000000"], "whole": 1000000})
        self.assertTrue(self.page.run("window.plain"))
        self.assertEqual(self.page.run("getComputedStyle(document.body).color"), "rgb(1, 2, 3)")
        self.page.screenshot("assets.png")

    def test_a_reload_is_answered_by_304(self):
        server = self.serve(self.assets(), workers=2)
        self.page.open(self.url(server))
        self.page.reload()
        self.assertEqual(self.page.complaints(), [])
        support.wait_for("304 in the log", lambda: any(
            '" 304 ' in line for line in server.access_lines()), 10)

    def test_a_directory_without_its_slash(self):
        server = self.serve({"目录 x/index.html": b"<!DOCTYPE html><title>there</title>"})
        self.page.open(self.url(server, "/" + urllib.parse.quote("目录 x") + "?q=1#part"))
        self.assertEqual(self.page.run("document.title"), "there")
        self.assertEqual(urllib.parse.unquote(self.page.run("location.pathname + location.search + "
                                                            "location.hash")), "/目录 x/?q=1#part")

    def look_at(self, url, name, width, mobile, scheme):
        self.page.resize(width, 800, mobile)
        self.page.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        self.page.open(url)
        self.page.screenshot(name)
        self.assertEqual(self.page.complaints(), [])
        self.assertLessEqual(self.page.run("document.documentElement.scrollWidth"), width)

    def follow(self, selector):
        self.page.open(self.page.run("document.querySelector(%s).href" % json.dumps(selector)))

    def test_a_listing(self):
        files = {"IMG_%d.jpg" % number: b"\0" * (number * 77777 + 5) for number in (1, 2, 10, 20)}
        files.update({"photos/2026/x": b"1", "docs/x": b"1", "Budget & plan.ods": b"1" * 3000,
                      "<b>bold</b>.txt": b"1", "a" * 120 + ".txt": b"1",
                      "README.md": b"# Photos\n\nTaken by <us>.\n\n- one\n- two\n"})
        server = self.serve(files, listing="on")
        for width in (375, 1100):
            for scheme in ("light", "dark"):
                self.look_at(self.url(server), "listing-%d-%s.png" % (width, scheme), width,
                             width < 500, scheme)
        self.assertEqual(self.page.run("document.compatMode"), "CSS1Compat")
        self.follow("th:nth-child(2) a")
        self.assertEqual(self.page.run("location.search"), "?sort=size&order=desc")
        self.assertEqual(self.page.run("document.querySelector('tbody tr:not(.d) a').textContent"),
                         "IMG_20.jpg")
        self.follow("a[href='photos/']")
        self.follow("a[href='2026/']")
        self.assertEqual(self.page.run("location.pathname"), "/photos/2026/")
        self.follow("h1 a")
        self.assertEqual(self.page.run("location.pathname"), "/")

    def test_an_application_of_one_page(self):
        page = (b"<!doctype html><link rel=icon href=data:,><title>Shop</title>"
                b"<a id=orders href=/orders/42>Orders</a> <a id=back href=/>Start</a><p id=route></p>"
                b"<script type=module src=/assets/app-3f9d2c1a.js></script>")
        script = (b"const show = () => document.querySelector('#route').textContent ="
                  b" 'at ' + location.pathname\n"
                  b"for (const link of document.querySelectorAll('a')) link.onclick = event => {\n"
                  b"    event.preventDefault(); history.pushState(null, '', link.href); show() }\n"
                  b"onpopstate = show\nshow()\n")
        server = self.make({"index.html": page, "assets/app-3f9d2c1a.js": script},
                           fallback="/index.html", cache_control="auto").start()
        route = "document.querySelector('#route').textContent"
        self.page.open(self.url(server))
        self.assertEqual(self.page.run(route), "at /")
        self.page.run("document.querySelector('#orders').click()")
        self.assertEqual(self.page.run(route), "at /orders/42")
        self.page.run("history.back()")
        support.wait_for("the first page", lambda: self.page.run(route) == "at /")
        # Somebody sends the address to a friend, and the friend reloads.
        self.page.open(self.url(server, "/orders/42"))
        self.assertEqual(self.page.run(route), "at /orders/42")
        self.page.reload()
        self.assertEqual(self.page.run(route), "at /orders/42")
        self.assertEqual(self.page.complaints(), [])
        self.assertEqual(self.page.run("fetch('/assets/gone.js').then(reply => reply.status)"), 404)
        self.page.screenshot("application.png")


class Pictures(BrowserTest):
    """Those of the documentation (script/screenshots). TESTS_LONG=1 makes their load a minute."""

    def look(self, name):
        for scheme in ("light", "dark"):
            self.page.call("Emulation.setEmulatedMedia", features=[
                {"name": "prefers-color-scheme", "value": scheme}])
            self.page.screenshot("picture-%s-%s.png" % (name, scheme))
        self.assertEqual(self.page.complaints(), [])

    def test_the_live_page(self):
        server = self.make({"index.html": b"x" * 2000, "app.js": b"y" * 20000}, status="on",
                           workers=4).start()
        self.page.resize(1000, 660)
        # seconds, clients of one path
        phases = [(20, 4), (15, 8), (10, 2), (15, 6)] if LONG else [(1, 4), (1, 2)]
        for number, (seconds, clients) in enumerate(phases):
            with support.Load(server, "/app.js" if number % 2 else "/", clients) as load:
                time.sleep(seconds)
                if number == len(phases) - 1:
                    self.page.open(self.url(server, "/-/"))
                    self.look("live")
            self.assertEqual(load.failures, [])
        self.page.open("about:blank")

    def test_a_listing(self):
        files = {"IMG_%d.jpg" % number: b"\0" * size for number, size in (
            (9, 2411724), (10, 3145728), (120, 1887436))}
        files.update({"films/x": b"", "prints/x": b"", "Zürich.jpg": b"1" * 902144,
                      "README.md": b"Three weeks in the Alps.\n"})
        server = self.serve({"photos/2023/" + name: content for name, content in files.items()},
                            listing="on")
        for folder, names, leaves in os.walk(server.root):
            for number, name in enumerate(sorted(names + leaves)):
                os.utime(os.path.join(folder, name), (MTIME - 86400 * number, ) * 2)
        self.page.resize(1000, 600)
        self.page.open(self.url(server, "/photos/2023/"))
        self.look("listing")


if __name__ == "__main__":
    unittest.main()
