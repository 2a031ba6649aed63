# SPDX-License-Identifier: MIT
"""Many clients at once: wrk, connections up to every limit and beyond it, and what is left after.

TESTS_LONG=1 makes the mixed load two minutes.
"""

import contextlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

import rawhttp
import support
from rawhttp import Ended, TooLate, request, resident_kib
from support import wait_for

KIB = 1024
MIB = 1024 * KIB
LONG = os.environ.get("TESTS_LONG") == "1"
WRK_SECONDS = 2 if support.is_sanitized() and not LONG else 10
IDLE_CONNECTIONS = 10000
IMBALANCE_MAX = 1.3

# A process of its own for the client side of many connections: descriptors are counted by process.
IDLE_CLIENT = """
import socket, sys
host, port, count, source = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
socks = []
for _ in range(count):
    sock = socket.create_connection((host, port), 60, (source, 0))
    sock.sendall(b"GET / HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n")
    socks.append(sock)
    if len(socks) >= 100:
        old = socks[-100]
        if not old.recv(4096).startswith(b"HTTP/1.1 200"):
            sys.exit("no answer")
for sock in socks[-99:]:
    if not sock.recv(4096).startswith(b"HTTP/1.1 200"):
        sys.exit("no answer")
print("ready", flush=True)
for line in sys.stdin:
    if line == "ask\\n":
        for sock in socks:
            sock.sendall(b"GET / HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n")
        good = sum(sock.recv(4096).startswith(b"HTTP/1.1 200") for sock in socks)
        print("answers", good, flush=True)
    else:
        break
"""


def report(text, *values):
    print("     " + text % values, flush=True)


class LoadTest(rawhttp.HttpTest):
    def shares(self, server):
        """Connections of each worker."""
        return [max(0, rawhttp.socket_count(pid) - count)
                for found, baseline in self.baselines if found is server
                for pid, count in baseline.items()]

    def wrk(self, server, connections, seconds=WRK_SECONDS, path="/", headers=()):
        """Run it; the shares when they were at their most, and what it said."""
        if not shutil.which("wrk"):
            self.skipTest("no wrk")
        url = "http://127.0.0.1:%d%s" % (server.port, path)
        command = ["wrk", "-t2", "-c%d" % connections, "-d%ds" % (seconds + 120), "--timeout", "60s",
                   "--latency"]
        for header in headers:
            command += ["-H", header]
        process = subprocess.Popen(command + [url], stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.STDOUT)
        shares = []
        try:
            began = time.monotonic()
            # On a busy machine the last of the clients may be late.
            while (took := time.monotonic() - began) < seconds * 0.9 or (
                    took < seconds + 60 and sum(shares) < connections):
                time.sleep(seconds * 0.1)
                shares = max(shares, self.shares(server), key=sum)
            process.send_signal(signal.SIGINT)  # it sums up
            output = process.communicate(timeout=120)[0]
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 0, output)
        self.assertNotIn("Socket errors", output)
        self.assertNotIn("Non-2xx", output)
        return shares, output

    @staticmethod
    def rate(output):
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


