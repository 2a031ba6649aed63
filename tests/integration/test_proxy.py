# SPDX-License-Identifier: MIT
"""What passes through a location with `proxy`: content as it comes, tunnels, and what is set on the way.

The rules for intermediaries are in conformance/proxy, faulty servers in test_upstream_failures.py."""

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

import support
from conformance.client import Client, Ended
from conformance.row import Reply, request
from origin import CLOSE, READ, RESET, SHUT, Gate, Origin, Pause, chunked, head, ok, reply
from support import wait_for

SECONDS = 60.0
SWITCH = head(101, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: x",
              reason="Switching Protocols")
UPGRADE = ("Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x")


class ProxyTest(support.ServerTest):
    def setUp(self):
        super().setUp()
        self.app = Origin()
        self.addCleanup(self.app.close)

    def front(self, location=None, upstream=None, sections=None, **settings):
        settings.setdefault("workers", 1)
        return self.make(sections=dict({
            "upstream app": dict({"servers": self.app.name}, **(upstream or {})),
            "location all": dict({"prefix": "/", "proxy": "app"}, **(location or {})),
        }, **(sections or {})), **settings).start()

    def dial(self, server, seconds=SECONDS):
        conn = Client((server.address, server.port), seconds)
        self.addCleanup(conn.sock.close)
        return conn

    def ask(self, server, target="/", fields=(), method="GET", body=b"", conn=None):
        conn = conn or self.dial(server)
        conn.send(request(method, target, fields, body=body))
        return conn.answer(Reply(200, head=method == "HEAD"))

    def received(self, target="/"):
        one, = self.app.requests(target)
        return one


class Content(ProxyTest):
    def test_an_answer_comes_as_the_server_sends_it(self):
        gates = [Gate(), Gate()]
        self.app.on("/", [chunked(b"one", ends=False), gates[0], b"3\r\ntwo\r\n", gates[1],
                          b"0\r\n\r\n"])
        conn = self.dial(self.front())
        conn.send(request(target="/"))
        self.assertEqual(conn.head(0).status, 200)
        self.assertEqual((conn.line(), conn.line()), (b"3", b"one"))
        gates[0].open()
        self.assertEqual((conn.line(), conn.line()), (b"3", b"two"))
        gates[1].open()
        self.assertEqual((conn.line(), conn.line()), (b"0", b""))

    def test_a_request_goes_on_as_the_client_sends_it(self):
        self.app.on("/", ok(b"thanks"))
        conn = self.dial(self.front())
        conn.send(request("POST", "/", ("Transfer-Encoding: chunked",), body=b"3\r\none\r\n"))
        one, = self.app.wait_for_requests(1)
        wait_for("the first piece", lambda: one.body == b"one")
        conn.send(b"3\r\ntwo\r\n")
        wait_for("the second piece", lambda: one.body == b"onetwo")
        conn.send(b"0\r\n\r\n")
        self.assertEqual(conn.answer(Reply(200)).body, b"thanks")

    def test_much_content_passes_unchanged_both_ways(self):
        data = os.urandom(3 << 20)
        self.app.on("/up", ok(b"up"))
        self.app.on("/down", ok(data))
        self.app.on("/chunks", chunked(*(data[at:at + 7001] for at in range(0, len(data), 7001))))
        server = self.front()
        conn = self.dial(server)
        self.assertEqual(self.ask(server, "/up", ("Content-Length: %d" % len(data),), "PUT", data,
                                  conn).body, b"up")
        self.assertEqual(self.received("/up").body, data)
        self.assertEqual(self.ask(server, "/down", conn=conn).body, data)
        self.assertEqual(self.ask(server, "/chunks", conn=conn).body, data)

    def test_both_sides_may_talk_at_once(self):
        """Whoever answers before the request is complete, and reads it all the same."""
        self.app.on("/", [chunked(b"begun", ends=False), READ, b"4\r\ndone\r\n0\r\n\r\n"])
        conn = self.dial(self.front())
        conn.send(request("POST", "/", ("Content-Length: 8",), body=b"half"))
        self.assertEqual(conn.head(0).status, 200)
        self.assertEqual((conn.line(), conn.line()), (b"5", b"begun"))
        conn.send(b"more")
        self.assertEqual((conn.line(), conn.line()), (b"4", b"done"))
        self.assertEqual(self.received().body, b"halfmore")

    def test_requests_of_one_client_are_answered_in_order(self):
        self.app.on("/a", [Pause(0.1), ok(b"a")])
        self.app.on("/b", chunked(b"b", b"b"))
        self.app.on("/c", ok(b"c"))
        conn = self.dial(self.front())
        conn.send(b"".join(request(target=target) for target in ("/a", "/b", "/c")))
        self.assertEqual([conn.answer(Reply(200)).body for _ in "abc"], [b"a", b"bb", b"c"])

    def test_a_connection_to_the_server_is_used_again(self):
        self.app.on("/*", ok())
        server = self.front()
        for number in range(5):
            self.assertEqual(self.ask(server, "/%d" % number).status, 200)
        self.assertEqual(len(self.app.connections), 1)

    def test_none_is_used_again_where_none_is_kept(self):
        self.app.on("/*", ok())
        server = self.front(upstream={"keepalive": 0})
        for number in range(3):
            self.assertEqual(self.ask(server, "/%d" % number).status, 200)
        self.assertEqual(len(self.app.connections), 3)
        self.assertEqual(self.app.requests("/0")[0].all("Connection"), ["close"])

    def test_a_unix_socket_is_a_server_too(self):
        folder = tempfile.mkdtemp(prefix="tinyweb-test-")
        os.chmod(folder, 0o755)
        self.addCleanup(subprocess.run, ["rm", "-r", folder], check=True)
        app = Origin(path=folder + "/app.sock")
        self.addCleanup(app.close)
        app.on("/", ok(b"local"))
        server = self.front(upstream={"servers": app.name}, location={"proxy_host": "upstream"})
        self.assertEqual(self.ask(server).body, b"local")
        self.assertEqual(app.requests("/")[0].get("Host"), "localhost")


    def test_content_that_is_none_is_an_error_as_long_as_nothing_of_it_has_left(self):
        self.app.on("/", chunked(b"one", ends=False) + b"no size\r\n")
        self.app.on("/next", ok(b"next"))
        server = self.front(access_log_format="json")
        conn = self.dial(server)
        self.assertEqual(self.ask(server, conn=conn).status, 502)
        self.assertEqual(self.ask(server, "/next", conn=conn).body, b"next")
        wait_for("the lines", lambda: len(server.access_lines()) == 2)
        line = json.loads(server.access_lines()[0])
        self.assertEqual((line["status"], line["reason"], line["upstream"]["ended_by"]),
                         (502, "bad-reply-content", "S"))


