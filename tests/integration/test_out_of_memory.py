# SPDX-License-Identifier: MIT
"""Memory ends while the server serves: it costs a connection or an answer, never the worker, and
nothing is held afterwards that was not held before.

Once by a preloaded malloc that fails at the Nth call of a run of requests, for every N, alone and
together with all behind it; once by the kernel, under a limit of address space.

TESTS_LONG=1 goes on to 2,000 failures.
"""

import base64
import contextlib
import os
import resource
import unittest

import rawhttp
import support
from failing_malloc import FailingMallocTest
from origin import CLOSE, Origin, chunked, head
from rawhttp import request
from support import wait_for

MIB = 1 << 20
MANY = 40
# More than the cache holds, so that each is new to it when its turn comes.
NAMES = FailingMallocTest.WARM_RUNS
HASH = "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe"  # of "secret"


class FailingMalloc(FailingMallocTest):
    def prepare(self):
        app = Origin()
        self.addCleanup(app.close)
        app.on("/pass/cut", [head(200, "Content-Length: 5") + b"x", CLOSE])
        app.otherwise(chunked(b"one", b"two" * 1000))
        server = self.make(
            {"index.html": b"hello\n", "dir/a.txt": b"a", "dir/b.txt": b"b", "c.css": b"c" * 5000,
             "in/a.txt": b"secret"},
            workers=1, io_threads=1, listing="on", gzip="on", status="on",
            env=self.environment(), pid_file="pid",
            sections={"cache": {"cache_valid": 0, "max_entries": NAMES // 2},
                      "location gone": {"prefix": "/gone/", "status": 410},
                      "location in": {"prefix": "/in/", "auth_file": "users"},
                      "upstream app": {"servers": app.name, "keepalive": 0, "max_fails": 0},
                      "location pass": {"prefix": "/pass/", "proxy": "app",
                                        "buffer_request": "2k"}})
        with open(os.path.join(server.dir, "users"), "w") as file:
            file.write("somebody:%s\n" % HASH)
        os.truncate(server.write("big", b""), MIB)
        return server.start()

    def passwords(self):
        """The right one, which is remembered or not, and a wrong one, which has to be hashed."""
        fields = ["Authorization: Basic " + base64.b64encode(text).decode()
                  for text in (b"somebody:secret", b"somebody:%d" % self.runs)]
        return b"".join(request("/in/a.txt", fields=[field]) for field in fields)

    def run_once(self, server):
        """Some of each kind; an answer or an end is all that is asked for."""
        name = "new/%d.html" % (self.runs % NAMES)
        server.write(name, b"%d" % self.runs * 500)
        scripts = (
            request() + request("/c.css") + request("/none"),
            request("/" + name, fields=["Accept-Encoding: gzip"]) + request("/" + name) +
            request("/dir/?format=json") + request("/gone/"),
            self.passwords() + request("/-/status.json") + request("/-/metrics") + request("/-/"),
            request("/big", fields=["Range: bytes=0-9,20-29"]) + request("/big", "HEAD"),
            request("/", "POST", fields=["Content-Length: 4"], body=b"body") + request("/%zz"),
            request("/pass/a") + request("/pass/b", "POST", fields=["Content-Length: 4"], body=b"body"),
            request("/pass/c", "PUT", fields=["Content-Length: 5000"], body=b"x" * 5000) +
            request("/pass/cut"),
            b"NONSENSE\r\n\r\n",
        )
        for script in scripts:
            with contextlib.suppress(OSError), rawhttp.Connection(server) as conn:
                conn.send(script)
                conn.end_sending()
                data, _ = conn.rest()
                self.assertTrue(not data or data.startswith(b"HTTP/1.1 "), data[:100])
        self.run_many(server)
        os.unlink(os.path.join(server.root, name))

    def run_many(self, server):
        """More at a time than the server keeps spare parts for."""
        with contextlib.ExitStack() as stack:
            conns = []
            for _ in range(MANY):
                with contextlib.suppress(OSError):
                    conns.append(stack.enter_context(rawhttp.Connection(server)))
                    conns[-1].send(b"GET /c.css HTTP/1.1\r\n")
            for conn in conns:
                with contextlib.suppress(OSError):
                    conn.send(b"Host: t\r\nConnection: close\r\n\r\n")
            for conn in conns:
                data, _ = conn.rest()
                self.assertTrue(not data or data.startswith(b"HTTP/1.1 "), data[:100])

    def check_all_is_well(self, server):
        with rawhttp.Connection(server) as conn:
            self.assertEqual(conn.get().body, b"hello\n")
            self.assertEqual(conn.get("/dir/").status, 200)

    def test_each_call_may_fail(self):
        server = self.prepare()
        self.let_each_call_fail(server)
        self.assertIn("out of memory", server.log())

    def test_calls_of_a_new_worker_may_fail(self):
        self.let_calls_of_a_new_worker_fail(self.prepare())


class Squeeze(rawhttp.HttpTest):
    def test_a_limit_of_address_space(self):
        """The kernel gives no more: some are refused, and the worker lives."""
        if support.is_sanitized():
            self.skipTest("a sanitizer needs more address space than there is")
        settings = {"workers": 1, "worker_connections": 4000}
        with open("/proc/%d/statm" % self.serve(**settings).workers()[0]) as file:
            limit = int(file.read().split()[0]) * resource.getpagesize() + 2 * MIB
        server = self.make(**settings)
        support.Server.start(server, before=lambda: resource.setrlimit(resource.RLIMIT_AS,
                                                                       (limit, limit)))
        (worker,) = server.workers()
        socks = []
        try:
            for _ in range(1500):  # half a head each needs a buffer of its own
                with contextlib.suppress(OSError):
                    socks.append(server.connect())
                    socks[-1].sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 8000)
            server.wait_for_log("out of memory", seconds=20)
            self.assertEqual(server.workers(), [worker])
        finally:
            for sock in socks:
                sock.close()
        wait_for("an answer", lambda: rawhttp.is_served(server), 20)
        self.assertEqual(server.workers(), [worker])


if __name__ == "__main__":
    unittest.main()
