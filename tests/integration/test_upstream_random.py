# SPDX-License-Identifier: MIT
"""Clients and an origin that do whatever HTTP allows, and more, in an order that nobody has thought of.

Each target says what the origin answers, so that each answer tells whether it is the right one, and
whole. TESTS_LONG=1 goes on for five minutes, each time with another seed. What went wrong names its seed:
TESTS_SEED repeats it.
"""

import contextlib
import os
import random
import threading
import time
import unittest

import rawhttp
from conformance.client import Broken, Client, Ended
from conformance.row import Reply, request
from origin import UNREAD, Gone, Origin, chunked, head, ok, reply

LONG = os.environ.get("TESTS_LONG") == "1"
SECONDS = 300 if LONG else 4
MOST_SECONDS = SECONDS + 120  # for a busy machine, until enough has come
SEED = os.environ.get("TESTS_SEED") or ("%d" % time.time() if LONG else "1")
CLIENTS = 8
PATIENCE = 90.0
EMPTY = "closed without an answer"

GOOD = ("length", "chunked", "until-close", "pieces", "interim", "closes", "surplus", "not-modified")
BAD = ("reset", "no-answer", "cut-length", "cut-chunks", "reset-length", "garbage", "half-head")


def content_of(target):
    """Different for each target, and of the size that it says."""
    size = int(target.rpartition("/")[2])
    return (target.encode() * (size // len(target) + 1))[:size]


def pieces(data, rng):
    """@data in some pieces of at least a byte."""
    while data:
        count = rng.randint(1, len(data)) if rng.random() < 0.5 else len(data)
        yield data[:count]
        data = data[count:]


def answer(exchange):
    """What the origin does: /MODE/NUMBER/SIZE."""
    asked = exchange.request
    mode, target = asked.target.split("/")[1], asked.target
    rng = random.Random(target)
    content = content_of(target)
    is_head = asked.method == "HEAD"
    if mode == "early":
        exchange.send(reply(413, content))
        raise Gone("us")
    if rng.random() < 0.5 or asked.method == "POST":
        exchange.read_body()
    if mode in ("reset", "no-answer"):
        exchange.reset() if mode == "reset" else exchange.close()
    if mode == "garbage":
        exchange.send(rng.choice((b"no HTTP\r\n\r\n", b"HTTP/1.1 20 OK\r\n\r\n",
                                  head(200, "Content-Length: x"), b"\0\1\2\3" * 10)))
        exchange.wait(0.02)
        exchange.close()
    if mode == "half-head":
        exchange.send(ok(content)[:rng.randint(1, 20)])
        exchange.close()
    if mode == "not-modified":
        exchange.send(head(304, 'ETag: "1"'))
    elif mode == "until-close":
        exchange.send(head(200) + (b"" if is_head else content))
        exchange.close()
    elif mode in ("cut-length", "reset-length"):
        exchange.send(head(200, "Content-Length: %d" % (len(content) + 1)) + content)
        exchange.wait(0.005)
        exchange.reset() if mode == "reset-length" else exchange.close()
    elif mode == "cut-chunks":
        exchange.send(chunked(*pieces(content, rng), ends=False))
        exchange.close()
    elif is_head:
        exchange.send(head(200, "Content-Length: %d" % len(content)))
    elif mode in ("chunked", "pieces"):
        data = chunked(*pieces(content, rng), trailers=("X-Sum: 1",) if rng.random() < 0.3 else ())
        for piece in pieces(data, rng) if mode == "pieces" else (data,):
            exchange.send(piece)
            if mode == "pieces":
                exchange.wait(0.001)
    else:
        before = head(103, "Link: </x>") if mode == "interim" else b""
        behind = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" if mode == "surplus" else b""
        exchange.send(before + ok(content) + behind)
        if mode == "closes":
            exchange.close()


class Player:
    """One client, which knows what each answer has to be."""

    def __init__(self, server, number, seed, counts):
        self.server, self.number, self.counts = server, number, counts
        self.rng = random.Random("%s %d" % (seed, number))
        self.conn = None
        self.asked = 0
        self.posts = {}

    def one(self):
        """(the target, the method, the bytes of a request)"""
        rng = self.rng
        mode = rng.choice(GOOD * 2 + BAD)
        method = rng.choice(("GET", "GET", "GET", "HEAD", "POST"))
        if method == "POST" and rng.random() < 0.1:
            mode = "early"
        self.asked += 1
        size = rng.choice((0, 1, 7, 1000, 20000, 150000))
        target = "/%s/%d-%d/%d" % (mode, self.number, self.asked, size)
        fields, body = [], b""
        if method == "POST":
            body = self.posts[target] = content_of(target)
            if rng.random() < 0.5:
                fields.append("Content-Length: %d" % len(body))
            else:
                fields.append("Transfer-Encoding: chunked")
                body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in
                                pieces(body, rng)) + b"0\r\n\r\n"
        if rng.random() < 0.1:
            fields.append("Connection: close")
        if rng.random() < 0.1:
            fields.append("Cookie: " + "x" * rng.choice((1, 500, 4000)))
        return target, method, request(method, target, fields, body=body)

    def hang_up(self, resets=False):
        if self.conn and resets:
            self.conn.reset()
        elif self.conn:
            self.conn.sock.close()
        self.conn = None

    def send(self, data):
        for piece in pieces(data, self.rng):
            self.conn.send(piece)
            if self.rng.random() < 0.05:
                time.sleep(0.001)

    def check(self, target, method, got):
        mode = target.split("/")[1]
        name = "%s %s: %r" % (method, target, got.status)
        if got.status in (502, 503, 504):
            # Repeating was not allowed, or of no use.
            assert mode in BAD or method == "POST", name
        elif mode == "early":
            assert got.status == 413 and got.body == content_of(target), name
        elif mode == "not-modified":
            assert got.status == 304, name
        else:
            assert got.status == 200 and (mode in GOOD or method == "HEAD"), name
            assert method == "HEAD" or got.body == content_of(target), name + " has other content"
        self.counts.append(mode)

    def turn(self):
        rng = self.rng
        if not self.conn:
            self.conn = Client((self.server.address, self.server.port), PATIENCE)
        asked = [self.one() for _ in range(rng.choice((1, 1, 1, 2, 4)))]
        if any(target.startswith("/early") for target, _, _ in asked[:-1]):
            asked = asked[:1]
        data = b"".join(one[2] for one in asked)
        if rng.random() < 0.1:  # leaves in the middle of something
            self.send(data[:rng.randint(1, len(data))])
            time.sleep(rng.choice((0, 0.002)))
            self.hang_up(rng.random() < 0.5)
            return
        self.send(data)
        for target, method, _ in asked:
            mode = target.split("/")[1]
            try:
                got = self.conn.answer(Reply(200, head=method == "HEAD"))
            except (Broken, Ended) as ended:
                # Early answers are followed by a reset: the origin has not read what was sent.
                is_cut = "in the content" in str(ended) or str(ended) in ("reset", EMPTY)
                assert mode in BAD + ("early",) and is_cut, "%s %s: %s" % (method, target, ended)
                self.counts.append("cut")
                self.hang_up()
                return
            self.check(target, method, got)
            if "close" in got.words("Connection"):
                self.hang_up()
                return

    def run(self, goes_on, failures):
        try:
            while goes_on() and not failures:
                self.turn()
        except AssertionError as failure:
            failures.append("client %d: %s" % (self.number, failure))
        except OSError:
            self.hang_up()
        finally:
            with contextlib.suppress(OSError):
                self.hang_up()


FRESHNESS = ("max-age=60", "max-age=1", "max-age=1, stale-while-revalidate=1", "no-store", "private",
             "max-age=1, stale-if-error=60", "no-cache", "max-age=0", "max-age=60, must-revalidate")


def cacheable_answer(exchange):
    """The content of a target is always the same; how it comes, or fails to, is not."""
    rng, target = exchange.origin.rng, exchange.request.target
    content, tag = content_of(target), 'ETag: "%s"' % target
    fields = ["Cache-Control: " + rng.choice(FRESHNESS), tag]
    if rng.random() < 0.2:
        fields.append("Vary: Accept-Encoding")
    if rng.random() < 0.2:
        exchange.wait(rng.choice((0.001, 0.02)))
    if tag[len("ETag: "):] in exchange.request.get("If-None-Match", "") and rng.random() < 0.7:
        exchange.send(head(304, *fields))
        return
    kind = rng.choice(("length",) * 4 + ("chunked",) * 3 + ("until-close", "cut", "cut-chunks", "reset",
                                                           "503"))
    if exchange.request.method == "HEAD":
        exchange.send(head(200, *fields, "Content-Length: %d" % len(content)))
    elif kind == "length":
        for piece in pieces(ok(content, *fields), rng):
            exchange.send(piece)
    elif kind == "chunked":
        for piece in pieces(chunked(*pieces(content, rng), fields=fields), rng):
            exchange.send(piece)
    elif kind == "until-close":
        exchange.send(head(200, *fields) + content)
        exchange.close()
    elif kind == "cut":
        exchange.send(head(200, *fields, "Content-Length: %d" % (len(content) + 5)) + content)
        exchange.close()
    elif kind == "cut-chunks":
        exchange.send(chunked(*pieces(content, rng), fields=fields, ends=False))
        exchange.close()
    elif kind == "reset":
        exchange.reset()
    else:
        exchange.send(reply(503, b"down", *fields[:1]))


class Visitor(Player):
    """Asks a cache for few targets, in every way."""

    def turn(self):
        rng = self.rng
        if not self.conn:
            self.conn = Client((self.server.address, self.server.port), PATIENCE)
        size = rng.choice((0, 1, 1000, 20000, 150000))
        target = "/cached/%d/%d" % (rng.randrange(6), size)
        method = rng.choice(("GET",) * 12 + ("HEAD", "POST"))
        fields, first, last = [], 0, size - 1
        if method == "GET" and size and rng.random() < 0.2:
            first = rng.randrange(size)
            last = rng.randrange(first, size)
            fields.append("Range: bytes=%d-%d" % (first, last))
        if rng.random() < 0.2:
            fields.append('If-None-Match: "%s"' % rng.choice((target, "other")))
        if rng.random() < 0.2:
            fields.append("Accept-Encoding: " + rng.choice(("gzip", "br")))
        if method == "POST":
            fields = ["Content-Length: 0"]
        self.send(request(method, target, fields))
        if rng.random() < 0.1:  # the leader of a fill may leave
            self.hang_up(rng.random() < 0.5)
            return
        name = "%s %s %s" % (method, target, fields)
        try:
            got = self.conn.answer(Reply(200, head=method == "HEAD"))
        except (Broken, Ended) as ended:
            is_cut = "in the content" in str(ended) or str(ended) in ("reset", EMPTY)
            assert is_cut, "%s: %s" % (name, ended)
            self.counts.append("cut")
            self.hang_up()
            return
        content = content_of(target)
        if got.status == 206:
            assert got.body == content[first:last + 1] and "Range" in str(fields), name
        elif got.status == 304:
            assert 'If-None-Match: "%s"' % target in fields, name
        elif got.status == 200:
            assert method == "HEAD" or got.body == content, name + " has other content"
        else:
            assert got.status in (502, 503, 504), "%s: %d" % (name, got.status)
        self.counts.append(got.status)
        if got.all("Age"):
            self.counts.append("kept")
        if "close" in got.words("Connection"):
            self.hang_up()


class Random(rawhttp.HttpTest):
    def play(self, players, is_enough):
        """For SECONDS, and until @is_enough(): what went wrong."""
        began, failures = time.monotonic(), []

        def goes_on():
            took = time.monotonic() - began
            return took < SECONDS or (took < MOST_SECONDS and not is_enough())
        threads = [threading.Thread(target=player.run, args=(goes_on, failures))
                   for player in players]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failures

    def test_each_answer_is_the_right_one_and_whole_or_seen_to_be_none(self):
        app = Origin()
        self.addCleanup(app.close)
        app.otherwise([UNREAD, answer])
        server = self.make(workers=1, sections={
            "upstream app": {"servers": app.name, "max_fails": 0, "keepalive": 8,
                             "keepalive_timeout": "200ms"},
            "location all": {"prefix": "/", "proxy": "app"}}, keepalive_timeout="75s").start()
        counts = []
        players = [Player(server, number, SEED, counts) for number in range(CLIENTS)]
        failures = self.play(players, lambda: len(counts) > 100 and set(GOOD) <= set(counts))
        self.assertEqual(failures, [], "TESTS_SEED=%s" % SEED)
        self.assertGreater(len(counts), 100)
        self.assertEqual(sorted(set(GOOD) - set(counts)), [])
        self.check_requests(app, players)

    def test_a_cache_never_has_what_is_not_right(self):
        app = Origin()
        self.addCleanup(app.close)
        app.rng = random.Random(SEED)
        app.otherwise([cacheable_answer])
        server = self.make(workers=2, sections={
            "upstream app": {"servers": app.name, "max_fails": 0, "keepalive": 8,
                             "keepalive_timeout": "200ms"},
            "cache main": {"path": "stored"},
            "location all": {"prefix": "/", "proxy": "app", "cache": "main"}}).start()
        counts, wanted = [], {200, 206, 304}
        players = [Visitor(server, number, SEED, counts) for number in range(CLIENTS)]
        failures = self.play(players, lambda: counts.count("kept") > 50 and wanted <= set(counts))
        self.assertEqual(failures, [], "TESTS_SEED=%s" % SEED)
        self.assertGreater(counts.count("kept"), 50)
        self.assertEqual(wanted - set(counts), set())

    def check_requests(self, app, players):
        """Nothing was sent twice that must not be, and no content was made up."""
        posts, seen = {}, {}
        for player in players:
            posts.update(player.posts)
        for one in app.requests():
            self.assertIn(one.method, ("GET", "HEAD", "POST"), "TESTS_SEED=%s" % SEED)
            if one.method != "POST":
                continue
            self.assertNotIn(one.target, seen, "sent twice; TESTS_SEED=%s" % SEED)
            seen[one.target] = one
            if one.has_ended:
                self.assertEqual(one.body, posts[one.target], "TESTS_SEED=%s" % SEED)
            else:
                self.assertTrue(posts[one.target].startswith(one.body), "TESTS_SEED=%s" % SEED)


if __name__ == "__main__":
    unittest.main()
