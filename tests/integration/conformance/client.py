# SPDX-License-Identifier: MIT
"""Plays rows. It reads whatever is an HTTP message, however odd: others are heard, too."""

import re
import select
import socket
import struct
import time

from conformance.row import CLOSED, END, Answer, Reply, get

STATUS_LINE = re.compile(rb"(HTTP/\d\.\d) (\d\d\d)(?: [^\r\n]*)?\Z")
FIELD_LINE = re.compile(rb"([^\s:]+):[ \t]*(.*?)[ \t]*\Z", re.S)


class Broken(Exception):
    """The rule is broken; the text says how."""


class Ended(Exception):
    """The server has ended the connection, or says nothing; the text says which."""


class Client:
    def __init__(self, address, seconds):
        self.sock = socket.create_connection(address, seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seconds = seconds
        self.buffer = b""
        self.answers = []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.sock.close()

    # --- bytes

    def send(self, data):
        """As much as the server takes: it may have said no already, which is read afterwards."""
        view = memoryview(data)
        limit = time.monotonic() + self.seconds
        while view and time.monotonic() < limit:
            readable, writable, _ = select.select([self.sock], [self.sock], [], 0.2)
            try:
                if readable:
                    self.take()
                if writable:
                    view = view[self.sock.send(view[:65536]):]
            except (Ended, OSError):
                return

    def take(self):
        try:
            data = self.sock.recv(1 << 16)
        except socket.timeout:
            raise Ended("no answer") from None
        except ConnectionError:
            raise Ended("reset") from None
        if not data:
            raise Ended("closed without an answer")
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.take()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line[:-1] if line.endswith(b"\r") else line

    def exactly(self, count):
        pieces, missing = [], count
        while missing > len(self.buffer):
            pieces.append(self.buffer)
            missing -= len(self.buffer)
            self.buffer = b""
            self.take()
        pieces.append(self.buffer[:missing])
        self.buffer = self.buffer[missing:]
        return b"".join(pieces)

    # --- answers

    def head(self, interim):
        try:
            first = self.line()
        except Ended as ended:
            if self.buffer:
                raise Broken("no HTTP: %r" % self.buffer[:40]) from None
            raise ended
        status = STATUS_LINE.match(first)
        if not status:
            raise Broken("no HTTP: %r" % first[:40])
        fields = []
        while True:
            line = self.line()
            if not line:
                break
            field = FIELD_LINE.match(line)
            if not field:
                raise Broken("field line %r" % line[:40])
            fields.append((field.group(1).decode("latin-1").lower(),
                           field.group(2).decode("latin-1")))
        return Answer(status.group(1).decode(), int(status.group(2)), fields, interim)

    def chunks(self):
        content = b""
        while True:
            size = int(self.line().split(b";")[0], 16)
            if size == 0:
                while self.line():
                    pass
                return content
            content += self.exactly(size)
            self.line()

    def until_the_end(self):
        try:
            while True:
                self.take()
        except Ended as ended:
            if str(ended) != "closed without an answer":
                raise
        content, self.buffer = self.buffer, b""
        return content

    def answer(self, expected):
        interim = 0
        while True:
            answer = self.head(interim)
            if answer.status >= 200 or expected.interim:
                break
            interim += 1
        if expected.head or answer.status < 200 or answer.status in (204, 304):
            return answer
        try:
            if "chunked" in answer.words("Transfer-Encoding"):
                answer.body = self.chunks()
            elif answer.all("Content-Length"):
                answer.body = self.exactly(int(answer.all("Content-Length")[0]))
            else:
                answer.body = self.until_the_end()
        except Ended as ended:
            raise Broken("%s in the content" % ended) from None
        return answer

    # --- steps

    def end(self):
        """Of what the client sends."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        """Close so that the other side sees a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def expect(self, expected):
        try:
            answer = self.answer(expected)
        except Ended as ended:
            if expected.or_closed and str(ended) != "no answer":
                return
            raise Broken(str(ended)) from None
        if answer.status not in expected.statuses:
            raise Broken(str(answer.status))
        for check in expected.checks:
            wrong = check(answer, self.answers)
            if wrong:
                raise Broken("%d %s" % (answer.status, wrong))
        self.answers.append(answer)

    def expect_end(self):
        try:
            while True:
                if self.buffer:
                    raise Broken("another answer: %r" % self.buffer.split(b"\r\n")[0][:40])
                self.take()
        except Ended as ended:
            if str(ended) == "no answer":
                raise Broken("stays open") from None


def tag_of(address, seconds, *request):
    """What a plain GET says; a server without tags gets one that is nobody's."""
    with Client(address, seconds) as client:
        client.send(get("Connection: close", *request[1:], target=request[0]))
        try:
            return client.answer(Reply(200)).get("ETag", '"none"').encode()
        except (Ended, Broken):
            return b'"none"'


def tags_of(address, seconds):
    return {b"{etag}": tag_of(address, seconds, "/file.txt"),
            b"{coded-etag}": tag_of(address, seconds, "/coded.txt", "Accept-Encoding: gzip")}


def play(row, address, tags, seconds):
    """None when the server keeps the rule, else what it did instead."""
    try:
        with Client(address, seconds) as client:
            for step in row.steps:
                if isinstance(step, Reply):
                    client.expect(step)
                elif step is END:
                    client.end()
                elif step is CLOSED:
                    client.expect_end()
                else:
                    for name, value in tags.items():
                        step = step.replace(name, value)
                    client.send(step)
    except Broken as broken:
        return str(broken)
    except (OSError, ValueError) as error:
        return str(error)
    return None
