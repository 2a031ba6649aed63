# SPDX-License-Identifier: MIT
"""RFC 9110 sections 13 and 14: preconditions and ranges."""

from conformance.row import (MUST, SHOULD, USE, Reply, Row, absent, body, field, get, parts_of,
                             present, same, when)
from conformance.site import ALPHABET, CODED, LARGE, MODIFIED

WHOLE = body(ALPHABET)
PLAIN = Reply(200, WHOLE)
NO_TAG = "\"nobody's\""

OLDER = "Sun, 06 Nov 1994 08:49:36 GMT"
NEWER = "Mon, 07 Nov 1994 08:49:37 GMT"


def none_match(value):
    return "If-None-Match: " + value


def match(value):
    return "If-Match: " + value


def since(value):
    return "If-Modified-Since: " + value


def unmodified(value):
    return "If-Unmodified-Since: " + value


def ranges(value):
    return "Range: bytes=" + value


TAGS = [
    Row("none-match", "9110 13.1.2", MUST, "a tag that is known is 304",
        get(none_match("{etag}")), Reply(304), get(), PLAIN),
    Row("none-match-other", "9110 13.1.2", MUST, "one that is not is 200", get(none_match(NO_TAG)),
        PLAIN),
    Row("none-match-weak", "9110 13.1.2", MUST, "the comparison is weak",
        get(none_match("W/{etag}")), Reply(304)),
    Row("none-match-list", "9110 13.1.2", MUST, "one of a list is enough",
        get(none_match(NO_TAG + ", W/\"b\" ,{etag}")), Reply(304)),
    Row("none-match-lines", "9110 5.3", MUST, "... or of two lines",
        get(none_match(NO_TAG), none_match("{etag}")), Reply(304)),
    Row("none-match-empty", "9110 5.6.1", MUST, "... with empty elements",
        get(none_match(", ,{etag},,")), Reply(304)),
    Row("none-match-comma", "9110 8.8.3", MUST, "a comma may be in a tag",
        get(none_match("\"a,b\", {etag}")), Reply(304)),
    Row("none-match-part", "9110 8.8.3.2", MUST, "a part of a tag is another tag",
        get(none_match("\"x{etag}")), Reply((200, 400))),
    Row("none-match-star", "9110 13.1.2", MUST, "* is whatever there is",
        get(none_match("*")), Reply(304)),
    Row("none-match-missing", "9110 13.2.1", MUST, "what is not there is 404, whatever is known",
        get(none_match("*"), target="/missing"), Reply(404)),
    Row("match", "9110 13.1.1", MUST, "If-Match with the tag is 200", get(match("{etag}")), PLAIN),
    Row("match-other", "9110 13.1.1", MUST, "... with another 412", get(match(NO_TAG)), Reply(412)),
    Row("match-weak", "9110 13.1.1", MUST, "... with a weak one, too: the comparison is strong",
        get(match("W/{etag}")), Reply(412)),
    Row("match-list", "9110 13.1.1", MUST, "one of a list is enough",
        get(match(NO_TAG + ", {etag}")), PLAIN),
    Row("match-star", "9110 13.1.1", MUST, "* is whatever there is", get(match("*")), PLAIN),
    Row("match-missing", "9110 13.2.1", MUST, "what is not there is 404 also with If-Match",
        get(match(NO_TAG), target="/missing"), Reply(404)),
    Row("match-head", "9110 13.1.1", MUST, "HEAD has the 412 of GET",
        get(match(NO_TAG), method="HEAD"), Reply(412, head=True)),
]