class Clients(ProxyTest):
    def test_who_leaves_ends_the_request_behind(self):
        gate = Gate()
        self.app.on("/", [gate, ok()])
        server = self.front()
        conn = self.dial(server)
        conn.send(request(target="/"))
        gate.wait_for_somebody()
        conn.reset()
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))
        wait_for("the line", lambda: " 499 0 " in "".join(server.access_lines()))

    def test_who_leaves_within_the_content_ends_it(self):
        self.app.on("/", [chunked(b"begun", ends=False), Gate(), CLOSE])
        server = self.front()
        conn = self.dial(server)
        conn.send(request(target="/"))
        self.assertEqual(conn.head(0).status, 200)
        conn.reset()
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))

    def test_who_leaves_within_a_request_ends_it(self):
        self.app.on("/", ok())
        server = self.front()
        conn = self.dial(server)
        conn.send(request("POST", "/", ("Content-Length: 9",), body=b"half"))
        self.app.wait_for_requests(1)
        conn.end()
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))
        wait_for("the line", lambda: " 499 0 " in "".join(server.access_lines()))

    def test_who_only_ends_his_side_is_answered(self):
        gate = Gate()
        self.app.on("/", [gate, ok(b"late")])
        conn = self.dial(self.front())
        conn.send(request(target="/"))
        conn.end()
        gate.wait_for_somebody()
        gate.open()
        self.assertEqual(conn.answer(Reply(200)).body, b"late")

    def test_old_ones_get_what_they_understand(self):
        self.app.on("/", [head(103, "Link: </a>") + chunked(b"one", b"two")])
        conn = self.dial(self.front())
        conn.send(request(target="/", version="HTTP/1.0"))
        answer = conn.answer(Reply(200, interim=True))
        self.assertEqual((answer.status, answer.body), (200, b"onetwo"))
        self.assertEqual(answer.all("Transfer-Encoding"), [])


