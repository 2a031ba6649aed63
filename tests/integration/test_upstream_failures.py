# SPDX-License-Identifier: MIT
"""Servers behind that refuse, stop, die, or answer nonsense: no wrong byte, no hang, and where another
server can answer, no failed request."""

import collections
import os
import signal
import threading
import time
import unittest

import support
from conformance.client import Broken, Client, Ended
from conformance.row import Reply, get, request
from origin import CLOSE, RESET, Drip, Gate, Origin, Pause, chunked, head, ok
from support import LATE, wait_for

SECONDS = 60.0
GOOD = b"0123456789" * 100


class UpstreamTest(support.ServerTest):
    def origin(self):
        app = Origin()
        self.addCleanup(app.close)
        return app

    def front(self, *backs, files=None, location=None, workers=1, **settings):
        """TinyWeb in front of @backs: origins, or what [upstream] calls servers."""
        names = [back if isinstance(back, str) else back.name for back in backs]
        upstream = dict({"servers": ", ".join(names)}, **settings)
        server = self.make(files, workers=workers, sections={
            "upstream app": upstream, "location all": dict({"prefix": "/", "proxy": "app"},
                                                           **(location or {}))})
        return server.start()

    def dial(self, server, seconds=SECONDS):
        conn = Client((server.address, server.port), seconds)
        self.addCleanup(conn.sock.close)
        return conn

    def ask(self, server, target="/", conn=None, method="GET"):
        """The answer; Ended or Broken where it is none, or is cut."""
        conn = conn or self.dial(server)
        conn.send(request(method, target))
        return conn.answer(Reply(200, head=method == "HEAD"))


def hold(gate):
    return [gate, ok(b"late")]


# name: what the faulty server does, and what a client gets who has no other server. A 504 comes of a timeout,
# and nothing else does: only those are asked for where timeouts are short.
BEFORE_THE_HEAD = {
    "it resets": ([RESET], 502),
    "it closes": ([CLOSE], 502),
    "it closes in the head": ([b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE], 502),
    "it resets in the head": ([b"HTTP/1.1 200 OK\r\nContent-Le", Pause(0.05), RESET], 502),
    "it says nothing": ([Gate(), CLOSE], 504),
    "its head never ends": ([Drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100, 0.05), CLOSE], 504),
    "it is no HTTP": ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Pause(0.2), CLOSE], 502),
    "its head is too long": ([head(200, *("X-%d: %s" % (i, "x" * 1000) for i in range(70))), CLOSE],
                             502),
    "its interim answers never end": ([head(103, "X: y") * 1000, ok(GOOD)], 502),
    "its length is none": ([head(200, "Content-Length: 5x") + b"12345", Pause(0.2), CLOSE], 502),
}
# name: what it sends, and what it does when that has come to the client; None: nothing.
IN_THE_CONTENT = {
    "it closes": (head(200, "Content-Length: 1000") + GOOD[:500], [CLOSE]),
    "it resets": (head(200, "Content-Length: 1000") + GOOD[:500], [RESET]),
    "it closes between chunks": (chunked(GOOD[:500], ends=False), [CLOSE]),
    "it resets between chunks": (chunked(GOOD[:500], ends=False), [RESET]),
    "a chunk has no size": (chunked(GOOD[:500], ends=False), [b"x\r\n", Gate(), CLOSE]),
    "it stops": (head(200, "Content-Length: 1000") + GOOD[:500], None),
    "it stops between chunks": (chunked(GOOD[:500], ends=False), None),
}


