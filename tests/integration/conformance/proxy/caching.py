# SPDX-License-Identifier: MIT
"""What a shared cache keeps, for how long, and for whom (RFC 9111, RFC 5861)."""

import re
import threading
import time
from email.utils import formatdate

from conformance import client
from conformance.client import Broken
from conformance.proxy.case import (CACHE, CUT, NEW, Asked, Case, Received, Reply, Wait, ask, has,
                                    lacks, post)
from conformance.row import ANY, MUST, SHOULD, USE, absent, body, field, present
from origin import CLOSE, RESET, Pause, chunked, head, ok, reply

FRESH = "Cache-Control: max-age=60"
STALE, SHORT = "Cache-Control: max-age=0", "Cache-Control: max-age=1"
TAG = 'ETag: "1"'
MODIFIED = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
OLD, SECOND = b"first answer", b"second one"
IS_OLD, IS_NEW = Reply(200, body(OLD)), Reply(200, body(SECOND))
TWICE = (ask(), IS_OLD, NEW, ask())
LATER = (ask(), IS_OLD, Wait(2.2), NEW, ask())  # when SHORT is over


def date(seconds):
    """HTTP-date so far from now."""
    return formatdate(time.time() + seconds, usegmt=True)


def cached(name, section, level, rule, replies, *steps):
    return Case(name, section, level, rule, replies, *steps, place=CACHE)


def stored(name, section, level, rule, *fields):
    """A second client is given the first answer."""
    return cached(name, section, level, rule, [ok(OLD, *fields), ok(SECOND, *fields)], *TWICE,
    IS_OLD,
                  Asked(1))


def not_stored(name, section, level, rule, *fields, request=()):
    """A second client is not."""
    return cached(name, section, level, rule, [ok(OLD, *fields), ok(SECOND, *fields)],
                  ask(*request), IS_OLD, NEW, ask(), IS_NEW)


def age(least, most):
    def check(answer, _before):
        found = answer.all("Age")
        if len(found) != 1 or not re.match(r"\d+\Z", found[0]):
            return "Age: " + answer.get("Age", "none")
        return None if least <= int(found[0]) <= most else "Age: " + found[0]
    return check


