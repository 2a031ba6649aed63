# SPDX-License-Identifier: MIT
"""Proxies in front: for whom they say that they ask, and who is believed."""

import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import rawhttp
import support
from rawhttp import request
from support import wait_for

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 203.0.113.7 127.0.0.1 56324 80\r\n"


def v2(command, family, body):
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack(">H", len(body)) + body


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


INET = socket.inet_aton("203.0.113.9") + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 1, 2)


class ProxyTest(rawhttp.HttpTest):
    def hosts(self, server, count):
        """Who asked, by the first @count lines of the access log."""
        wait_for("%d lines" % count, lambda: len(server.access_lines()) >= count, 20)
        lines = server.access_lines()
        self.assertEqual(len(lines), count)
        return [line.split(" ")[0] for line in lines]


class ProxyProtocol(ProxyTest):
    def serve_proxied(self, **settings):
        server = self.make(trusted_proxy="127.0.0.0/8", **settings)
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        return server.start()

    def ask(self, server, header):
        conn = self.dial(server)
        conn.send(header + request())
        self.assertEqual(conn.response().status, 200)

    def test_the_log_names_the_client(self):
        server = self.serve_proxied()
        self.ask(server, V1)
        self.ask(server, b"PROXY TCP6 2001:db8::7 ::1 56324 80\r\n")
        self.ask(server, b"PROXY TCP6 ::ffff:203.0.113.8 ::1 56324 80\r\n")
        self.ask(server, v2(1, 0x11, INET))
        self.assertEqual(self.hosts(server, 4),
                         ["203.0.113.7", "2001:db8::7", "203.0.113.8", "203.0.113.9"])

    def test_a_proxy_that_speaks_for_itself_keeps_its_address(self):
        server = self.serve_proxied()
        self.ask(server, b"PROXY UNKNOWN\r\n")
        self.ask(server, v2(0, 0, b""))
        self.ask(server, v2(1, 0x31, b"/run/client".ljust(108, b"\0") * 2))
        self.assertEqual(self.hosts(server, 3), ["127.0.0.1"] * 3)

    def test_the_client_stays_for_the_whole_connection(self):
        server = self.serve_proxied()
        conn = self.dial(server)
        conn.send(V1 + request() * 3)
        self.assertEqual([r.status for r in conn.responses(3)], [200] * 3)
        conn.send(V1 + b"\r\n")  # a second header is no request
        self.assertEqual(conn.response().status, 400)
        self.assertEqual(self.hosts(server, 4), ["203.0.113.7"] * 4)

    def test_a_header_in_pieces(self):
        server = self.serve_proxied()
        for header, host in ((V1, "203.0.113.7"), (v2(1, 0x11, INET), "203.0.113.9")):
            conn = self.dial(server)
            for i in range(len(header)):
                conn.send(header[i:i + 1])
            conn.send(request())
            self.assertEqual(conn.response().status, 200)
        self.assertEqual(self.hosts(server, 2), ["203.0.113.7", "203.0.113.9"])

    def test_a_large_header_leaves_room_for_a_large_head(self):
        server = self.serve_proxied(max_header_size="8k", max_uri_size="4k")
        extension = b"\xee" + struct.pack(">H", 4096 - 16 - 12 - 3)
        header = v2(1, 0x11, INET + extension.ljust(4096 - 16 - 12, b"x"))
        self.assertEqual(len(header), 4096)
        conn = self.dial(server)
        conn.send(header + request(fields=["X: " + "y" * 8000]))
        self.assertEqual(conn.response().status, 200)
        conn = self.dial(server)
        conn.send(v2(1, 0x11, INET + b"\0" * (4097 - 28)) + request())
        self.assertIn(conn.ending(), ("closed", "reset"))

    def test_a_checksum_has_to_be_right(self):
        server = self.serve_proxied()
        header = v2(1, 0x11, INET + b"\x03\0\x04\0\0\0\0")
        checksum = struct.pack(">I", crc32c(header))
        self.ask(server, header[:-4] + checksum)
        conn = self.dial(server)
        conn.send(header + request())
        self.assertIn(conn.ending(), ("closed", "reset"))
        server.wait_for_log("127.0.0.1 is refused: PROXY header has a wrong checksum")
        self.assertEqual(self.hosts(server, 1), ["203.0.113.9"])

    def test_without_a_header_nobody_is_answered(self):
        server = self.serve_proxied()
        for data in (request(), b"\x16\x03\x01\x02\x00", V1.replace(b"TCP4", b"TCP5") + request()):
            conn = self.dial(server)
            conn.send(data)
            self.assertIn(conn.ending(), ("closed", "reset"))
        server.wait_for_log("127.0.0.1 is refused: there is no PROXY header", 2)
        server.wait_for_log("127.0.0.1 is refused: PROXY header is malformed")

    def test_who_is_not_trusted_is_closed(self):
        server = self.make(trusted_proxy="192.0.2.0/24 ::1")
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        server.start()
        conn = self.dial(server)
        conn.send_what_fits(V1 + request())
        self.assertIn(conn.ending(), ("closed", "reset"))
        server.wait_for_log("127.0.0.1 is refused: it is not in trusted_proxy")
        self.assertEqual(server.access_lines(), [])

    def test_a_header_has_a_deadline(self):
        server = self.serve_proxied(header_timeout="1s")
        for data in (b"", V1[:20], v2(1, 0x11, INET)[:20]):
            conn = self.dial(server)
            conn.send(data)
            self.assertEqual(conn.ending(), "closed")
        server.wait_for_log("127.0.0.1 is refused: no whole PROXY header came in time", 3)

    def test_other_listeners_of_the_server_take_no_header(self):
        server = self.make(trusted_proxy="127.0.0.1", hand_over=False)
        port = support.free_port()
        server.configure(listen="127.0.0.1:%d proxy_protocol 127.0.0.1:%d" % (server.port, port))
        server.start()
        self.ask(server, V1)
        server.port = port
        conn = self.dial(server)
        self.assertEqual(conn.get().status, 200)
        conn.send(V1 + b"\r\n")
        self.assertEqual(conn.response().status, 400)
        self.assertEqual(self.hosts(server, 3), ["203.0.113.7", "127.0.0.1", "127.0.0.1"])

    def test_a_listener_changes_with_a_reload(self):
        server = self.serve_proxied()
        self.ask(server, V1)
        server.configure(listen="127.0.0.1:%d" % server.port)
        workers = server.workers()
        server.kill(signal.SIGHUP)
        wait_for("new workers", lambda: not set(workers) & set(server.workers()))
        self.assertEqual(self.dial(server).get().status, 200)

    def test_a_graceful_stop_waits_for_what_a_proxy_is_about_to_say(self):
        server = self.serve_proxied(workers=1, drain_idle="2m")
        conn = self.dial(server)
        conn.send(V1[:10])
        silent = self.dial(server)
        worker, = server.workers()
        before = self.baselines[-1][1][worker]
        wait_for("both connections", lambda: rawhttp.socket_count(worker) == before + 2)
        server.kill(signal.SIGQUIT)
        wait_for("the end of accepting", lambda: not support.can_connect(server.port))
        conn.send(V1[10:] + request())
        response = conn.response()
        self.assertTrue(response.closes)
        silent.send(V1 + request())
        self.assertTrue(silent.response().closes)
        self.hang_up()
        self.assertEqual(server.wait(), 0)


