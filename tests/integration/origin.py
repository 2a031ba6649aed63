# SPDX-License-Identifier: MIT
"""A server that does what a script says, byte for byte, and remembers what it was sent: who stands
behind a proxy in tests. It repairs nothing and adds nothing.

    with origin.Origin() as app:                        # on a port of 127.0.0.1: app.address, app.name
        app.on("/a", ok(b"hello", "ETag: \\"1\\""))       # whoever asks for /a gets these bytes
        app.on("/b", ok(b"one"), [b"HTTP/1.1 2", RESET])  # the first who asks for /b; all who follow
        app.otherwise(ok(b"not foreseen"))              # else a 404 says so
        ...
        request, = app.requests("/a")                   # what the proxy made of it
        self.assertEqual(request.all("Via"), ["1.1 front"])

A reply is bytes, or a list of steps: bytes (sent in one piece), Pause(seconds), Drip(bytes, seconds)
(one byte at a time), a Gate (waits until the test opens it), READ (the request's content is read here,
and not before the first step), UNREAD (it is never read: what comes of it is taken for the next
request), SHUT (no more bytes from here), CLOSE, RESET, and functions that are given the exchange.
The connection is kept after the last step, unless the request asks for its end.
"""

import contextlib
import os
import select
import socket
import struct
import threading
import time

from support import wait_for

SECONDS = 60.0  # nothing here waits longer for anybody

READ, UNREAD, SHUT, CLOSE, RESET = "READ", "UNREAD", "SHUT", "CLOSE", "RESET"


class Pause:
    def __init__(self, seconds):
        self.seconds = seconds


class Drip:
    def __init__(self, data, seconds):
        """@seconds between two bytes."""
        self.data, self.seconds = data, seconds


class Gate:
    """Holds whoever comes to it until it is opened; has_come: that somebody waits, or waited, there."""

    def __init__(self):
        self.event, self.has_come = threading.Event(), threading.Event()

    def open(self):
        self.event.set()

    def wait_for_somebody(self, seconds=SECONDS):
        if not self.has_come.wait(seconds):
            raise AssertionError("nobody came to the gate within %.1f s" % seconds)


class Gone(Exception):
    """The other side has ended the connection."""


# --- replies

def reply(status, body=b"", *fields, reason="Because", version="1.1"):
    """Bytes of an answer with a Content-Length, and no other field but @fields."""
    return head(status, *fields, "Content-Length: %d" % len(body), reason=reason,
                version=version) + body


def ok(body=b"hello\n", *fields):
    return reply(200, body, *fields, reason="OK")