STORING = [
    stored("cached-fresh", "9111 4", USE, "a fresh answer is used again", FRESH),
    stored("cached-expires", "9111 4.2.1", USE, "Expires says how long, too",
           "Expires: Thu, 01 Jan 2099 00:00:00 GMT"),
    stored("cached-s-maxage", "9111 5.2.2.10", USE, "s-maxage counts before max-age",
           "Cache-Control: max-age=0, s-maxage=60"),
    stored("cached-public-authorized", "9111 3.5", USE,
           "public is for others, too", FRESH + ", public"),
    stored("cached-max-age-huge", "9111 1.2.2", USE, "seconds beyond any integer are many",
           "Cache-Control: max-age=99999999999999999999"),
    stored("cached-unknown-directive", "9111 5.2", MUST,
           "a directive that is not known, but looks like another one, is ignored",
           FRESH + ", xno-store, no-storex, my-private"),
    not_stored("cached-no-store", "9111 5.2.2.5", MUST, "no-store is kept by nobody",
               FRESH + ", no-store"),
    not_stored("cached-private", "9111 5.2.2.7", MUST,
               "private is for nobody else", FRESH + ", private"),
    not_stored("cached-no-cache", "9111 5.2.2.4", MUST, "no-cache is asked for again",
               FRESH + ", no-cache"),
    not_stored("cached-directive-case", "9111 5.2", MUST, "directives are compared without case",
               FRESH, "Cache-Control: NO-Store"),
    not_stored("cached-directive-lines", "9110 5.3", MUST, "all lines of Cache-Control count",
               FRESH, "Cache-Control: x", "Cache-Control: private"),
    not_stored("cached-directive-tab", "9110 5.6.1", MUST, "tabs and empty elements are nothing",
               "Cache-Control: ,\tno-store ,,", FRESH),
    not_stored("cached-authorization", "9111 3.5", MUST,
               "what somebody was let in for is for nobody else",
               FRESH, request=("Authorization: Basic YTpi",)),
    cached("cached-authorization-own", "9111 3.5", MUST,
           "... nor does it take what others were given",
           [ok(OLD, FRESH), ok(SECOND, FRESH)], ask("Authorization: Basic YTpi"), IS_OLD, NEW,
           ask("Authorization: Basic Yzpk"), IS_NEW),
    not_stored("cached-s-maxage-0", "9111 5.2.2.10", MUST, "s-maxage=0 counts before max-age",
               FRESH + ", s-maxage=0"),
    not_stored("cached-expired", "9111 5.3", MUST, "what has expired is stale",
               "Expires: Sun, 06 Nov 1994 08:49:37 GMT"),
    not_stored("cached-expires-0", "9111 5.3", MUST,
               "Expires that is no date is over", "Expires: 0",
               MODIFIED),
    not_stored("cached-max-age-before-expires", "9111 5.3", MUST,
               "with max-age, Expires is ignored",
               STALE, "Expires: Thu, 01 Jan 2099 00:00:00 GMT"),
    not_stored("cached-max-age-invalid", "9111 4.2.1", USE, "a lifetime that is no number is none",
               "Cache-Control: max-age=x60"),
    not_stored("cached-set-cookie", "9111 7.3", USE,
               "a cookie is for one client", FRESH, "Set-Cookie: a=b"),
    not_stored("cached-plain", "9111 4.2.2", USE,
               "what says nothing of caching is asked for again"),
    cached("cached-error", "9111 3", MUST, "a 500 that says nothing of caching is asked for again",
           [reply(500, b"no"), ok(SECOND)], ask(), Reply(500), NEW, ask(), IS_NEW),
    cached("cached-not-found", "9111 3", USE, "a 404 with a lifetime is used again",
           [reply(404, OLD, FRESH), ok(SECOND)], ask(), Reply(404), NEW, ask(),
           Reply(404, body(OLD)), Asked(1)),
    cached("cached-redirect", "9111 3", USE, "a redirection with a lifetime is used again",
           [reply(302, OLD, FRESH, "Location: /x"), ok(SECOND)], ask(), Reply(302), NEW, ask(),
           Reply(302, field("Location", "/x")), Asked(1)),
    cached("cached-chunked", "9111 3.3", USE, "an answer in chunks is used again",
           [chunked(b"first ", b"answer", fields=(FRESH,)), ok(SECOND)], *TWICE, IS_OLD, Asked(1)),
    cached("cached-cut", "9111 3.3", MUST, "an answer that is cut is not taken for a whole one",
           [[head(200, FRESH, "Content-Length: 12") + b"first", Pause(0.05), CLOSE], ok(SECOND)],
           ask(), CUT, NEW, ask(), IS_NEW),
    cached("cached-cut-chunked", "9111 3.3", MUST, "... nor one in chunks",
           [[chunked(b"first", fields=(FRESH,), ends=False), Pause(0.05), CLOSE], ok(SECOND)],
           ask(), CUT, NEW, ask(), IS_NEW),
    cached("cached-cut-reset", "9111 3.3", MUST, "... nor one without a length that a reset cuts",
           [[head(200, FRESH) + b"first", Pause(0.05), RESET], ok(SECOND)], ask(),
           CUT, NEW, ask(), IS_NEW),
    cached("cached-hop-fields", "9111 3.1", MUST, "what Connection names is not kept",
           [ok(OLD, FRESH, "Connection: X-Mine", "X-Mine: 1", "X-Other: 2")], ask(), IS_OLD, NEW,
           ask(), Reply(200, absent("X-Mine"), field("X-Other", "2"))),
]


AGES = [
    cached("cached-age", "9111 4", MUST, "what was kept has an Age",
           [ok(OLD, FRESH)], ask(), IS_OLD, Wait(1.2), NEW, ask(), Reply(200, age(1, 4)), Asked(1)),
    cached("cached-age-before", "9111 4.2.3", MUST, "... with what it had when it came",
           [ok(OLD, FRESH, "Age: 30")], ask(), IS_OLD, Wait(1.2), NEW, ask(),
           Reply(200, age(31, 34)), Asked(1)),
    not_stored("cached-age-over", "9111 4.2", MUST,
               "what comes with a greater Age than lifetime is stale",
               FRESH, "Age: 100"),
    cached("cached-age-date", "9111 4.2.3", MUST, "an old Date makes an answer old",
           lambda _: [ok(OLD, FRESH, "Date: " + date(-3600)), ok(SECOND)], ask(), IS_OLD, NEW,
           ask(),
           IS_NEW),
    cached("cached-age-date-counts", "9111 4.2.3", MUST, "... by as much as it is",
           lambda _: [ok(OLD, FRESH, "Date: " + date(-20)), ok(SECOND)], ask(), IS_OLD, NEW, ask(),
           Reply(200, body(OLD), age(18, 25))),
    cached("cached-over", "9111 4.2", MUST, "when its lifetime is over it is asked for again",
           [ok(OLD, "Cache-Control: max-age=1"), ok(SECOND)], ask(), IS_OLD, Wait(2.2), NEW, ask(),
           IS_NEW),
    cached("cached-expires-date", "9111 4.2.1", MUST, "a lifetime by Expires begins at Date",
           lambda _: [ok(OLD, "Expires: " + date(30), "Date: " + date(40)), ok(SECOND)], ask(),
           IS_OLD, NEW, ask(), IS_NEW),
]