class Limits(ProxyTest):
    def test_a_body_may_be_too_large(self):
        self.app.on("/", ok())
        server = self.front({"body_max": 5})
        self.assertEqual(self.ask(server, "/", ("Content-Length: 6",), "POST", b"123456").status,
                         413)
        self.assertEqual(self.app.requests(), [])
        self.assertEqual(self.ask(server, "/", ("Transfer-Encoding: chunked",), "POST",
                                  b"5\r\n12345\r\n0\r\n\r\n").status, 200)
        self.assertEqual(self.ask(server, "/", ("Transfer-Encoding: chunked",), "POST",
                                  b"5\r\n12345\r\n1\r\n6\r\n0\r\n\r\n").status, 413)

    def test_the_servers_own_limit_does_not_count(self):
        self.app.on("/", ok())
        server = self.front(max_body_size=5)
        self.assertEqual(self.ask(server, "/", ("Content-Length: 6",), "POST", b"123456").status,
                         200)

    def test_a_body_may_be_collected_first(self):
        self.app.on("/*", ok())
        conn = self.dial(self.front({"buffer_request": "1k"}))
        conn.send(request("POST", "/a", ("Transfer-Encoding: chunked",), body=b"3\r\none\r\n"))
        time.sleep(0.1)
        self.assertEqual(self.app.requests(), [])
        conn.send(b"3\r\ntwo\r\n0\r\n\r\n")
        self.assertEqual(conn.answer(Reply(200)).status, 200)
        one = self.received("/a")
        self.assertEqual((one.body, one.get("Content-Length"), one.get("Transfer-Encoding")),
                         (b"onetwo", "6", None))

    def test_what_is_too_large_to_be_collected_is_streamed(self):
        self.app.on("/*", ok())
        data = os.urandom(100000)
        server = self.front({"buffer_request": "1k"})
        conn = self.dial(server)
        conn.send(request("POST", "/a", ("Content-Length: 100000",), body=data[:50000]))
        self.app.wait_for_requests(1)
        conn.send(data[50000:])
        self.assertEqual(conn.answer(Reply(200)).status, 200)
        self.assertEqual(self.received("/a").body, data)
        self.assertEqual(self.ask(server, "/b", ("Content-Length: 0",), "POST", conn=conn).status,
                         200)

    def test_who_waits_is_asked_for_what_is_collected(self):
        self.app.on("/", ok())
        conn = self.dial(self.front({"buffer_request": "1k"}))
        conn.send(request("POST", "/", ("Content-Length: 3", "Expect: 100-continue")))
        self.assertEqual(conn.answer(Reply(100, interim=True)).status, 100)
        conn.send(b"one")
        self.assertEqual(conn.answer(Reply(200)).status, 200)
        self.assertNotIn("Expect", self.received())

    def test_slow_content_ends(self):
        self.app.on("/", ok())
        server = self.front(body_timeout="300ms")
        conn = self.dial(server)
        conn.send(request("POST", "/", ("Content-Length: 9",), body=b"half"))
        self.assertEqual(conn.answer(Reply(408)).status, 408)
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))


