# SPDX-License-Identifier: MIT
"""HTTP/1.1 as raw bytes: nothing is normalised, repaired or forgiven on the way.

    class Hidden(rawhttp.HttpTest):
        def test_it(self):
            server = self.serve({"index.html": b"hello"})
            conn = self.dial(server)
            conn.send(b"GET /.git HTTP/1.1\\r\\nHost: t\\r\\n\\r\\n")
            self.assertEqual(conn.response().status, 404)

Every response is read by its framing and checked on the way: a sound status line, header lines
that are tokens and printable, one Date, one Server, one Content-Length. An HttpTest also looks
whether the workers have as many descriptors at the end as they had at the start.
"""

import collections
import contextlib
import re
import select
import socket
import struct
import time

import support
from support import wait_for

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [A-Z][A-Za-z' -]+\Z")
FIELD_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)\Z")
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
                  r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
                  r"\d\d:\d\d:\d\d GMT\Z")

SECONDS = 60.0  # a sound server needs milliseconds; a busy machine under a sanitizer may need more


class Bad(AssertionError):
    """The server sent what no client should have to understand."""


class Ended(Exception):
    """The connection ended before what was waited for; `how` is "closed" or "reset"."""

    def __init__(self, how, data):
        super().__init__("%s after %r" % (how, data[-200:]))
        self.how, self.data = how, data


class TooLate(Exception):
    """Nothing came in time."""


class Response:
    def __init__(self, head):
        lines = head.split(b"\r\n")
        status = STATUS_LINE.match(lines[0])
        if not status:
            raise Bad("status line %r" % lines[0])
        self.head = head
        self.status = int(status.group(1))
        self.body = b""
        self.fields = []
        for line in lines[1:]:
            field = FIELD_LINE.match(line)
            if not field:
                raise Bad("header line %r of %r" % (line, head))
            self.fields.append((field.group(1).decode(), field.group(2).decode()))
        self.check()

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __contains__(self, name):
        return bool(self.all(name))

    @property
    def closes(self):
        return "close" in [word.strip().lower() for word in self.get("Connection", "").split(",")]

    @property
    def length(self):
        return int(self.get("Content-Length", "0"))

    def without_date(self):
        """What must be the same however the request arrived."""
        return self.status, [field for field in self.fields if field[0] != "Date"], self.body

    def check(self):
        names = collections.Counter(name.lower() for name, _ in self.fields)
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise Bad("%s more than once in %r" % (twice, self.head))
        if "transfer-encoding" in names:
            raise Bad("a transfer coding: %r" % self.head)
        if self.status < 200:
            if names:
                raise Bad("fields of an interim response: %r" % self.head)
            return
        if not DATE.match(self.get("Date", "")):
            raise Bad("Date of %r" % self.head)
        if self.get("Server") != "TinyWeb":
            raise Bad("Server of %r" % self.head)
        if self.status in (204, 304):
            if "content-length" in names and self.status == 204:
                raise Bad("Content-Length of a 204: %r" % self.head)
        elif not re.match(r"(0|[1-9]\d*)\Z", self.get("Content-Length", "")):
            raise Bad("Content-Length of %r" % self.head)

    def has_body(self, method):
        return method != "HEAD" and self.status >= 200 and self.status not in (204, 304)

    def __repr__(self):
        return "<%d %r %d bytes>" % (self.status, self.fields, len(self.body))


def parse(data, methods=()):
    """All the responses in @data, in order. @methods: of the requests they answer (default GET).

    Bytes that are no whole response are Bad.
    """
    responses = []
    methods = list(methods)
    while data:
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found:
            raise Bad("no end of a head: %r" % data[:500])
        response = Response(head)
        method = methods[0] if methods else "GET"
        if response.status >= 200 and methods:
            methods.pop(0)
        if response.has_body(method):
            if len(rest) < response.length:
                raise Bad("body of %d bytes, of %d: %r" % (len(rest), response.length, head))
            response.body, rest = rest[:response.length], rest[response.length:]
        responses.append(response)
        data = rest
    return responses