# --- who is given it

def by(name):
    """Answers that say what was received in that field, and vary by it."""
    return [[lambda exchange: exchange.send(
        ok((exchange.request.get(name) or "none").encode(), FRESH, "Vary: " + name))]]


def said(text):
    return Reply(200, body(text.encode()))


def by_host(_play):
    return [[lambda exchange: exchange.send(ok(exchange.request.get("Host").encode(), FRESH))]]


def reflects(name):
    return [[lambda exchange: exchange.send(
        ok((exchange.request.get(name) or "none").encode(), FRESH))]]


def content_back(exchange):
    exchange.send(ok(exchange.request.body or OLD, FRESH))


def by_method(exchange):
    answer = ok(OLD, FRESH)
    exchange.send(answer[:-len(OLD)] if exchange.request.method == "HEAD" else answer)


def range_or_all(exchange):
    if "Range" in exchange.request:
        exchange.send(reply(206, OLD[:5], FRESH, TAG, "Content-Range: bytes 0-4/12"))
    else:
        exchange.send(ok(OLD, FRESH, TAG))


def validated(first, then):
    """The first time with those fields; a condition is answered by a 304, with these."""
    def answer(exchange):
        if "If-None-Match" in exchange.request or "If-Modified-Since" in exchange.request:
            exchange.send(head(304, *then))
        else:
            exchange.send(ok(OLD, *first))
    return [[answer]]


KEYS = [
    cached("cached-query", "9111 2", MUST, "the query is part of the key",
           [ok(OLD, FRESH), ok(SECOND, FRESH)], ask(more="?1"), IS_OLD, NEW, ask(more="?2"),
           IS_NEW),
    cached("cached-host", "9111 2", MUST,
           "the host is part of the key", by_host, ask(host="one.test"),
           said("one.test"), NEW, ask(host="two.test"), said("two.test")),
    cached("cached-vary", "9111 4.1", MUST, "an answer that varies is for those who ask likewise",
           by("X-Kind"), ask("X-Kind: a"), said("a"), NEW, ask("X-Kind: b"), said("b"), NEW,
           ask("X-Kind: a"), said("a")),
    cached("cached-vary-kept", "9111 4.1", USE, "... and both are kept",
           by("X-Kind"), ask("X-Kind: a"), said("a"), NEW, ask("X-Kind: b"), said("b"), NEW,
           ask("X-Kind: a"), said("a"), ask("X-Kind: b"), said("b"), Asked(2)),
    cached("cached-vary-none", "9111 4.1", MUST, "... a field that is not there is another one",
           by("X-Kind"), ask(), said("none"), NEW, ask("X-Kind: b"), said("b")),
    cached("cached-vary-star", "9111 4.1", MUST, "what varies by * is for nobody else",
           [ok(OLD, FRESH, "Vary: *"), ok(SECOND, FRESH)], *TWICE, IS_NEW),
    cached("cached-head-then-get", "9111 4", MUST, "an answer to HEAD is none to GET",
           [[by_method]], ask(method="HEAD"), Reply(200, head=True), NEW, ask(), IS_OLD),
    cached("cached-get-then-head", "9111 4", USE, "HEAD is answered by what is kept of GET",
           [ok(OLD, FRESH, "X-One: 1")], ask(), IS_OLD, NEW, ask(method="HEAD"),
           Reply(200, field("X-One", "1"), field("Content-Length", "12"), head=True), Asked(1)),
    cached("cached-post", "9111 4", MUST, "unsafe methods go to the origin",
           [ok(OLD, FRESH), ok(SECOND, FRESH)], ask(), IS_OLD, NEW,
           post("Content-Length: 0"), IS_NEW),
    cached("cached-forwarded-host", "9111 7.1", USE, "fields that nobody varies by poison nothing",
           reflects("X-Forwarded-Host"), ask("X-Forwarded-Host: evil.test"), Reply(200), NEW, ask(),
           Reply(200, lambda answer, _: "is poisoned" if b"evil" in answer.body else None)),
    cached("cached-get-content", "9111 7.1", USE, "content of a GET poisons nothing",
           [[content_back]], ask("Content-Length: 4", body=b"evil"), Reply(ANY), NEW, ask(),
           Reply(200, lambda answer, _: "is poisoned" if answer.body == b"evil" else None)),
    cached("cached-only-if-cached", "9111 5.2.1.7", SHOULD,
           "only-if-cached does not reach the origin",
           [ok(OLD, FRESH)], ask("Cache-Control: only-if-cached"), Reply(504), Asked(0)),
]


