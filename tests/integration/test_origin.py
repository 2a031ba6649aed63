# SPDX-License-Identifier: MIT
"""The scripted origin does what it is told: what tests of proxies rest on."""

import os
import socket
import tempfile
import unittest

from conformance import client
from conformance.row import Reply, get, request
from origin import CLOSE, READ, RESET, UNREAD, Drip, Gate, Origin, Pause, chunked, head, ok, reply


class Scripted(unittest.TestCase):
    def setUp(self):
        self.app = Origin()
        self.addCleanup(self.app.close)

    def dial(self):
        conn = client.Client(self.app.address, 20)
        self.addCleanup(conn.sock.close)
        return conn

    def ask(self, conn, target="/", **arguments):
        conn.send(get(target=target, **arguments))
        return conn.answer(Reply(200))

    def test_replies_come_in_their_order_and_the_last_one_stays(self):
        self.app.on("/", ok(b"one"), ok(b"two"))
        conn = self.dial()
        self.assertEqual([self.ask(conn).body for _ in range(3)], [b"one", b"two", b"two"])
        self.assertEqual([(one.connection, one.number) for one in self.app.requests("/")],
                         [(0, 0), (0, 1), (0, 2)])

    def test_what_is_not_foreseen_is_a_404(self):
        self.assertEqual(self.ask(self.dial(), "/else").status, 404)

    def test_requests_are_kept_as_they_came(self):
        self.app.on("/", ok())
        conn = self.dial()
        conn.send(request("POST", "/", ("X-One:  a ", "x-one: b", "Transfer-Encoding: chunked"),
                          body=b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"))
        self.assertEqual(conn.answer(Reply(200)).status, 200)
        received, = self.app.requests()
        self.assertEqual((received.method, received.target, received.version),
                         ("POST", "/", "HTTP/1.1"))
        self.assertEqual(received.all("X-One"), ["a", "b"])
        self.assertIn(b"\r\nX-One:  a ", received.head)
        self.assertEqual((received.body, received.chunk_sizes, received.trailers),
                         (b"abcde", [3, 2], ["X-Sum: 5"]))

    def test_content_is_read_where_the_script_says_so(self):
        gate = Gate()
        self.app.on("/", [head(100, reason="Continue"), gate, READ, ok(b"read")])
        conn = self.dial()
        conn.send(request("POST", "/", ("Content-Length: 5",)))
        self.assertEqual(conn.answer(Reply(100, interim=True)).status, 100)
        gate.wait_for_somebody()
        self.assertEqual(self.app.requests()[0].body, b"")
        gate.open()
        conn.send(b"12345")
        self.assertEqual(conn.answer(Reply(200)).body, b"read")
        self.assertEqual(self.app.requests()[0].body, b"12345")

    def test_content_that_is_not_read_is_taken_for_a_request(self):
        self.app.on("/", [UNREAD, ok(b"early")])
        self.app.on("/inner", ok(b"inner"))
        conn = self.dial()
        inner = get(target="/inner")
        conn.send(request("POST", "/", ("Content-Length: %d" % len(inner),), body=inner))
        self.assertEqual([conn.answer(Reply(200)).body for _ in range(2)], [b"early", b"inner"])

    def test_connections_end_as_the_script_says(self):
        for how, ending in ((CLOSE, "closed"), (RESET, "reset")):
            self.app.on("/", [head(200, "Content-Length: 10") + b"12345", Pause(0.05), how])
            with self.assertRaisesRegex(client.Broken, ending):
                self.ask(self.dial())

    def test_a_gate_sees_who_leaves(self):
        self.app.on("/", [Gate(), ok()])
        conn = self.dial()
        conn.send(get(target="/"))
        self.app.wait_for_requests(1)
        conn.sock.close()
        self.assertEqual(self.app.connections[0].wait_for_end(), "closed")

    def test_drops_arrive_one_by_one(self):
        self.app.on("/", [Drip(ok(b"hello"), 0.0001)])
        self.assertEqual(self.ask(self.dial()).body, b"hello")

    def test_a_port_refuses_and_comes_back(self):
        self.app.on("/", ok(b"here"))
        conn = self.dial()
        self.ask(conn)
        self.app.refuse()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(self.app.address, 5)
        self.assertEqual(self.ask(conn).body, b"here")
        self.app.listen()
        self.assertEqual(self.ask(self.dial()).body, b"here")
        self.app.hang_up()
        self.assertEqual(self.app.connections[0].wait_for_end(), "closed")

    def test_unix_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            with Origin(path=os.path.join(folder, "app.sock")) as app:
                app.on("/", ok(b"unix"))
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(app.name[len("unix:"):])
                sock.sendall(get(target="/", version="HTTP/1.0"))
                data = b""
                while more := sock.recv(1000):
                    data += more
                self.assertTrue(data.endswith(b"unix"))
                sock.close()

    def test_replies_are_what_they_say(self):
        self.assertEqual(reply(204, b"", "X: y", reason="No Content"),
                         b"HTTP/1.1 204 No Content\r\nX: y\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(chunked(b"ab", trailers=("A: b",)),
                         b"HTTP/1.1 200 Because\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"2\r\nab\r\n0\r\nA: b\r\n\r\n")
        self.assertFalse(chunked(b"ab", ends=False).endswith(b"0\r\n\r\n"))


if __name__ == "__main__":
    unittest.main()
