# SPDX-License-Identifier: MIT
"""RFC 9110 and 9111: methods, what answers say, content and how it is negotiated."""

import email.utils
import re
import zlib

from conformance.row import (ANY, MUST, SHOULD, USE, Reply, Row, absent, body, field, get, has_word,
                             matches, present, request, same, some_body, when)
from conformance.site import ALPHABET, CODED, LARGE, MODIFIED

WHOLE = body(ALPHABET)
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
                  r"|Dec) \d{4} \d\d:\d\d:\d\d GMT\Z")
TAG = re.compile(r"(W/)?\"[\x21\x23-\x7e\x80-\xff]*\"\Z")
HAS_DATE = matches("Date", DATE)


def get_coded(*fields, method="GET"):
    return get(*fields, target="/coded.txt", method=method)


def length(value):
    """Content-Length says so, or nothing."""
    def check(answer, _before):
        return None if answer.all("Content-Length") in ([], [str(value)]) else \
            "Content-Length: " + answer.get("Content-Length")
    return check


def is_gzip(answer, _before):
    if answer.words("Content-Encoding") != ["gzip"]:
        return "not gzip"
    return None if zlib.decompress(answer.body, 31) == CODED else "another content"


def is_plain(answer, _before):
    if answer.all("Content-Encoding"):
        return "Content-Encoding: " + answer.get("Content-Encoding")
    return None if answer.body == CODED else "another content"


def decodable(answer, before):
    return is_gzip(answer, before) if answer.all("Content-Encoding") else is_plain(answer, before)


def another_tag(answer, before):
    """A weak tag names what is equivalent, so that both may have it."""
    tag = answer.get("ETag")
    return "one strong ETag for two codings" if tag and not tag.startswith("W/") and \
        tag == before[0].get("ETag") else None


def not_later_than_date(answer, _before):
    """None is as good, and said by what is sent of a file that has a time to come."""
    modified = answer.get("Last-Modified")
    if not modified:
        return None
    seconds = [email.utils.parsedate_to_datetime(text) for text in (modified, answer.get("Date"))]
    return "Last-Modified later than Date" if seconds[0] > seconds[1] else None


def allows_what_there_is(answer, _before):
    return "Allow: " + answer.get("Allow") if answer.all("Allow") and \
        not {"get", "head"} <= set(answer.words("Allow")) else None


def typed_content(answer, _before):
    return "content without Content-Type" if answer.body and not answer.all("Content-Type") else None


def same_or_none(*names):
    """The fields are those of the answer before, or left out."""
    def check(answer, before):
        wrong = [name for name in names if answer.all(name) not in ([], before[0].all(name))]
        return "other " + ", ".join(wrong) if wrong else None
    return check


def no_secret(answer, _before):
    return "the cookie is sent back" if b"s3cret" in answer.body else None


DATES = [
    Row(name, "9110 6.6.1", MUST, "Date in its one form on answers of %d" % status,
        data, Reply(ANY, when(status, HAS_DATE)))
    for name, status, data in [
        ("date-200", 200, get()), ("date-301", 301, get(target="/folder")),
        ("date-304", 304, get("If-None-Match: {etag}")), ("date-400", 400, get(host=None)),
        ("date-404", 404, get(target="/missing")), ("date-412", 412, get("If-Match: \"x\"")),
        ("date-416", 416, get("Range: bytes=100-"))]
]

