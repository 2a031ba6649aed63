# SPDX-License-Identifier: MIT
"""What a gateway makes of requests and answers that it passes on (RFC 9110 sections 3.7, 6, 7 and 10;
RFC 9112)."""

import re

from conformance.client import Broken
from conformance.proxy.case import (CLOSED, CUT, END, NEW, UPGRADE, Asked, Case, Received, Reply, Wait,
                                    ask, content, has, is_cut, lacks, post, target, version)
from conformance.row import (ANY, MUST, REFUSED, SHOULD, USE, absent, body, field, no_interim,
                             present)
from conformance.row import version as answered
from origin import CLOSE, READ, UNREAD, Drip, Pause, chunked, head, ok, reply
from origin import RESET as CUT_OFF

HELLO = b"hello\n"
SAID = Reply(200, body(HELLO))
BAD_GATEWAY = Reply(502)
ERRORS = range(500, 600)
NEVER = Asked(0)
DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT"


def either(*checks):
    """One of them is content."""
    def check(received):
        wrongs = [one(received) for one in checks]
        return None if None in wrongs else wrongs[0]
    return check


def refused_or_received(*checks):
    """The request is an error, and is never passed on; or it is passed on so."""
    def step(play):
        play.client.expect(Reply(ANY))
        if play.client.answers[-1].status >= 400 and not play.requests():
            return
        play.received(checks)
    return step


# --- what is added and taken away

def via_is_last(received):
    entries = ", ".join(received.all("Via")).split(",")
    if len(entries) < 2:
        return "Via: %s" % (received.get("Via") or "none")
    return None if entries[0].strip() == "1.0 first" else "Via begins with " + entries[0]


def has_via(received):
    via = received.get("Via", "")
    return None if re.match(r"(HTTP/)?1\.1 \S", via) else "Via: %s" % (via or "none")


def loop(play):
    """The request comes back as it was passed on."""
    via = play.requests()[0].get("Via", "1.1 tinyweb")
    play.client.send(play.fill_in(ask("Via: " + via, more="/again")))
    play.client.expect(Reply(REFUSED))
    play.asked((1,))


def no_connection_options(received):
    words = ", ".join(received.all("Connection")).lower()
    return "Connection: " + words if "mine" in words or "x-" in words else None