def head(status, *fields, reason="Because", version="1.1"):
    """The head alone, without any framing that is not in @fields."""
    lines = [b"HTTP/%s %d %s" % (version.encode(), status, reason.encode())]
    lines += [field if isinstance(field, bytes) else field.encode() for field in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def chunked(*pieces, fields=(), trailers=(), status=200, ends=True):
    """An answer in chunks, one a piece; without the last one unless it @ends."""
    data = head(status, "Transfer-Encoding: chunked", *fields)
    data += b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    if ends:
        data += b"0\r\n" + b"".join(line.encode() + b"\r\n" for line in trailers) + b"\r\n"
    return data


# --- what was received

class Request:
    """As it came: names of fields as they were written, nothing joined."""

    def __init__(self, raw, connection, number):
        self.head = raw
        lines = raw.split(b"\r\n")
        words = lines[0].decode("latin-1").split(" ")
        self.method, self.target, self.version = words if len(words) == 3 else ("", "", "")
        pairs = [line.decode("latin-1").partition(":") for line in lines[1:]]
        self.fields = [(name, value.strip(" \t")) for name, _, value in pairs]
        self.connection = connection  # which one of the origin's, from 0
        self.number = number          # of the requests on that connection, from 0
        self.body, self.trailers, self.has_ended = b"", [], False
        self.chunk_sizes = []
        self.arrived = time.monotonic()

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def names(self):
        return [key.lower() for key, _ in self.fields]

    def __contains__(self, name):
        return bool(self.all(name))

    def __repr__(self):
        return "<%r and %d bytes>" % (self.head, len(self.body))


class Exchange:
    """One connection of the proxy, and the request on it that is answered just now."""

    def __init__(self, origin, sock, number):
        self.origin, self.sock, self.number = origin, sock, number
        self.buffer = b""
        self.request = None
        self.count = 0
        self.ended = None  # "closed" or "reset" by the proxy, "us" by the script
        self.has_ended = threading.Event()
        sock.settimeout(SECONDS * 3)

    # --- bytes

    def take(self):
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionError:
            raise Gone("reset") from None
        except (OSError, ValueError):
            raise Gone("closed") from None
        if not data:
            raise Gone("closed")
        self.buffer += data

    def until(self, end):
        while end not in self.buffer:
            self.take()
        data, _, self.buffer = self.buffer.partition(end)
        return data

    def exactly(self, count, body):
        """Into @body as it comes: what has come of a request that is cut can be looked at."""
        while count:
            if not self.buffer:
                self.take()
            piece, self.buffer = self.buffer[:count], self.buffer[count:]
            body(piece)
            count -= len(piece)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone("reset") from None

    def wait(self, seconds, event=None):
        """For @event, or so long; Gone when the proxy ends the connection meanwhile."""
        until = time.monotonic() + seconds
        watched = True
        while time.monotonic() < until and not (event and event.is_set()):
            if not watched:
                time.sleep(0.005)
                continue
            left = max(0, min(0.01, until - time.monotonic()))
            if select.select([self.sock], [], [], left)[0]:
                try:
                    if not self.sock.recv(1, socket.MSG_PEEK):
                        raise Gone("closed")
                except ConnectionError:
                    raise Gone("reset") from None
                watched = False  # bytes that wait: there is nothing to be seen behind them

    # --- requests

    def read_head(self):
        while self.buffer.startswith(b"\r\n"):
            self.buffer = self.buffer[2:]
        request = Request(self.until(b"\r\n\r\n"), self.number, self.count)
        self.count += 1
        self.request = request
        return request

    def read_body(self):
        request = self.request
        if request.has_ended:
            return

        def add(piece):
            request.body += piece
        if "chunked" in (request.get("Transfer-Encoding") or "").lower():
            while True:
                size = int(self.until(b"\r\n").split(b";")[0], 16)
                if size == 0:
                    break
                request.chunk_sizes.append(size)
                self.exactly(size, add)
                if self.until(b"\r\n"):
                    raise ValueError("bytes behind a chunk")
            while True:
                line = self.until(b"\r\n")
                if not line:
                    break
                request.trailers.append(line.decode("latin-1"))
        elif "Content-Length" in request:
            self.exactly(int(request.get("Content-Length")), add)
        request.has_ended = True

    # --- steps

    def shut(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        raise Gone("us")

    def reset(self):
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone("us")

    def step(self, step):
        if isinstance(step, bytes):
            self.send(step)
        elif isinstance(step, Pause):
            self.wait(step.seconds)
        elif isinstance(step, Drip):
            for at in range(len(step.data)):
                self.send(step.data[at:at + 1])
                self.wait(step.seconds)
        elif isinstance(step, Gate):
            step.has_come.set()
            self.wait(SECONDS, step.event)
        elif callable(step):
            step(self)
        else:
            {READ: self.read_body, UNREAD: lambda: None, SHUT: self.shut, CLOSE: self.close,
             RESET: self.reset}[step]()

    def serve_one(self):
        request = self.read_head()
        steps = self.origin.script_for(request)
        if READ not in steps and UNREAD not in steps:
            self.read_body()
        for step in steps:
            self.step(step)
        words = (request.get("Connection") or "").lower()
        if "close" in words or (request.version == "HTTP/1.0" and "keep-alive" not in words):
            raise Gone("us")

    def run(self):
        try:
            while True:
                self.serve_one()
        except Gone as gone:
            self.ended = str(gone)
        except (ValueError, IndexError) as error:
            self.ended = "garbage"
            self.origin.garbage.append("%s: %r" % (error, self.buffer[:200]))
        finally:
            with contextlib.suppress(OSError):
                self.sock.close()
            self.has_ended.set()

    def wait_for_end(self, seconds=SECONDS):
        """How it ended: "closed" or "reset" by the proxy, "us" by the script."""
        if not self.has_ended.wait(seconds):
            raise AssertionError("the proxy has not ended the connection within %.1f s" % seconds)
        return self.ended


class Origin:
    """Listens on a port of @address, or on the Unix socket @path."""

    def __init__(self, address="127.0.0.1", path=None, port=0):
        self.host, self.path, self.port = address, path, port
        self.lock = threading.Lock()
        self.scripts, self.asked, self.all_requests = {}, {}, []
        self.default = [reply(404, b"no script\n", reason="Not Found")]
        self.connections, self.garbage = [], []
        self.listener = None
        self.listen()

    # --- life

    def listen(self):
        """Again, on the same port, after refuse()."""
        if self.path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
            os.chmod(self.path, 0o666)
        else:
            self.listener = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((self.host, self.port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(1024)
        self.thread = threading.Thread(target=self.accept_all, args=(self.listener,), daemon=True)
        self.thread.start()

    @property
    def address(self):
        return (self.host, self.port)

    @property
    def name(self):
        """As a configuration has it."""
        if self.path:
            return "unix:" + self.path
        return "%s:%d" % ("[%s]" % self.host if ":" in self.host else self.host, self.port)

    def accept_all(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                exchange = Exchange(self, sock, len(self.connections))
                self.connections.append(exchange)
            threading.Thread(target=exchange.run, daemon=True).start()

    def refuse(self):
        """Whoever connects is refused; connections that there are go on."""
        if self.listener:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self.listener.close()
            self.thread.join(SECONDS)
            self.listener = None

    def hang_up(self):
        """All connections that there are end, as when its process does."""
        for exchange in list(self.connections):
            with contextlib.suppress(OSError):
                exchange.sock.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.refuse()
        self.hang_up()
        for exchange in self.connections:
            exchange.has_ended.wait(SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # --- scripts

    def on(self, target, *replies):
        """The first request for @target gets the first of @replies, and so on; the last one is for
        all that follow. The query counts as part of the target; "/a*" is all that begins with /a and
        has no name of its own."""
        with self.lock:
            self.scripts[target] = [self.steps_of(one) for one in replies]
            self.asked[target] = 0

    def otherwise(self, one):
        self.default = self.steps_of(one)

    @staticmethod
    def steps_of(one):
        return list(one) if isinstance(one, (list, tuple)) else [one]

    def script_for(self, request):
        with self.lock:
            self.all_requests.append(request)
            name = self.name_of(request.target)
            if name is None:
                return self.default
            replies = self.scripts[name]
            at = min(self.asked[name], len(replies) - 1)
            self.asked[name] += 1
            return replies[at]

    def name_of(self, target):
        """Of the script for @target, the longest one that fits."""
        if target in self.scripts:
            return target
        path = "/" + target.partition("://")[2].partition("/")[2] if "://" in target else target
        return max((name for name in self.scripts
                    if name.endswith("*") and path.startswith(name[:-1])), key=len, default=None)

    # --- what it has seen

    def requests(self, target=None):
        with self.lock:
            return [one for one in self.all_requests if target in (None, one.target)]

    def wait_for_requests(self, count=1, target=None, seconds=SECONDS):
        wait_for("%d requests for %s" % (count, target),
                 lambda: len(self.requests(target)) >= count, seconds)
        return self.requests(target)

    def forget(self):
        """The requests that it has seen."""
        with self.lock:
            self.all_requests = []

    def connection(self, number=0):
        """One that the proxy has made, or makes; it may be at its end before it is seen here."""
        wait_for("connection %d" % number, lambda: len(self.connections) > number, SECONDS)
        return self.connections[number]

    def open_connections(self):
        return [one for one in self.connections if not one.has_ended.is_set()]