class ForwardedFor(ProxyTest):
    def ask(self, server, *fields, status=200):
        response = self.dial(server).get(fields=fields)
        self.assertEqual(response.status, status)
        return response

    def test_the_right_most_hop_that_is_not_trusted_is_the_client(self):
        server = self.serve(trusted_proxy="127.0.0.0/8 10.0.0.0/8",
                            client_address="x-forwarded-for")
        self.ask(server, "X-Forwarded-For: 203.0.113.7")
        self.ask(server, "X-Forwarded-For: 6.6.6.6, 203.0.113.8, 10.0.0.2")
        self.ask(server, "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 2001:db8::7")
        self.ask(server, "X-Forwarded-For: 203.0.113.9, unknown")
        self.ask(server, "Forwarded: for=6.6.6.6")
        self.ask(server)
        self.assertEqual(self.hosts(server, 6), ["203.0.113.7", "203.0.113.8", "2001:db8::7",
                                                 "127.0.0.1", "127.0.0.1", "127.0.0.1"])

    def test_forwarded(self):
        server = self.serve(trusted_proxy="127.0.0.1", client_address="forwarded")
        self.ask(server, 'Forwarded: for="[2001:db8::7]:4711";proto=https')
        self.ask(server, 'Forwarded: for=", for=203.0.113.7')
        self.ask(server, "X-Forwarded-For: 6.6.6.6")
        self.assertEqual(self.hosts(server, 3), ["2001:db8::7", "203.0.113.7", "127.0.0.1"])

    def test_nobody_is_believed_by_default(self):
        for settings in ({}, {"trusted_proxy": "127.0.0.1"},
                         {"trusted_proxy": "192.0.2.1", "client_address": "x-forwarded-for"},
                         {"client_address": "forwarded"}):
            server = self.serve(**settings)
            self.ask(server, "X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7",
                     "X-Real-IP: 203.0.113.7")
            self.assertEqual(self.hosts(server, 1), ["127.0.0.1"])

    def test_each_request_of_a_connection_has_its_own_client(self):
        server = self.serve(trusted_proxy="127.0.0.1", client_address="x-forwarded-for")
        conn = self.dial(server)
        conn.send(b"".join(request(fields=fields) for fields in (
            ["X-Forwarded-For: 203.0.113.7"], [], ["X-Forwarded-For: 203.0.113.9"])))
        conn.responses(3)
        conn.send(request(fields=["X-Forwarded-For: 203.0.113.7"]) + b"nonsense\r\n\r\n")
        self.assertEqual([r.status for r in conn.responses(2)], [200, 400])
        self.assertEqual(self.hosts(server, 5), ["203.0.113.7", "127.0.0.1", "203.0.113.9",
                                                 "203.0.113.7", "127.0.0.1"])

    def test_a_body_and_a_large_file_keep_the_client(self):
        server = self.serve({"index.html": b"hello", "large": bytes(300000)},
                            trusted_proxy="127.0.0.1", client_address="x-forwarded-for")
        conn = self.dial(server)
        conn.send(request(fields=["X-Forwarded-For: 203.0.113.7", "Content-Length: 5"]))
        conn.send(b"abcde")
        self.assertEqual(conn.response().status, 200)
        conn.get("/large", fields=["X-Forwarded-For: 203.0.113.8"])
        self.assertEqual(self.hosts(server, 2), ["203.0.113.7", "203.0.113.8"])

    def test_the_rate_of_requests_is_that_of_the_client(self):
        server = self.serve(trusted_proxy="127.0.0.1", client_address="x-forwarded-for",
                            request_rate=1, request_burst=1)
        conn = self.dial(server)
        conn.send(b"".join(request(fields=["X-Forwarded-For: " + client]) for client in (
            "203.0.113.7", "203.0.113.7", "203.0.113.8", "127.0.0.1", "127.0.0.1")))
        self.assertEqual([r.status for r in conn.responses(5)], [200, 429, 200, 200, 200])
        server.wait_for_log("client 203.0.113.7 was refused")

    def test_what_is_for_this_machine_alone_is_not_for_clients_of_its_proxy(self):
        server = self.serve(trusted_proxy="127.0.0.1", client_address="x-forwarded-for")
        self.assertEqual(self.dial(server).get("/-/live").status, 200)
        response = self.dial(server).get("/-/live", fields=["X-Forwarded-For: 203.0.113.7"])
        self.assertEqual(response.status, 404)
        self.assertEqual(self.dial(server).get(
            "/-/live", fields=["X-Forwarded-For: 127.0.0.1"]).status, 200)

    def test_a_proxy_header_and_a_field_make_one_chain(self):
        server = self.make(trusted_proxy="127.0.0.1 10.0.0.0/8", client_address="x-forwarded-for")
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        server.start()
        for source, host in (("10.0.0.1", "203.0.113.9"), ("203.0.113.7", "203.0.113.7")):
            conn = self.dial(server)
            conn.send(b"PROXY TCP4 %s 127.0.0.1 1 80\r\n" % source.encode())
            conn.get(fields=["X-Forwarded-For: 203.0.113.9"])
        self.assertEqual(self.hosts(server, 2), ["203.0.113.9", "203.0.113.7"])


