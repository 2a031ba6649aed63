# SPDX-License-Identifier: MIT
"""How connections live and end: keep-alive, pipelining, bodies, limits, deadlines, half-close."""

import email.utils
import os
import re
import signal
import socket
import threading
import time
import unittest

import rawhttp
import support
from rawhttp import exchange, request
from support import LATE, wait_for

KIB = 1024
MIB = 1024 * KIB

def cpu(server):
    return sum(support.cpu_seconds(pid) for pid in server.workers())


def pattern(size):
    """Bytes that tell where they are from."""
    return b"".join(b"%015d\n" % at for at in range(0, size + 16, 16))[:size]


class KeepAlive(rawhttp.HttpTest):
    def test_11_goes_on(self):
        server = self.serve()
        conn = self.dial(server)
        for _ in range(50):
            response = conn.get()
            self.assertEqual((response.status, response.body), (200, b"hello\n"))
            self.assertNotIn("Connection", response)

    def test_11_close(self):
        server = self.serve()
        for value in ("close", "Close", "CLOSE", "keep-alive, close", "x, close", "close, x"):
            with self.subTest(value):
                conn = self.dial(server)
                response = conn.get(fields=["Connection: " + value])
                self.assertEqual(response.get("Connection"), "close")
                self.assertEqual(response.body, b"hello\n")
                self.assertEqual(conn.ending(), "closed")

    def test_10_ends(self):
        server = self.serve()
        for fields in ([], ["Connection: close"], ["Connection: keep-alive, close"],
                       ["Connection: x"]):
            with self.subTest(fields):
                conn = self.dial(server)
                response = conn.get(version="1.0", fields=fields)
                self.assertEqual(response.get("Connection"), "close")
                self.assertEqual(conn.ending(), "closed")

    def test_10_goes_on_when_asked_and_says_so(self):
        server = self.serve()
        for value in ("keep-alive", "Keep-Alive", "x, keep-alive"):
            with self.subTest(value):
                conn = self.dial(server)
                for _ in range(3):
                    response = conn.get(version="1.0", fields=["Connection: " + value])
                    self.assertEqual(response.get("Connection"), "keep-alive")
                    self.assertEqual(response.body, b"hello\n")
                self.assertEqual(conn.get(version="1.0").get("Connection"), "close")
                self.assertEqual(conn.ending(), "closed")

    def test_both_versions_on_one_connection(self):
        server = self.serve()
        conn = self.dial(server)
        self.assertNotIn("Connection", conn.get())
        self.assertEqual(conn.get(version="1.0", fields=["Connection: keep-alive"])
                         .get("Connection"), "keep-alive")
        self.assertNotIn("Connection", conn.get())

    def test_errors_do_not_end_it(self):
        server = self.serve({"index.html": b"hello\n", "big": pattern(300 * KIB)})
        conn = self.dial(server)
        for target, method, fields, status in [
                ("/none", "GET", [], 404), ("/", "POST", [], 405), ("/%zz", "GET", [], 400),
                ("/..", "GET", [], 400), ("/", "GET", ["Range: bytes=99-"], 416),
                ("/", "GET", ["If-Match: \"x\""], 412), ("/", "GET", ["If-None-Match: *"], 304),
                ("/.git", "GET", [], 404), ("*", "OPTIONS", [], 204), ("/big", "GET", [], 200),
                ("/big", "HEAD", [], 200), ("/", "GET", [], 200)]:
            response = conn.get(target, method, fields=fields)
            self.assertEqual(response.status, status, target)
            self.assertNotIn("Connection", response)

    def test_requests_per_connection(self):
        server = self.serve(keepalive_requests=3)
        conn = self.dial(server)
        found = [conn.get().closes for _ in range(3)]
        self.assertEqual(found, [False, False, True])
        self.assertEqual(conn.ending(), "closed")

    def test_requests_per_connection_when_pipelined(self):
        server = self.serve(keepalive_requests=3)
        responses, how = exchange(server, request() * 10)
        self.assertEqual([response.closes for response in responses], [False, False, True])
        self.assertEqual(how, "closed")

    def test_no_limit_of_requests(self):
        server = self.serve(keepalive_requests=0, access_log="off")
        conn = self.dial(server)
        for _ in range(11):
            conn.send(request() * 1000)
            self.assertFalse(any(response.closes for response in conn.responses(1000)))

    def test_no_keep_alive_at_all(self):
        server = self.serve(keepalive_timeout=0)
        for version in ("1.1", "1.0"):
            conn = self.dial(server)
            self.assertTrue(conn.get(version=version, fields=["Connection: keep-alive"]).closes)
            self.assertEqual(conn.ending(), "closed")


