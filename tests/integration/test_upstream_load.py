# SPDX-License-Identifier: MIT
"""Many slow peers on both sides: what is in between stays small, and every byte is right.

TESTS_LONG=1 makes it 10 GiB up and down through a thousand of them. What it took is in
artefacts/upstream-load.md.
"""

import asyncio
import os
import resource
import threading
import time
import unittest

import rawhttp
import support
from test_upstream_failures import UpstreamTest

LONG = os.environ.get("TESTS_LONG") == "1"
PEERS = 1000 if LONG else 40
SIZE = (10 << 30) // PEERS + 1 if LONG else (2 << 20) + 4096
PATTERN = bytes(range(251)) * 300  # no power of two: whatever is lost or twice shifts it
KIB_A_PEER = 160
TURN = 64 << 10
SECONDS = 600 if LONG else 300


def piece(offset, count):
    """Bytes of the content that everybody sends."""
    start = offset % 251
    return PATTERN[start:start + count]


class Back:
    """An origin of many connections in a thread of its own: GET has SIZE bytes, POST is compared."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.wrong, self.taken, self.waiting = [], 0, 0
        self.may_read = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.ready = threading.Event()
        self.thread.start()
        self.ready.wait(20)

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0, limit=TURN, backlog=4096))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        server.close()
        self.loop.close()

    async def serve(self, reader, writer):
        try:
            while True:
                await self.serve_one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    async def serve_one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if head.startswith(b"post"):
            length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
            await self.compare(reader, length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken")
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        sent = 0
        while sent < SIZE:
            data = piece(sent, min(TURN, SIZE - sent))
            writer.write(data)
            await writer.drain()
            sent += len(data)

    async def compare(self, reader, length):
        """Nobody's content is read before all may be."""
        self.waiting += 1
        while not self.may_read.is_set():
            await asyncio.sleep(0.05)
        at = 0
        while at < length:
            data = await reader.read(min(TURN, length - at))
            if not data:
                raise ConnectionError
            if data != piece(at, len(data)):
                self.wrong.append(at)
            at += len(data)
        self.taken += length

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)


class Peers:
    """PEERS clients in one loop. At first all stand still: who should take content takes none, clients of
    GET, the origin of POST; then they take a little at a time."""

    def __init__(self, server, method, back):
        self.server, self.method, self.back = server, method, back
        self.may_take = asyncio.Event()
        self.waiting, self.done, self.wrong = 0, 0, []

    async def one(self):
        reader, writer = await asyncio.open_connection(self.server.address, self.server.port,
                                                       limit=16 << 10)
        try:
            if self.method == "GET":
                await self.take(reader, writer)
            else:
                await self.send(reader, writer)
            self.done += 1
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.wrong.append(repr(error))
        finally:
            writer.close()

    async def take(self, reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            self.wrong.append(head[:40])
        self.waiting += 1
        await self.may_take.wait()
        at = 0
        while at < SIZE:
            data = await reader.readexactly(min(16 << 10, SIZE - at))
            if data != piece(at, len(data)):
                self.wrong.append(at)
            at += len(data)
            await asyncio.sleep(0)

    async def send(self, reader, writer):
        writer.write(b"POST /large HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % SIZE)
        at = 0
        while at < SIZE:
            data = piece(at, min(16 << 10, SIZE - at))
            writer.write(data)
            await writer.drain()
            at += len(data)
        answer = await reader.readuntil(b"taken")
        if not answer.startswith(b"HTTP/1.1 200"):
            self.wrong.append(answer[:40])

    async def run(self, worker):
        """How much larger the worker was, in KiB, when all stood still and at its largest."""
        before = rawhttp.resident_kib(worker)
        tasks = [asyncio.create_task(self.one()) for _ in range(PEERS)]
        limit = time.monotonic() + SECONDS
        while self.waiting + self.back.waiting < PEERS and time.monotonic() < limit:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        largest = still = rawhttp.resident_kib(worker) - before
        self.may_take.set()
        self.back.may_read.set()
        while self.done + len(self.wrong) < PEERS and time.monotonic() < limit:
            await asyncio.sleep(0.1)
            largest = max(largest, rawhttp.resident_kib(worker) - before)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return still, largest


class SlowPeers(UpstreamTest):
    def setUp(self):
        super().setUp()
        if support.is_sanitized():
            self.skipTest("memory is measured")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.back = Back()
        self.addCleanup(self.back.stop)

    def check(self, method):
        server = self.front("127.0.0.1:%d" % self.back.port, keepalive=0, send_timeout="10m",
                            read_timeout="10m", head_timeout="10m")
        worker, = server.workers()
        peers = Peers(server, method, self.back)
        began = time.monotonic()
        still, largest = asyncio.run(peers.run(worker))
        self.report("| %s | %d | %.2f | %.1f | %d | %d |\n" % (
            method, PEERS, PEERS * SIZE / 2 ** 30, time.monotonic() - began, still / PEERS,
            largest / PEERS))
        self.assertEqual((peers.wrong, self.back.wrong, peers.done), ([], [], PEERS))
        self.assertLessEqual(largest, PEERS * KIB_A_PEER)

    def report(self, line):
        folder = os.environ.get("TESTS_ARTEFACTS")
        if not folder:
            return
        path = os.path.join(folder, "upstream-load.md")
        is_new = not os.path.exists(path)
        os.makedirs(folder, exist_ok=True)
        with open(path, "a") as file:
            if is_new:
                file.write("| what | peers | GiB | s | KiB each, standing still | KiB each, at most |\n"
                           "|---|--:|--:|--:|--:|--:|\n")
            file.write(line)

    def test_downloads_of_slow_clients_stay_in_bounds(self):
        self.check("GET")

    def test_uploads_of_slow_clients_stay_in_bounds(self):
        self.check("POST")


if __name__ == "__main__":
    unittest.main()