METHODS = [
    Row("get", "9110 9.1", MUST, "GET is supported", get(), Reply(200, WHOLE)),
    Row("head", "9110 9.3.2", MUST, "HEAD is supported, and has no content",
        get(method="HEAD"), Reply(200, head=True), get(), Reply(200, WHOLE)),
    Row("head-fields", "9110 9.3.2", SHOULD, "HEAD has the fields of GET",
        get(), Reply(200), get(method="HEAD"),
        Reply(200, same("ETag", "Last-Modified", "Content-Type", "Accept-Ranges", "Vary",
                        "Cache-Control"), head=True)),
    Row("head-length", "9110 8.6", MUST, "... and no other Content-Length",
        get(),
        Reply(200), get(method="HEAD"), Reply(200, same_or_none("Content-Length"), head=True)),
    Row("head-coded", "9110 9.3.2", SHOULD, "... also of a coding",
        get_coded("Accept-Encoding: gzip"), Reply(200),
        get_coded("Accept-Encoding: gzip", method="HEAD"),
        Reply(200, same_or_none("Content-Encoding", "Content-Length", "ETag", "Vary"), head=True)),
    Row("head-404", "9110 9.3.2", MUST, "a HEAD of what is not there has no content either",
        get(target="/missing", method="HEAD"), Reply(404, head=True), get(), Reply(200, WHOLE)),
    Row("head-304", "9110 13.1.2", SHOULD, "a HEAD may be answered with 304",
        get("If-None-Match: {etag}", method="HEAD"), Reply(304, head=True)),
    Row("put", "9110 15.5.6", MUST, "405 has Allow",
        request("PUT", "/file.txt", ["Content-Length: 0"]),
        Reply(ANY, when(405, present("Allow")))),
    Row("delete", "9110 15.5.6", MUST, "... also of DELETE",
        request("DELETE", "/file.txt"), Reply(ANY, when(405, present("Allow")))),
    Row("allowed", "9110 10.2.1", MUST, "Allow has the methods that there are",
        request("PUT", "/file.txt", ["Content-Length: 0"]),
        Reply(ANY, when(405, allows_what_there_is))),
    Row("not-allowed", "9110 9.1", SHOULD, "a method that a file does not allow is 405, or 501",
        request("PUT", "/file.txt", ["Content-Length: 0"]), Reply((405, 501))),
    Row("options", "9110 9.3.7", SHOULD, "OPTIONS of a file says what it allows",
        request("OPTIONS", "/file.txt"),
        Reply(ANY, when(200, has_word("Allow", "GET")), when(204, has_word("Allow", "GET")))),
    Row("trace", "9110 9.3.8", SHOULD, "TRACE sends no secrets back",
        get("Cookie: s3cret", method="TRACE"), Reply(ANY, no_secret)),
]

ANSWERS = [
    Row("error-content", "9110 15.5", SHOULD, "an error explains itself",
        get(target="/missing"), Reply(404, some_body)),
    Row("error-content-400", "9110 15.5", SHOULD, "... and so does a 400", get(host=None),
        Reply(ANY, when(400, some_body))),
    Row("redirect", "9110 15.4.2", SHOULD, "a redirect has Location",
        get(target="/folder"), Reply((301, 308), present("Location"))),
    Row("type", "9110 8.3", SHOULD, "content has its type",
        get(), Reply(200, matches("Content-Type", re.compile("text/plain")))),
    Row("type-error", "9110 8.3", SHOULD, "... that of errors, too",
        get(target="/missing"), Reply(404, typed_content)),
    Row("length-200", "9110 8.6", SHOULD, "the length is said where it is known",
        get(), Reply(200, field("Content-Length", "26"))),
    Row("length-empty-file", "9110 8.6", SHOULD, "... also when it is none",
        get(target="/empty.txt"), Reply(200, field("Content-Length", "0"))),
    Row("length-304", "9110 8.6", MUST, "that of a 304 is the one of the 200, or none",
        get("If-None-Match: {etag}"), Reply(304, length(26)), get(), Reply(200, WHOLE)),
    Row("length-204", "9110 8.6", MUST, "a 204 has none",
        request("OPTIONS", "/file.txt"), Reply(ANY, when(204, absent("Content-Length")))),
    Row("large", "9110 9.3.1", MUST, "a large file is whole", get(target="/large.bin"),
        Reply(200, body(LARGE))),
    Row("large-10", "9110 9.3.1", MUST, "... in HTTP/1.0, too",
        get(target="/large.bin", version="HTTP/1.0"), Reply(200, body(LARGE))),
    Row("percent", "9110 4.2.3", MUST, "%66 is another way to write f",
        get(target="/%66ile.txt"), Reply(200, WHOLE)),
    Row("age", "9111 5.1", MUST, "an answer of the origin itself has no Age",
        get(), Reply(200, absent("Age"))),
    Row("expires", "9111 5.3", MUST, "Expires, where it is sent, is a date",
        get(), Reply(200, lambda answer, before:
                     matches("Expires", DATE)(answer, before) if answer.all("Expires") else None)),
    Row("once", "9110 5.3", MUST, "fields that are no lists are sent once",
        get(), Reply(200, lambda answer, before: next(
            ("%s twice" % name for name in ("content-length", "content-type", "date", "etag",
                                            "last-modified", "server")
             if len(answer.all(name)) > 1), None))),
]

