# SPDX-License-Identifier: MIT
"""A mixed load for a long time: what is open and what is held comes back to where it was.

Clients keep connections, make one for each request, break off downloads, send half a head and go, reset.
Before, and after the load has ended and the server was quiet, descriptors and memory are read from
/proc; what remains is divided by the connections that were closed.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import urllib.request

import servers

SMALL = b"<p>0123456789</p>\n" * 60
LARGE = 8 << 20
WORKERS = 2
RESET = struct.pack("ii", 1, 0)
QUIET_SECONDS = 8  # keep-alive, lingering and idle threads have ended
# Memory that a closed connection may leave behind, as far as pages can tell.
BYTES_A_CONNECTION = 2.0
# What an allocator and counters may keep for good, however short the run.
BYTES_ANYHOW = 512 << 10


def get(path, close):
    return ("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n" %
            (path, "close" if close else "keep-alive")).encode()


def connect(port):
    sock = socket.create_connection(("127.0.0.1", port), 10)
    sock.settimeout(10)
    return sock


def read_small(sock):
    left = None
    data = b""
    while left is None or left > 0:
        more = sock.recv(65536)
        if not more:
            raise OSError("cut")
        data += more
        head, end, body = data.partition(b"\r\n\r\n")
        if end:
            left = len(SMALL) - len(body)
    return b"\nconnection: close" not in head.lower()


def keeps(sock):
    for _ in range(random.randrange(1, 50)):
        sock.sendall(get("/small.html", False))
        if not read_small(sock):
            break


def asks_once(sock):
    sock.sendall(get("/small.html", True))
    read_small(sock)


def asks_much_at_once(sock):
    sock.sendall(get("/small.html", False) * 16 + get("/none", True))
    while sock.recv(65536):
        pass


def breaks_off(sock):
    sock.sendall(get("/large.bin", False))
    sock.recv(random.randrange(1, 200000))


def leaves_half_a_head(sock):
    sock.sendall(b"GET /small.html HTTP/1.1\r\nHost: loc")


def resets(sock):
    sock.sendall(get("/large.bin", False))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


MANNERS = [keeps, keeps, asks_once, asks_once, asks_much_at_once, breaks_off, leaves_half_a_head, resets]


def client(port, done, results):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    closed = failed = 0
    while not done.is_set():
        manner = random.choice(MANNERS)
        try:
            with connect(port) as sock:
                manner(sock)
        except OSError:
            failed += 1
        closed += 1
    results.put((closed, failed))


def held_by(pids):
    """Descriptors, and bytes that no other process shares."""
    descriptors = sum(len(os.listdir("/proc/%d/fd" % pid)) for pid in pids)
    private = 0
    for pid in pids:
        with open("/proc/%d/smaps_rollup" % pid) as file:
            private += sum(int(line.split()[1]) for line in file if line.startswith("Private_")) * 1024
    return descriptors, private


def status(port):
    with urllib.request.urlopen("http://127.0.0.1:%d/-/status.json" % port, timeout=10) as reply:
        return json.load(reply)


def load(port, seconds, clients):
    """Connections that were closed, and those of them that did not end as they should."""
    done, results = multiprocessing.Event(), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=client, args=(port, done, results))
                 for _ in range(clients)]
    for process in processes:
        process.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(10.0, max(until - time.monotonic(), 0.0)))
        now = status(port)
        print("    %7d requests, %3d open, %d 5xx" % (
            now["requests"], now["connections"]["active"] + now["connections"]["idle"],
            now["responses"]["5xx"]), file=sys.stderr)
    done.set()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return sum(row[0] for row in found), sum(row[1] for row in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="tinyweb-soak-")
    os.chmod(work, 0o755)
    root = os.path.join(work, "root")
    os.mkdir(root, 0o755)
    for name, data in (("small.html", SMALL), ("large.bin", bytes(LARGE))):
        with open(os.path.join(root, name), "wb") as file:
            file.write(data)
    server = servers.tinyweb(work, root, workers=WORKERS, cpus=(0, 1), status="on", keepalive_timeout="2s",
                             header_timeout="2s", linger_timeout="1s", worker_connections=1024)
    server.start("/small.html")
    try:
        load(server.port, 3, options.clients)  # caches and pools have their size
        time.sleep(QUIET_SECONDS)
        pids = servers.descendants(server.process.pid)
        before = held_by(pids)
        closed, failed = load(server.port, options.minutes * 60, options.clients)
        time.sleep(QUIET_SECONDS)
        after = held_by(pids)
        now = status(server.port)
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    grown = after[1] - before[1]
    print("%d connections closed in %.1f min, %d did not end as they should, %d respawns, %d 5xx" %
          (closed, options.minutes, failed, now["respawns"], now["responses"]["5xx"]))
    print("descriptors %d -> %d, private memory %d KiB -> %d KiB: %.3f bytes a connection" %
          (before[0], after[0], before[1] >> 10, after[1] >> 10, max(grown, 0) / closed))
    is_bad = (after[0] > before[0] or grown > max(BYTES_A_CONNECTION * closed, BYTES_ANYHOW) or failed or
              now["respawns"] or now["responses"]["5xx"])
    return 1 if is_bad else 0


if __name__ == "__main__":
    sys.exit(main())