class Heads(ProxyTest):
    def test_what_is_set_and_hidden(self):
        self.app.on("/", ok(b"x", "X-Powered-By: y", "Server: z", "X-Frame-Options: SAMEORIGIN"))
        server = self.front({"set_header.X-Tenant": "blue", "set_header.Authorization": "",
                             "hide_header": "X-Powered-By", "header.X-Frame-Options": "DENY",
                             "proxy_host": "app.internal"})
        answer = self.ask(server, "/", ("Authorization: x", "X-Tenant: red", "Cookie: a"))
        one = self.received()
        self.assertEqual((one.all("X-Tenant"), one.all("Authorization"), one.all("Host"),
                          one.all("Cookie")), (["blue"], [], ["app.internal"], ["a"]))
        self.assertEqual((answer.all("X-Powered-By"), answer.all("Server"),
                          answer.all("X-Frame-Options")), ([], ["z"], ["DENY"]))

    def test_the_target_passes_as_it_is_written(self):
        self.app.otherwise(ok())
        server = self.front()
        for target in ("/a%2Fb/%7euser//c/./d?x=%20&y=[1]", "/a/../b", "/?", "/%C3%A4"):
            self.assertEqual(self.ask(server, target).status, 200)
            self.assertEqual(self.app.requests()[-1].target, target)

    def test_a_prefix_may_be_taken_off(self):
        self.app.otherwise(ok())
        server = self.front({"prefix": "/api", "strip_prefix": "on"})
        for target, expected in (("/api/a%20b?c", "/a%20b?c"), ("/api/", "/"), ("/api", "/"),
                                 ("/%61pi/a%2Bb?c", "/a+b?c")):
            self.assertEqual(self.ask(server, target).status, 200)
            self.assertEqual(self.app.requests()[-1].target, expected)

    def test_ids_of_requests_are_passed_on(self):
        self.app.on("/", ok(b"x", "X-Request-ID: theirs"))
        answer = self.ask(self.front(request_id="on"), "/", ("X-Request-ID: clients",))
        self.assertEqual(self.received().all("X-Request-ID"), answer.all("X-Request-ID"))
        self.assertEqual(len(answer.all("X-Request-ID")), 1)
        self.assertNotIn(answer.get("X-Request-ID"), ("theirs", "clients"))

    def test_a_trusted_peer_is_believed(self):
        self.app.on("/", ok())
        self.ask(self.front(trusted_proxy="127.0.0.1"), "/",
                 ("X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"))
        self.assertEqual((self.received().get("X-Forwarded-For"),
                          self.received().get("X-Forwarded-Proto")),
                         ("192.0.2.1, 127.0.0.1", "https"))

    def test_servers_in_a_row_know_themselves(self):
        """With nothing configured: a request goes through two of them, and no circle."""
        self.app.on("/", ok(b"far away"))
        inner = self.front()
        outer = self.make(workers=1, sections={
            "upstream inner": {"servers": "127.0.0.1:%d" % inner.port},
            "location all": {"prefix": "/", "proxy": "inner"}}).start()
        self.assertEqual(self.ask(outer).body, b"far away")
        names = self.received().get("Via").split(", ")
        self.assertEqual(len(set(names)), 2, names)
        self.assertEqual(self.ask(outer, "/", ("Via: " + names[0],)).status, 508)

    def test_errors_have_pages(self):
        self.app.refuse()
        server = self.make({"gone.html": b"gone fishing"}, workers=1, sections={
            "upstream app": {"servers": self.app.name},
            "location all": {"prefix": "/", "proxy": "app", "error_page.502": "/gone.html"}}).start()
        answer = self.ask(server)
        self.assertEqual((answer.status, answer.body), (502, b"gone fishing"))
        self.assertEqual(answer.all("Server"), ["TinyWeb"])


class Passwords(ProxyTest):
    def test_strangers_do_not_reach_the_server(self):
        self.app.on("/", ok(b"welcome"))
        hashed = subprocess.run(["openssl", "passwd", "-6", "secret"], stdout=subprocess.PIPE,
                                check=True, text=True).stdout.strip()
        server = self.make(workers=1, sections={
            "upstream app": {"servers": self.app.name},
            "location all": {"prefix": "/", "proxy": "app", "auth_file": "users"}})
        with open(os.path.join(server.dir, "users"), "w") as file:
            file.write("me:%s\n" % hashed)
        server.start()
        answer = self.ask(server, "/", ("Content-Length: 3",), "POST", b"abc")
        self.assertEqual(answer.status, 401)
        self.assertEqual(self.app.requests(), [])
        for _ in "twice":  # the second time the password is known
            credentials = base64.b64encode(b"me:secret").decode()
            answer = self.ask(server, "/", ("Content-Length: 3", "Authorization: Basic " +
                                            credentials), "POST", b"abc")
            self.assertEqual(answer.body, b"welcome")
            self.assertEqual(self.app.requests("/")[-1].body, b"abc")