DATES = [
    Row("since", "9110 13.1.3", SHOULD, "not modified since its own time is 304",
        get(since(MODIFIED)), Reply(304)),
    Row("since-later", "9110 13.1.3", SHOULD,
        "... nor since a later one", get(since(NEWER)), Reply(304)),
    Row("since-earlier", "9110 13.1.3", MUST, "modified since an earlier one is 200",
        get(since(OLDER)), PLAIN),
    Row("since-invalid", "9110 13.1.3", MUST, "what is no date is ignored",
        get(since("yesterday")), PLAIN),
    Row("since-no-day", "9110 13.1.3", MUST, "... and a day that there is not",
        get(since("Sun, 32 Nov 2094 08:49:37 GMT")), PLAIN),
    Row("since-zone", "9110 5.6.7", MUST, "... and another zone than GMT",
        get(since("Mon, 07 Nov 1994 08:49:37 CET")), PLAIN),
    Row("since-two", "9110 13.1.3", MUST, "... and two dates",
        get(since(NEWER), since(NEWER)), PLAIN),
    Row("since-future", "9110 13.1.3", SHOULD, "a date to come is later, too",
        get(since("Fri, 01 Jan 2100 00:00:00 GMT")), Reply(304)),
    Row("since-rfc850", "9110 5.6.7", MUST, "dates of RFC 850 are understood",
        get(since("Sunday, 06-Nov-94 08:49:37 GMT")), Reply(304)),
    Row("since-asctime", "9110 5.6.7", MUST, "... and those of asctime()",
        get(since("Sun Nov  6 08:49:37 1994")), Reply(304)),
    Row("since-century", "9110 5.6.7", MUST, "a year of two digits far in the future is past",
        get(since("Sunday, 06-Nov-93 08:49:37 GMT")), PLAIN),
    Row("since-head", "9110 13.1.3", SHOULD, "HEAD has the 304 of GET",
        get(since(MODIFIED), method="HEAD"), Reply(304, head=True)),
    Row("unmodified", "9110 13.1.4", MUST, "unmodified since its own time is 200",
        get(unmodified(MODIFIED)), PLAIN),
    Row("unmodified-earlier", "9110 13.1.4", MUST, "modified since is 412",
        get(unmodified(OLDER)), Reply(412)),
    Row("unmodified-invalid", "9110 13.1.4", MUST, "what is no date is ignored",
        get(unmodified("yesterday")), PLAIN),
]

ORDER = [
    Row("order-match-unmodified", "9110 13.2.2", MUST, "If-Match decides, not If-Unmodified-Since",
        get(match("{etag}"), unmodified(OLDER)), PLAIN),
    Row("order-match-none-match", "9110 13.2.2", MUST, "412 comes before 304",
        get(match(NO_TAG), none_match("{etag}")), Reply(412)),
    Row("order-unmodified-none-match", "9110 13.2.2", MUST, "... of dates, too",
        get(unmodified(OLDER), none_match("{etag}")), Reply(412)),
    Row("order-none-match-since", "9110 13.1.3", MUST,
        "If-None-Match decides, not If-Modified-Since",
        get(none_match(NO_TAG), since(NEWER)), PLAIN),
    Row("order-none-match-earlier", "9110 13.2.2", MUST, "... in both directions",
        get(none_match("{etag}"), since(OLDER)), Reply(304)),
    Row("order-304-range", "9110 13.2.2", MUST, "304 comes before 206",
        get(none_match("{etag}"), ranges("0-4")), Reply(304)),
    Row("order-304-416", "9110 13.2.2", MUST, "... and before 416",
        get(none_match("{etag}"), ranges("100-")), Reply(304)),
    Row("order-412-range", "9110 13.2.2", MUST, "412 comes before 206",
        get(match(NO_TAG), ranges("0-4")), Reply(412)),
    Row("304-fields", "9110 15.4.5", MUST, "a 304 has the tag, Vary and Cache-Control of the 200",
        get(), Reply(200), get(none_match("{etag}")),
        Reply(304, same("ETag", "Vary", "Cache-Control", "Expires", "Content-Location"))),
    Row("304-lean", "9110 15.4.5", SHOULD, "... and does not describe what it does not send",
        get(none_match("{etag}")), Reply(304, absent("Content-Type", "Content-Encoding",
                                                     "Content-Range"))),
]


def partial(first, end):
    """206 with these bytes; or all of them, since a range may always be ignored."""
    return Reply((200, 206), when(200, WHOLE),
                 when(206, body(ALPHABET[first:end]),
                      field("Content-Range", "bytes %d-%d/26" % (first, end - 1))))


# Too far from each other to be sent as one.
FAR_APART = [(0, 2), (400000, 400003)]