FIELDS = [
    Case("via", "9110 7.6.3", MUST, "a gateway adds itself to Via of requests",
         [ok()], ask(), SAID, Received(has_via)),
    Case("via-more", "9110 7.6.3", MUST, "it does so behind those that are there",
         [ok()], ask("Via: 1.0 first"), SAID, Received(via_is_last)),
    Case("loop", "9110 7.6", USE, "a request that has been here before is refused",
         [ok()], ask(), SAID, loop),
    Case("connection-named", "9110 7.6.1", MUST, "fields that Connection names are not passed on",
         [ok()], ask("Connection: X-Mine", "X-Mine: 1"), SAID,
         Received(lacks("X-Mine"), no_connection_options)),
    Case("connection-lines", "9110 7.6.1", MUST, "all lines of Connection count, in any case",
         [ok()], ask("Connection: x-one", "X-ONE: 1", "Connection: ,X-Two ,", "x-two: 2"), SAID,
         Received(lacks("X-One", "X-Two"), no_connection_options)),
    Case("connection-host", "9110 7.6.1", USE, "Connection takes neither Host nor the framing away",
         [ok()], post("Connection: Host, Content-Length", "Content-Length: 3", body=b"abc"),
         refused_or_received(has("Host", "t"), content(b"abc"))),
    Case("hop-keep-alive", "9110 7.6.1", SHOULD, "Keep-Alive of a request is not passed on",
         [ok()], ask("Keep-Alive: timeout=5"), SAID, Received(lacks("Keep-Alive"))),
    Case("hop-proxy-connection", "9110 7.6.1", SHOULD, "Proxy-Connection is not passed on",
         [ok()], ask("Proxy-Connection: keep-alive"), SAID, Received(lacks("Proxy-Connection"))),
    Case("hop-te", "9110 10.1.4", MUST, "TE is for this connection alone",
         [ok()], ask("TE: trailers, deflate;q=0.5", "Connection: TE"), SAID,
         Received(either(lacks("TE"), has("TE", "trailers")))),
    Case("hop-upgrade", "9110 7.6.1", SHOULD, "Upgrade to what is not allowed is not passed on",
         [ok()], ask("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAAA"),
         SAID, Received(lacks("Upgrade"))),
    Case("unknown-request", "9110 5.1", MUST, "fields of requests that are not known are passed on",
         [ok()], ask("X-Unknown: some thing"), SAID, Received(has("X-Unknown", "some thing"))),
    Case("unknown-answer", "9110 5.1", MUST, "fields of answers that are not known are passed on",
         [ok(HELLO, "X-Unknown: some thing")], ask(), Reply(200, field("X-Unknown", "some thing"))),
    Case("order-request", "9110 5.3", MUST, "the order of a field's lines is kept",
         [ok()], ask("X-List: a", "X-Other: o", "X-List: b"), SAID, Received(has("X-List", "a",
         "b"))),
    Case("order-answer", "9110 5.3", MUST, "the order of a field's lines is kept in answers",
         [ok(HELLO, "X-List: a", "X-Other: o", "X-List: b")], ask(),
         Reply(200, lambda answer, _: None if answer.get("X-List") == "a, b"
               else "X-List: " + answer.get("X-List", "none"))),
    Case("cookies", "9110 5.3", USE, "lines of Set-Cookie are never joined",
         [ok(HELLO, "Set-Cookie: a=1", "Set-Cookie: b=2")], ask(),
         Reply(200, lambda answer, _: None if answer.all("Set-Cookie") == ["a=1", "b=2"]
               else "Set-Cookie: " + answer.get("Set-Cookie", "none"))),
    Case("octets", "9110 5.5", USE, "values with octets above ASCII are passed on as they are",
         [ok(HELLO, b"X-Name: \xe4\xb8\xad")], ask(b"X-Name: \xe4\xb8\xad"),
         Reply(200, field("X-Name", "\xe4\xb8\xad")), Received(has("X-Name", "\xe4\xb8\xad"))),
    Case("hop-answer", "9110 7.6.1", MUST, "fields that Connection of an answer names end here",
         [ok(HELLO, "Connection: X-Mine", "X-Mine: 1")], ask(),
         Reply(200, body(HELLO), absent("X-Mine"),
               lambda answer, _: "Connection: x-mine" if "x-mine" in answer.words("Connection")
               else None)),
    Case("hop-answer-known", "9110 7.6.1", SHOULD, "Keep-Alive of an answer ends here",
         [ok(HELLO, "Keep-Alive: timeout=77")], ask(),
         Reply(200, lambda answer, _: "passes on Keep-Alive" if "77" in answer.get("Keep-Alive")
               else None)),
    Case("close-answer", "9110 7.6.1", MUST, "close of the origin is not the client's",
         [[ok(HELLO, "Connection: close"), CLOSE]], ask(), SAID, ask(more="/2"), SAID),
    Case("date", "9110 6.6.1", MUST, "an answer without Date gets one",
         [ok()], ask(), Reply(200, present("Date"))),
    Case("date-kept", "9110 6.6.1", USE, "the Date that the origin has said is kept",
         [ok(HELLO, DATE)], ask(), Reply(200, field("Date", DATE[6:]))),
    Case("validators-kept", "9110 7.7", MUST, "validators and what describes the content are kept",
         [ok(HELLO, 'ETag: W/"1"', "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
             "Content-Type: text/x-any; a=b", "Content-Language: xx", "Vary: X-One", "Age: 7")],
         ask(), Reply(200, field("ETag", 'W/"1"'), field("Content-Type", "text/x-any; a=b"),
                      field("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
                      field("Content-Language", "xx"), field("Vary", "X-One"))),
    Case("head-16k", "9110 5.4", USE, "a head of 14 KiB is passed on",
         [ok(HELLO, *("X-Long-%d: %s" % (number, "x" * 1000) for number in range(14)))], ask(),
         Reply(200, present("X-Long-13"), body(HELLO))),
    Case("version-request", "9112 2.3", MUST, "requests carry the gateway's version",
         [ok()], ask(version="HTTP/1.0"), Reply(200), Received(version("HTTP/1.1"))),
    Case("version-answer", "9112 2.3", MUST, "answers carry the gateway's version",
         [[reply(200, HELLO, version="1.0"), CLOSE]], ask(),
         Reply(200, body(HELLO), answered("HTTP/1.1"))),
    Case("max-forwards-0", "9110 7.6.2", MUST, "OPTIONS with Max-Forwards: 0 ends here",
         [ok()], ask("Max-Forwards: 0", method="OPTIONS"), Reply(ANY), NEVER),
    Case("max-forwards-5", "9110 7.6.2", MUST, "Max-Forwards of OPTIONS is counted down",
         [ok()], ask("Max-Forwards: 5", method="OPTIONS"), Reply(200),
         Received(has("Max-Forwards", "4"))),
]


# --- the target

TARGETS = [
    Case("absolute-form", "9112 3.2.1", MUST, "the absolute form is passed on in origin-form",
         [ok()], b"GET http://t{t} HTTP/1.1\r\nHost: t\r\n\r\n", SAID, Received(target())),
    Case("absolute-form-host", "9112 3.2.2", MUST, "its host is the one that is passed on",
         [ok()], b"GET http://right.test{t} HTTP/1.1\r\nHost: wrong.test\r\n\r\n", SAID,
         Received(has("Host", "right.test"))),
    Case("target-bytes", "9110 7.7", USE, "path and query are passed on as they are",
         [ok()], ask(more="/%41%2f%2F;a=b//c?x=%20&y=+%3f?z"), SAID,
         Received(target("/%41%2f%2F;a=b//c?x=%20&y=+%3f?z"))),
    Case("target-dots", "9110 7.7", USE, "what would leave the place that is passed on is not",
         [ok()], ask(more="/../../../secret"), Reply(ANY),
         lambda play: play.asked((0,)) if play.client.answers[-1].status >= 300 else
         play.received((lambda received: "asks for " + received.target,))),
    Case("connect", "9110 9.3.6", USE, "CONNECT is refused",
         [ok()], b"CONNECT t:80 HTTP/1.1\r\nHost: t:80\r\n\r\n", Reply(REFUSED), NEVER),
]


# --- the framing of requests

def faulty(name, section, level, rule, data, *more):
    """What is refused is never passed on."""
    return Case(name, section, level, rule, [ok()], data, Reply(REFUSED, or_closed=True), *more,
    NEVER)


REQUESTS = [
    Case("length", "9112 6", MUST, "content of a length is passed on whole",
         [ok()], post("Content-Length: 5", body=b"12345"), SAID, Received(content(b"12345"))),
    Case("chunks", "9112 7.1", MUST, "content in chunks is passed on whole",
         [ok()], post("Transfer-Encoding: chunked", body=b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), SAID,
         Received(content(b"abcde"))),
    Case("chunks-case", "9112 7", MUST, "names of transfer codings are compared without case",
         [ok()], post("Transfer-Encoding: Chunked", body=b"3\r\nabc\r\n0\r\n\r\n"), SAID,
         Received(content(b"abc"))),
    Case("chunk-extensions", "9112 7.1.1", MUST, "extensions of chunks are ignored",
         [ok()], post("Transfer-Encoding: chunked",
                      body=b'3;a=b;c="d;e"\r\nabc\r\n0;last\r\n\r\n'), SAID,
         Received(content(b"abc"))),
    Case("trailers", "9110 6.5.1", MUST, "trailers do not become fields of the head",
         [ok()], post("Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
         SAID, Received(content(b"abc"), lacks("X-Sum"))),
    Case("get-content", "9112 6", MUST, "content of a GET is passed on framed, or is dropped",
         [ok()], ask("Content-Length: 3", body=b"abc"), Reply(ANY),
         lambda play: play.requests() and play.received((either(content(b"abc"), content(b"")),)),
         ask(more="/2"), Reply(ANY, or_closed=True)),
    Case("length-and-chunks", "9112 6.1", MUST, "with both, the chunks count and no length goes on",
         [ok()], post("Content-Length: 4", "Transfer-Encoding: chunked",
         body=b"1\r\na\r\n0\r\n\r\n"),
         refused_or_received(content(b"a"), lacks("Content-Length")),
         ask(more="/2"), CLOSED),
    faulty("length-two", "9112 6.3", MUST, "two lengths that differ are refused",
           post("Content-Length: 3", "Content-Length: 4", body=b"abcd")),
    Case("length-same", "9112 6.3", MUST, "a length that is said twice is refused, or said once",
         [ok()], post("Content-Length: 3, 3", body=b"abc"),
         refused_or_received(has("Content-Length", "3"), content(b"abc"))),
    faulty("length-sign", "9112 6.3", MUST, "a length with a sign is none",
           post("Content-Length: +3", body=b"abc")),
    faulty("length-hex", "9112 6.3", MUST, "a length of letters is none",
           post("Content-Length: 0x3", body=b"abc")),
    faulty("length-huge", "9110 8.6", MUST, "a length beyond 64 bits is not cut down to them",
           post("Content-Length: 18446744073709551619", body=b"abc")),
    Case("chunk-huge", "9112 7.1", MUST, "the size of a chunk is not cut down to 64 bits",
         [ok()], post("Transfer-Encoding: chunked", body=b"10000000000000003\r\nabc\r\n0\r\n\r\n"),
         Reply(REFUSED, or_closed=True), lambda play: play.requests() and play.received((is_cut,))),
    Case("chunk-garbage", "9112 7.1", MUST, "a chunk without a size is the end",
         [ok()], post("Transfer-Encoding: chunked", body=b"3\r\nabc\r\nzz\r\n\r\n0\r\n\r\n"),
         Reply(REFUSED, or_closed=True), lambda play: play.requests() and play.received((is_cut,))),
    Case("chunk-overrun", "9112 7.1", MUST, "bytes behind a chunk are the end",
         [ok()], post("Transfer-Encoding: chunked", body=b"3\r\nabcd\r\n0\r\n\r\n"),
         Reply(REFUSED, or_closed=True), lambda play: play.requests() and play.received((is_cut,))),
    Case("chunks-10", "9112 6.1", MUST, "chunks in HTTP/1.0 are faulty framing: the end",
         [ok()], post("Transfer-Encoding: chunked", "Connection: keep-alive", version="HTTP/1.0",
                      body=b"3\r\nabc\r\n0\r\n\r\n" + b"GET {t}/2 HTTP/1.1\r\nHost: t\r\n\r\n"),
         Reply(ANY, or_closed=True), CLOSED),
    faulty("coding-unknown", "9112 6.1", SHOULD, "a coding that is not understood is refused",
           post("Transfer-Encoding: x-any, chunked", body=b"3\r\nabc\r\n0\r\n\r\n")),
    faulty("coding-like", "9112 6.3", MUST, "xchunked is not chunked",
           post("Transfer-Encoding: xchunked", body=b"3\r\nabc\r\n0\r\n\r\n")),
    faulty("coding-not-last", "9112 6.3", MUST, "chunked that is not last is refused",
           post("Transfer-Encoding: chunked, identity", body=b"3\r\nabc\r\n0\r\n\r\n")),
    faulty("coding-blank", "9112 5.1", MUST, "a blank before the colon is refused",
           post("Transfer-Encoding : chunked", body=b"3\r\nabc\r\n0\r\n\r\n")),
    Case("fold", "9112 5.2", MUST, "a folded line is refused, or its fold becomes blanks",
         [ok()], ask("X-Fold: a\r\n b"), refused_or_received(
             lambda received: None if b"\r\n b" not in received.head else "passes on the fold")),
    Case("nul", "9110 5.5", MUST, "NUL in a value is refused, or replaced",
         [ok()], ask(b"X-Nul: a\0b"), refused_or_received(
             lambda received: "passes on NUL" if b"\0" in received.head else None)),
    Case("bare-cr", "9110 5.5", MUST, "a bare CR in a value is refused, or replaced",
         [ok()], ask(b"X-Cr: a\rb"), refused_or_received(
             lambda received: "passes on CR" if b"a\rb" in received.head else None)),
    Case("cut-length", "9112 8", USE, "content that the client cuts is not completed",
         [ok()], post("Content-Length: 10", body=b"12345"), Wait(0.1), END, Wait(0.2),
         lambda play: play.requests() and play.received((is_cut,))),
    Case("cut-chunks", "9112 8", MUST, "chunks that the client cuts are not completed",
         [ok()], post("Transfer-Encoding: chunked", body=b"5\r\n12345\r\n"), Wait(0.1), END,
         Wait(0.2), lambda play: play.requests() and play.received((is_cut,))),
    Case("pipelined", "9112 9.3.2", MUST, "requests in a row are answered in that order",
         [ok(b"1"), ok(b"2"), ok(b"3")], ask() + ask(more="/2") + ask(more="/3"),
         Reply(200, body(b"1")), Reply(200, body(b"2")), Reply(200, body(b"3"))),
    Case("upload-streams", "9110 7.6", USE, "content goes on while it comes",
         [[READ, ok()]], post("Content-Length: 20000", body=b"x" * 10000),
         Received(lambda received: None), Wait(0.1),
         lambda play: None if play.requests()[0].body else play.fail("holds the content back"),
         b"x" * 10000, SAID),
]


# --- Expect, early answers, interim ones

def same_connection_is_not_used(play):
    first, second = play.requests()[:2]
    if first.connection == second.connection:
        raise Broken("uses the connection again")


def expect_sent(*fields):
    return post("Content-Length: 5", "Expect: 100-continue", *fields)


def continue_if_asked(exchange):
    if "Expect" in exchange.request:
        exchange.send(head(100, reason="Continue"))


INTERIM = [
    Case("expect", "9110 10.1.1", MUST, "who waits for 100 is not left waiting",
         [[continue_if_asked, READ, ok()]], expect_sent(), Reply(100, interim=True), b"12345", SAID,
         Received(content(b"12345"))),
    Case("continue-unasked", "9110 15.2", MUST, "a 1xx that nobody has asked for is understood",
         [[head(100, reason="Continue"), ok()]], ask(), SAID),
    Case("expect-silent", "9110 10.1.1", USE, "an origin that knows no 100 leaves nobody waiting",
         [[READ, ok()]], expect_sent(), Reply(100, interim=True), b"12345", SAID),
    Case("expect-early", "9110 10.1.1", USE, "an early no of the origin costs no upload",
         [[UNREAD, reply(401, b"no"), CLOSE]], expect_sent(), Reply(401, no_interim)),
    Case("expect-10", "9110 10.1.1", MUST, "in HTTP/1.0 the expectation is ignored",
         [ok()], post("Content-Length: 5", "Expect: 100-continue", version="HTTP/1.0",
                      body=b"12345"), Reply(200, no_interim)),
    Case("early-answer", "9112 9.3", USE, "an early answer is passed on while content still comes",
         [[UNREAD, reply(413, b"too much")]], post("Content-Length: 200000", body=b"x" * 1000),
         Reply(413, body(b"too much"))),
    Case("early-answer-connection", "9112 9.3", USE,
         "... and its connection takes no other request",
         [[UNREAD, reply(413, b"too much")], ok()],
         post("Content-Length: 60", body=b"x" * 10), Reply(413), NEW, ask(more="/2"), Reply(200),
         same_connection_is_not_used),
    Case("early-hints", "9110 15.2", USE, "103 reaches the client",
         [[head(103, "Link: </a.css>; rel=preload", reason="Early Hints"), ok()]], ask(),
         Reply(103, field("Link", "</a.css>; rel=preload"), interim=True), SAID),
    Case("interim-10", "9110 15.2", MUST, "HTTP/1.0 gets no 1xx",
         [[head(103, "Link: </a.css>; rel=preload", reason="Early Hints"), ok()]],
         ask(version="HTTP/1.0"), Reply(200, body(HELLO), no_interim)),
    Case("switch-unasked", "9110 7.8", MUST, "101 that nobody has asked for is not passed on",
         [[head(101, "Upgrade: x", "Connection: Upgrade", reason="Switching"), Pause(0.3), CLOSE]],
         ask(), Reply(ERRORS)),
]


# --- the framing of answers

EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"


def next_is_good(*steps):
    """On the same connection of the client and on another one."""
    return steps + (ask(more="/2"), Reply(200, body(b"good"), or_closed=True), NEW, ask(more="/3"),
                    Reply(200, body(b"good")))


def no_control(answer, _before):
    text = repr(answer.fields)
    return "passes it on" if "\\x00" in text or "\\r" in text or "\\n" in text else None


def good_or(errors, *checks):
    def step(play):
        play.client.expect(Reply((200, *errors)))
        answer = play.client.answers[-1]
        wrong = answer.status == 200 and next(filter(None, (one(answer, []) for one in checks)),
        None)
        if wrong:
            raise Broken(wrong)
    return step


ANSWERS = [
    Case("head", "9112 6.3", MUST, "the answer to HEAD has no content, and keeps its length",
         [head(200, "Content-Length: 5"), ok(b"good")], ask(method="HEAD"),
         Reply(200, field("Content-Length", "5"), head=True), *next_is_good()),
    Case("head-content", "9112 6.3", MUST, "content behind an answer to HEAD is no other answer",
         [head(200, "Content-Length: %d" % len(EVIL)) + EVIL, ok(b"good")], ask(method="HEAD"),
         Reply(200, head=True), *next_is_good()),
    Case("304-content", "9112 6.3", MUST, "content behind a 304 is no other answer",
         [head(304, 'ETag: "1"', "Content-Length: %d" % len(EVIL)) + EVIL, ok(b"good")],
         ask('If-None-Match: "1"'), Reply(304), *next_is_good()),
    Case("204-content", "9112 6.3", MUST, "content behind a 204 is no other answer",
         [head(204) + EVIL, ok(b"good")], ask(), Reply(204), *next_is_good()),
    Case("surplus", "9112 6.3", MUST, "bytes behind an answer are no other answer",
         [ok(b"first") + EVIL, ok(b"good")], ask(), Reply(200, body(b"first")), *next_is_good()),
    Case("unasked", "9112 9.2", MUST, "what comes on an idle connection is no answer",
         [[ok(b"first"), Pause(0.1), reply(408, b"slow"), CLOSE], ok(b"good")], ask(),
         Reply(200, body(b"first")), Wait(0.3), *next_is_good()),
    Case("until-close", "9112 6.3", MUST, "without a length, content goes until the end",
         [[head(200) + b"some", Pause(0.05), b"thing", CLOSE]], ask(),
         Reply(200, body(b"something"))),
    Case("until-close-10", "9112 6.3", MUST, "... and to HTTP/1.0, too",
         [[head(200) + b"some", Pause(0.05), b"thing", CLOSE]], ask(version="HTTP/1.0"),
         Reply(200, body(b"something"), absent("Transfer-Encoding")), CLOSED),
    Case("until-reset", "9112 8", USE, "... and what a reset cuts is not completed",
         [[head(200) + b"some", Pause(0.1), CUT_OFF]], ask(), CUT),
    Case("chunked-answer", "9112 7.1", MUST, "chunks are passed on whole, or unpacked",
         [chunked(b"abc", b"de")], ask(), Reply(200, body(b"abcde"))),
    Case("answer-trailers", "9110 6.5.1", MUST,
         "trailers of an answer do not become fields of its head",
         [chunked(b"abc", b"de", trailers=["X-Sum: 1"])], ask(),
         Reply(200, body(b"abcde"), absent("X-Sum"))),
    Case("chunked-to-10", "9112 6.1", MUST, "HTTP/1.0 gets no chunks",
         [chunked(b"abc", b"de")], ask(version="HTTP/1.0"),
         Reply(200, body(b"abcde"), absent("Transfer-Encoding")), CLOSED),
    Case("cut-answer", "9112 8", MUST, "an answer that is cut is not completed",
         [[head(200, "Content-Length: 10") + b"12345", Pause(0.05), CLOSE]], ask(), CUT),
    Case("cut-chunked", "9112 8", MUST, "chunks that are cut are not completed",
         [[chunked(b"12345", ends=False), Pause(0.05), CLOSE]], ask(), CUT),
    Case("cut-chunked-reset", "9112 8", MUST, "chunks that a reset cuts are not completed",
         [[chunked(b"12345", ends=False), Pause(0.05), CUT_OFF]], ask(), CUT),
    Case("chunk-garbage-answer", "9112 8", MUST,
         "chunks that break off in nonsense are not completed",
         [[chunked(b"12345", ends=False) + b"zz\r\nevil\r\n0\r\n\r\n", Pause(0.05), CLOSE]],
         ask(), CUT),
    Case("answer-two-lengths", "9112 6.3", MUST, "an answer with two lengths is a 502",
         [[head(200, "Content-Length: 3", "Content-Length: 4") + b"abcd", Pause(0.3), CLOSE]],
         ask(),
         BAD_GATEWAY),
    Case("answer-bad-length", "9112 6.3", MUST, "an answer with a length that is none is a 502",
         [[head(200, "Content-Length: 3x") + b"abc", Pause(0.3), CLOSE]], ask(), BAD_GATEWAY),
    Case("answer-huge-length", "9110 8.6", MUST, "a length beyond 64 bits is not cut down to them",
         [[head(200, "Content-Length: 18446744073709551619") + b"abc", Pause(0.2), CLOSE]], ask(),
         CUT),
    Case("answer-length-and-chunks", "9112 6.3", MUST,
         "with both, the chunks count and no length is passed on; or a 502",
         [[head(200, "Content-Length: 4", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n\r\n",
           Pause(0.2), CLOSE]], ask(),
         good_or(ERRORS, body(b"a"))),
    Case("answer-fold", "9112 5.2", MUST, "a folded line is a 502, or its fold becomes blanks",
         [ok(HELLO, b"X-Fold: a\r\n b")], ask(),
         good_or((502,), body(HELLO), lambda answer, _: None if re.match(r"a +b\Z",
         answer.get("X-Fold"))
                     else "X-Fold: " + answer.get("X-Fold", "none"))),
    Case("answer-blank-colon", "9112 5.1", MUST, "a blank before the colon is taken away; or a 502",
         [ok(HELLO, b"X-Blank : a")], ask(), good_or(ERRORS, body(HELLO))),
    Case("answer-nul", "9110 5.5", MUST, "NUL in a value is replaced; or a 502",
         [ok(HELLO, b"X-Nul: a\0b")], ask(), good_or(ERRORS, no_control)),
    Case("answer-cr", "9110 5.5", MUST, "a bare CR in a value is replaced; or a 502",
         [ok(HELLO, b"X-Cr: a\rb")], ask(), good_or(ERRORS, no_control)),
    Case("answer-no-http", "9110 15.6.3", USE, "what is no HTTP is a 502",
         [[b"hello\r\n\r\nthere", Pause(0.2), CLOSE]], ask(), BAD_GATEWAY),
    Case("answer-status", "9110 15", USE, "a status of four digits is a 502",
         [[b"HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\nx", Pause(0.2), CLOSE]], ask(),
         BAD_GATEWAY),
    Case("answer-cut-head", "9110 15.6.3", USE, "half a head is a 502",
         [[b"HTTP/1.1 200 OK\r\nX-Half: ", CLOSE]], ask(), BAD_GATEWAY),
    Case("answer-none", "9110 15.6.3", USE, "no answer at all is a 502",
         [[CLOSE]], ask(), BAD_GATEWAY),
    Case("slow-head", "9112 3", USE, "a head that comes byte by byte is understood",
         [[Drip(ok(b"good"), 0.001)]], ask(), Reply(200, body(b"good"))),
    Case("answer-streams", "9110 7.6", USE, "content is passed on while it comes",
         lambda play: [[head(200, "Content-Length: 11") + b"first", play.gate, b"second"]],
         ask(), lambda play: play.expect_part(b"first"), lambda play: play.gate.open(),
         lambda play: play.expect_part(b"second")),
]


# --- connections to the origin, and what goes wrong with them

def leave(play):
    """When the origin has the request, and holds the answer back."""
    play.received(())
    play.client.reset()
    held = play.origin.connections[play.requests()[0].connection]
    if not held.has_ended.wait(play.seconds):
        raise Broken("goes on waiting")


CONNECTIONS = [
    Case("kept", "9112 9.3", USE, "connections to the origin are used again",
         [ok()], ask(), SAID, NEW, ask(more="/2"), SAID,
         lambda play: None if play.requests()[-1].number else play.fail("connects anew")),
    Case("stale", "9112 9.3.1", USE, "a kept connection that the origin ends costs no request",
         [[ok(), CLOSE], ok(b"good")], ask(), SAID, Wait(0.1), ask(more="/2"),
         Reply(200, body(b"good"))),
    Case("stale-late", "9112 9.3.1", USE, "... not even when it ends just as the next one comes",
         [ok(), [CUT_OFF], ok(b"good")], ask(), SAID, ask(more="/2"), Reply(200, body(b"good"))),
    Case("retry-post", "9110 9.2.2", MUST, "POST is never sent twice",
         [ok(), [CUT_OFF], ok(b"twice")], ask(), SAID,
         post("Content-Length: 3", body=b"abc"), Reply(ERRORS, or_closed=True),
         Asked(2)),
    Case("retry-partial", "9110 9.2.2", MUST, "an answer that has begun is not asked for again",
         [[head(200, "Content-Length: 10") + b"12345", Pause(0.1), CUT_OFF], ok(b"0123456789")],
         ask(), CUT),
    Case("abort", "9110 7.6", USE, "a client that resets ends the wait for the origin",
         lambda play: [[play.gate, ok()]], ask(), leave),
    Case("half-close", "9112 9.6", USE, "a client that has ended its side gets its answer",
         [[Pause(0.2), ok()]], ask(), END, SAID),
]


# --- Upgrade

WEBSOCKET = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
SWITCHES = head(101, "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", reason="Switching Protocols")


def echo(exchange):
    """Whatever comes goes back, and so does the end."""
    while True:
        data, exchange.buffer = exchange.buffer, b""
        if data:
            exchange.send(data)
        exchange.take()


def has_connection_upgrade(answer, _before):
    return None if "upgrade" in answer.words("Connection") else "Connection without upgrade"


UPGRADES = [
    Case("upgrade", "9110 7.8", USE, "WebSockets are let through where they are allowed",
         [[SWITCHES, echo]], ask(*WEBSOCKET),
         Reply(101, field("Upgrade", "websocket"), has_connection_upgrade, interim=True),
         Received(has("Upgrade", "websocket")), b"one\0\r\n",
         lambda play: play.expect_part(b"one\0\r\n"), b"\x81\x02two",
         lambda play: play.expect_part(b"\x81\x02two"), place=UPGRADE),
    Case("upgrade-early", "9110 7.8", USE, "bytes right behind the 101 are let through, too",
         [[SWITCHES + b"first", echo]], ask(*WEBSOCKET), Reply(101, interim=True),
         lambda play: play.expect_part(b"first"), place=UPGRADE),
    Case("upgrade-end", "9110 7.8", USE, "the origin's end of it is the client's",
         [[SWITCHES + b"bye", CLOSE]], ask(*WEBSOCKET), Reply(101, interim=True),
         lambda play: play.expect_part(b"bye"), CLOSED, place=UPGRADE),
    Case("upgrade-refused", "9110 7.8", USE, "without a 101, HTTP goes on",
         [ok()], ask(*WEBSOCKET), SAID, ask(more="/2"), SAID, place=UPGRADE),
    Case("upgrade-h2c", "9110 7.8", USE, "no other protocol is let through",
         [ok()], ask("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAAA"),
         SAID, Received(lacks("Upgrade")), place=UPGRADE),
    Case("upgrade-10", "9110 7.8", MUST, "Upgrade of HTTP/1.0 is ignored",
         [ok()], ask(*WEBSOCKET, version="HTTP/1.0"), Reply(200), Received(lacks("Upgrade")),
         place=UPGRADE),
]

CASES = FIELDS + TARGETS + REQUESTS + INTERIM + ANSWERS + CONNECTIONS + UPGRADES
