# SPDX-License-Identifier: MIT
"""Behind Debian's Varnish, as docs/recipes/behind-a-proxy.md has it set up: what it keeps, what it
asks anew, and what it never mixes up."""

import collections
import gzip
import http.client
import os
import re
import shutil
import subprocess
import tempfile
import time

import support
from support import wait_for

TOP = os.path.join(support.HERE, os.pardir, os.pardir)
SCRIPT = b"let a = 1\n" * 300
Front = collections.namedtuple("Front", "address port")
RECIPE = os.path.join(TOP, "docs", "recipes", "behind-a-proxy.md")


def recipe():
    """The configuration of the recipe; its backend is on another machine."""
    with open(RECIPE) as file:
        _, _, rest = file.read().partition("\n## Varnish\n")
    return re.search(r"\n```\n(.*?)\n```\n", rest, re.DOTALL).group(1)


class Varnish(support.ServerTest):
    def setUp(self):
        super().setUp()
        self.program = shutil.which("varnishd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if not self.program:
            self.skipTest("no varnishd here")

    def front(self, server, more=""):
        """Where it listens."""
        folder = tempfile.mkdtemp(prefix="tinyweb-varnish-")
        self.addCleanup(shutil.rmtree, folder, True)
        os.chmod(folder, 0o755)
        text = recipe()
        for there, here in (("10.0.0.20", "127.0.0.1"), ('"8080"', '"%d"' % server.port),
                            ("interval = 2s", "interval = 200ms")):
            self.assertIn(there, text)
            text = text.replace(there, here)
        with open(os.path.join(folder, "site.vcl"), "w") as file:
            file.write("%s\n%s\n" % (text, more))
        front = Front("127.0.0.1", support.free_port())
        output = open(os.path.join(folder, "out"), "w+")
        self.addCleanup(output.close)
        process = subprocess.Popen(
            [self.program, "-F", "-n", os.path.join(folder, "work"),
             "-a", "127.0.0.1:%d" % front.port, "-j", "none",
             "-f", os.path.join(folder, "site.vcl"), "-s", "malloc,16m",
             "-p", "workspace_backend=64k", "-p", "thread_pools=1", "-p", "thread_pool_min=5"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder)

        def end():
            process.terminate()
            process.wait(60)
        self.addCleanup(end)

        def is_healthy():
            if process.poll() is not None:
                output.seek(0)
                raise AssertionError(output.read())
            try:
                return self.ask(front, "/").status == 200
            except (OSError, http.client.HTTPException):
                return False
        wait_for("varnish, and its probe", is_healthy, 60)
        return front

    def ask(self, where, path, *fields, method="GET"):
        connection = http.client.HTTPConnection(where.address, where.port, timeout=60)
        self.addCleanup(connection.close)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for field in fields:
            connection.putheader(*field.split(": ", 1))
        connection.endheaders()
        response = connection.getresponse()
        response.body = response.read()
        return response

    def asked(self, server, path):
        """Lines of our log: what Varnish has asked us for."""
        return [line for line in server.access_lines() if '"GET %s ' % path in line or
                '"HEAD %s ' % path in line]

    def wait_for_lines(self, server, path, count):
        wait_for("%d lines of %s" % (count, path),
                 lambda: len(self.asked(server, path)) >= count)
        self.assertEqual(len(self.asked(server, path)), count)
        return self.asked(server, path)

    def serve_site(self, **settings):
        return self.serve({"index.html": b"start", "a.js": SCRIPT,
                           "a.js.gz": gzip.compress(SCRIPT), "big.bin": bytes(range(256)) * 2000},
                          health="on", trusted_proxy="127.0.0.1", workers=2,
                          client_address="x-forwarded-for",
                          **dict({"cache_control": "max-age=60"}, **settings))

    def test_what_it_has_it_does_not_ask_for(self):
        server = self.serve_site()
        front = self.front(server)
        for _ in range(3):
            answer = self.ask(front, "/a.js")
            self.assertEqual((answer.status, answer.body), (200, SCRIPT))
        line, = self.wait_for_lines(server, "/a.js", 1)
        self.assertTrue(line.startswith("127.0.0.1 - - ["), line)
        self.assertIn("/-/ready", "".join(server.access_lines()))  # its probe

    def test_what_is_stale_it_asks_for_by_its_tag(self):
        server = self.serve_site(cache_control="max-age=1")
        front = self.front(server, "sub vcl_backend_response { set beresp.grace = 0s; "
                                  "set beresp.keep = 1h; }")
        first = self.ask(front, "/big.bin")
        time.sleep(1.2)
        second = self.ask(front, "/big.bin")
        self.assertEqual(first.body, second.body)
        lines = self.wait_for_lines(server, "/big.bin", 2)
        self.assertIn(" 200 512000 ", lines[0])
        self.assertRegex(lines[1], r'" 304 0 .* etag$')

    def test_a_part_and_a_head_are_of_what_it_has(self):
        server = self.serve_site()
        front = self.front(server)
        whole = self.ask(front, "/big.bin")
        part = self.ask(front, "/big.bin", "Range: bytes=256-511")
        self.assertEqual((part.status, part.body), (206, bytes(range(256))))
        self.assertEqual(part.getheader("ETag"), whole.getheader("ETag"))
        head = self.ask(front, "/big.bin", method="HEAD")
        self.assertEqual((head.status, head.getheader("Content-Length")), (200, "512000"))
        same = self.ask(front, "/big.bin", "If-None-Match: " + whole.getheader("ETag"))
        self.assertEqual(same.status, 304)
        self.wait_for_lines(server, "/big.bin", 1)

    def test_codings_are_never_mixed_up(self):
        """Varnish asks for gzip, keeps that, and unpacks it for those who cannot."""
        server = self.serve_site()
        front = self.front(server)
        for _ in range(2):
            packed = self.ask(front, "/a.js", "Accept-Encoding: gzip")
            self.assertEqual((packed.getheader("Content-Encoding"), gzip.decompress(packed.body)),
                             ("gzip", SCRIPT))
            self.assertIn("Accept-Encoding", packed.getheader("Vary"))
            plain = self.ask(front, "/a.js")
            self.assertEqual((plain.getheader("Content-Encoding"), plain.body), (None, SCRIPT))
        line, = self.wait_for_lines(server, "/a.js", 1)
        self.assertIn(" 200 %d " % len(gzip.compress(SCRIPT)), line)
        self.assertNotEqual(self.ask(server, "/a.js").getheader("ETag"), packed.getheader("ETag"))

    def test_a_server_that_drains_is_sick_and_not_asked(self):
        server = self.serve_site(pid_file="pid")
        front = self.front(server)
        subprocess.run([os.path.abspath(support.PROGRAM), "-q", "-c", server.conf, "-s", "drain"],
                       check=True, timeout=60, env=support.clean_environment())
        wait_for("Varnish to say 503", lambda: self.ask(front, "/new-%s" % time.monotonic_ns())
                 .status == 503, 30)
        self.assertEqual(self.ask(front, "/").status, 200)  # what it has
