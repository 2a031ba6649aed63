# SPDX-License-Identifier: MIT
"""The configuration as a person meets it: tinyweb -t, -T and -g, and what they say and return.

Each file of bad_configs/ says what is expected of it, in lines such as

    # expect LINE: TEXT             an error at that line whose message has this text
    # expect-warning LINE: TEXT     the same of a warning

LINE 0 is a place in another file, which TEXT names.
"""

import os
import random
import re
import shutil
import subprocess
import tempfile
import unittest

import support

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, os.pardir, os.pardir)
BAD_CONFIGS = os.path.join(HERE, "bad_configs")
PROGRAM = os.path.abspath(os.environ.get("TINYWEB", os.path.join(TOP, "build", "src", "tinyweb")))

EXPECTATION = re.compile(r"# expect(-warning)? (\d+): (.*)")


def run(*arguments, folder=None, env=None):
    return subprocess.run([PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          errors="backslashreplace", timeout=120,
                          env=dict(support.clean_environment(), **(env or {})))


class BadConfigs(unittest.TestCase):
    """Wrong files are told by file, line and reason, and end with 1."""

    def setUp(self):
        # A copy: a group that may write in the tree would give warnings.
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.configs = os.path.join(self.folder, "bad_configs")
        shutil.copytree(BAD_CONFIGS, self.configs)
        for folder, _, files in os.walk(self.configs):
            os.chmod(folder, 0o755)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o644)

    def check_file(self, name):
        with open(os.path.join(self.configs, name)) as file:
            expected = [match.groups() for match in map(EXPECTATION.match, file) if match]
        self.assertTrue(expected, "nothing is expected of it")
        result = run("-t", "-c", name, folder=self.configs)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertNotIn("Sanitizer", result.stderr)
        lines = result.stderr.splitlines()
        for warning, line, text in expected:
            start = "" if line == "0" else "%s:%s:" % (name, line)
            found = [each for each in lines if each.startswith(start) and text in each
                     and (": warning: " in each) == bool(warning)]
            self.assertTrue(found, "no %s %s in\n%s" % (start, text, result.stderr))

    def test_each_file_gives_file_line_and_reason(self):
        names = sorted(name for name in os.listdir(self.configs) if name.endswith(".conf"))
        self.assertGreaterEqual(len(names), 40)
        for name in names:
            with self.subTest(name):
                self.check_file(name)

    def test_bytes_that_are_no_text(self):
        rows = [
            (b"[server]\nroot = .\nindex = a\0b\n", 3, "NUL byte"),
            (b"[server]\nroot = .\nindex = caf\xe9\n", 3, "not UTF-8"),
            (b"[server]\nroot = .\nindex = \x1b[31m\n", 3, "control byte"),
            (b"\xff\xfe[\0s\0", 1, "UTF-16"),
            (b"[server]\nroot = .\nindex = " + b"x" * 2000, 3, "the limit is 1022"),
            (random.Random(1).randbytes(4096), 1, ""),
        ]
        for content, line, text in rows:
            with self.subTest(text):
                with open(os.path.join(self.folder, "t.conf"), "wb") as file:
                    file.write(content)
                result = run("-t", "-c", "t.conf", folder=self.folder)
                self.assertEqual(result.returncode, 1)
                if text:
                    self.assertRegex(result.stderr, r"(?m)^t\.conf:%d:.*%s" % (line, text))
                # what is shown cannot steer a terminal
                self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f\x7f]")

    def test_no_file_at_all(self):
        for name, text in [("missing.conf", "No such file"), (".", "is a directory")]:
            with self.subTest(name):
                result = run("-t", "-c", name, folder=self.folder)
                self.assertEqual(result.returncode, 1)
                self.assertIn("%s: " % name, result.stderr)
                self.assertIn(text, result.stderr)

    def test_a_bad_file_does_not_start(self):
        result = run("-f", "-c", "many.conf", folder=self.configs)
        self.assertEqual(result.returncode, 1)
        self.assertIn("many.conf:11:1: unknown key \"rot\"", result.stderr)