class Wrk(LoadTest):
    def run_with(self, workers, connections):
        server = self.serve({"index.html": b"x" * 1000}, workers=workers, access_log="off")
        pids = server.workers()
        shares, output = self.wrk(server, connections)
        report("%d worker(s), %d connections: %.0f requests/s, connections per worker %s", workers,
               connections, self.rate(output), " ".join(map(str, shares)))
        self.assertEqual(sum(shares), connections)
        self.assertEqual(server.workers(), pids)
        self.assertEqual(self.dial(server).get().status, 200)
        return shares

    def test_1_worker_64(self):
        self.run_with(1, 64)

    def test_1_worker_1000(self):
        self.run_with(1, 1000)

    def test_2_workers_64(self):
        self.run_with(2, 64)

    def test_2_workers_1000(self):
        self.run_with(2, 1000)

    def test_4_workers_64(self):
        shares = self.run_with(4, 64)
        self.assertLessEqual(max(shares), IMBALANCE_MAX * sum(shares) / 4)

    def test_4_workers_1000(self):
        self.run_with(4, 1000)

    def test_short_connections(self):
        """Each request on its own connection: lost races for it kill nobody."""
        server = self.serve(workers=4, access_log="off")
        pids = server.workers()
        _, output = self.wrk(server, 200, 2, headers=["Connection: close"])
        report("4 workers, short connections: %.0f requests/s", self.rate(output))
        self.assertEqual(server.workers(), pids)

    def test_a_large_file(self):
        server = self.serve({"big": b"x" * 10 * MIB}, workers=2, access_log="off")
        self.wrk(server, 16, 2, path="/big")

    def test_not_modified(self):
        server = self.serve(workers=2, access_log="off")
        etag = self.dial(server).get().get("ETag")
        if not shutil.which("wrk"):
            self.skipTest("no wrk")
        done = subprocess.run(
            ["wrk", "-t1", "-c64", "-d1s", "-H", "If-None-Match: " + etag,
             "http://127.0.0.1:%d/" % server.port], stdout=-1, text=True, timeout=180, check=True)
        self.assertNotIn("Socket errors", done.stdout)


class Balance(LoadTest):
    def open(self, server, count):
        conns = [self.dial(server) for _ in range(count)]
        for conn in conns:
            self.assertEqual(conn.get().status, 200)
        return conns

    def test_64_connections_by_four_workers(self):
        for mutex in ("atomic", "file", "off"):
            with self.subTest(mutex):
                server = self.serve(workers=4, accept_mutex=mutex)
                self.open(server, 64)
                shares = self.shares(server)
                report("accept_mutex %s: connections per worker %s", mutex,
                       " ".join(map(str, shares)))
                self.assertEqual(sum(shares), 64)
                self.assertLessEqual(max(shares), IMBALANCE_MAX * 16)
                self.hang_up()

    def test_a_connection_belongs_to_one_worker(self):
        server = self.serve(workers=4)
        self.open(server, 40)
        owned = []
        for pid in server.workers():
            owned += {name for name in support.descriptors(pid).values()
                      if name.startswith("socket:")}
        listening = max(set(owned), key=owned.count)  # the one that all share
        self.assertEqual(owned.count(listening), 4)
        others = [name for name in owned if name != listening]
        self.assertEqual(len(others), len(set(others)))

    def test_balance_after_connections_ended(self):
        """A worker whose clients have left gets the next ones."""
        server = self.serve(workers=4, accept_mutex="atomic")
        baseline = self.baselines[0][1]
        conns = self.open(server, 64)
        worker = server.workers()[0]
        ports = set()
        with open("/proc/%d/net/tcp" % worker) as file:
            inodes = {name[8:-1] for name in support.descriptors(worker).values()
                      if name.startswith("socket:")}
            for line in file.readlines()[1:]:
                fields = line.split()
                if fields[9] in inodes and int(fields[1].split(":")[1], 16) == server.port:
                    ports.add(int(fields[2].split(":")[1], 16))
        leaving = [conn for conn in conns if conn.sock.getsockname()[1] in ports]
        self.assertGreaterEqual(len(leaving), 8)
        for conn in leaving:
            conn.close()
        wait_for("their ends", lambda: rawhttp.socket_count(worker) <= baseline[worker], 10)
        self.open(server, len(leaving))
        shares = self.shares(server)
        self.assertEqual(sum(shares), 64)
        self.assertLessEqual(max(shares), IMBALANCE_MAX * 16)