class Connection:
    """One connection of a client that sends bytes and waits for responses."""

    def __init__(self, server, seconds=SECONDS, receive_buffer=None):
        family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:  # before connect, or the window is larger
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(seconds)
        self.sock.connect((server.address, server.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seconds = seconds
        self.buffer = b""

    # --- sending

    def send(self, data):
        if isinstance(data, str):
            data = data.encode()
        self.sock.sendall(data)
        return self

    def send_what_fits(self, data):
        """Bytes are not to be waited for: the server may have ended already. Returns the error."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            return error
        return None

    def get(self, target="/", method="GET", version="1.1", fields=(), body=b""):
        """Send a well-formed request, and return its response."""
        self.send(request(target, method, version, fields, body))
        return self.response(method)

    def end_sending(self):
        self.sock.shutdown(socket.SHUT_WR)

    # --- receiving

    def receive(self, seconds=None):
        """The next bytes; b"" when the server has ended its side; ConnectionResetError."""
        self.sock.settimeout(self.seconds if seconds is None else seconds)
        try:
            return self.sock.recv(1 << 16)
        except socket.timeout:
            raise TooLate("nothing within %.1f s, after %r" %
                          (self.sock.gettimeout(), self.buffer[:200])) from None

    def more(self, seconds=None):
        try:
            data = self.receive(seconds)
        except ConnectionResetError:
            raise Ended("reset", self.buffer) from None
        if not data:
            raise Ended("closed", self.buffer)
        self.buffer += data

    def exactly(self, count, seconds=None):
        pieces = [self.buffer]
        have = len(self.buffer)
        self.buffer = b""
        while have < count:
            self.more(seconds)
            pieces.append(self.buffer)
            have += len(self.buffer)
            self.buffer = b""
        data = b"".join(pieces)
        self.buffer = data[count:]
        return data[:count]

    def head(self, seconds=None):
        """The head of a response; its body is left to be read."""
        while b"\r\n\r\n" not in self.buffer:
            self.more(seconds)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return Response(head)

    def response(self, method="GET", seconds=None, interim=False):
        """The next response with its body; interim ones are skipped unless asked for."""
        while True:
            response = self.head(seconds)
            if response.status >= 200 or interim:
                break
        if response.has_body(method):
            response.body = self.exactly(response.length, seconds)
        return response

    def responses(self, count, method="GET"):
        return [self.response(method) for _ in range(count)]

    def rest(self, seconds=None, limit=None):
        """All until the end: (bytes, "closed" or "reset"); the wait is @seconds in all."""
        pieces = [self.buffer]
        self.buffer = b""
        until = time.monotonic() + (self.seconds if seconds is None else seconds)
        how = "closed"
        while True:
            try:
                data = self.receive(max(until - time.monotonic(), 0.001))
            except ConnectionResetError:
                how = "reset"
                break
            if not data:
                break
            pieces.append(data)
            if limit and sum(map(len, pieces)) > limit:
                raise Bad("more than %d bytes" % limit)
        return b"".join(pieces), how

    def ending(self, seconds=None):
        """How it ended, without another byte before."""
        data, how = self.rest(seconds)
        if data:
            raise Bad("unexpected bytes before the end: %r" % data[:500])
        return how

    def is_quiet(self, seconds):
        """Neither a byte nor an end for so long."""
        if self.buffer:
            return False
        ready, _, _ = select.select([self.sock], [], [], seconds)
        return not ready

    # --- ending

    def close(self):
        self.sock.close()

    def reset(self):
        """Close so that the server sees a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def request(target="/", method="GET", version="1.1", fields=(), body=b""):
    """The bytes of a request. @fields: lines without CRLF; a Host is added where none is given."""
    if isinstance(target, str):
        target = target.encode()
    fields = [field if isinstance(field, bytes) else field.encode() for field in fields]
    if not any(field.lower().startswith(b"host:") for field in fields):
        fields.insert(0, b"Host: t")
    head = [method.encode() + b" " + target + b" HTTP/" + version.encode()] + fields
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def exchange(server, data, methods=(), seconds=SECONDS):
    """Send @data on a new connection: the responses until the server ends it, and how."""
    with Connection(server, seconds) as conn:
        conn.send_what_fits(data)
        received, how = conn.rest()
        return parse(received, methods), how


def is_served(server):
    """Whether a new client gets 200. By its first bytes, since who is refused at the door hears less
    than what a Response has to have."""
    with contextlib.suppress(OSError), server.connect() as sock:
        sock.sendall(request(fields=["Connection: close"]))
        return sock.recv(4096).startswith(b"HTTP/1.1 200 ")
    return False


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


# --- the worker's side

def resident_kib(pid):
    with open("/proc/%d/status" % pid) as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def socket_count(pid):
    """Sockets that the process has open."""
    return sum(1 for name in support.descriptors(pid).values() if name.startswith("socket:"))


class HttpTest(support.ServerTest):
    """Besides what every server test looks for: no worker keeps a descriptor."""

    # Several tests read as many bytes as there are: with fewer workers, fewer places to look at.
    WORKERS = 1

    def setUp(self):
        super().setUp()
        self.clients = []
        self.baselines = []

    def make(self, files=None, **arguments):
        arguments.setdefault("workers", self.WORKERS)
        server = super().make(files, **arguments)
        begin = server.start

        def start(wait=True):
            begin(wait)
            if wait:
                self.remember(server)
            return server

        server.start = start
        return server

    def remember(self, server):
        """What the workers have open before the first client."""
        count = server.sections["server"]["workers"]
        pids = wait_for("workers", lambda: len(server.workers()) >= count and server.workers(), 20)
        self.baselines.append((server, {pid: socket_count(pid) for pid in pids}))

    def dial(self, server, seconds=SECONDS, **arguments):
        """A connection that is closed when the test ends."""
        conn = Connection(server, seconds, **arguments)
        self.clients.append(conn)
        return conn

    def hang_up(self):
        for conn in self.clients:
            with contextlib.suppress(OSError):
                conn.close()
        self.clients = []

    def leaked(self, server, baseline):
        """What the workers hold that they did not hold at the start."""
        found = []
        for pid, sockets in baseline.items():
            if not support.is_alive(pid):
                continue
            names = list(support.descriptors(pid).values())
            now = sum(1 for name in names if name.startswith("socket:"))
            if now > sockets:
                found.append("worker %d: %d sockets, had %d" % (pid, now, sockets))
            files = [name for name in names if name.startswith(server.root + "/")]
            found += ["worker %d: %s twice" % (pid, name)
                      for name, count in collections.Counter(files).items() if count > 1]
        return found

    def tearDown(self):
        self.hang_up()
        for server, baseline in self.baselines:
            if server.process.poll() is None:
                limit = time.monotonic() + 10 * support.PATIENCE
                # Clients that went away before they were accepted come and go once more.
                while (left := self.leaked(server, baseline)) and time.monotonic() < limit:
                    time.sleep(0.02)
                self.assertEqual(left, [], server.all_output()[-2000:])
        super().tearDown()