class Tunnels(ProxyTest):
    def open(self, server, *steps):
        self.app.on("/", [SWITCH] + list(steps))
        conn = self.dial(server)
        conn.send(request(target="/", fields=UPGRADE))
        answer = conn.head(0)
        self.assertEqual((answer.status, answer.words("Upgrade"), answer.words("Connection"),
                          answer.get("Sec-WebSocket-Accept")),
                         (101, ["websocket"], ["upgrade"], "x"))
        return conn

    @staticmethod
    def echo(exchange):
        """All that comes, until its end; then a last word."""
        while True:
            if exchange.buffer:
                exchange.send(exchange.buffer)
                exchange.buffer = b""
            try:
                exchange.take()
            except Exception:
                break
        exchange.send(b"bye")

    def test_bytes_pass_both_ways(self):
        server = self.front({"upgrade": "websocket"})
        conn = self.open(server, self.echo, CLOSE)
        self.assertEqual(self.received().get("Connection").lower(), "upgrade")
        self.assertEqual(self.received().get("Upgrade"), "websocket")
        data = os.urandom(1000000)
        conn.send(data)
        self.assertEqual(conn.exactly(len(data)), data)
        conn.end()
        self.assertEqual(conn.until_the_end(), b"bye")
        wait_for("the line", lambda: re.search(r'" 101 1000003 ', "".join(server.access_lines())))

    def test_what_comes_with_the_request_is_not_lost(self):
        self.app.on("/", [SWITCH, self.echo, CLOSE])
        conn = self.dial(self.front({"upgrade": "websocket"}))
        conn.send(request(target="/", fields=UPGRADE) + b"early")
        self.assertEqual(conn.head(0).status, 101)
        self.assertEqual(conn.exactly(5), b"early")

    def test_the_server_may_end_its_side_first(self):
        def listen(exchange):
            exchange.until(b"the end")
        conn = self.open(self.front({"upgrade": "websocket"}), b"last words", SHUT, listen, CLOSE)
        self.assertEqual(conn.exactly(10), b"last words")
        with self.assertRaises(Ended):
            conn.exactly(1)
        conn.sock.sendall(b"the end")
        self.assertEqual(self.app.connection().wait_for_end(), "us")

    def test_a_server_that_breaks_off_is_not_taken_for_one_that_ends(self):
        gate = Gate()
        conn = self.open(self.front({"upgrade": "websocket"}), b"half", gate, RESET)
        self.assertEqual(conn.exactly(4), b"half")
        gate.open()
        with self.assertRaisesRegex(Ended, "reset"):
            conn.exactly(1)

    def test_a_client_that_breaks_off_ends_it(self):
        conn = self.open(self.front({"upgrade": "websocket"}), Gate(), CLOSE)
        conn.reset()
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))

    def test_a_client_that_breaks_off_while_nothing_is_taken_of_it_ends_it(self):
        server = self.front({"upgrade": "websocket"})
        gate = Gate()
        conn = self.open(server, gate, CLOSE)
        conn.sock.settimeout(0.5)
        with self.assertRaises(OSError):  # nothing more goes in
            while True:
                conn.sock.send(b"x" * 65536)
        conn.reset()
        wait_for("the line", lambda: '" 101 ' in "".join(server.access_lines()))

    def test_quiet_ones_end(self):
        server = self.front({"upgrade": "websocket"}, {"tunnel_timeout": "300ms"})
        conn = self.open(server, Gate(), CLOSE)
        with self.assertRaises(Ended):
            conn.exactly(1)
        self.assertIn(self.app.connection().wait_for_end(), ("closed", "reset"))

    def test_another_answer_is_an_answer(self):
        self.app.on("/", reply(403, b"no"))
        server = self.front({"upgrade": "websocket"})
        conn = self.dial(server)
        self.assertEqual(self.ask(server, "/", UPGRADE, conn=conn).body, b"no")
        self.assertEqual(self.ask(server, "/", UPGRADE, conn=conn).body, b"no")

    def test_where_none_is_wanted_none_is_asked_for(self):
        self.app.on("/", ok())
        self.assertEqual(self.ask(self.front(), "/", UPGRADE).status, 200)
        self.assertNotIn("Upgrade", self.received())

    def test_they_outlive_a_reload(self):
        server = self.front({"upgrade": "websocket"}, {"tunnel_drain": "1m"})
        conn = self.open(server, self.echo, CLOSE)
        old, = server.workers()
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.app.on("/new", ok(b"new"))
        self.assertEqual(self.ask(server, "/new").body, b"new")
        conn.send(b"still here")
        self.assertEqual(conn.exactly(10), b"still here")
        self.assertIn(old, server.workers())
        conn.end()
        self.assertEqual(conn.until_the_end(), b"bye")
        wait_for("the end of the old worker", lambda: old not in server.workers())

    def test_but_not_for_ever(self):
        server = self.front({"upgrade": "websocket"}, {"tunnel_drain": "300ms"})
        conn = self.open(server, Gate(), CLOSE)
        old, = server.workers()
        server.kill(signal.SIGHUP)
        with self.assertRaises(Ended):
            conn.exactly(1)
        wait_for("the end of the old worker", lambda: old not in server.workers())