VALIDATORS = [
    Row("last-modified", "9110 8.8.2.1", SHOULD, "a file has Last-Modified",
        get(), Reply(200, field("Last-Modified", MODIFIED))),
    Row("last-modified-form", "9110 8.8.2", MUST, "... in the one form of dates",
        get(), Reply(200, matches("Last-Modified", DATE))),
    Row("last-modified-future", "9110 8.8.2.1", MUST, "it is never later than Date",
        get(target="/future.txt"), Reply(200, not_later_than_date)),
    Row("last-modified-replaced", "9110 8.8.2.1", MUST,
        "a time to come is replaced by that of Date",
        get(target="/future.txt"), Reply(200, present("Last-Modified"))),
    Row("etag", "9110 8.8.3", SHOULD, "a file has an entity tag",
        get(), Reply(200, present("ETag"))),
    Row("etag-form", "9110 8.8.3", MUST,
        "... of the right form", get(), Reply(200, matches("ETag", TAG))),
    Row("etag-same", "9110 8.8.1", MUST, "... the same for the same bytes",
        get(), Reply(200), get(), Reply(200, same("ETag"))),
    Row("etag-coding", "9110 8.8.3.3", MUST, "two codings do not share a strong tag",
        get_coded(), Reply(200), get_coded("Accept-Encoding: gzip"), Reply(200, another_tag)),
]

CODINGS = [
    Row("coding", "9110 12.5.3", SHOULD, "gzip is sent to who accepts it",
        get_coded("Accept-Encoding: gzip"), Reply(200, is_gzip)),
    Row("coding-said", "9110 8.4", MUST, "... and said",
        get_coded("Accept-Encoding: gzip"), Reply(200, decodable)),
    Row("coding-case", "9110 8.4.1", SHOULD, "names of codings are compared without case",
        get_coded("Accept-Encoding: GZip"), Reply(200, is_gzip)),
    Row("coding-x-gzip", "9110 8.4.1.3", SHOULD, "x-gzip is another name of gzip",
        get_coded("Accept-Encoding: x-gzip"), Reply(200, decodable, is_gzip)),
    Row("coding-empty", "9110 12.5.3", SHOULD, "an empty Accept-Encoding wants none",
        get_coded("Accept-Encoding:"), Reply(200, is_plain)),
    Row("coding-other", "9110 12.5.3", SHOULD, "where no coding is acceptable there is none",
        get_coded("Accept-Encoding: nothing"), Reply(200, is_plain)),
    Row("coding-zero", "9110 12.4.2", MUST, "a weight of 0 is not acceptable",
        get_coded("Accept-Encoding: gzip;q=0"), Reply(200, is_plain)),
    Row("coding-zero-digits", "9110 12.4.2", MUST, "... nor is one of 0.000",
        get_coded("Accept-Encoding: gzip;q=0.000"), Reply(200, is_plain)),
    Row("coding-zero-star", "9110 12.5.3", MUST, "... whatever * says",
        get_coded("Accept-Encoding: *, gzip;q=0"), Reply(200, is_plain)),
    Row("coding-zero-blanks", "9110 5.6.3", MUST, "... with blanks around",
        get_coded("Accept-Encoding: gzip ; q=0 , identity"), Reply(200, is_plain)),
    Row("coding-zero-case", "9110 5.6.6", MUST, "... and with Q",
        get_coded("Accept-Encoding: gzip;Q=0"), Reply(200, is_plain)),
    Row("coding-substring", "9110 12.5.3", MUST, "gzipped is no gzip",
        get_coded("Accept-Encoding: gzipped"), Reply(200, is_plain)),
    Row("coding-star", "9110 12.5.3", MUST, "* with 0 and a coding beside it: that coding",
        get_coded("Accept-Encoding: gzip, *;q=0"), Reply((200, 406),
                                                          when(200, is_gzip))),
    Row("coding-no-identity", "9110 12.5.3", SHOULD, "no identity means gzip, where there is gzip",
        get_coded("Accept-Encoding: identity;q=0, gzip"), Reply(200, is_gzip)),
    Row("coding-weights", "9110 12.4.2", USE, "the heavier one is sent",
        get_coded("Accept-Encoding: gzip;q=0.5, identity;q=1"), Reply(200, is_plain)),
    Row("coding-lists", "9110 5.3", SHOULD, "two lines are one list",
        get_coded("Accept-Encoding: nothing", "Accept-Encoding: gzip"), Reply(200, is_gzip)),
    Row("vary", "9110 12.5.5", SHOULD, "an answer that was chosen says by what",
        get_coded("Accept-Encoding: gzip"), Reply(200, has_word("Vary", "Accept-Encoding"))),
    Row("vary-plain", "9110 12.5.5", SHOULD, "... and so does the other one",
        get_coded(), Reply(200, has_word("Vary", "Accept-Encoding"))),
    Row("coding-304", "9110 15.4.5", MUST, "a 304 of it has Vary and its tag as the 200",
        get_coded("Accept-Encoding: gzip"), Reply(200),
        get_coded("Accept-Encoding: gzip", "If-None-Match: {coded-etag}"),
        Reply((200, 304), same("Vary", "ETag"))),
]

ROWS = DATES + METHODS + ANSWERS + VALIDATORS + CODINGS
