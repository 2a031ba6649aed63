# SPDX-License-Identifier: MIT
"""Clients that mean harm: slow heads, readers that never read, crowds. What they cost is bounded, and
somebody else is served meanwhile: how much later than without them is printed.

TESTS_LONG=1 takes 5,000 slow heads and 500 readers, and holds the time of others to twice what it was.
"""

import collections
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

import rawhttp
import support
from rawhttp import request, resident_kib
from support import LATE, wait_for

KIB = 1024
MIB = 1024 * KIB
LONG = os.environ.get("TESTS_LONG") == "1"
SLOW_HEADS = 5000 if LONG else 400
NO_READERS = 500 if LONG else 100

STATES = {"01": "ESTABLISHED", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT",
          "08": "CLOSE_WAIT", "09": "LAST_ACK", "0B": "CLOSING"}

# A process of its own, since descriptors are counted by process, and so that it holds up nobody here. A head
# each, that goes on with a byte every 2.5 s; at the end, how many heard 408, were just closed, and went on.
SLOW_CLIENT = """
import resource, select, socket, sys, time
host, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
poll = select.poll()
socks, heads = {}, {"408": 0, "closed": 0}
for _ in range(count):
    sock = socket.create_connection((host, port), 60)
    sock.sendall(b"GET / HTTP/1.1\\r\\nX: ")
    socks[sock.fileno()] = sock
    poll.register(sock, select.POLLIN)
print("ready", flush=True)
until, drip = time.monotonic() + seconds, 0
while socks and time.monotonic() < until:
    for fd, _ in poll.poll(10):
        sock = socks.pop(fd)
        poll.unregister(fd)
        try:
            heads["408" if sock.recv(4096).startswith(b"HTTP/1.1 408 ") else "closed"] += 1
        except ConnectionResetError:
            heads["closed"] += 1
        sock.close()
    for sock in list(socks.values())[drip::250]:
        try:
            sock.sendall(b"x")
        except OSError:
            pass
    drip = (drip + 1) % 250
print(heads["408"], heads["closed"], len(socks), flush=True)
"""


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
    def setUp(self):
        super().setUp()
        self.crowds = []

    def tearDown(self):
        for sock in self.crowds:
            sock.close()
        super().tearDown()

    def crowd(self, server, count, receive_buffer=None):
        """@count connections, open until the test ends."""
        socks = []
        for _ in range(count):
            sock = socket.socket()
            self.crowds.append(sock)
            sock.settimeout(60)
            if receive_buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            sock.connect((server.address, server.port))
            socks.append(sock)
        return socks

    def serve_somebody(self, server):
        """One honest client, who is answered."""
        with rawhttp.Connection(server) as conn:
            self.assertEqual(conn.get().status, 200)

    def times_of(self, server, seconds):
        """Of a good client who asks again and again, the longest last."""
        times = []
        with rawhttp.Connection(server) as conn:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                start = time.monotonic()
                self.assertEqual(conn.get().status, 200)
                times.append(time.monotonic() - start)
                time.sleep(0.002)
        return sorted(times)

    def compare(self, whom, alone, beside, factor=None):
        p99 = [times[len(times) * 99 // 100] * 1e3 for times in (alone, beside)]
        print("     p99 of others: %.2f ms, beside %s %.2f ms" % (p99[0], whom, p99[1]))
        if LONG and factor:
            self.assertLess(p99[1], factor * p99[0] + 2)


class SlowHeads(HostileTest):
    def measure_beside(self, attacked, asked):
        """Times at the server @asked while another one, or it, is attacked; how the heads ended."""
        seconds = 6 if LONG else 2
        command = [sys.executable, "-c", SLOW_CLIENT, attacked.address, str(attacked.port),
                   str(SLOW_HEADS), str(seconds + LATE)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                self.assertEqual(process.stdout.readline(), "ready\n")
                times = self.times_of(asked, seconds / 2)
                return times, list(map(int, process.stdout.readline().split()))
            finally:
                process.kill()

    def test_thousands_are_cut_while_others_are_served_as_before(self):
        """As before: as at a server that is not attacked, on a machine that has to do all the same."""
        server, other = (
            self.serve(header_timeout="6s" if LONG else "2s", workers=1, client_connections=0,
                       worker_connections=SLOW_HEADS + 100) for _ in range(2))
        apart, _ = self.measure_beside(other, server)
        beside, (late, closed, left) = self.measure_beside(server, server)
        self.compare("%d slow heads" % SLOW_HEADS, apart, beside, 2)
        self.assertEqual((late + closed, left), (SLOW_HEADS, 0))
        self.assertGreater(late, SLOW_HEADS * 9 // 10)
        server.wait_for_log("sent no whole head of a request in header_timeout")

    def test_all_are_cut_while_others_are_served(self):
        """Each of them drips, and each is cut: the deadline is absolute."""
        server = self.serve(max_header_count=1000, max_header_size="64k", header_timeout="2s", workers=1)
        start = time.monotonic()
        socks = self.crowd(server, 400)
        for sock in socks:
            sock.sendall(b"GET / HTTP/1.1\r\n")
        served = 0
        while served < 3 or time.monotonic() < start + 2:
            for sock in socks[:100]:
                with contextlib.suppress(OSError):
                    time.sleep(0.001)  # or there would be too many fields before the time is over
                    sock.sendall(b"X: y\r\n")
            self.serve_somebody(server)
            served += 1
        for sock in socks:
            with contextlib.suppress(ConnectionResetError):
                answer = sock.recv(4096)
                self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertLess(time.monotonic() - start, 2 + 2 * LATE)
        self.serve_somebody(server)
        server.wait_for_log("sent no whole head of a request in header_timeout")
        for sock in socks:
            sock.close()
        wait_for("connections to end", lambda: "ESTABLISHED" not in server_sockets(server.port),
                 LATE)


class NoReaders(HostileTest):
    def test_large_answers_cost_no_memory_and_leave_nothing(self):
        server = self.serve(send_timeout="2s", workers=1, client_connections=0)
        os.truncate(server.write("big", b""), 64 * MIB)
        self.serve_somebody(server)
        (worker,) = server.workers()
        before = resident_kib(worker)
        alone = self.times_of(server, 1)
        socks = self.crowd(server, NO_READERS, 4096)
        for sock in socks:
            sock.sendall(request("/big"))
        wait_for("answers to begin", lambda: len(server_sockets(server.port)) >= NO_READERS)
        self.compare("%d who do not read" % NO_READERS, alone, self.times_of(server, 1))
        each = resident_kib(worker) - before
        print("     %d KiB for all who do not read" % each)
        self.assertLess(each, max((16 if support.is_sanitized() else 4) * KIB, 16 * NO_READERS))
        # Cut by a reset, which leaves no FIN_WAIT1 with its buffer behind.
        wait_for("sockets to go", lambda: server_sockets(server.port).count("ESTABLISHED") == 0,
                 2 + LATE)
        self.assertNotIn("FIN_WAIT1", server_sockets(server.port))
        server.wait_for_log("took nothing of an answer for send_timeout")
        self.serve_somebody(server)

    def test_answers_that_wait_in_the_kernel_are_given_up(self):
        """The server has sent all of it and closed; the kernel holds it for nobody."""
        server = self.serve({"index.html": b"x" * 100 * KIB}, send_timeout="3s",
                            keepalive_timeout="200ms", linger_timeout="200ms", workers=1)
        socks = self.crowd(server, 50, 4096)
        for sock in socks:
            sock.sendall(request())
        wait_for("closed sockets", lambda: "FIN_WAIT1" in server_sockets(server.port))
        wait_for("sockets to go", lambda: not {"ESTABLISHED", "FIN_WAIT1"} &
                 set(server_sockets(server.port)), 4 + LATE)

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


class Crowds(HostileTest):
    """client_connections, over all workers."""

    def refused(self, server):
        with server.connect() as sock:
            sock.settimeout(60)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while True:
                    data = sock.recv(4096)
                    if not data:
                        break
                    answer += data
            return answer

    def test_one_more_is_refused_at_once(self):
        server = self.serve(client_connections=20, workers=4)
        socks = self.crowd(server, 20)
        wait_for("connections", lambda: server_sockets(server.port).count("ESTABLISHED") == 20)
        for sock in socks:
            sock.sendall(request())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200 "))
        answer = self.refused(server)
        self.assertTrue(answer.startswith(b"HTTP/1.1 503 "), answer)
        self.assertIn(b"\r\nRetry-After: 1\r\n", answer)
        server.wait_for_log("was refused: it has client_connections already")
        for sock in socks[:5]:  # there is room again when others leave
            sock.close()
        wait_for("room", lambda: rawhttp.is_served(server), LATE)

    def test_others_are_not_concerned(self):
        server = self.serve(client_connections=5, workers=2)
        for sock in self.crowd(server, 5):  # they have been let in
            sock.sendall(request())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200 "))
        self.assertTrue(self.refused(server).startswith(b"HTTP/1.1 503 "))
        sock = socket.create_connection((server.address, server.port), 60, ("127.0.0.2", 0))
        with sock:
            sock.sendall(request())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200 "))

    def test_a_dead_worker_takes_its_connections_along(self):
        server = self.serve(client_connections=10, workers=2)
        server.allow_error("was killed by signal 9")
        socks = self.crowd(server, 10)
        for sock in socks:
            sock.sendall(request())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200 "))
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        wait_for("new workers", lambda: server.log().count("is ready") >= 4, LATE)
        for sock in self.crowd(server, 10):
            sock.sendall(request())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200 "))
        self.baselines.clear()  # those workers are gone

    def test_a_proxy_is_exempt_and_its_clients_are_not(self):
        server = self.make(client_connections=2, trusted_proxy="127.0.0.0/8", workers=2)
        server.configure(listen=server.sections["server"]["listen"] + " proxy_protocol")
        server.start()

        def ask(client):
            (sock,) = self.crowd(server, 1)
            sock.sendall(b"PROXY TCP4 %s 192.0.2.200 1 2\r\n" % client + request())
            return sock.recv(4096)[9:12]

        answers = [ask(b"192.0.2.%d" % (i % 3)) for i in range(9)]
        self.assertEqual(answers, [b"200"] * 6 + [b"503"] * 3)

    def test_no_limit_is_no_limit(self):
        server = self.serve(client_connections=0, workers=2)
        self.crowd(server, 200)
        self.serve_somebody(server)


class Descriptors(HostileTest):
    def busy_crowd(self, server, count):
        """Each with half a head, so that it does not count as idle and is in nobody's way."""
        socks = []
        for _ in range(count):
            socks += self.crowd(server, 1)
            socks[-1].sendall(b"GET / HTTP/1.1\r\n")
        return socks

    def answers(self, socks, count):
        """How @count of them end; b"": without a word, as one that looked idle at that moment."""
        found = []
        waiting = set(socks)
        limit = time.monotonic() + 5 + LATE
        while len(found) < count and time.monotonic() < limit:
            for sock in select.select(waiting, [], [], 1)[0]:
                waiting.remove(sock)
                try:
                    found.append(sock.recv(4096)[:12])
                except ConnectionResetError:
                    found.append(b"")
        self.assertGreaterEqual(len(found), count)
        return found

    def test_a_crowd_without_descriptors_for_it(self):
        """Some are held, the others are refused and not left waiting; nothing spins, and then all is
        as it was."""
        server = self.serve(max_open_files=64, header_timeout="60s", workers=1,
                            worker_connections=1000)
        (worker,) = server.workers()
        before = len(support.descriptors(worker))
        self.serve_somebody(server)
        socks = self.busy_crowd(server, 500)
        answers = self.answers(socks, 500 - 64)
        self.assertGreater(answers.count(b"HTTP/1.1 503"), 100, collections.Counter(answers))
        self.assertEqual(set(answers) - {b"HTTP/1.1 503", b""}, set())
        used = support.cpu_seconds(worker)
        time.sleep(0.5)
        self.assertLess(support.cpu_seconds(worker) - used, 0.25)
        self.assertLessEqual(len(support.descriptors(worker)), 64)
        server.wait_for_log("no descriptor is left (max_open_files)")
        for sock in socks:
            sock.close()
        start = time.monotonic()
        # Who comes before the worker has seen that the others left is refused, too.
        wait_for("room", lambda: rawhttp.is_served(server), 0.5 + LATE)
        took = time.monotonic() - start
        print("     served again after %.3f s" % took)
        self.assertLess(took, 0.5 + LATE)
        wait_for("descriptors", lambda: len(support.descriptors(worker)) <= before + 2, LATE)

    def test_held_files_are_served_without_a_descriptor(self):
        """What the cache holds needs none; what it does not is 503."""
        files = {"cold-%d.html" % number: b"x" for number in range(10)}
        server = self.serve(dict(files, **{"index.html": b"hello\n"}), max_open_files=64,
                            header_timeout="60s", keepalive_timeout="60s", workers=1,
                            worker_connections=1000, sections={"cache": {"cache_valid": "60s"}})
        conn = self.dial(server)
        self.assertEqual(conn.get().status, 200)
        others = [self.dial(server) for _ in files]
        for name, other in zip(files, others):
            other.send(b"GET /%s HTTP/1.1\r\n" % name.encode())
        self.answers(self.busy_crowd(server, 150), 80)
        for other in others:  # one of the crowd may just have made room
            self.answers(self.busy_crowd(server, 10), 1)
            other.send(b"Host: t\r\n\r\n")
            response = other.response()
            if response.status == 503:
                break
        self.assertEqual((response.status, response.get("Retry-After")), (503, "1"))
        other.send(request())
        self.assertEqual(other.response().body, b"hello\n")


class Rates(HostileTest):
    def test_who_asks_too_often_is_told_when_to_come_again(self):
        server = self.serve(request_rate=1, request_burst=3, workers=2)
        statuses = []
        for _ in range(2):
            conn = self.dial(server)
            conn.send(request() * 10)
            responses = conn.responses(10)
            statuses += [response.status for response in responses]
        self.assertEqual(statuses[:3], [200] * 3)
        self.assertLess(statuses.count(200), 10)
        last = responses[-1]
        self.assertEqual((last.status, last.get("Retry-After")), (429, "1"))
        server.wait_for_log("was refused: it asks more often than request_rate")
        wait_for("a further answer", lambda: self.dial(server).get().status == 200, LATE)

    def test_a_refused_body_is_not_waited_for(self):
        server = self.serve(request_rate=1, request_burst=1)
        conn = self.dial(server)
        conn.send(request() + request("/", "POST", fields=["Content-Length: 1000000"]))
        self.assertEqual(conn.response().status, 200)
        response = conn.response()
        self.assertEqual((response.status, response.closes), (429, True))


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
        self.assertLess(self.seconds(server, 3 * MIB), 40)  # 48 s at its rate
        with rawhttp.Connection(server) as conn:
            conn.send(request("/big"))
            size = 0
            limit = time.monotonic() + 1
            while time.monotonic() < limit and not conn.is_quiet(0.2):
                size += len(conn.receive())
        self.assertLess(size, 12 * MIB)


if __name__ == "__main__":
    unittest.main()