class Logs(ProxyTest):
    def line(self, server, target):
        def find():
            return [line for line in server.access_lines() if " %s " % target in line or
                    '"%s"' % target in line]
        wait_for("the line of " + target, find)
        return find()[0]

    def ask_for_cut(self, server):
        """/cut, which breaks off when its beginning has come."""
        gate = Gate()
        self.app.on("/cut", [head(200, "Content-Length: 5") + b"x", gate, CLOSE])
        conn = self.dial(server)
        conn.send(request(target="/cut"))
        self.assertEqual(conn.head(0).status, 200)
        gate.open()
        self.assertEqual(conn.until_the_end(), b"x")

    def test_json_tells_of_the_server(self):
        self.app.on("/good", ok(b"x"))
        server = self.front(access_log_format="json")
        self.ask(server, "/good")
        upstream = json.loads(self.line(server, "/good"))["upstream"]
        self.assertEqual((upstream["server"], upstream["attempts"], upstream["reused"],
                          upstream["ended_by"]), (self.app.name, 1, False, "-"))
        self.assertLessEqual(upstream["first_byte"], upstream["total"])
        self.assertIsNotNone(upstream["connect"])
        self.ask_for_cut(server)
        line = json.loads(self.line(server, "/cut"))
        self.assertEqual((line["status"], line["upstream"]["ended_by"]), (200, "S"))
        self.app.refuse()
        self.app.hang_up()
        self.assertEqual(self.ask(server, "/gone").status, 502)
        line = json.loads(self.line(server, "/gone"))
        self.assertEqual((line["status"], line["reason"], line["upstream"]["first_byte"]),
                         (502, "connect-refused", None))

    def test_text_tells_of_it_behind_the_rest(self):
        self.app.on("/", ok(b"x"))
        server = self.front(access_log_format="upstream")
        self.ask(server, "/")
        self.assertRegex(self.line(server, "/"), r'" 200 1 .* \d\.\d\d\d \S+ %s 1 \d\.\d{6} \d\.\d{6} '
                         r"\d\.\d{6} - -$" % re.escape(self.app.name))

    def test_tunnels_end_well(self):
        self.app.on("/", [SWITCH, b"bye", SHUT, lambda exchange: exchange.until(b"bye"), CLOSE])
        server = self.front({"upgrade": "websocket"}, access_log_format="json")
        conn = self.dial(server)
        conn.send(request(target="/", fields=UPGRADE))
        self.assertEqual(conn.head(0).status, 101)
        self.assertEqual(conn.exactly(3), b"bye")
        conn.sock.sendall(b"bye")
        conn.end()
        line = json.loads(self.line(server, "/"))
        self.assertEqual((line["status"], line["bytes"], line["upstream"]["ended_by"]),
                         (101, 3, "-"))

    def test_failures_are_warnings(self):
        server = self.front()
        self.ask_for_cut(server)
        server.wait_for_log("[warn] http: upstream app: %s: " % self.app.name)
        self.assertRegex(server.log(), r"after 1 attempts and \d+ ms: an answer was cut")
        time.sleep(1.1)  # one a second is told
        self.app.refuse()
        self.app.hang_up()
        self.assertEqual(self.ask(server, "/gone").status, 502)
        server.wait_for_log(": connect-refused, after ")

    def test_who_left_is_told(self):
        gate = Gate()
        self.app.on("/left", [gate, ok()])
        server = self.front(access_log_format="json")
        conn = self.dial(server)
        conn.send(request(target="/left"))
        gate.wait_for_somebody()
        conn.reset()
        line = json.loads(self.line(server, "/left"))
        self.assertEqual((line["status"], line["upstream"]["ended_by"]), (499, "C"))


if __name__ == "__main__":
    unittest.main()