class Fairness(LoadTest):
    def test_small_answers_beside_large_ones(self):
        """Downloads as fast as they go hold up nobody else on the same worker."""
        server = self.serve(access_log="off")
        os.truncate(server.write("huge", b""), 8 << 30)
        done = threading.Event()

        def download():
            with rawhttp.Connection(server) as conn:
                conn.send(request("/huge"))
                with contextlib.suppress(Ended, OSError, TooLate):
                    while not done.is_set():
                        conn.sock.recv(MIB)

        threads = [threading.Thread(target=download) for _ in range(3)]
        for thread in threads:
            thread.start()
        conn = self.dial(server)
        took = []
        began = time.monotonic()
        while (past := time.monotonic() - began) < 2 or (len(took) <= 20 and past < 60):
            start = time.monotonic()
            conn.get()
            took.append(time.monotonic() - start)
        done.set()
        for thread in threads:
            thread.join()
        took.sort()
        report("beside three downloads: %d answers, median %.1f ms, p99 %.1f ms", len(took),
               took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000)
        self.assertGreater(len(took), 20)
        self.assertLess(took[len(took) // 2], 2)


class Limits(LoadTest):
    def answers(self, server, seconds=20):
        """A new client is served, now or soon."""
        wait_for("an answer", lambda: rawhttp.is_served(server), seconds)

    def test_more_idle_connections_than_slots(self):
        """The longest idle ones make room: nobody who asks is turned away."""
        server = self.serve(worker_connections=50)
        conns = []
        for _ in range(300):
            conn = self.dial(server)
            self.assertEqual(conn.get().status, 200)
            conns.append(conn)
        self.assertLessEqual(sum(self.shares(server)), 50)
        self.assertEqual(conns[-1].get().status, 200)
        self.assertEqual(conns[0].ending(), "closed")
        self.hang_up()
        self.answers(server)

    def test_more_busy_connections_than_slots(self):
        """Those who wait are served when a slot is free; meanwhile nothing spins."""
        server = self.serve(worker_connections=20, send_timeout="60s")
        os.truncate(server.write("big", b""), 64 * MIB)
        busy = [self.dial(server, receive_buffer=8192) for _ in range(20)]
        for conn in busy:
            conn.send(request("/big"))
            conn.head()
        waiting = [self.dial(server) for _ in range(10)]
        for conn in waiting:
            conn.send(request(fields=["Connection: close"]))
        self.assertTrue(waiting[0].is_quiet(0.3))
        worker = server.workers()[0]
        used = support.cpu_seconds(worker)
        time.sleep(1)
        self.assertLess(support.cpu_seconds(worker) - used, 0.3)
        for conn in busy[:3]:
            conn.reset()
        for conn in waiting:
            self.assertEqual(conn.response().status, 200)
        self.hang_up()
        self.answers(server)

    def test_more_connections_than_descriptors(self):
        """EMFILE at accept: idle ones go, nothing spins, and all is well again after."""
        server = self.serve({"index.html": b"hello\n", "a.bin": b"x" * 100 * KIB},
                            max_open_files=64, send_timeout="60s")
        worker = server.workers()[0]
        conns = []
        for _ in range(300):
            conn = self.dial(server)
            self.assertEqual(conn.get().status, 200)
            conns.append(conn)
        self.assertEqual(conns[-1].get("/a.bin").status, 200)
        self.assertLessEqual(len(support.descriptors(worker)), 64)
        self.hang_up()
        os.truncate(server.write("big", b""), 64 * MIB)
        busy = []
        for _ in range(100):
            conn = self.dial(server, receive_buffer=8192)
            conn.send(request("/big"))
            busy.append(conn)
        time.sleep(0.5)
        used = support.cpu_seconds(worker)
        time.sleep(1)
        self.assertLess(support.cpu_seconds(worker) - used, 0.3)
        self.assertLessEqual(len(support.descriptors(worker)), 64)
        self.hang_up()
        self.answers(server)
        self.assertEqual(server.workers(), [worker])

    def test_no_descriptor_left_for_a_file(self):
        """503 for who asks for one more, and the connection stays."""
        server = self.serve(max_open_files=64, send_timeout="60s", keepalive_timeout="60s")
        for at in range(60):
            os.truncate(server.write("big%d" % at, b""), 64 * MIB)
        conns = [self.dial(server, receive_buffer=8192) for _ in range(40)]
        statuses = []
        for at, conn in enumerate(conns):
            conn.send(request("/big%d" % at))
            response = conn.head()
            statuses.append(response.status)
            if response.status == 503:
                self.assertEqual(response.get("Retry-After"), "1")
                conn.exactly(response.length)
                self.assertEqual(conn.get("/none").status in (404, 503), True)
        self.assertEqual(set(statuses), {200, 503})
        self.hang_up()
        wait_for("their ends", lambda: sum(self.shares(server)) == 0, 20)
        self.assertEqual(self.dial(server).get("/big59", "HEAD").status, 200)

    def test_many_large_files_and_few_descriptors(self):
        """Files that are kept open give way to those that are asked for."""
        names = ["f%d.bin" % at for at in range(200)]
        server = self.serve({name: name.encode() + b"x" * 100 * KIB for name in names},
                            max_open_files=64)
        conn = self.dial(server)
        for name in names * 2:
            response = conn.get("/" + name)
            self.assertEqual(response.status, 200)
            self.assertTrue(response.body.startswith(name.encode()))

    def test_ten_thousand_idle_connections(self):
        """And a hundred busy ones beside them."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        clients = 4
        count = min(IDLE_CONNECTIONS, hard - 200 if hard > 0 else IDLE_CONNECTIONS) // clients
        server = self.serve(workers=4, keepalive_timeout="10m", worker_connections=count * clients)
        workers = server.workers()
        before = sum(resident_kib(pid) for pid in workers)
        processes = [subprocess.Popen(
            [sys.executable, "-c", IDLE_CLIENT, "127.0.0.1", str(server.port), str(count),
             "127.0.0.%d" % (at + 2)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for at in range(clients)]
        try:
            for process in processes:
                self.assertEqual(process.stdout.readline(), "ready\n")
            total = count * clients
            shares = self.shares(server)
            self.assertEqual(sum(shares), total)
            self.assertLessEqual(max(shares), IMBALANCE_MAX * total / 4)
            grown = sum(resident_kib(pid) for pid in workers) - before
            report("%d idle connections, by worker %s: %d bytes each", total,
                   " ".join(map(str, shares)), grown * 1024 // total)
            if not support.is_sanitized():
                self.assertLess(grown * 1024 / total, 1536)
            if shutil.which("wrk"):
                self.wrk(server, 100, 1)
            for process in processes:  # not one of them has been lost
                process.stdin.write("ask\n")
                process.stdin.flush()
            for process in processes:
                self.assertEqual(process.stdout.readline(), "answers %d\n" % count)
        finally:
            for process in processes:
                process.stdin.close()
                process.stdout.close()
                process.terminate()
                process.wait()
        wait_for("their ends", lambda: sum(self.shares(server)) == 0, 30)
        self.answers(server)


class Ends(LoadTest):
    """A thousand connections in every state when the order comes: nothing leaks, nothing hangs."""

    # So that none of them has ended before the last of them has come.
    PATIENT = {name + "_timeout": "10m" for name in ("header", "body", "send", "keepalive", "linger")}

    def open(self, server):
        os.truncate(server.write("big", b""), 64 * MIB)
        for at in range(1000):
            conn = self.dial(server, receive_buffer=8192)
            if at % 10 == 1:
                conn.send(request())
                conn.response()
            elif at % 10 == 2:
                conn.send(request()[:20])
            elif at % 10 == 3:
                conn.send(request("/", "POST", fields=["Content-Length: 1000"], body=b"x" * 10))
            elif at % 10 == 4:
                conn.send(request("/big"))
                conn.head()
            elif at % 10 == 5:
                conn.send(b"rubbish\r\n\r\n")
                conn.response()
            elif at % 10 == 6:
                conn.send(request("/big", "PUT", fields=["Content-Length: 99999999"]))
                conn.response()
            elif at % 10 == 7:
                conn.send(request("/big") * 10)
        wait_for("1000 connections", lambda: sum(self.shares(server)) >= 1000, 20)

    def test_term(self):
        server = self.serve(workers=2, worker_connections=2000, **self.PATIENT)
        self.open(server)
        start = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - start, 5 + support.LATE)
        self.assertEqual(server.unexpected_errors(), [])

    def test_quit(self):
        server = self.serve(workers=2, worker_connections=2000, shutdown_timeout="2s",
                            **self.PATIENT)
        self.open(server)
        start = time.monotonic()
        self.assertEqual(server.stop(signal.SIGQUIT, 20), 0)
        self.assertGreater(time.monotonic() - start, 1.5)
        self.assertEqual(server.unexpected_errors(), [])


class Soak(LoadTest):
    def client(self, server, seed, done, counts):
        """All that clients do, good ones and bad ones."""
        rng = random.Random(seed)
        etag = None
        while not done.is_set():
            try:
                with rawhttp.Connection(server) as conn:
                    for _ in range(rng.randrange(1, 30)):
                        kind = rng.randrange(14)
                        if kind < 4:
                            etag = conn.get("/f%d" % rng.randrange(50)).get("ETag")
                        elif kind == 4:
                            conn.send(request("/f1") * 20)
                            conn.responses(20)
                        elif kind == 5:
                            conn.get("/none")
                        elif kind == 6:
                            conn.get("/f1", fields=["If-None-Match: " + (etag or "*")])
                        elif kind == 7:
                            conn.get("/big", fields=["Range: bytes=%d-" % rng.randrange(3 * MIB)])
                        elif kind == 8:
                            conn.get("/", "POST", fields=["Transfer-Encoding: chunked"],
                                     body=b"5\r\nhello\r\n0\r\n\r\n")
                        elif kind == 9:
                            conn.get("/big", fields=["Range: bytes=0-9,100-109,1000000-1099999"])
                        elif kind == 10:
                            conn.send(request("/big"))
                            conn.head()
                            conn.reset()
                            break
                        elif kind == 11:
                            conn.send(request()[:rng.randrange(30)])
                            break
                        elif kind == 12:
                            conn.send(b"\0bad\r\n")
                            conn.rest()
                            break
                        else:
                            conn.send(request("/big", "PUT", fields=["Content-Length: 9999999"],
                                              body=b"x" * 100000))
                            conn.rest()
                            break
                        counts[seed] += 1
            except (Ended, TooLate, OSError) as error:
                failures = counts.setdefault("failures", [])
                failures.append(repr(error))

    def test_nothing_grows(self):
        """Mixed load, changing files: descriptors and memory come back to where they were."""
        seconds = 120 if LONG else 6
        files = {"f%d" % at: b"%d\n" % at * (at * 100) for at in range(50)}
        server = self.serve(dict(files, **{"index.html": b"hello\n", "big": b"x" * 4 * MIB}),
                            workers=2, sections={"cache": {"cache_valid": "50ms"}},
                            send_timeout="60s", linger_timeout="60s")
        workers = server.workers()
        counts = {seed: 0 for seed in range(6)}

        def run(until):
            done = threading.Event()
            threads = [threading.Thread(target=self.client, args=(server, seed, done, counts))
                       for seed in range(6)]
            for thread in threads:
                thread.start()
            rng = random.Random(99)
            while time.monotonic() < until:
                name = "f%d" % rng.randrange(50)
                path = server.write("next", files[name])
                os.rename(path, os.path.join(server.root, name))
                time.sleep(0.02)
            done.set()
            for thread in threads:
                thread.join()

        run(time.monotonic() + seconds / 3)
        wait_for("their ends", lambda: sum(self.shares(server)) == 0, 20)
        memory = [resident_kib(pid) for pid in workers]
        files_open = [len(support.descriptors(pid)) for pid in workers]
        run(time.monotonic() + seconds * 2 / 3)
        wait_for("their ends", lambda: sum(self.shares(server)) == 0, 20)
        report("mixed load: %d requests", sum(counts[seed] for seed in range(6)))
        self.assertEqual(counts.get("failures", []), [])
        self.assertEqual(server.workers(), workers)
        for pid, before, open_before in zip(workers, memory, files_open):
            if not support.is_sanitized():
                self.assertLess(resident_kib(pid) - before, 1024)
            self.assertLessEqual(len(support.descriptors(pid)), open_before + 4)


if __name__ == "__main__":
    unittest.main()