class RequestId(ProxyTest):
    MADE = re.compile(r"[0-9a-f]{32}\Z")

    def id_of(self, response):
        value, = response.all("X-Request-ID")
        return value

    def test_every_answer_has_one_of_its_own(self):
        server = self.serve({"index.html": b"hello", "sub/a": b"x"}, request_id="on")
        conn = self.dial(server)
        found = [self.id_of(conn.get()) for _ in range(20)]
        answer = conn.get()
        found.append(self.id_of(answer))
        tag = answer.get("ETag")
        for status, target, fields in ((304, "/", ["If-None-Match: " + tag]), (404, "/no", []),
                                       (206, "/", ["Range: bytes=0-1"]), (301, "/sub", []),
                                       (206, "/", ["Range: bytes=0-0,2-2"]),
                                       (416, "/", ["Range: bytes=9-"])):
            response = conn.get(target, fields=fields)
            self.assertEqual(response.status, status)
            found.append(self.id_of(response))
        found.append(self.id_of(conn.get(method="HEAD")))
        found.append(self.id_of(conn.get(method="POST", fields=["Content-Length: 0"])))
        conn.send(b"nonsense\r\n\r\n")
        found.append(self.id_of(conn.response()))
        for value in found:
            self.assertRegex(value, self.MADE)
        self.assertEqual(len(set(found)), len(found))

    def test_workers_make_different_ones(self):
        server = self.serve(request_id="on", workers=3)
        found = [self.id_of(self.dial(server).get()) for _ in range(30)]
        self.assertEqual(len(set(found)), len(found))

    def test_that_of_a_trusted_proxy_is_taken_when_it_is_sound(self):
        server = self.serve(trusted_proxy="127.0.0.1", request_id="on")
        conn = self.dial(server)
        for good in ("0192f0c1-7b5a-7c3e-9d0a-5b6f0c2d1e3f", "12345678", "a" * 128):
            response = conn.get(fields=["X-Request-ID: " + good])
            self.assertEqual(self.id_of(response), good)
        for bad in ("1234567", "a" * 129, "12345678 x", 'abcdefgh"', "abcdefgh,abcdefgh",
                    "abcdefgh\r\nX-Request-ID: abcdefgh"):
            self.assertRegex(self.id_of(conn.get(fields=["X-Request-ID: " + bad])), self.MADE)

    def test_that_of_anybody_else_is_not(self):
        for settings in ({}, {"trusted_proxy": "192.0.2.1"}):
            server = self.serve(request_id="on", **settings)
            response = self.dial(server).get(fields=["X-Request-ID: 12345678abcdef"])
            self.assertRegex(self.id_of(response), self.MADE)

    def test_by_default_there_is_none(self):
        server = self.serve(trusted_proxy="127.0.0.1")
        response = self.dial(server).get(fields=["X-Request-ID: 12345678abcdef"])
        self.assertNotIn("X-Request-ID", response)