def parts(*wanted):
    """206 in parts, each with its range, and no Content-Range of all; or the whole."""
    def check(answer, _before):
        if answer.status == 200:
            return None
        found = parts_of(answer)
        if found is None:
            return "not in parts"
        if answer.all("Content-Range"):
            return "Content-Range of all parts"
        said = [(part.fields.get("content-range"), part.content) for part in found]
        if said != [("bytes %d-%d/%d" % (first, end - 1, len(LARGE)), LARGE[first:end])
                    for first, end in wanted]:
            return "other parts"
        return None
    return check


def part_types(answer, before):
    """That of the whole, if it has one."""
    wanted = before[0].get("Content-Type")
    wrong = [part for part in parts_of(answer) or ()
             if part.fields.get("content-type", "") != wanted]
    return "a part without its type" if wrong else None


def of_what_is_sent(answer, before):
    """Of the bytes of the answer before, where the coding is the same; else of the file itself."""
    whole = before[0].body if answer.all("Content-Encoding") else CODED
    return None if answer.body == whole[2:10] else "other bytes"


def at_most(count):
    def check(answer, _before):
        return "%d bytes" % len(answer.body) if len(answer.body) > count else None
    return check


RANGES = [
    Row("range", "9110 14.2", SHOULD, "the range that was asked for is sent",
        get(ranges("0-4")), Reply(206, body(ALPHABET[:5]))),
    Row("range-middle", "9110 15.3.7.1", MUST, "... and Content-Range says which",
        get(ranges("3-5")), partial(3, 6)),
    Row("range-open", "9110 14.1.2", MUST, "up to the end", get(ranges("20-")), partial(20, 26)),
    Row("range-suffix", "9110 14.1.2", MUST, "the last ones", get(ranges("-4")), partial(22, 26)),
    Row("range-clipped", "9110 14.1.2", MUST, "an end beyond the last is the last",
        get(ranges("20-99")), partial(20, 26)),
    Row("range-long-suffix", "9110 14.1.2", MUST, "more of the last ones than there are is all",
        get(ranges("-99")), partial(0, 26)),
    Row("range-one", "9110 14.1.2", MUST, "a single byte", get(ranges("25-25")), partial(25, 26)),
    Row("range-huge", "9110 14.1.2", MUST, "numbers beyond any integer",
        get(ranges("20-18446744073709551621")), partial(20, 26)),
    Row("range-huge-suffix", "9110 14.1.2", MUST, "... also of the last ones",
        get(ranges("-18446744073709551617")), partial(0, 26)),
    Row("range-unit-case", "9110 14.1", SHOULD, "units are compared without case",
        get("Range: BYTES=0-4"), partial(0, 5)),
    Row("range-large", "9110 14.2", MUST, "of a large file",
        get(ranges("100000-100009"), target="/large.bin"),
        Reply((200, 206), when(206, body(LARGE[100000:100010])))),
    Row("range-length", "9110 8.6", MUST, "Content-Length is that of the range",
        get(ranges("3-5")), partial(3, 6), get(), PLAIN),
    Row("range-fields", "9110 15.3.7", MUST, "206 has the fields of the 200",
        get(), Reply(200), get(ranges("0-4")),
        Reply((200, 206), same("ETag", "Last-Modified", "Content-Type", "Vary", "Cache-Control"),
              present("Date"))),
    Row("range-unit", "9110 14.2", MUST, "a unit that is not known is ignored",
        get("Range: pages=0-4"), PLAIN),
    Row("range-head", "9110 14.2", MUST, "Range is for GET alone",
        get(ranges("0-4"), method="HEAD"), Reply(200, absent("Content-Range"), head=True)),
    Row("range-invalid", "9110 14.1.1", MUST, "a last before its first is no range",
        get(ranges("5-2")), Reply((200, 400, 416))),
    Row("range-missing", "9110 14.2", MUST, "of what is not there is 404",
        get(ranges("0-4"), target="/missing"), Reply(404, absent("Content-Range"))),
    Row("unsatisfiable", "9110 15.5.17", SHOULD, "a range behind the end is 416",
        get(ranges("26-")), Reply(416)),
    Row("unsatisfiable-length", "9110 15.5.17", SHOULD, "... and says how long the file is",
        get(ranges("26-")), Reply(416, field("Content-Range", "bytes */26"))),
    Row("unsatisfiable-zero", "9110 14.1.2", SHOULD, "the last 0 bytes are no range either",
        get(ranges("-0")), Reply(416)),
    Row("unsatisfiable-some", "9110 15.3.7", MUST, "what can be sent of several is sent",
        get(ranges("0-4,100-")), Reply((200, 206), when(200, WHOLE))),
    Row("ranges", "9110 15.3.7.2", MUST, "several are sent in parts, each with its Content-Range",
        get(ranges("0-1,400000-400002"), target="/large.bin"),
        Reply((200, 206), parts(*FAR_APART))),
    Row("ranges-types", "9110 15.3.7.2", SHOULD, "... and its type",
        get(target="/large.bin"), Reply(200),
        get(ranges("0-1,400000-400002"), target="/large.bin"), Reply((200, 206), part_types)),
    Row("ranges-order", "9110 15.3.7.2", SHOULD, "... in the order of the request",
        get(ranges("400000-400002,0-1"), target="/large.bin"),
        Reply((200, 206), parts(*FAR_APART[::-1]))),
    Row("ranges-empty", "9110 5.6.1", MUST, "empty elements of the list are nothing",
        get(ranges(",0-4,")), partial(0, 5)),
    Row("range-no-parts", "9110 15.3.7.2", MUST, "one range is not sent in parts",
        get(ranges("0-4")), Reply((200, 206), lambda answer, _before:
                                  "in parts" if parts_of(answer) is not None else None)),
    Row("ranges-many", "9110 17.15", USE, "no request makes more of a file than the file is",
        get(ranges(",".join(["0-"] * 40)), target="/large.bin"),
        Reply((200, 206, 400, 413, 416, 431), at_most(2 * len(LARGE)))),
    Row("ranges-overlapping", "9110 17.15", USE, "... nor do small ones that overlap",
        get(ranges(",".join("%d-%d" % (at, at + 2000) for at in range(400))), target="/large.bin"),
        Reply((200, 206, 400, 413, 416, 431), at_most(2 * len(LARGE)))),
    Row("range-coded", "9110 14.2", MUST, "a range is of the coding that is sent",
        get("Accept-Encoding: gzip", target="/coded.txt"), Reply(200),
        get("Accept-Encoding: gzip", ranges("2-9"), target="/coded.txt"),
        Reply((200, 206), when(206, of_what_is_sent))),
]

