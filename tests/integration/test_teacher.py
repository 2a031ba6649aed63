# SPDX-License-Identifier: MIT
"""tinyweb -t as a teacher: what it says on a terminal and in JSON, and what it doubts.

teacher/six_mistakes.txt is what a person sees of teacher/six_mistakes.conf, byte by byte.
"""

import json
import os
import pty
import shutil
import subprocess
import tempfile
import unittest

import support

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(support.PROGRAM)


def run(*arguments, folder=None, **options):
    return subprocess.run([PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          timeout=120, env=support.clean_environment(), **options)


class TeacherTest(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        os.mkdir(os.path.join(self.folder, "www"), 0o755)

    def write(self, name, text="", mode=0o644, mtime=None):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        if mtime:
            os.utime(path, (mtime, mtime))
        return path


class Mistakes(TeacherTest):
    def setUp(self):
        super().setUp()
        with open(os.path.join(HERE, "teacher", "six_mistakes.conf")) as file:
            self.write("six_mistakes.conf", file.read())

    def test_a_file_with_six_mistakes(self):
        result = run("-t", "-c", "six_mistakes.conf", folder=self.folder)
        with open(os.path.join(HERE, "teacher", "six_mistakes.txt")) as file:
            self.assertEqual(result.stderr, file.read())
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        carets = [line for line in result.stderr.splitlines() if line.endswith("^")]
        self.assertEqual(len(carets), 8, "six mistakes and two warnings")

    def test_the_same_for_programs(self):
        result = run("-t", "--json", "-c", "six_mistakes.conf", folder=self.folder)
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        report = json.loads(result.stdout)
        self.assertEqual(sorted(report), ["configuration", "errors", "messages", "ok", "warnings"])
        self.assertEqual((report["configuration"], report["errors"], report["warnings"],
                          report["ok"]), ("six_mistakes.conf", 6, 2, False))
        self.assertEqual(report["messages"][1], {
            "severity": "error", "file": "six_mistakes.conf", "line": 5, "column": 11,
            "message": 'workers: "900" is too large, expected auto or 1 to 256',
            "source": "workers = 900"})
        self.assertEqual([each["line"] for each in report["messages"]],
                         [4, 5, 6, 7, 8, 9, 10, 12])

    def test_a_file_that_is_not_there(self):
        report = json.loads(run("-t", "--json", "-c", "none", folder=self.folder).stdout)
        self.assertEqual(report["messages"][0]["source"], None)
        self.assertIn("No such file", report["messages"][0]["message"])

    def test_json_of_a_good_file(self):
        self.write("good.conf", "[server]\nroot = www\n")
        result = run("-t", "--json", "-c", "good.conf", folder=self.folder)
        report = json.loads(result.stdout)
        self.assertEqual((result.returncode, report["ok"], report["messages"]), (0, True, []))

    def test_colours_are_for_terminals_that_want_them(self):
        for wanted, environment in [(True, {}), (False, {"NO_COLOR": "1"})]:
            ours, theirs = pty.openpty()
            with subprocess.Popen([PROGRAM, "-t", "-c", "six_mistakes.conf"], cwd=self.folder,
                                  stderr=theirs, stdin=subprocess.DEVNULL,
                                  env=dict(support.clean_environment(), **environment)):
                os.close(theirs)
                output = support.read_terminal(ours)
            os.close(ours)
            self.assertEqual(b"\x1b[31m^" in output, wanted)

    def test_a_start_shows_the_line_too(self):
        result = run("-f", "-c", "six_mistakes.conf", folder=self.folder)
        self.assertIn("\n    5 | workers = 900\n      |           ^\n", result.stderr)


class Carets(TeacherTest):
    """Under the very word, also where a value has several."""

    def caret(self, text):
        self.write("t.conf", text)
        lines = run("-t", "-c", "t.conf", folder=self.folder).stderr.splitlines()
        at = next(i for i, line in enumerate(lines) if line.strip() == "|" or
                  line.strip(" |") == "^")
        return lines[at - 1][lines[at].index("^"):]

    def test_they_stand_under_the_word(self):
        hosts = ("[server]\nroot = www\n[host a]\nserver_name = a.example\n"
                 "[host b]\nserver_name = %s\n")
        for text, word in [
                (hosts % "b.example a.example c.example", "a.example c.example"),
                (hosts % "a.example.org a.example", "a.example"),
                (hosts % '"x a.example"', 'a.example"'),
                ("[server]\nroot = www\nlisten = 81 ssl\n", "ssl"),
                ("[server]\nroot = www\nlisten = 81;\nworkers = x\n", ";"),
                ("server {\n", "{"), ("[server]\nroot www;\n", " www;")]:
            with self.subTest(text=text):
                self.assertEqual(self.caret(text), word)


class Advice(TeacherTest):
    """What is legal but surely not meant is a warning, and the status is 0."""

    def advice(self, text, *arguments, status=0, **options):
        self.write("t.conf", "[server]\nroot = www\n" + text)
        result = run("-t", "-c", "t.conf", *arguments, folder=self.folder, **options)
        self.assertEqual(result.returncode, status, result.stderr)
        return [line.partition(": warning: ") for line in result.stderr.splitlines()
                if ": warning: " in line]

    def expect(self, found, place, text):
        self.assertEqual(len(found), 1, found)
        self.assertEqual(found[0][0], place)
        self.assertIn(text, found[0][2])

    def test_nothing_to_say(self):
        self.write("www/index.html")
        self.write("www/a.js", mtime=1000)
        self.write("www/a.js.gz", "x", mtime=1000)
        self.write("www/.hidden.xyz", mode=0)
        self.write("www/README")
        self.assertEqual(self.advice(""), [])

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_files_that_the_workers_cannot_read(self):
        self.write("www/sub/secret.html", mode=0o600)
        self.write("www/sub/secret2.html", mode=0o600)
        self.expect(self.advice("user = nobody\n"), "t.conf:2:8",
                    'root: "sub/secret')
        self.expect(self.advice("user = nobody\n"), "t.conf:2:8",
                    " and 1 more: cannot be read by the workers' user nobody (Permission denied)")
        os.chmod(os.path.join(self.folder, "www"), 0o700)
        self.expect(self.advice("user = nobody\n"), "t.conf:2:8", 'root: ".": cannot be read')

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_workers_with_the_rights_of_root(self):
        self.expect(self.advice("user = root\n"), "t.conf:3:8", "keep the rights of root")

    def test_siblings_that_are_out_of_date(self):
        self.write("www/a.js", mtime=2000)
        self.write("www/a.js.gz", "x", mtime=1999)
        self.write("www/b.css", mtime=1000)
        self.write("www/b.css.br", mtime=2000)
        self.write("www/c.tar.gz", "x", mtime=1)
        found = self.advice("")
        self.expect(found, "t.conf:2:8", " and 1 more: empty or older than the file it was made")
        self.assertEqual(self.advice("precompressed = off\n"), [])

    def test_names_without_a_type(self):
        self.write("www/a.xyzzy")
        self.expect(self.advice(""), "t.conf:2:8", 'root: "a.xyzzy": no media type is known')

    def test_a_root_of_a_host_is_named_at_its_line(self):
        self.write("other/a.xyzzy")
        self.expect(self.advice("[host h]\nserver_name = h\nroot = other\n"), "t.conf:5:8",
                    "a.xyzzy")

    def test_logs_that_everybody_can_read(self):
        self.expect(self.advice("access_log = www/access.log\n"), "t.conf:3:14",
                    "everybody can fetch it")
        self.assertEqual(self.advice("access_log = www/.access.log\n"), [])

    def test_more_connections_than_descriptors(self):
        found = self.advice("worker_connections = 5000\n",
                            preexec_fn=lambda: support.limit_files(512))
        self.expect(found, "t.conf:3:22", "do not fit into 512 descriptors")

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_a_port_that_only_root_can_have(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
            if int(file.read()) <= 1:
                self.skipTest("everybody can have any port here")
        self.write("www/index.html")
        self.assertEqual(self.advice("listen = 80\n"), [])
        found = self.advice("listen = 127.0.0.1:1 8080\n", user=65534, group=65534,
                            extra_groups=[])
        self.expect(found, "t.conf:3:10", "port 1 is below ")

    def test_a_value_that_a_comment_cuts(self):
        self.expect(self.advice("header.X-Color = #336699\n"), "t.conf:3:18",
                    "so there is no value")
        self.assertEqual(self.advice("header.X-A = # nothing\nheader.X-B = ; nothing\n"), [])

    def test_quiet_says_only_what_is_wrong(self):
        self.write("www/a.xyzzy")
        self.assertEqual(self.advice("", "-q"), [])


if __name__ == "__main__":
    unittest.main()
