# SPDX-License-Identifier: MIT
"""What a case is made of: a rule, what the origin answers, and what the client sends and sees.

    Case("connection-named", "9110 7.6.1", MUST, "what Connection names is not passed on",
         [ok()], ask("Connection: X-Mine", "X-Mine: 1"), Reply(200), Received(lacks("X-Mine")))

The origin answers the first request for the case's target with the first reply, and so on (see
origin.py). The steps behind are bytes, which the client sends ({t} is the case's target), Reply(),
CLOSED, and those of this file. A case has its own targets, so that none sees another's answers.
"""

import time

from conformance import client
from conformance.client import Broken, Ended
from conformance.row import CLOSED, END, Reply, get, request
from origin import Gate

PASS, CACHE, UPGRADE = "/pass/", "/cache/", "/upgrade/"

NEW = "NEW"      # the client connects anew
RESET = "RESET"  # ... resets its connection
CUT = "CUT"      # the answer ends before it is complete, or is an error of the server's


class Case:
    def __init__(self, name, section, level, rule, replies, *steps, place=PASS):
        self.name, self.section, self.level, self.rule = name, section, level, rule
        self.replies, self.steps, self.place = replies, steps, place


class Received:
    """The next request that the origin has received for this case (the one before it has been looked at)
    passes the checks, functions of a request that return what is wrong, or None."""

    def __init__(self, *checks):
        self.checks = checks


class Asked:
    """So often has the origin been asked so far: one of @counts."""

    def __init__(self, *counts):
        self.counts = counts


class Wait:
    def __init__(self, seconds):
        self.seconds = seconds


def ask(*fields, method="GET", more="", version="HTTP/1.1", host="t", body=b""):
    return request(method, "{t}" + more, fields, version, host, body)


def post(*fields, body=b"", method="POST", version="HTTP/1.1", more=""):
    return request(method, "{t}" + more, fields, version, "t", body)


# --- checks of what the origin has received

def lacks(*names):
    def check(received):
        found = [name for name in names if name in received]
        return "passes on " + ", ".join(found) if found else None
    return check


def has(name, *values):
    """The lines of that field, as one list."""
    def check(received):
        found = ", ".join(received.all(name))
        return None if found == ", ".join(values) else "%s: %s" % (name, found or "none")
    return check


def target(more=""):
    def check(received):
        wanted = received.place + more
        return None if received.target == wanted else "asks for " + received.target
    return check


def version(text):
    def check(received):
        return None if received.version == text else "speaks " + received.version
    return check


def content(data):
    """Whole, and framed by exactly one of both means."""
    def check(received):
        if "Content-Length" in received and "Transfer-Encoding" in received:
            return "two framings"
        if not received.has_ended:
            return "the content is not complete"
        return None if received.body == data else "content is %r" % received.body[:40]
    return check


def is_cut(received):
    return "completes what was cut" if received.has_ended else None


class Play:
    """One case as it is played: the address of a proxy, and the origin behind it."""

    def __init__(self, case, address, origin, seconds):
        self.case, self.address, self.origin, self.seconds = case, address, origin, seconds
        self.target = case.place + case.name
        self.looked_at = 0
        self.gate = Gate()  # for the case's use; opened at the end
        self.client = None
        self.clients = []

    def connect(self):
        self.client = client.Client(self.address, self.seconds)
        self.clients.append(self.client)
        return self.client

    def fill_in(self, data):
        return data.replace(b"{t}", self.target.encode())

    def requests(self):
        return [one for one in self.origin.requests() if self.is_ours(one.target)]

    def is_ours(self, asked):
        """It may have come in the absolute form, and with more behind it."""
        path = asked.partition("://")[2].partition("/")[2] if "://" in asked else asked[1:]
        ours = self.target[1:]
        return path.startswith(ours) and not path[len(ours):][:1].isalnum() and \
            not path[len(ours):][:1] == "-"

    def received(self, checks):
        until = time.monotonic() + self.seconds
        while len(self.requests()) <= self.looked_at:
            if time.monotonic() > until:
                raise Broken("is not passed on")
            time.sleep(0.005)
        request_ = self.requests()[self.looked_at]
        request_.place = self.target
        self.looked_at += 1
        for check in checks:
            wrong = check(request_)
            if wrong:
                raise Broken(wrong)

    def asked(self, counts):
        count = len(self.requests())
        if count not in counts:
            raise Broken("asks %d times" % count)

    def cut(self):
        """Good is whatever does not look like a complete answer."""
        try:
            answer = self.client.answer(Reply(200))
        except Ended as ended:
            if str(ended) == "no answer":
                raise Broken("no answer") from None
            return
        except Broken as broken:
            if "no answer" in str(broken):
                raise Broken("stays open") from None
            return
        if answer.status < 500:
            raise Broken("completes what was cut")

    def step(self, step):
        if isinstance(step, bytes):
            self.client.send(self.fill_in(step))
        elif isinstance(step, Reply):
            self.client.expect(step)
        elif isinstance(step, Received):
            self.received(step.checks)
        elif isinstance(step, Asked):
            self.asked(step.counts)
        elif isinstance(step, Wait):
            time.sleep(step.seconds)
        elif callable(step):
            step(self)
        else:
            {NEW: self.connect, CUT: self.cut, CLOSED: self.client.expect_end,
             RESET: self.client.reset, END: self.client.end}[step]()

    def expect_part(self, data):
        """These bytes come, whatever comes before."""
        while data not in self.client.buffer:
            self.client.take()
        self.client.buffer = self.client.buffer.partition(data)[2]

    def until_asked(self, count):
        until = time.monotonic() + self.seconds
        while len(self.requests()) < count:
            if time.monotonic() > until:
                raise Broken("asks %d times" % len(self.requests()))
            time.sleep(0.005)

    @staticmethod
    def fail(text):
        raise Broken(text)

    def run(self):
        replies = self.case.replies(self) if callable(self.case.replies) else self.case.replies
        self.origin.on(self.target + "*", *replies)
        try:
            self.connect()
            for step in self.case.steps:
                self.step(step)
        finally:
            self.gate.open()
            for one in self.clients:
                one.sock.close()


def play(case, address, origin, seconds):
    """None when the proxy keeps the rule, else what it did instead."""
    try:
        Play(case, address, origin, seconds).run()
    except (Broken, Ended) as wrong:
        return str(wrong)
    except (OSError, ValueError) as error:
        return str(error)
    return None


__all__ = ["Asked", "CACHE", "CLOSED", "CUT", "Case", "END", "NEW", "PASS", "RESET", "Received",
           "Reply", "UPGRADE", "Wait", "ask", "content", "get", "has", "is_cut", "lacks", "play",
           "post", "request", "target", "version"]