IF_RANGE = [
    Row("if-range", "9110 13.1.5", SHOULD, "a range of what has that tag",
        get(ranges("0-4"), "If-Range: {etag}"), Reply(206, body(ALPHABET[:5]))),
    Row("if-range-other", "9110 13.1.5", MUST, "of another there is no range, but the whole",
        get(ranges("0-4"), "If-Range: " + NO_TAG), PLAIN),
    Row("if-range-weak", "9110 13.1.5", MUST, "a weak tag is another",
        get(ranges("0-4"), "If-Range: W/{etag}"), PLAIN),
    Row("if-range-416", "9110 13.2.2", MUST, "what does not apply cannot fail",
        get(ranges("100-"), "If-Range: " + NO_TAG), PLAIN),
    Row("if-range-alone", "9110 13.1.5", MUST, "without Range it says nothing",
        get("If-Range: {etag}"), PLAIN),
    Row("if-range-date", "9110 13.1.5", SHOULD, "its date may stand for its tag",
        get(ranges("0-4"), "If-Range: " + MODIFIED), Reply(206, body(ALPHABET[:5]))),
    Row("if-range-later", "9110 13.1.5", MUST, "a later date is not its date",
        get(ranges("0-4"), "If-Range: " + NEWER), PLAIN),
    Row("if-range-earlier", "9110 13.1.5", MUST, "... nor is an earlier one",
        get(ranges("0-4"), "If-Range: " + OLDER), PLAIN),
]

ROWS = TAGS + DATES + ORDER + RANGES + IF_RANGE