class GoodConfigs(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        os.mkdir(os.path.join(self.folder, "www"))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o644)
        return path

    def dump(self, *arguments):
        result = run("-T", *arguments, folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    @staticmethod
    def values(text):
        """What -T prints, without the comments that say where from."""
        lines = [re.sub(r" +; [^\"']*$", "", line) for line in text.splitlines()]
        return [line for line in lines if line and not line.startswith(";")]

    def test_the_sample_is_good(self):
        for name in ["tinyweb.conf", "mime.types"]:
            with open(os.path.join(TOP, "conf", name)) as file:
                self.write(name, file.read().replace("root = ../www", "root = www"))
        for name in ["404.html", "50x.html"]:
            self.write(os.path.join("www", name), "x")
        result = run("-t", "-c", "tinyweb.conf", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("warning", result.stderr)
        self.assertIn("successful", result.stderr)

    def test_the_dump_reads_back_to_itself(self):
        self.write("www/404.html", "x")
        self.write("403.page", "y")
        self.write("m.types", "text/x-mine mine\n")
        self.write("a.conf", """[server]
            listen = 127.0.0.1:1 [::1]:2 *:3
            root = www
            index = "a;b.html"
            workers = 7
            access_log = "log # 1"
            log_level.net = debug
            accept_mutex = on
            keepalive_timeout = 1500ms
            max_header_size = 4k
            error_page.404 = /404.html
            error_page.403 = 403.page
            [mime]
            include = m.types
            charset = off
            [cache]
            max_size = 1g
            """)
        first = self.dump("-c", "a.conf")
        self.write("b.conf", first)
        second = self.dump("-c", "b.conf")
        self.assertEqual(self.values(first), self.values(second))
        self.assertIn("index = \"a;b.html\"", first)
        self.assertIn("root = %s/www" % self.folder, first)
        self.assertRegex(first, r"(?m)^workers = 7 +; a\.conf:5$")
        self.assertRegex(first, r"(?m)^header_timeout = 15s +; default$")

    def test_an_override_wins_and_is_checked(self):
        self.write("a.conf", "[server]\nroot = www\nworkers = 1\n")
        text = self.dump("-c", "a.conf", "-g", "server.workers=3", "-g", "cache.cache_valid=0")
        self.assertRegex(text, r"(?m)^workers = 3 +; -g$")
        self.assertRegex(text, r"(?m)^cache_valid = 0 +; -g$")
        result = run("-t", "-c", "a.conf", "-g", "server.worker=3", "-g", "server.workers=0",
                     folder=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("-g: unknown key \"worker\", did you mean \"workers\"?", result.stderr)
        self.assertIn("-g: workers: \"0\" is too small", result.stderr)

    def test_each_value_says_where_it_comes_from(self):
        self.write("conf.d.conf", "[server]\nworkers = 3\n")
        self.write("a.conf", "[server]\nroot = ${HERE:-www}\ninclude = conf.d.conf\n")
        env = {"TINYWEB_SERVER_MAX_BODY_SIZE": "5k", "TINYWEB_SERVER_HEADER_X_A": "${b}"}
        result = run("-T", "-c", "a.conf", "-g", "server.max_header_count=7", folder=self.folder,
                     env=env)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for line in ["root = %s/www +; a.conf:2" % self.folder, "workers = 3 +; conf.d.conf:2",
                     "max_body_size = 5k +; environment TINYWEB_SERVER_MAX_BODY_SIZE",
                     r"header.x-a = \$\$\{b\} +; environment TINYWEB_SERVER_HEADER_X_A",
                     "max_header_count = 7 +; -g", "daemon = off +; default",
                     "; include = conf.d.conf"]:
            self.assertRegex(result.stdout, "(?m)^%s$" % line)
        self.write("again.conf", result.stdout)
        self.assertEqual(self.values(self.dump("-c", "again.conf")), self.values(result.stdout))

    def test_an_unknown_variable_is_a_warning(self):
        self.write("a.conf", "[server]\nroot = www\n")
        result = run("-t", "-c", "a.conf", folder=self.folder,
                     env={"TINYWEB_SERVER_LISTNE": "1", "TINYWEB_PORT": "tcp://10.0.0.1:80"})
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr.splitlines()[0],
                         "environment TINYWEB_SERVER_LISTNE: warning: there is no such directive, "
                         "did you mean TINYWEB_SERVER_LISTEN?")

    def test_a_file_out_of_a_pipe(self):
        read_end, write_end = os.pipe()
        with os.fdopen(write_end, "w") as pipe:
            pipe.write("[server]\nroot = %s\n" % self.folder)
        result = subprocess.run([PROGRAM, "-t", "-c", "/dev/fd/%d" % read_end],
                                pass_fds=[read_end], stderr=subprocess.PIPE, text=True, timeout=120)
        os.close(read_end)
        self.assertEqual(result.returncode, 0, result.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_what_the_caller_may_not_read_is_told(self):
        self.write("a.conf", "[server]\nroot = www\n")
        os.chmod(self.folder, 0o755)
        os.chmod(os.path.join(self.folder, "www"), 0o700)
        result = subprocess.run([PROGRAM, "-t", "-c", os.path.join(self.folder, "a.conf")],
                                user=65534, group=65534, extra_groups=[], cwd="/",
                                stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"a\.conf:2:8: root: .*Permission denied")



class Reload(support.ServerTest):
    def test_a_reload_reads_everything_again(self):
        """What is included, what is new among it, and what is gone."""
        server = self.make({"a.html": b"a", "b.html": b"b"}, include="conf.d/*.conf",
                           index="${FIRST}.html", pid_file="tinyweb.pid", env={"FIRST": "a"})
        folder = os.path.join(server.dir, "conf.d")
        os.mkdir(folder)
        with open(os.path.join(folder, "1.conf"), "w") as file:
            file.write("[server]\nheader.X-Part = one\n")
        server.start()
        reply = server.get("/")
        self.assertEqual((reply.body, reply.headers["X-Part"]), (b"a", "one"))
        with open(os.path.join(folder, "2.conf"), "w") as file:
            file.write("[location l]\nprefix = /l\nstatus = 410\n")
        os.unlink(os.path.join(folder, "1.conf"))
        result = run("-s", "reload", "-c", server.conf, env={"FIRST": "b"})
        self.assertEqual(result.returncode, 0, result.stderr)
        # an old worker may accept some more before it leaves
        support.wait_for("new answers", lambda: server.get("/l/x").status == 410)
        support.wait_for("new fields", lambda: "X-Part" not in server.get("/").headers)
        self.assertEqual(server.get("/").body, b"a", "the environment is that of the server")


if __name__ == "__main__":
    unittest.main()