class Pipelining(rawhttp.HttpTest):
    def test_a_hundred_in_one_segment(self):
        files = {"f%d" % i: b"this is file %d\n" % i for i in range(100)}
        server = self.serve(files)
        conn = self.dial(server)
        data = b"".join(b"GET /f%d HTTP/1.1\r\nHost: t\r\n\r\n" % i for i in range(100))
        self.assertLess(len(data), 16384)
        conn.send(data)
        bodies = [response.body for response in conn.responses(100)]
        self.assertEqual(bodies, list(files.values()))

    def test_small_and_large_files_and_errors_keep_their_order(self):
        files = {"small": b"small\n", "large": pattern(3 * MIB), "memory": pattern(60 * KIB)}
        server = self.serve(files)
        kinds = ["small", "large", "memory", "none", "small", "memory"] * 4
        conn = self.dial(server)
        sender = threading.Thread(target=conn.send, args=(b"".join(
            request("/" + name) for name in kinds),))
        sender.start()
        for name in kinds:
            response = conn.response()
            self.assertEqual(response.status, 404 if name == "none" else 200)
            if name != "none":
                self.assertEqual(response.body, files[name])
        sender.join()

    def test_all_methods_mixed(self):
        server = self.serve()
        wire = [("GET", b""), ("HEAD", b""), ("OPTIONS", b""), ("POST", b"hello"),
                ("GET", b"hello"), ("DELETE", b""), ("HEAD", b"hello"), ("TRACE", b""),
                ("GET", b"")]
        data = b"".join(request(method=method, body=body,
                                fields=["Content-Length: %d" % len(body)] if body else [])
                        for method, body in wire)
        conn = self.dial(server)
        conn.send(data)
        found = [conn.response(method).status for method, _ in wire]
        self.assertEqual(found, [200, 200, 204, 405, 200, 405, 200, 405, 200])
        self.assertTrue(conn.is_quiet(0.1))

    def test_a_request_split_at_every_byte(self):
        server = self.serve({"index.html": b"hello\n", "large": pattern(100 * KIB)})
        data = (request("/large", fields=["X-Some: thing", "Accept: */*"]) +
                request("/", "POST", fields=["Content-Length: 5"], body=b"hello") +
                request("/", "PUT", fields=["Transfer-Encoding: chunked"],
                        body=b"5\r\nhello\r\n0\r\nX: y\r\n\r\n") + request("/"))
        whole = None
        for at in range(len(data)):
            with rawhttp.Connection(server) as conn:
                if at:
                    conn.send(data[:at])
                    if at % 16 == 0:
                        time.sleep(0.002)  # now and then long enough to be sure
                conn.send(data[at:])
                found = [response.without_date() for response in conn.responses(4)]
            whole = whole or found
            self.assertEqual(found, whole, "split at %d" % at)

    def test_byte_by_byte(self):
        server = self.serve()
        conn = self.dial(server)
        for byte in request("/", "POST", fields=["Content-Length: 5"], body=b"hello") + request():
            conn.send(bytes([byte]))
        self.assertEqual([response.status for response in conn.responses(2)], [405, 200])

    def test_a_client_that_never_reads(self):
        """A million requests: the worker takes what fits in the sockets, and no more."""
        server = self.serve({"index.html": pattern(2 * KIB)}, send_timeout="3s", access_log="off")
        worker = server.workers()[0]
        self.dial(server).get()
        before = rawhttp.resident_kib(worker)
        conn = self.dial(server)
        conn.sock.settimeout(0.5)
        block = request() * 1000
        sent = 0
        try:
            while sent < 1000:
                conn.sock.sendall(block)
                sent += 1
        except (socket.timeout, ConnectionError):
            pass
        self.assertLess(sent, 1000, "a million requests were taken")
        grown = rawhttp.resident_kib(worker) - before
        if not support.is_sanitized():
            self.assertLess(grown, 4 * 1024)
        self.assertEqual(self.dial(server).get().status, 200)
        wait_for("the end of it", lambda: rawhttp.socket_count(worker) ==
                 self.baselines[0][1][worker] + 2, 3 + LATE)
        used = support.cpu_seconds(worker)
        time.sleep(0.5)
        self.assertLess(support.cpu_seconds(worker) - used, 0.2)