# --- what makes it void

def voids(name, method, level=MUST):
    return cached(name, "9111 4.4", level, "%s voids what is kept" % method,
                  [ok(OLD, FRESH), reply(200, b"done"), ok(SECOND, FRESH)], ask(), IS_OLD,
                  post("Content-Length: 0", method=method), Reply(200, or_closed=True), NEW,
                  ask(), IS_NEW)


VOID = [
    voids("cached-void-post", "POST"),
    voids("cached-void-put", "PUT"),
    voids("cached-void-delete", "DELETE"),
    cached("cached-void-error", "9111 4.4", USE, "... but an error of it does not",
           [ok(OLD, FRESH), reply(403, b"no"), ok(SECOND, FRESH)], ask(), IS_OLD,
           post("Content-Length: 0"), Reply(403), NEW, ask(), IS_OLD),
]


# --- conditions and ranges

VALIDATING = [
    cached("cached-validate", "9111 4.3.1", USE, "what is stale is asked for by its tag",
           validated((SHORT, TAG), (SHORT, TAG)), *LATER, IS_OLD,
           Received(lacks("If-None-Match")), Received(has("If-None-Match", '"1"'))),
    cached("cached-validate-date", "9111 4.3.1", USE, "... or by its date",
           validated((SHORT, MODIFIED), (SHORT, MODIFIED)), *LATER, IS_OLD,
           Received(lacks("If-Modified-Since")),
           Received(has("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"))),
    cached("cached-validate-changed", "9111 4.3.3", MUST,
           "... and what has changed is not what was kept",
           [ok(OLD, SHORT, TAG), ok(SECOND, FRESH, 'ETag: "2"')], *LATER, IS_NEW, ask(), IS_NEW),
    cached("cached-304-updates", "9111 4.3.4", USE,
           "a 304 makes it fresh, with the fields that it has",
           validated((SHORT, TAG, "X-Count: 1", "X-Same: s"), (FRESH, TAG, "X-Count: 2")), *LATER,
           IS_OLD,
           ask(),
           Reply(200, body(OLD), field("X-Count", "2"), field("X-Same", "s"),
                 field("Content-Length", "12")), Asked(2)),
    cached("cached-no-cache-tag", "9111 5.2.2.4", USE,
           "no-cache with a tag is kept, and asked for by it",
           validated(("Cache-Control: no-cache", TAG), ("Cache-Control: no-cache", TAG)), *TWICE,
           IS_OLD,
           Received(), Received(has("If-None-Match", '"1"'))),
    cached("cached-condition-hit", "9111 4.3.2", USE, "a client's tag that is kept is a 304",
           [ok(OLD, FRESH, TAG)], ask(), IS_OLD, NEW, ask('If-None-Match: "0", W/"1"'),
           Reply(304, present("ETag")), Asked(1)),
    cached("cached-condition-hit-other", "9111 4.3.2", MUST, "... another one is a 200",
           [ok(OLD, FRESH, TAG)], ask(), IS_OLD, NEW, ask('If-None-Match: "0"'), IS_OLD),
    cached("cached-condition-hit-date", "9111 4.3.2", USE,
           "a client's date of what is kept is a 304",
           [ok(OLD, FRESH, MODIFIED)], ask(), IS_OLD, NEW,
           ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"), Reply(304), Asked(1)),
    cached("cached-condition-miss", "9111 3", MUST, "a 304 for one client is no answer to others",
           validated((FRESH, TAG), (FRESH, TAG)), ask('If-None-Match: "1"'), Reply((200, 304)),
           NEW, ask(),
           Reply(200, body(OLD))),
    cached("cached-range-miss", "9111 3.3", MUST, "a part for one client is no whole for others",
           [[range_or_all]], ask("Range: bytes=0-4"), Reply((200, 206)), NEW, ask(),
           Reply(200, body(OLD))),
    cached("cached-range-hit", "9111 3.3", USE, "a part of what is kept comes from there",
           [[range_or_all]], ask(), IS_OLD, NEW, ask("Range: bytes=6-"),
           Reply(206, body(b"answer"), field("Content-Range", "bytes 6-11/12")), Asked(1)),
    cached("cached-range-hit-416", "9110 15.5.17", USE, "... what is not there is a 416",
           [[range_or_all]], ask(), IS_OLD, NEW, ask("Range: bytes=12-"),
           Reply(416, field("Content-Range", "bytes */12")), Asked(1)),
    cached("cached-range-hit-if", "9110 13.1.5", MUST,
           "... and If-Range with another tag is the whole",
           [[range_or_all]], ask(), IS_OLD, NEW, ask("Range: bytes=6-", 'If-Range: "0"'), IS_OLD),
]


# --- stale answers

SOON = "Cache-Control: max-age=1, "

STALE_ANSWERS = [
    cached("cached-must-revalidate", "9111 5.2.2.2", MUST, "must-revalidate is never used stale",
           [ok(OLD, SOON + "must-revalidate", TAG), [CLOSE]], ask(), IS_OLD, Wait(2.2), NEW, ask(),
           Reply(range(500, 600))),
    cached("cached-must-revalidate-over", "5861 4", MUST, "... whatever stale-if-error says",
           [ok(OLD, SOON + "must-revalidate, stale-if-error=60", TAG), [CLOSE]], ask(), IS_OLD,
           Wait(2.2), NEW, ask(), Reply(range(500, 600))),
    cached("cached-stale-if-error", "5861 4", USE,
           "stale-if-error is used when the origin says 503",
           [ok(OLD, SOON + "stale-if-error=60", TAG), reply(503, b"down")], ask(), IS_OLD,
           Wait(2.2),
           NEW, ask(), IS_OLD),
    cached("cached-stale-if-error-end", "5861 4", USE, "... and when it says nothing",
           [ok(OLD, SOON + "stale-if-error=60", TAG), [CLOSE]], ask(), IS_OLD, Wait(2.2), NEW,
           ask(),
           IS_OLD),
    cached("cached-stale-while-revalidate", "5861 3", USE,
           "stale-while-revalidate is used at once, and asked for behind",
           lambda play: [ok(OLD, SOON + "stale-while-revalidate=60", TAG),
                         [play.gate, ok(SECOND, FRESH, TAG)]],
           ask(), IS_OLD, Wait(2.2), NEW, ask(), IS_OLD, NEW, ask(), IS_OLD,
           lambda play: play.until_asked(2), lambda play: play.gate.open(), Wait(0.3), NEW, ask(),
           IS_NEW, Asked(2)),
]


# --- many at once

def at_once(count, seconds):
    """All of them are answered in less than @seconds; the answers are the play's."""
    def step(play):
        answers, wrongs = [], []

        def one():
            try:
                with client.Client(play.address, play.seconds) as conn:
                    conn.send(play.fill_in(ask()))
                    answers.append(conn.answer(Reply(200)).body)
            except (Broken, client.Ended, OSError) as wrong:
                wrongs.append(str(wrong))
        began = time.monotonic()
        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        if wrongs:
            raise Broken(wrongs[0])
        if took > seconds:
            raise Broken("takes %.1f s" % took)
        play.bodies = answers
    return step


def side_by_side(play):
    """Those behind the first are at the origin together: who has to wait for another comes 0.4 s later."""
    arrived = sorted(one.arrived for one in play.requests())[1:]
    gaps = [later - sooner for sooner, later in zip(arrived, arrived[1:])]
    if sum(gap < 0.3 for gap in gaps) * 2 < len(gaps):
        raise Broken("one after the other")


def bodies(*wanted):
    def step(play):
        if sorted(set(play.bodies)) != sorted(set(wanted)):
            raise Broken("answers are %r" % sorted(set(play.bodies))[:3])
    return step


TOGETHER = [
    cached("cached-collapse", "9111 4", USE, "many who miss one object ask for it once",
           [[Pause(0.4), ok(OLD, FRESH)]], at_once(10, 4), bodies(OLD), Asked(1)),
    cached("cached-collapse-private", "9111 4", USE, "nobody waits for what is not for him",
           [[Pause(0.4), ok(OLD, "Cache-Control: private")]], at_once(8, 20), bodies(OLD),
           Asked(8), side_by_side),
]

CASES = STORING + AGES + KEYS + VOID + VALIDATING + STALE_ANSWERS + TOGETHER