class OneServer(UpstreamTest):
    """Nobody else can answer: the client is told, soon, and the next request is served."""

    def setUp(self):
        super().setUp()
        self.app = self.origin()
        self.app.on("/good", ok(GOOD))
        sections = {"location all": {"prefix": "/", "proxy": "patient"}}
        for name, settings in (("patient", {}), ("head", {"head_timeout": "400ms"}),
                               ("content", {"read_timeout": "400ms"})):
            sections["upstream " + name] = dict({"servers": self.app.name, "max_fails": 0,
                                                 "retry_on": "off"}, **settings)
            if settings:
                sections["location " + name] = {"prefix": "/" + name, "proxy": name}
        self.server = self.make(workers=1, sections=sections).start()

    def check_good(self):
        self.assertEqual(self.ask(self.server, "/good").body, GOOD)

    def test_faults_before_the_head_are_errors(self):
        for number, (name, (steps, status)) in enumerate(BEFORE_THE_HEAD.items()):
            with self.subTest(name):
                target = "%s/%d" % ("/head" if status == 504 else "", number)
                self.app.on(target, steps)
                began = time.monotonic()
                answer = self.ask(self.server, target)
                self.assertEqual(answer.status, status)
                self.assertLess(time.monotonic() - began, 8 + LATE)
                self.check_good()

    def test_faults_in_the_content_are_seen_and_nothing_is_made_up(self):
        for number, (name, (begin, steps)) in enumerate(IN_THE_CONTENT.items()):
            with self.subTest(name):
                gate = Gate()
                target = "%s/%d" % ("" if steps else "/content", number)
                self.app.on(target, [begin, gate] + (steps or []))
                conn = self.dial(self.server)
                conn.send(request(target=target))
                began = time.monotonic()
                while GOOD[:500] not in conn.buffer:
                    conn.take()
                if steps:
                    gate.open()
                with self.assertRaises((Broken, Ended)) as caught:
                    conn.answer(Reply(200))
                self.assertNotIn("no answer", str(caught.exception))
                self.assertLess(time.monotonic() - began, 8 + LATE)
                self.check_good()

    def test_a_server_that_refuses_is_a_502_and_is_asked_again_when_it_is_back(self):
        self.app.refuse()
        self.assertEqual(self.ask(self.server, "/good").status, 502)
        self.app.listen()
        wait_for("the server's return",
                 lambda: self.ask(self.server, "/good").status == 200, SECONDS)

    def test_connections_that_close_behind_each_answer_cost_nobody_a_request(self):
        self.app.on("/", [ok(GOOD), CLOSE])
        conn = self.dial(self.server)
        for _ in range(50):
            self.assertEqual(self.ask(self.server, "/", conn).body, GOOD)
        self.assertEqual(len(self.app.requests("/")), 50)


class TwoServers(UpstreamTest):
    """One of them is faulty, the other one is not: no request that may be repeated fails."""

    REQUESTS = 12

    def check_all(self, server, target="/", method="GET"):
        conn = self.dial(server)
        for _ in range(self.REQUESTS):
            answer = self.ask(server, target, conn, method)
            self.assertEqual((answer.status, answer.body),
                             (200, b"" if method == "HEAD" else GOOD))

    def pair(self, **settings):
        bad, good = self.origin(), self.origin()
        settings = dict({"tries": 2}, **settings)
        return bad, good, self.front(bad, good, **settings)

    def test_faults_before_the_head_are_answered_by_the_other_one(self):
        for name, (steps, status) in BEFORE_THE_HEAD.items():
            if name == "its head is too long":
                continue  # so would be the other one's
            with self.subTest(name):
                # So long that a good one on a busy machine is in time; or it is asked again.
                settings = {"head_timeout": "2s", "tries": 4} if status == 504 else {}
                bad, good, server = self.pair(max_fails=2, **settings)
                good.on("/", ok(GOOD))
                bad.on("/", steps)
                self.check_all(server)
                self.assertGreater(len(bad.requests()), 0)
                self.assertEqual(server.stop(), 0)

    def test_a_server_that_refuses(self):
        bad, good, server = self.pair()
        bad.refuse()
        good.on("/", ok(GOOD))
        self.check_all(server)
        conn = self.dial(server)
        for _ in range(self.REQUESTS):  # nothing was sent: not even POST fails
            conn.send(request("POST", "/", ("Content-Length: 3",), body=b"abc"))
            self.assertEqual(conn.answer(Reply(200)).status, 200)

    def test_a_server_that_is_gone_without_a_word_closes_what_was_kept(self):
        bad, good, server = self.pair()
        for app in (bad, good):
            app.on("/", ok(GOOD))
        self.check_all(server)
        bad.refuse()
        bad.hang_up()
        self.check_all(server)
        self.check_all(server)

    def test_post_that_was_sent_is_not_repeated(self):
        bad, good, server = self.pair(max_fails=0)
        bad.on("/", [RESET])
        good.on("/", ok(GOOD))
        statuses = collections.Counter()
        for _ in range(6):
            conn = self.dial(server)
            conn.send(request("POST", "/", ("Content-Length: 3",), body=b"abc"))
            statuses[conn.answer(Reply(200)).status] += 1
        self.assertEqual(len(bad.requests()) + len(good.requests()), 6)
        self.assertEqual(statuses, {200: len(good.requests()), 502: len(bad.requests())})


