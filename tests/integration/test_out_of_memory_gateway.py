# SPDX-License-Identifier: MIT
"""Memory ends while requests are passed on, tunnelled, and kept: it costs an answer or a connection,
never the worker. What arrives whole is what was asked for, nothing wrong is kept, and nothing is held
afterwards that was not held before.

TESTS_LONG=1 goes on to 2,000 failures.
"""

import contextlib
import unittest

from conformance.client import Broken, Client, Ended
from conformance.row import Reply
from failing_malloc import FailingMallocTest
from origin import Origin, chunked, head, ok, reply
from rawhttp import request

PATIENCE = 60.0
WEBSOCKET = ("Connection: Upgrade", "Upgrade: websocket")
FRESHNESS = {"fresh": "max-age=600", "vary": "max-age=600", "renew": "max-age=0",
             "while": "max-age=0, stale-while-revalidate=600", "error": "max-age=0, stale-if-error=600",
             "never": "no-store"}


def content_of(target):
    """/kept/KIND/SIZE/..., which is in the content again and again."""
    size = int(target.split("/")[3])
    return ((target.encode() + b"|") * (size // len(target) + 1))[:size]


def answer(exchange):
    asked = exchange.request
    if "Upgrade" in asked:
        exchange.send(head(101, *WEBSOCKET))
        while True:  # until the other side ends
            exchange.send(exchange.buffer)
            exchange.buffer = b""
            exchange.take()
    kind, content = asked.target.split("/")[2], content_of(asked.target)
    fields = ["Cache-Control: " + FRESHNESS[kind]] if kind in FRESHNESS else []
    if kind == "vary":
        fields.append("Vary: Accept")
    if kind in ("renew", "while"):
        fields.append('ETag: "1"')
    if asked.get("If-None-Match") == '"1"':
        exchange.send(head(304, *fields))
    elif kind == "error" and exchange.origin.fails:
        exchange.send(reply(503, content))
    elif asked.method == "HEAD":
        exchange.send(head(200, "Content-Length: %d" % len(content), *fields))
    elif kind == "cut":
        exchange.send(head(200, "Content-Length: %d" % (len(content) + 1)) + content)
        exchange.close()
    elif len(content) > 5000:
        exchange.send(chunked(content[:5000], content[5000:], fields=fields))
    else:
        exchange.send(ok(content, *fields))


class Gateway(FailingMallocTest):
    def dial(self, server):
        conn = Client((server.address, server.port), PATIENCE)
        self.clients.append(conn.sock)
        return conn

    def check(self, target, method, got):
        """What is a success is the right one."""
        if got.status == 206:
            self.assertEqual(got.body, content_of(target)[5:10])
        elif got.status == 200 and method not in ("HEAD", "PURGE"):
            self.assertEqual(got.body, content_of(target), "%s %s" % (method, target))
        self.assertIn(got.status, (200, 206, 404, 500, 502, 503, 504), target)

    def ask(self, server, *asked):
        """Each of @asked: (target, method, fields, body); all on one connection, at once."""
        with contextlib.suppress(Broken, Ended, OSError):
            conn = self.dial(server)
            conn.send(b"".join(request(target, method, fields=fields, body=body)
                               for target, method, fields, body in asked))
            for target, method, fields, _ in asked:
                got = conn.answer(Reply(200, head=method == "HEAD"))
                self.check(target, method, got)

    def get(self, server, target, *fields, times=1):
        self.ask(server, *[(target, "GET", fields, b"")] * times)

    def tunnel(self, server):
        with contextlib.suppress(Broken, Ended, OSError):
            conn = self.dial(server)
            conn.send(request("/tunnel/", fields=WEBSOCKET))
            if conn.answer(Reply(101, interim=True)).status == 101:
                for text in (b"some", b"more" * 5000):
                    conn.send(text)
                    self.assertEqual(conn.exactly(len(text)), text)
                conn.end()

    def leave(self, server, target):
        """Without waiting for an answer."""
        with contextlib.suppress(OSError):
            conn = self.dial(server)
            conn.send(request(target))
            conn.reset()

    def several_at_once(self, server, target):
        """One request is made of theirs."""
        conns = []
        for _ in range(3):
            with contextlib.suppress(OSError):
                conns.append(self.dial(server))
                conns[-1].send(request(target))
        for conn in conns:
            with contextlib.suppress(Broken, Ended, OSError):
                self.check(target, "GET", conn.answer(Reply(200)))

    def run_once(self, server):
        self.app.fails = False
        # New names each time: what failed once is not kept for a while.
        kept = {kind: "/kept/%s/%d/%d" % (kind, size, self.runs) for kind, size in
                (("fresh", 1000), ("vary", 20), ("renew", 1000), ("while", 30000), ("error", 500),
                 ("never", 700), ("cut", 6))}
        large, left = "/kept/fresh/100000/%d" % self.runs, "/kept/fresh/70000/%d" % self.runs
        self.get(server, kept["fresh"], times=2)
        self.ask(server, (kept["fresh"], "HEAD", (), b""),
                 (kept["fresh"], "GET", ("Range: bytes=5-9",), b""))
        self.several_at_once(server, large)
        self.leave(server, left)
        for accept in "xyxy":
            self.get(server, kept["vary"], "Accept: " + accept)
        for kind in ("renew", "while", "never", "cut"):
            self.get(server, kept[kind], times=2)
        self.get(server, kept["error"])
        self.app.fails = True
        self.get(server, kept["error"])
        self.ask(server, ("/pass/a/10/a", "GET", (), b""),
                 ("/pass/a/10/b", "POST", ("Content-Length: 5000",), b"x" * 5000),
                 ("/pass/a/0/c", "PUT", ("Transfer-Encoding: chunked",), b"3\r\nabc\r\n0\r\n\r\n"))
        self.get(server, "/pass/a/300000/d")
        self.leave(server, "/pass/a/300000/e")
        self.tunnel(server)
        for target in list(kept.values()) + [large, left]:
            self.ask(server, (target, "PURGE", (), b""))
        self.hang_up()

    def check_all_is_well(self, server):
        for target in ("/pass/a/100/a", "/kept/fresh/100000/b"):
            conn = self.dial(server)
            conn.send(request(target))
            got = conn.answer(Reply(200))
            self.assertEqual((got.status, got.body), (200, content_of(target)), target)
        self.hang_up()

    def start(self):
        self.app = Origin()
        self.addCleanup(self.app.close)
        self.app.otherwise([answer])
        return self.make(
            workers=1, env=self.environment(), pid_file="pid",
            sections={"upstream app": {"servers": self.app.name, "keepalive": 4, "max_fails": 0,
                                       "keepalive_timeout": "100ms", "head_timeout": "5s"},
                      # Fewer than are asked for, so that it is full before it is counted what is held.
                      "cache": {"max_entries": 20},
                      "cache main": {"path": "stored", "min_free": 0},
                      "location kept": {"prefix": "/kept/", "proxy": "app", "cache": "main"},
                      "location pass": {"prefix": "/pass/", "proxy": "app", "buffer_request": "2k"},
                      "location tunnel": {"prefix": "/tunnel/", "proxy": "app",
                                          "upgrade": "websocket"}}).start()

    def test_each_call_may_fail(self):
        server = self.start()
        self.let_each_call_fail(server)
        server.wait_for_log("out of memory")

    def test_calls_of_a_new_worker_may_fail(self):
        self.let_calls_of_a_new_worker_fail(self.start())


if __name__ == "__main__":
    unittest.main()
