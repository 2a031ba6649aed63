# SPDX-License-Identifier: MIT
"""What somebody sees who sits at a terminal and types what the documentation says.

Each screen is kept, as text and with its colours (terminal.py); script/screenshots makes the
pictures of the documentation of them. Where time and load change nothing, the picture has to show
what is seen now.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support
import terminal
import terminal_picture

IMAGES = os.path.join(support.HERE, os.pardir, os.pardir, "docs", "images")
TEACHER = os.path.join(support.HERE, "teacher")
MTIME = 1700000000

SITE = {
    "index.html": b"<!doctype html><h1>Hello</h1>\n",
    "assets/app-3f9d2c1a.js": b"console.log('hello');\n" * 400,
    "assets/app-3f9d2c1a.js.br": b"\x0b" * 1200,
    "photos/sea.jpg": b"\xff\xd8" * 150000, "photos/hill.jpg": b"\xff\xd8" * 90000,
    ".git/config": b"[core]\n",
}

EXPLAINED = b"""[server]
root = site
cache_control = auto
header.X-Content-Type-Options = nosniff

[host shop]
server_name = shop.example *.shop.example

[location assets]
prefix = /assets/
header.Timing-Allow-Origin = *
"""

WATCHED = """[server]
listen = 127.0.0.1:%d
root = site
workers = 4
status = on
pid_file = tinyweb.pid
access_log = off
error_log = error.log
"""


@unittest.skipUnless(shutil.which("tmux"), "no tmux")
class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o755)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.utime(path, (MTIME, MTIME))

    def make_site(self):
        for name, content in SITE.items():
            self.write("site/" + name, content)

    def sit_down(self, **options):
        screen = terminal.Terminal(folder=self.folder, **options)
        return self.enterContext(screen)

    def assert_picture_is_up_to_date(self, screen, name):
        if os.environ.get("TESTS_RENEW") or not screen.has_network:
            return  # it is about to be made, or /srv has another name here
        with open(support.artefact("terminal-%s.ansi" % name)) as file:
            seen = terminal_picture.text_of(terminal_picture.draw(file.read()))
        with open(os.path.join(IMAGES, name + ".svg")) as file:
            shown = terminal_picture.text_of(file.read())
        seen, shown = ([re.sub(r"^Date: .*", "Date: ", piece) for piece in pieces]
                       for pieces in (seen, shown))
        self.assertEqual(shown, seen, "script/screenshots renews docs/images/%s.svg" % name)


class Screens(TerminalTest):
    def ask(self, screen, port, path, *arguments):
        subprocess.run(screen.in_network(
            ["curl", "-s", "-o", os.path.join(self.folder, "answer"), *arguments,
             "http://127.0.0.1:%d%s" % (port, path)]), check=True, timeout=120)

    def test_requests_are_shown_as_they_come_and_summed_up_at_the_end(self):
        self.make_site()
        screen = self.sit_down(columns=90, rows=24)
        port = 8080 if screen.has_network else support.free_port()
        screen.type("tinyweb site" if screen.has_network else "tinyweb site --port %d" % port)
        screen.wait_for("Serving site on http://127.0.0.1:%d/" % port)
        rows = [
            ("/", [], "200  GET"), ("/assets/app-3f9d2c1a.js", [], "200  GET"),
            ("/photos", [], "301  GET"), ("/photos/", [], "listing"),
            ("/photos/sea.jpg", ["-r", "0-99999"], "/photos/sea.jpg  0-99999"),
            ("/", ["-H", "If-None-Match: *"], "unchanged, by its ETag"),
            ("/favicon.ico", [], "no such file"), ("/.git/config", [], "hidden"),
            ("/", ["-X", "POST"], "405  POST"),
        ]
        for path, arguments, shown in rows:
            self.ask(screen, port, path, *arguments)
            screen.wait_for(shown)
        self.ask(screen, port, "/favicon.ico")
        support.wait_for("the last row", lambda: screen.text().count("/favicon.ico") == 2)
        self.assertNotIn("requests in", screen.text())
        self.assertIn("\n        for this machine alone, unless --lan; Ctrl-C ends it\n", screen.text())
        screen.press("C-c")
        screen.wait_for("not found: 2x /favicon.ico, 1x /.git/config")
        screen.wait_for_prompt(2)
        text = screen.keep("one-shot")
        self.assertRegex(text, r"\n\^C\n10 requests in \d+ s, [\d.]+ KiB: 4 answered, "
                               r"2 redirected or unchanged, 4 refused\nhalf within ")
        self.assertEqual(len(re.findall(r"(?m)^\d\d:\d\d:\d\d  \d\d\d  ", text)), 10)
        with open(support.artefact("terminal-one-shot.ansi")) as file:
            coloured = file.read()
        for colour, status in ((32, 200), (36, 304), (33, 404)):
            self.assertIn("\x1b[%dm%d" % (colour, status), coloured)

    def test_six_mistakes_are_explained_at_once(self):
        shutil.copyfile(os.path.join(TEACHER, "six_mistakes.conf"),
                        os.path.join(self.folder, "six_mistakes.conf"))
        os.chmod(os.path.join(self.folder, "six_mistakes.conf"), 0o644)  # however this clone has it
        with open(os.path.join(TEACHER, "six_mistakes.txt")) as file:
            wanted = file.read()
        screen = self.sit_down(columns=110, rows=36)
        screen.type("tinyweb -t -c six_mistakes.conf")
        screen.wait_for("test failed")
        screen.wait_for_prompt(2)
        self.assertEqual(screen.keep("test"), "$ tinyweb -t -c six_mistakes.conf\n" + wanted + "$")
        self.assert_picture_is_up_to_date(screen, "test")

    def test_each_decision_has_its_line(self):
        self.make_site()
        self.write("tinyweb.conf", EXPLAINED)
        screen = self.sit_down(columns=104, rows=30)
        screen.type("tinyweb explain -c tinyweb.conf -H 'Accept-Encoding: br' "
                    "http://shop.example/assets/app-3f9d2c1a.js")
        screen.wait_for_prompt(2)
        text = re.sub(r" +", " ", screen.keep("explain").replace(self.folder + "/", ""))
        for row in ("host [host shop] ; server_name tinyweb.conf:7",
                    "location [location assets], below /assets ; prefix tinyweb.conf:10",
                    "assets/app-3f9d2c1a.js.br: is there", "status 200 OK: ok",
                    "Content-Encoding: br ; precompressed (default)",
                    "Timing-Allow-Origin: * ; header tinyweb.conf:11",
                    "X-Content-Type-Options: nosniff ; header tinyweb.conf:4"):
            self.assertIn(row, text)
        self.assertRegex(text, r"Cache-Control: .*immutable ; cache_control tinyweb.conf:3")
        self.assert_picture_is_up_to_date(screen, "explain")

    def test_a_running_server_is_watched(self):
        self.make_site()
        screen = self.sit_down(columns=80, rows=12)
        port = 8080 if screen.has_network else support.free_port()
        self.write("tinyweb.conf", (WATCHED % port).encode())
        screen.type("tinyweb -c tinyweb.conf -g server.daemon=on && "
                    "tinyweb -c tinyweb.conf top")
        self.addCleanup(subprocess.run, [os.path.abspath(support.PROGRAM), "-q", "-c",
                                         "tinyweb.conf", "-s", "stop"],
                        cwd=self.folder, timeout=120)
        screen.wait_for("4 of 4 workers")
        load = subprocess.Popen(screen.in_network(
            ["wrk", "-t1", "-c20", "-d60", "--latency", "http://127.0.0.1:%d/" % port]),
            stdout=subprocess.DEVNULL)
        try:
            support.wait_for("requests in the last second", lambda: re.search(
                r"last second: requests [1-9]\d*, 5xx 0, bytes \d+, p50 [\d.]+ [µm]?s, p99 ",
                screen.text()), 20)
            before = self.requests(screen.text())
            support.wait_for("the screen to go on",
                             lambda: self.requests(screen.text()) > before, 20)
            text = screen.keep("top")
        finally:
            load.terminate()
            load.wait()
        self.assertIn("configuration 1, 4 of 4 workers\nconnections ", text)
        rows = re.findall(r"(?m)^\d +\d+ +\d+ +\d+ +(\d+)", text)
        self.assertEqual(len(rows), 4)
        screen.press("C-c")
        support.wait_for("the prompt", lambda: screen.text().endswith("$"))

    def requests(self, text):
        return int(re.search(r", requests (\d+), ", text).group(1))