class Killed(UpstreamTest):
    """Whole servers, killed under load."""

    CONTENT = bytes(range(256)) * 1024

    def run_clients(self, server, done, counts, failures, target):
        conn = None
        while not done.is_set():
            conn = conn or Client((server.address, server.port), SECONDS)
            try:
                conn.send(get(target=target))
                answer = conn.answer(Reply(200))
                if answer.status != 200 or answer.body != (b"small\n" if target == "/small" else
                                                          self.CONTENT):
                    failures.append("%d, %d bytes" % (answer.status, len(answer.body)))
                counts.append(1)
            except (Broken, Ended, OSError) as error:
                # A large answer that has begun is cut where its server dies: that is all that may be.
                if target == "/small" or "content" not in str(error):
                    failures.append(str(error))
                conn.sock.close()
                conn = None
        if conn:
            conn.sock.close()

    def test_no_small_request_fails_and_large_ones_are_never_wrong(self):
        files = {"small": b"small\n", "large": self.CONTENT}
        backs = [self.serve(files, workers=1, hand_over=False) for _ in range(2)]
        names = ["127.0.0.1:%d" % back.port for back in backs]
        server = self.front(*names, workers=2, fail_timeout="200ms")
        done, counts, failures = threading.Event(), [], []
        threads = [threading.Thread(target=self.run_clients, args=(
            server, done, counts, failures, ("/small", "/large")[number % 2])) for number in range(6)]
        for thread in threads:
            thread.start()
        try:
            for back in backs:
                back.allow_error("was killed")
                self.wait_for_more(counts, 100)
                for pid in [back.pid] + back.workers():  # nobody starts another one meanwhile
                    os.kill(pid, signal.SIGKILL)
                back.process.wait()
                self.wait_for_more(counts, 100)
                back.start()
                before = len(back.access_lines())
                wait_for("its share", lambda: len(back.access_lines()) > before + 10, SECONDS)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])

    def wait_for_more(self, counts, count):
        start = len(counts)
        wait_for("answers", lambda: len(counts) >= start + count, SECONDS)


class Descriptors(UpstreamTest):
    """There are few: none is left for the other half of a connection that was accepted."""

    def make_short(self, app, groups):
        sections = {"location %s" % name: {"prefix": "/%s/" % name, "proxy": name} for name in groups}
        sections.update({"upstream %s" % name: {"servers": app.name, "keepalive_timeout": "60s"}
                         for name in groups})
        return self.serve(sections=sections, workers=1, max_open_files=64, worker_connections=1000,
                          keepalive_timeout="60s")

    def test_a_crowd_is_served_in_turn(self):
        app, gate = self.origin(), Gate()
        app.on("/a/", [gate, ok(GOOD)])
        server = self.make_short(app, "a")
        conns = []
        for _ in range(100):
            conns.append(self.dial(server))
            conns[-1].send(get(target="/a/"))
        app.wait_for_requests(16)
        gate.open()
        self.assertEqual([conn.answer(Reply(200)).body for conn in conns], [GOOD] * len(conns))
        self.assertNotIn("no-socket", server.log())

    def test_what_is_kept_to_some_servers_makes_room_for_others(self):
        app = self.origin()
        server = self.make_short(app, "abcd")
        conns = [self.dial(server) for _ in range(14)]
        for name in "abcd":
            gate, target = Gate(), "/%s/" % name
            app.on(target, [gate, ok(GOOD)])
            for conn in conns:
                conn.send(get(target=target))
            app.wait_for_requests(len(conns), target)
            gate.open()
            for conn in conns:
                self.assertEqual(conn.answer(Reply(200)).body, GOOD)
        wait_for("the ends of those that gave way",
                 lambda: len(app.open_connections()) < 4 * len(conns), SECONDS)


class Life(UpstreamTest):
    """What happens to the server in front."""

    def test_reloads_lose_no_request(self):
        app = self.origin()
        app.otherwise([Pause(0.01), ok(GOOD)])
        server = self.front(app, workers=2)
        with support.Load(server, clients=6) as load:
            for _ in range(3):
                load.wait_for_more(20)
                before = set(server.workers())
                server.kill(signal.SIGHUP)
                wait_for("new workers", lambda: len(set(server.workers()) - before) == 2, SECONDS)
            load.wait_for_more(20)
        self.assertEqual((load.failures, load.refused), ([], 0))
        self.assertEqual(app.garbage, [])


if __name__ == "__main__":
    unittest.main()