class Bodies(rawhttp.HttpTest):
    def test_lengths_are_skipped_exactly(self):
        server = self.serve(max_body_size="1m")
        conn = self.dial(server)
        for size in (0, 1, 2, 5, 1000, 16383, 16384, 16385, 100000, MIB):
            for method, status in (("POST", 405), ("GET", 200)):
                body = (request("/smuggled") * (size // 30 + 1))[:size]
                response = conn.get("/", method, fields=["Content-Length: %d" % size], body=body)
                self.assertEqual((response.status, response.closes), (status, False), size)
        self.assertEqual(conn.get().body, b"hello\n")

    def test_chunks_are_skipped_exactly(self):
        server = self.serve(max_body_size="1m")
        conn = self.dial(server)
        body = (request("/smuggled") * 4000)[:100000]
        for size in (1, 7, 100, 1000, 16384, 100000):
            part = body[:size * 300]
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(part[at:at + size]), part[at:at + size])
                              for at in range(0, len(part), size))
            for last in (b"0\r\n\r\n", b"000\r\nTrailer: x\r\nOther: y\r\n\r\n"):
                response = conn.get("/", "POST", fields=["Transfer-Encoding: chunked"],
                                    body=chunks + last)
                self.assertEqual((response.status, response.closes), (405, False), size)
        self.assertEqual(conn.get().body, b"hello\n")

    def test_body_size_limit(self):
        server = self.serve(max_body_size=1000)
        for method, good in (("POST", 405), ("GET", 200)):
            with self.subTest(method):
                conn = self.dial(server)
                response = conn.get("/", method, fields=["Content-Length: 1000"], body=b"x" * 1000)
                self.assertEqual((response.status, response.closes), (good, False))
                response = conn.get("/", method, fields=["Content-Length: 1001"], body=b"x" * 1001)
                # A method that is refused anyway need not be refused for its size.
                self.assertEqual((response.status, response.closes),
                                 (413 if method == "GET" else 405, True))
                self.assertEqual(conn.ending(), "closed")
        for size, status in ((1000, 405), (1001, 413)):
            with self.subTest("chunked %d" % size):
                conn = self.dial(server)
                response = conn.get("/", "POST", fields=["Transfer-Encoding: chunked"], body=(
                    b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n"))
                self.assertEqual((response.status, response.closes), (status, status == 413))

    def test_a_chunk_that_will_be_too_large_is_refused_at_once(self):
        server = self.serve(max_body_size=1000)
        for size in (b"3e9", b"FFFFFFFFFFFFFFFF", b"8000000000000000", b"100000000"):
            with self.subTest(size):
                conn = self.dial(server)
                conn.send(request("/", "POST", fields=["Transfer-Encoding: chunked"],
                                  body=size + b"\r\n"))
                self.assertEqual(conn.response().status, 413)

    def test_no_body_at_all(self):
        server = self.serve(max_body_size=0)
        conn = self.dial(server)
        self.assertEqual(conn.get("/", fields=["Content-Length: 0"]).status, 200)
        self.assertEqual(conn.get("/", "POST", fields=["Transfer-Encoding: chunked"],
                                  body=b"0\r\n\r\n").status, 405)
        self.assertEqual(conn.get("/", fields=["Content-Length: 1"], body=b"x").status, 413)

    def test_a_long_upload_gets_its_answer(self):
        """10 MB to a page: the whole 4xx and no reset, though the server stops listening early."""
        server = self.serve(max_body_size="1m")
        for fields, body in [
                (["Content-Length: %d" % (10 * MIB)], b"x" * 10 * MIB),
                (["Transfer-Encoding: chunked"], (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 160)]:
            with self.subTest(fields):
                conn = self.dial(server)
                conn.send(request("/", "POST", fields=fields, body=body))
                response = conn.response()
                self.assertIn(response.status, (405, 413))
                self.assertTrue(response.closes)
                self.assertEqual(len(response.body), response.length)
                self.assertEqual(conn.ending(), "closed")

    def test_many_long_uploads(self):
        server = self.serve(max_body_size="1m")
        data = request("/", "PUT", fields=["Content-Length: %d" % (4 * MIB)], body=b"x" * 4 * MIB)
        for _ in range(20):
            conn = self.dial(server)
            conn.send(data)
            self.assertEqual(conn.response().status, 405)
            self.assertEqual(conn.ending(), "closed")

    def test_expect(self):
        server = self.serve(max_body_size=1000)
        conn = self.dial(server)
        conn.send(request("/", fields=["Content-Length: 5", "Expect: 100-continue"]))
        self.assertEqual(conn.response(interim=True).status, 100)
        self.assertTrue(conn.is_quiet(0.1))
        conn.send(b"hello")
        self.assertEqual(conn.response(interim=True).status, 200)
        for value in ("100-Continue", "100-CONTINUE"):
            conn.send(request("/", fields=["Transfer-Encoding: chunked", "Expect: " + value]))
            self.assertEqual(conn.response(interim=True).status, 100)
            conn.send(b"0\r\n\r\n")
            self.assertEqual(conn.response(interim=True).status, 200)

    def test_expect_that_will_not_be_fulfilled_is_answered_at_once(self):
        server = self.serve(max_body_size=1000)
        for method, size, status in (("POST", 5, 405), ("PUT", 5000, 405), ("GET", 5000, 413)):
            with self.subTest(method):
                conn = self.dial(server)
                conn.send(request("/", method, fields=["Content-Length: %d" % size,
                                                       "Expect: 100-continue"]))
                response = conn.response(interim=True)
                self.assertEqual((response.status, response.closes), (status, True))
                self.assertEqual(conn.ending(), "closed")

    def test_expect_without_a_body_or_with_it_there(self):
        server = self.serve()
        conn = self.dial(server)
        conn.send(request("/", fields=["Expect: 100-continue"]))
        self.assertEqual(conn.response(interim=True).status, 200)
        conn.send(request("/", fields=["Expect: 100-continue", "Content-Length: 5"], body=b"hello"))
        self.assertEqual(conn.response(interim=True).status, 200)
        conn.send(request("/", version="1.0", fields=["Expect: 100-continue", "Content-Length: 5",
                                                      "Connection: keep-alive"]))
        self.assertTrue(conn.is_quiet(0.2))  # a client of 1.0 knows no interim answers
        conn.send(b"hello")
        self.assertEqual(conn.response(interim=True).status, 200)

    def test_other_expectations(self):
        server = self.serve()
        for value in ("x", "100-continue, x", "100", "101-continue"):
            with self.subTest(value):
                conn = self.dial(server)
                self.assertEqual(conn.get(fields=["Expect: " + value]).status, 417)


class Limits(rawhttp.HttpTest):
    def test_target(self):
        server = self.serve(max_uri_size="1k")
        for size, status in ((1024, 200), (1025, 414), (5000, 414), (100000, 414)):
            for target in ("/?" + "x" * (size - 2), "/" + "./" * ((size - 1) // 2)):
                if len(target) != size:
                    target += "/" * (size - len(target))
                with self.subTest("%d %s" % (size, target[:3])):
                    conn = self.dial(server)
                    conn.send_what_fits(request(target))
                    response = conn.response()
                    self.assertEqual((response.status, response.closes), (status, status != 200))

    def test_a_long_target_in_pieces(self):
        """As soon as it cannot become a good one any more."""
        server = self.serve(max_uri_size="1k")
        conn = self.dial(server)
        conn.send(b"GET /")
        for _ in range(200):
            if conn.send_what_fits(b"x" * 10) or not conn.is_quiet(0.001):
                break
        self.assertEqual(conn.response().status, 414)
        self.assertEqual(conn.ending(), "closed")

    def test_head(self):
        server = self.serve(max_header_size="4k")
        for size, status in ((4095, 200), (4096, 200), (4097, 431), (8192, 431), (100000, 431)):
            for shape in ("one", "many"):
                with self.subTest("%d %s" % (size, shape)):
                    fields = ["X: " + "y" * 97] * 20 if shape == "many" else []
                    missing = size - len(request(fields=fields + ["Z: "]))
                    data = request(fields=fields + ["Z: " + "z" * missing])
                    self.assertEqual(len(data), size)
                    conn = self.dial(server)
                    conn.send_what_fits(data)
                    response = conn.response()
                    self.assertEqual((response.status, response.closes), (status, status != 200))

    def test_head_limit_behind_another_request(self):
        """A head at the limit fits wherever it begins in what was received."""
        server = self.serve(max_header_size="4k")
        data = request(fields=["Z: " + "z" * (4096 - len(request(fields=["Z: "])))])
        for before in range(0, 5):
            conn = self.dial(server)
            conn.send(request() * before + data + data + request())
            self.assertEqual([r.status for r in conn.responses(before + 3)], [200] * (before + 3))

    def test_an_endless_head(self):
        server = self.serve()
        conn = self.dial(server)
        conn.send(b"GET / HTTP/1.1\r\nHost: t\r\nX: ")
        for _ in range(2000):
            if conn.send_what_fits(b"y" * 1000):
                break
            if not conn.is_quiet(0):
                break
        self.assertEqual(conn.response().status, 431)
        self.assertEqual(conn.ending(), "closed")

    def test_header_count(self):
        server = self.serve(max_header_count=10)
        for count, status in ((9, 200), (10, 200), (11, 431), (100, 431)):
            with self.subTest(count):
                fields = ["Host: t"] + ["X-%d: y" % i for i in range(count - 1)]
                response = self.dial(server).get(fields=fields)
                self.assertEqual((response.status, response.closes), (status, status != 200))

    def test_defaults(self):
        server = self.serve()
        for data, status in [
                (request("/" + "?" * 8191), 200), (request("/" + "?" * 8192), 414),
                (request(fields=["Host: t"] + ["X: y"] * 99), 200),
                (request(fields=["Host: t"] + ["X: y"] * 100), 431),
                (request(fields=["X: " + "y" * (16384 - len(request(fields=["X: "])))]), 200),
                (request(fields=["X: " + "y" * (16385 - len(request(fields=["X: "])))]), 431)]:
            conn = self.dial(server)
            conn.send_what_fits(data)
            self.assertEqual(conn.response().status, status, data[:40])


class Deadlines(rawhttp.HttpTest):
    """Each in its own time: never early, and late by no more than a busy machine."""

    def until_end(self, conn, start, least, timeout, status=None):
        """The connection ends between @least and @timeout (and a little) from @start, which is before what
        the deadline counts from."""
        if status:
            response = conn.response(seconds=timeout + LATE)
            self.assertEqual((response.status, response.closes), (status, True))
        how = conn.ending(timeout + LATE)
        took = time.monotonic() - start
        self.assertGreaterEqual(took, least)
        self.assertLess(took, timeout + LATE)
        return how

    def test_a_client_that_says_nothing(self):
        server = self.serve(header_timeout="500ms")
        start = time.monotonic()
        self.assertEqual(self.until_end(self.dial(server), start, 0.49, 0.5), "closed")

    def test_a_slow_first_head_counts_from_accept(self):
        server = self.serve(header_timeout="3s")
        start = time.monotonic()
        conn = self.dial(server)
        time.sleep(0.6)
        conn.send(b"GET / HT")
        self.assertEqual(self.until_end(conn, start, 2.9, 3, 408), "closed")

    def test_dripping_does_not_help(self):
        server = self.serve(header_timeout="1s")
        start = time.monotonic()
        conns = [self.dial(server) for _ in range(20)]
        data = request(fields=["X: " + "y" * 1000])
        ended = {}
        for byte in data:
            for conn in conns:
                if conn not in ended and not conn.is_quiet(0):
                    ended[conn] = time.monotonic() - start
                elif conn not in ended:
                    conn.send_what_fits(bytes([byte]))
            if len(ended) == len(conns) or time.monotonic() - start > 1 + LATE:
                break
            time.sleep(0.05)
        self.assertEqual(len(ended), len(conns))
        self.assertGreaterEqual(min(ended.values()), 0.9)
        for conn in conns:
            self.assertEqual(conn.response().status, 408)

    def test_a_later_head_counts_from_its_first_byte(self):
        server = self.serve(header_timeout="2s", keepalive_timeout="60s")
        conn = self.dial(server)
        conn.get()
        time.sleep(2.5)  # idle for longer than a head may take
        start = time.monotonic()
        conn.send(b"G")
        time.sleep(0.5)
        conn.send(b"E")
        self.assertEqual(self.until_end(conn, start, 1.9, 2, 408), "closed")

    def test_empty_lines_are_no_request(self):
        server = self.serve(header_timeout="500ms")
        start = time.monotonic()
        conn = self.dial(server)
        conn.send(b"\r\n\r\n")
        self.assertEqual(self.until_end(conn, start, 0.4, 0.5), "closed")

    def test_an_idle_connection_is_closed_silently(self):
        server = self.serve(keepalive_timeout="2s", header_timeout="60s")
        conn = self.dial(server)
        conn.get()
        time.sleep(0.5)
        start = time.monotonic()
        conn.get()  # which begins it anew
        self.assertEqual(self.until_end(conn, start, 1.9, 2), "closed")

    def test_an_idle_connection_of_10(self):
        server = self.serve(keepalive_timeout="500ms")
        conn = self.dial(server)
        start = time.monotonic()
        conn.get(version="1.0", fields=["Connection: keep-alive"])
        self.assertEqual(self.until_end(conn, start, 0.4, 0.5), "closed")

    def test_body(self):
        server = self.serve(body_timeout="2s", min_body_rate=0, header_timeout="60s")
        for fields in (["Content-Length: 100"], ["Transfer-Encoding: chunked"]):
            with self.subTest(fields):
                conn = self.dial(server)
                conn.send(request("/", "POST", fields=fields))
                if "chunked" in fields[0]:
                    conn.send(b"64\r\n")
                time.sleep(0.3)
                start = time.monotonic()
                conn.send(b"more")
                self.assertEqual(self.until_end(conn, start, 1.9, 2, 408), "closed")

    def test_a_slow_body_that_goes_on_is_waited_for(self):
        server = self.serve(body_timeout="2s", min_body_rate=0, header_timeout="500ms",
                            keepalive_timeout="500ms")
        conn = self.dial(server)
        conn.send(request("/", "POST", fields=["Content-Length: 10"]))
        for _ in range(10):
            time.sleep(0.25)
            conn.send(b"x")
        response = conn.response()
        self.assertEqual((response.status, response.closes), (405, False))

    def test_a_body_that_drips(self):
        """A byte in time each, and yet it ends."""
        server = self.serve(body_timeout="500ms", min_body_rate=100)
        conn = self.dial(server)
        start = time.monotonic()
        conn.send(request("/", "POST", fields=["Content-Length: 100000"]))
        while time.monotonic() < start + LATE and conn.is_quiet(0.1):
            conn.send(b"x")
        self.assertEqual(conn.response().status, 408)
        self.assertGreaterEqual(time.monotonic() - start, 0.5)
        server.wait_for_log("sent a body more slowly than min_body_rate")

    def test_a_reader_that_stops(self):
        """It is reset when nothing has left for send_timeout, and its descriptors are freed."""
        size = 64 * MIB
        server = self.serve(send_timeout="1s")
        self.make_sparse(server, "big", size)
        worker = server.workers()[0]
        conn = self.dial(server, receive_buffer=8192)
        start = time.monotonic()
        conn.send(request("/big"))
        conn.head()
        wait_for("its end", lambda: self.sockets_above(server) == 0, 1 + LATE)
        self.assertGreater(time.monotonic() - start, 0.8)
        data, how = conn.rest()
        self.assertEqual(how, "reset")  # so it cannot take the part for the whole
        self.assertLess(len(data), size)
        self.assertNotIn(os.path.join(server.root, "big") + " (deleted)",
                         support.descriptors(worker).values())
        self.assertIn("send-timeout", " ".join(server.access_lines()) or self.flushed(server))

    def flushed(self, server):
        return " ".join(wait_for("log", server.access_lines, 5))

    def test_a_slow_reader_is_not_cut(self):
        """Progress is what counts: the whole may take longer than send_timeout."""
        size = 2 * MIB
        server = self.serve({"big": pattern(size)}, send_timeout="3s")
        conn = self.dial(server, receive_buffer=16384)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        conn.send(request("/big"))
        length = conn.head().length
        received = [conn.buffer]
        have = len(conn.buffer)
        start = time.monotonic()
        while have < length:
            piece = conn.receive()
            received.append(piece)
            have += len(piece)
            if time.monotonic() - start < 4:
                time.sleep(0.05)
        self.assertEqual(b"".join(received), pattern(size))
        self.assertGreater(time.monotonic() - start, 3.5)

    def test_a_peer_that_never_closes(self):
        server = self.serve(linger_timeout="500ms")
        conn = self.dial(server)
        start = time.monotonic()
        conn.send(request("/", "POST", fields=["Content-Length: %d" % (10 * MIB)]))
        self.assertTrue(conn.response().closes)
        wait_for("its end", lambda: self.sockets_above(server) == 0, 0.5 + LATE)
        self.assertGreater(time.monotonic() - start, 0.3)

    def test_a_peer_that_never_stops_sending(self):
        """Lingering has an end however lively the peer is."""
        server = self.serve(linger_timeout="300ms")
        conn = self.dial(server)
        start = time.monotonic()
        conn.send(request("/", "POST", fields=["Content-Length: %d" % (1 << 40)]))
        conn.response()
        while not conn.send_what_fits(b"x" * 1000):
            time.sleep(0.01)
            self.assertLess(time.monotonic() - start, 0.3 * 6 + LATE)
        self.assertGreater(time.monotonic() - start, 0.3)

    def test_a_patient_client_is_served_all_the_same(self):
        """None of these deadlines disturbs an answer that is under way, or the next request."""
        server = self.serve({"index.html": b"hello\n", "big": pattern(4 * MIB)},
                            header_timeout="1s", body_timeout="1s", keepalive_timeout="2s",
                            send_timeout="60s")
        conn = self.dial(server, receive_buffer=8192)
        conn.send(request("/big"))
        head = conn.head()
        time.sleep(2.5)
        self.assertEqual(conn.exactly(head.length), pattern(4 * MIB))
        start = time.monotonic()
        self.assertEqual(conn.get().status, 200)
        self.assertEqual(self.until_end(conn, start, 1.9, 2), "closed")

    def make_sparse(self, server, name, size):
        path = server.write(name, b"")
        os.truncate(path, size)

    def sockets_above(self, server):
        return sum(rawhttp.socket_count(pid) - count for pid, count in self.baselines[0][1].items())


class Endings(rawhttp.HttpTest):
    def above(self, server):
        return sum(rawhttp.socket_count(pid) - count
                   for found, baseline in self.baselines if found is server
                   for pid, count in baseline.items())

    def test_half_close_behind_a_request(self):
        server = self.serve({"index.html": b"hello\n", "big": pattern(8 * MIB)})
        for target, body in (("/", b"hello\n"), ("/big", pattern(8 * MIB))):
            with self.subTest(target):
                conn = self.dial(server)
                conn.send(request(target))
                conn.end_sending()
                self.assertEqual(conn.response().body, body)
                self.assertEqual(conn.ending(), "closed")

    def test_half_close_while_the_answer_is_sent(self):
        server = self.serve({"big": pattern(8 * MIB)})
        conn = self.dial(server, receive_buffer=8192)
        conn.send(request("/big"))
        head = conn.head()
        conn.end_sending()
        time.sleep(0.2)
        used = cpu(server)
        time.sleep(0.5)
        self.assertLess(cpu(server) - used, 0.2)  # the end is no reason to spin
        self.assertEqual(conn.exactly(head.length), pattern(8 * MIB))
        self.assertEqual(conn.ending(), "closed")

    def test_half_close_behind_pipelined_requests(self):
        server = self.serve({"index.html": b"hello\n", "big": pattern(2 * MIB)})
        conn = self.dial(server)
        conn.send(request() + request("/big") + request() + request("/none"))
        conn.end_sending()
        self.assertEqual([r.status for r in conn.responses(4)], [200, 200, 200, 404])
        self.assertEqual(conn.ending(), "closed")

    def test_half_close_before_the_end_of_a_request(self):
        server = self.serve()
        whole = request("/", "POST", fields=["Content-Length: 5"], body=b"hello")
        for at in (0, 1, 5, 20, len(whole) - 6, len(whole) - 5, len(whole) - 1):
            with self.subTest(at):
                conn = self.dial(server)
                conn.send(whole[:at])
                start = time.monotonic()
                conn.end_sending()
                self.assertEqual(conn.ending(), "closed")
                self.assertLess(time.monotonic() - start, 5 + LATE)
        wait_for("their ends", lambda: self.above(server) == 0, 5)

    def test_bytes_and_an_end_while_it_lingers(self):
        """They arrive together: what is unread must not turn the end into a reset, which would
        take back what is still on its way."""
        for size in (1000, 100000, 200000):
            server = self.serve({"big": pattern(size)})
            worker = server.workers()[0]
            conn = self.dial(server)
            conn.send(request("/big") + b"rubbish\r\n\r\n")
            time.sleep(0.3)  # all of it is in the kernel's hands now
            os.kill(worker, signal.SIGSTOP)
            try:
                conn.send(b"more")
                conn.end_sending()
                time.sleep(0.05)
            finally:
                os.kill(worker, signal.SIGCONT)
            time.sleep(0.1)
            self.assertEqual(conn.response().body, pattern(size))
            self.assertEqual(conn.response().status, 400)
            self.assertEqual(conn.ending(), "closed")

    def test_stray_bytes_behind_the_last_request(self):
        """Sent while the answer is, or when the kernel has all of it: the client gets it whole."""
        for size in (200000, 16 * MIB):
            server = self.serve({"big": pattern(size)})
            for stray in (b"\r\n", request("/smuggled")):
                for fields, version in ((["Connection: close"], "1.1"), ([], "1.0")):
                    conn = self.dial(server)
                    conn.send(request("/big", fields=fields, version=version))
                    time.sleep(0.1)
                    conn.send(stray)
                    time.sleep(0.1)
                    self.assertEqual(conn.response().body, pattern(size))
                    self.assertEqual(conn.ending(), "closed")

    def test_half_close_of_an_idle_connection(self):
        server = self.serve(keepalive_timeout="60s")
        conn = self.dial(server)
        conn.get()
        conn.end_sending()
        self.assertEqual(conn.ending(), "closed")

    def test_reset_in_mid_download(self):
        """Sockets and file descriptors are freed at once, and no worker is busy with it."""
        server = self.serve(send_timeout="60s", keepalive_timeout="60s")
        os.truncate(server.write("big", b""), 256 * MIB)
        conns = [self.dial(server, receive_buffer=8192) for _ in range(20)]
        for conn in conns:
            conn.send(request("/big"))
            conn.head()
        self.assertGreaterEqual(self.above(server), 20)
        for conn in conns:
            conn.reset()
        wait_for("their ends", lambda: self.above(server) == 0, 5)
        used = cpu(server)
        time.sleep(1)
        self.assertLess(cpu(server) - used, 0.3)
        wait_for("20 lines", lambda: len(server.access_lines()) >= 20, 10)

    def test_reset_of_an_idle_connection_and_in_a_head(self):
        server = self.serve(keepalive_timeout="60s", header_timeout="60s")
        for data in (b"", b"GET", request(), request("/", "POST", fields=["Content-Length: 9"])):
            conn = self.dial(server)
            conn.send(data)
            if data == request():
                conn.response()
            conn.reset()
        wait_for("their ends", lambda: self.above(server) == 0, 5)

    def test_a_thousand_clients_leave_in_mid_body(self):
        server = self.serve(workers=2, access_log="off")
        os.truncate(server.write("big", b""), 16 * MIB)
        workers = server.workers()
        for _ in range(10):
            conns = [rawhttp.Connection(server) for _ in range(100)]
            for conn in conns:
                conn.send(request("/big"))
            for at, conn in enumerate(conns):
                if at % 2:
                    conn.sock.recv(1000)
                if at % 3:
                    conn.reset()
                else:
                    conn.close()
        self.assertEqual(self.dial(server).get("/none").status, 404)
        self.assertEqual(server.workers(), workers)  # SIGPIPE killed nobody
        wait_for("their ends", lambda: self.above(server) <= 1, 20)

    def test_a_slow_reader_costs_no_memory(self):
        """2 GiB, read slowly for a while: the worker holds none of it."""
        server = self.serve(send_timeout="30s")
        os.truncate(server.write("huge", b""), 2 << 30)
        worker = server.workers()[0]
        self.dial(server).get("/none")
        before = rawhttp.resident_kib(worker)
        conn = self.dial(server, receive_buffer=65536)
        conn.send(request("/huge"))
        self.assertEqual(conn.head().length, 2 << 30)
        have, most = len(conn.buffer), 0
        until = time.monotonic() + 3
        while time.monotonic() < until:
            have += len(conn.receive())
            time.sleep(0.002)
            most = max(most, rawhttp.resident_kib(worker) - before)
        self.assertGreater(have, MIB)
        if not support.is_sanitized():
            self.assertLess(most, 2048)
        conn.reset()

    def test_keep_alive_costs_no_memory(self):
        """Requests on one connection: the worker is as large after 20,000 as after 2,000."""
        server = self.serve(access_log="off", keepalive_requests=0)
        worker = server.workers()[0]
        conn = self.dial(server)

        def ask(count):
            for _ in range(count // 100):
                conn.send(request() * 50 + request("/none") * 50)
                conn.responses(100)

        ask(2000)
        before = rawhttp.resident_kib(worker)
        ask(20000)
        if not support.is_sanitized():
            self.assertLess(rawhttp.resident_kib(worker) - before, 257)

    def test_many_short_connections_leave_nothing(self):
        server = self.serve(workers=2, access_log="off")
        for _ in range(3000):
            with rawhttp.Connection(server) as conn:
                conn.send(request(fields=["Connection: close"]))
                conn.rest()
        wait_for("their ends", lambda: self.above(server) == 0, 5)


class Answers(rawhttp.HttpTest):
    def test_options(self):
        server = self.serve()
        conn = self.dial(server)
        for target in ("*", "/", "/none", "/dir/", "http://t/"):
            response = conn.get(target, "OPTIONS")
            self.assertEqual(response.status, 204, target)
            self.assertEqual(sorted(re.split(", *", response.get("Allow"))),
                             ["GET", "HEAD", "OPTIONS"])
            self.assertNotIn("Content-Length", response)

    def test_methods_that_are_not_allowed(self):
        server = self.serve()
        conn = self.dial(server)
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
            for target in ("/", "/none"):
                response = conn.get(target, method)
                self.assertEqual(response.status, 405, method)
                self.assertEqual(sorted(re.split(", *", response.get("Allow"))),
                                 ["GET", "HEAD", "OPTIONS"])
                self.assertNotIn(b"Host", response.body)  # TRACE reflects nothing
        response = conn.get("t:443", "CONNECT")
        self.assertEqual((response.status, response.closes), (405, True))
        self.assertEqual(conn.ending(), "closed")

    def test_unknown_methods_and_versions(self):
        server = self.serve()
        for line, status in [(b"BREW / HTTP/1.1", 501), (b"get / HTTP/1.1", 501),
                             (b"PROPFIND / HTTP/1.1", 501), (b"GET / HTTP/2.0", 505),
                             (b"GET / HTTP/0.9", 505), (b"HEAD / HTTP/3.0", 505)]:
            method = line.split()[0].decode()
            responses, how = exchange(server, line + b"\r\nHost: t\r\n\r\n", [method])
            self.assertEqual(([r.status for r in responses], how), ([status], "closed"), line)

    def test_upgrade_is_ignored(self):
        server = self.serve()
        conn = self.dial(server)
        for upgrade in ("h2c", "websocket", "TLS/1.0, HTTP/1.1", "foo/2"):
            response = conn.get(fields=["Connection: Upgrade, HTTP2-Settings",
                                        "Upgrade: " + upgrade,
                                        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"])
            self.assertEqual((response.status, response.body), (200, b"hello\n"))
            self.assertNotIn("Upgrade", response)

    def test_date(self):
        """It is now, on every kind of answer, and goes on while files are cached."""
        server = self.serve({"index.html": b"hello\n", "big": pattern(200 * KIB)},
                            sections={"cache": {"cache_valid": "60s"}})
        conn = self.dial(server)
        seen = set()
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            for target in ("/", "/big", "/none"):
                before = int(time.time())
                response = conn.get(target)
                date = email.utils.parsedate_to_datetime(response.get("Date")).timestamp()
                self.assertLessEqual(before - 1, date, target)
                self.assertLessEqual(date, time.time(), target)
                seen.add(date)
            time.sleep(0.05)
        self.assertGreaterEqual(len(seen), 2)

    def test_server_tells_no_version(self):
        server = self.serve()
        version = support.subprocess.run([support.PROGRAM, "-v"], stdout=-1, stderr=-2, text=True,
                                         check=True).stdout
        number = re.search(r"\d+\.\d+[\w.]*", version).group(0)
        for data in (request(), request("/none"), b"bad\r\n\r\n", request("/", "POST")):
            with rawhttp.Connection(server) as conn:
                conn.send(data)
                response = conn.response()
                self.assertEqual(response.get("Server"), "TinyWeb")
                self.assertNotIn(number.encode(), response.head + response.body)

    def test_errors_have_a_page(self):
        server = self.serve()
        for data, status in [(request("/none"), 404), (request("/", "POST"), 405),
                             (b"bad\r\n\r\n", 400), (request(fields=["Expect: x"]), 417),
                             (request(fields=["Range: bytes=99-"]), 416)]:
            with rawhttp.Connection(server) as conn:
                conn.send(data)
                response = conn.response()
                self.assertEqual(response.status, status)
                self.assertEqual(response.get("Content-Type"), "text/html; charset=utf-8")
                self.assertTrue(response.body.lower().startswith(b"<!doctype html>"),
                                response.body[:40])
                self.assertIn(str(status).encode(), response.body)
                for name in ("ETag", "Last-Modified", "Accept-Ranges"):
                    self.assertNotIn(name, response)

    def test_error_pages_from_files(self):
        server = self.make({"index.html": b"hello\n", "pages/404.html": b"my page\n"},
                           **{"error_page.404": "/pages/404.html", "error_page.405": "page.txt",
                              "error_page.416": "/pages/none.html"})
        with open(os.path.join(server.dir, "page.txt"), "w") as file:
            file.write("a page from outside of the root\n")
        server.start()
        conn = self.dial(server)
        response = conn.get("/none")
        self.assertEqual((response.status, response.body), (404, b"my page\n"))
        self.assertEqual(response.get("Content-Type"), "text/html; charset=utf-8")
        for name in ("ETag", "Last-Modified"):
            self.assertNotIn(name, response)
        head = conn.get("/none", "HEAD")
        self.assertEqual((head.status, head.length), (404, 8))
        response = conn.get("/none", fields=["Range: bytes=0-1", "If-None-Match: *"])
        self.assertEqual((response.status, response.body), (404, b"my page\n"))
        response = conn.get("/", "POST")
        self.assertEqual((response.status, response.body),
                         (405, b"a page from outside of the root\n"))
        self.assertIn("text/plain", response.get("Content-Type"))
        self.assertIn("Allow", response)
        response = conn.get("/", fields=["Range: bytes=99-"])
        self.assertEqual((response.status, response.get("Content-Range")), (416, "bytes */6"))
        self.assertEqual(conn.get("/pages/404.html").status, 200)

    def test_several_addresses(self):
        port = support.free_port()
        server = self.make({"index.html": b"hello\n"}, listen=None, workers=2)
        first = "127.0.0.1:%d" % server.port
        host = "::1" if rawhttp.has_ipv6() else "127.0.0.1"
        second = "[::1]:%d" % port if host == "::1" else "127.0.0.1:%d" % port
        server.configure(listen="%s %s" % (first, second))
        server.start()
        for address, number in (("127.0.0.1", server.port), (host, port)):
            server.address, server.port = address, number
            with rawhttp.Connection(server) as conn:
                self.assertEqual(conn.get().body, b"hello\n")


if __name__ == "__main__":
    unittest.main()
