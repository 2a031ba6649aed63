# SPDX-License-Identifier: MIT
"""Clients that mean harm: slow heads, readers that never read, crowds. What they cost is bounded, and
somebody else is served meanwhile.
"""

import contextlib
import os
import socket
import time
import unittest

import rawhttp
import support
from rawhttp import request, resident_kib
from support import wait_for

KIB = 1024
MIB = 1024 * KIB
LATE = 10.0  # how much later than its deadline a busy machine may do something

STATES = {"01": "ESTABLISHED", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT",
          "08": "CLOSE_WAIT", "09": "LAST_ACK", "0B": "CLOSING"}


def server_sockets(port):
    """States of the kernel's sockets on the server's side of connections, closed ones too."""
    found = []
    with open("/proc/net/tcp") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == port and fields[3] in STATES:
                found.append(STATES[fields[3]])
    return sorted(found)


class HostileTest(rawhttp.HttpTest):
    def crowd(self, server, count, receive_buffer=None):
        """@count connections that the test closes."""
        socks = []
        for _ in range(count):
            sock = socket.socket()
            self.addCleanup(sock.close)
            sock.settimeout(20)
            if receive_buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.connect((server.address, server.port))
            socks.append(sock)
        return socks

    def serve_somebody(self, server):
        """One honest client, who is answered."""
        with rawhttp.Connection(server) as conn:
            self.assertEqual(conn.get().status, 200)


class SlowHeads(HostileTest):
    def test_all_are_cut_while_others_are_served(self):
        """Each of them drips, and each is cut: the deadline is absolute."""
        server = self.serve(header_timeout="2s", workers=1)
        start = time.monotonic()
        socks = self.crowd(server, 400)
        for sock in socks:
            sock.sendall(b"GET / HTTP/1.1\r\n")
        served = 0
        while time.monotonic() < start + 2:
            for sock in socks[:100]:
                with contextlib.suppress(OSError):
                    sock.sendall(b"X: y\r\n")
            self.serve_somebody(server)
            served += 1
        for sock in socks:
            with contextlib.suppress(ConnectionResetError):
                answer = sock.recv(4096)
                self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertLess(time.monotonic() - start, 2 + LATE)
        self.assertGreater(served, 2)
        self.serve_somebody(server)
        self.assertIn("sent no whole head of a request in header_timeout", server.log())
        for sock in socks:
            sock.close()
        wait_for("connections to end", lambda: "ESTABLISHED" not in server_sockets(server.port),
                 LATE)


class NoReaders(HostileTest):
    def test_large_answers_cost_no_memory_and_leave_nothing(self):
        server = self.serve(send_timeout="1s", workers=1)
        os.truncate(server.write("big", b""), 64 * MIB)
        self.serve_somebody(server)
        (worker,) = server.workers()
        before = resident_kib(worker)
        socks = self.crowd(server, 100, 4096)
        for sock in socks:
            sock.sendall(request("/big"))
        wait_for("answers to begin", lambda: len(server_sockets(server.port)) >= 100)
        self.serve_somebody(server)
        self.assertLess(resident_kib(worker) - before, (16 if support.is_sanitized() else 4) * KIB)
        # Cut by a reset, which leaves no FIN_WAIT1 with its buffer behind.
        wait_for("sockets to go", lambda: server_sockets(server.port).count("ESTABLISHED") == 0,
                 1 + LATE)
        self.assertNotIn("FIN_WAIT1", server_sockets(server.port))
        self.assertIn("took nothing of an answer for send_timeout", server.log())
        self.serve_somebody(server)

    def test_answers_that_wait_in_the_kernel_are_given_up(self):
        """The server has sent all of it and closed; the kernel holds it for nobody."""
        server = self.serve({"index.html": b"x" * 100 * KIB}, send_timeout="1s",
                            keepalive_timeout="200ms", linger_timeout="200ms", workers=1)
        socks = self.crowd(server, 50, 4096)
        for sock in socks:
            sock.sendall(request())
        wait_for("closed sockets", lambda: "FIN_WAIT1" in server_sockets(server.port))
        wait_for("sockets to go", lambda: not {"ESTABLISHED", "FIN_WAIT1"} &
                 set(server_sockets(server.port)), 2 + LATE)

    def test_a_reader_that_drips_is_cut(self):
        server = self.serve(send_timeout="1s", min_send_rate="100k", workers=1)
        os.truncate(server.write("big", b""), 64 * MIB)
        (sock,) = self.crowd(server, 1, 4096)
        sock.sendall(request("/big"))
        limit = time.monotonic() + 3 + LATE
        with self.assertRaises(ConnectionResetError):
            while time.monotonic() < limit:
                sock.recv(1 * KIB)
                time.sleep(0.05)
        server.wait_for_log("took an answer more slowly than min_send_rate")


class Pace(HostileTest):
    def seconds(self, server, size):
        with rawhttp.Connection(server) as conn:
            start = time.monotonic()
            response = conn.get("/big", fields=["Range: bytes=0-%d" % (size - 1)])
            self.assertEqual((response.status, len(response.body)), (206, size))
            return time.monotonic() - start

    def test_a_connection_gets_its_rate_and_no_more(self):
        server = self.make(send_rate="1m")
        os.truncate(server.write("big", b""), 4 * MIB)
        server.start()
        # What is in the first bursts comes early.
        self.assertGreater(self.seconds(server, 2 * MIB), 1.0)

    def test_the_first_bytes_are_free(self):
        server = self.make(send_rate="64k", send_rate_after="4m")
        os.truncate(server.write("big", b""), 16 * MIB)
        server.start()
        self.assertLess(self.seconds(server, 3 * MIB), 24)  # 48 s at its rate
        with rawhttp.Connection(server) as conn:
            conn.send(request("/big"))
            size = 0
            limit = time.monotonic() + 1
            while time.monotonic() < limit and not conn.is_quiet(0.2):
                size += len(conn.receive())
        self.assertLess(size, 12 * MIB)


if __name__ == "__main__":
    unittest.main()