class Program:
    """A server of somebody else's, in a folder of its own; ended by its number."""

    def __init__(self, test, name, text, arguments):
        self.dir = tempfile.mkdtemp(prefix="tinyweb-proxy-")
        test.addCleanup(shutil.rmtree, self.dir, True)
        path = os.path.join(self.dir, name + ".conf")
        with open(path, "w") as file:
            file.write(text.replace("DIR", self.dir))
        self.process = subprocess.Popen(
            [program(name)] + [word.replace("CONF", path) for word in arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.dir)
        test.clients.append(self)

    def close(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
            return
        self.process.kill()
        self.process.wait(5)


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not path:
        raise unittest.SkipTest("no %s here" % name)
    return path


RECIPE = os.path.join(support.HERE, os.pardir, os.pardir, "docs", "recipes", "behind-a-proxy.md")
HAPROXY = """
global
    maxconn 100
defaults
    mode %(mode)s
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen front
    bind %(front)s
    %(extra)s
    server back 127.0.0.1:%(back)d %(options)s
"""


class HAProxy(ProxyTest):
    """The proxy that the protocol comes from."""

    def front(self, server, mode, options, address="127.0.0.1", extra=""):
        port = support.free_port()
        host = "[%s]" % address if ":" in address else address
        text = HAPROXY % {"mode": mode, "front": "%s:%d" % (host, port), "back": server.port,
                          "options": options, "extra": extra}
        haproxy = Program(self, "haproxy", text, ["-db", "-f", "CONF"])

        def accepts():
            self.assertIsNone(haproxy.process.poll())
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family) as sock:
                return sock.connect_ex((address, port)) == 0
        wait_for("haproxy", accepts, 20)
        return port

    def ask(self, port, source, address="127.0.0.1", count=3):
        with socket.create_connection((address, port), 60, (source, 0)) as sock:
            for i in range(count):
                sock.sendall(request("/?%d" % i))
                data = b""
                while b"\r\n\r\nhello\n" not in data:
                    piece = sock.recv(4096)
                    self.assertTrue(piece, data)
                    data += piece
                self.assertTrue(data.startswith(b"HTTP/1.1 200 "), data)

    def check(self, mode, options):
        program("haproxy")
        server = self.make(trusted_proxy="127.0.0.1", workers=1)
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        server.start()
        port = self.front(server, mode, options)
        self.ask(port, "127.0.0.77")
        hosts = [line.split(" ")[0] for line in self.lines_of(server, "/?", 3)]
        self.assertEqual(hosts, ["127.0.0.77"] * 3)
        return server

    def lines_of(self, server, path, count):
        def found():
            return [line for line in server.access_lines() if path in line]
        wait_for("%d lines" % count, lambda: len(found()) >= count, 20)
        return found()

    def test_send_proxy_of_a_tunnel(self):
        self.check("tcp", "send-proxy")

    def test_send_proxy_v2_of_a_tunnel(self):
        self.check("tcp", "send-proxy-v2 proxy-v2-options crc32c,unique-id")

    def test_send_proxy_v2_of_requests(self):
        self.check("http", "send-proxy-v2")

    def test_a_check_speaks_for_haproxy_itself(self):
        server = self.check("http", "check inter 200ms send-proxy-v2")
        server.wait_for_log("has started")
        self.assertNotIn("is refused", server.log())

    def test_the_field_of_a_proxy_of_requests(self):
        program("haproxy")
        server = self.serve(trusted_proxy="127.0.0.1", client_address="x-forwarded-for",
                            request_id="on")
        port = self.front(server, "http", "", extra="option forwardfor\n    unique-id-format "
                          "%{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid\n    unique-id-header X-Request-ID")
        with socket.create_connection(("127.0.0.1", port), 60, ("127.0.0.77", 0)) as sock:
            sock.sendall(request("/?0", fields=["X-Forwarded-For: 6.6.6.6"]))
            data = b""
            while b"hello\n" not in data:
                data += sock.recv(4096)
        self.assertRegex(data.decode(), r"(?i)\r\nx-request-id: 7F00004D:[0-9A-F:_]+\r\n")
        self.assertEqual(self.lines_of(server, "/?0", 1)[0].split(" ")[0], "127.0.0.77")

    def recipe(self, number, server):
        """The configuration of docs/recipes/behind-a-proxy.md, and the port in front of it."""
        program("haproxy")
        with open(RECIPE) as file:
            _, _, rest = file.read().partition("\n## HAProxy\n")
        text = re.findall(r"\n```\n(.*?)\n```\n", rest, re.DOTALL)[number]
        port = support.free_port()
        for there, here in (("10.0.0.20:8080", "127.0.0.1:%d" % server.port),
                            ("bind :80\n", "bind 127.0.0.1:%d\n" % port)):
            self.assertIn(there, text)
            text = text.replace(there, here)
        defaults = HAPROXY.partition("listen front")[0] % {"mode": "http"}
        Program(self, "haproxy", defaults + text + "\n", ["-db", "-f", "CONF"])
        wait_for("haproxy", lambda: support.can_connect(port), 20)
        return port

    def check_recipe(self, number, server):
        self.ask(self.recipe(number, server), "127.0.0.77")
        hosts = [line.split(" ")[0] for line in self.lines_of(server, "/?", 3)]
        self.assertEqual(hosts, ["127.0.0.77"] * 3)

    def test_the_recipe_for_connections(self):
        server = self.make(trusted_proxy="127.0.0.1", health="on")
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        self.check_recipe(0, server.start())

    def test_the_recipe_for_requests(self):
        server = self.serve(trusted_proxy="127.0.0.1", client_address="x-forwarded-for",
                            request_id="on", health="on")
        self.check_recipe(1, server)

    def test_an_ipv6_client(self):
        if not rawhttp.has_ipv6():
            self.skipTest("no IPv6 here")
        program("haproxy")
        server = self.make(trusted_proxy="127.0.0.1", workers=1)
        server.configure(listen="127.0.0.1:%d proxy_protocol" % server.port)
        server.start()
        self.ask(self.front(server, "tcp", "send-proxy-v2", "::1"), "::1", "::1")
        hosts = [line.split(" ")[0] for line in self.lines_of(server, "/?", 3)]
        self.assertEqual(hosts, ["::1"] * 3)
