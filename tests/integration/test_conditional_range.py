# SPDX-License-Identifier: MIT
"""Validators and ranges: 304, 412, 206, 416 and multipart/byteranges, to the byte."""

import email.utils
import os
import re
import shutil
import time
import unittest

import rawhttp
from rawhttp import request

DIGITS = b"0123456789"
CONTENT = DIGITS * 1000  # 10,000 bytes
LARGE = b"".join(b"%015d\n" % at for at in range(0, 1 << 20, 16))  # beyond the memory cache
OLD = 1000000000  # Sun, 09 Sep 2001 01:46:40 GMT
OLD_DATE = "Sun, 09 Sep 2001 01:46:40 GMT"


def date_of(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


class ValidatorTest(rawhttp.HttpTest):
    def setUp(self):
        super().setUp()
        self.server = self.make({"file.txt": CONTENT, "large.bin": LARGE, "empty": b"",
                                 "index.html": b"index\n"})
        for name in ("file.txt", "large.bin", "empty", "index.html"):
            os.utime(os.path.join(self.server.root, name), (OLD, OLD))
        self.server.start()
        self.conn = self.dial(self.server)
        self.etag = self.conn.get("/file.txt").get("ETag")

    def get(self, *fields, target="/file.txt", method="GET", version="1.1"):
        return self.conn.get(target, method, version, fields)

    def check_200(self, response, body=CONTENT):
        self.assertEqual((response.status, response.body), (200, body))

    def check_304(self, response):
        self.assertEqual((response.status, response.body), (304, b""))
        self.assertEqual(response.get("ETag"), self.etag)
        self.assertEqual(response.get("Last-Modified"), OLD_DATE)
        for name in ("Content-Length", "Content-Type", "Content-Range"):
            self.assertNotIn(name, response)
        self.assertFalse(response.closes)

    def check_412(self, response):
        self.assertEqual(response.status, 412)
        self.assertNotIn(DIGITS, response.body)
        self.assertNotIn("ETag", response)
        self.assertFalse(response.closes)


class Validators(ValidatorTest):
    def test_they_are_there(self):
        for target, body in (("/file.txt", CONTENT), ("/large.bin", LARGE), ("/empty", b"")):
            response = self.get(target=target)
            self.check_200(response, body)
            self.assertEqual(response.get("Last-Modified"), OLD_DATE)
            self.assertRegex(response.get("ETag"), r'\A"[!#-~]+"\Z')  # strong
            self.assertEqual(response.get("Accept-Ranges"), "bytes")

    def test_different_files_have_different_tags(self):
        tags = {self.get(target=target).get("ETag") for target in ("/file.txt", "/large.bin",
                                                                   "/empty", "/index.html")}
        self.assertEqual(len(tags), 4)

    def test_the_same_after_a_restart_and_in_a_copy(self):
        """Size and time make it, never the inode: replicas agree."""
        other = self.make({"file.txt": CONTENT})
        path = os.path.join(other.root, "file.txt")
        shutil.copy2(os.path.join(self.server.root, "file.txt"), path)
        self.assertNotEqual(os.stat(path).st_ino,
                            os.stat(os.path.join(self.server.root, "file.txt")).st_ino)
        other.start()
        with rawhttp.Connection(other) as conn:
            self.assertEqual(conn.get("/file.txt").get("ETag"), self.etag)
        # The same file by another name, and by the index.
        os.link(os.path.join(self.server.root, "file.txt"),
                os.path.join(self.server.root, "again.txt"))
        self.assertEqual(self.get(target="/again.txt").get("ETag"), self.etag)

    def test_another_after_a_change(self):
        path = os.path.join(self.server.root, "file.txt")
        seen = {self.etag}
        for seconds, nanoseconds, content in [(OLD, 1, CONTENT), (OLD + 1, 0, CONTENT),
                                              (OLD, 0, CONTENT + b"x"), (OLD, 999999999, CONTENT)]:
            with open(path, "wb") as file:
                file.write(content)
            os.utime(path, ns=(0, seconds * 10**9 + nanoseconds))
            time.sleep(1.1)
            response = self.get()
            self.assertEqual(response.body, content)
            self.assertEqual(response.get("Last-Modified"), date_of(seconds))
            self.assertNotIn(response.get("ETag"), seen)
            seen.add(response.get("ETag"))

    def test_odd_times(self):
        now = time.time()
        for seconds in (0, 1, 951782400, 4102444800, -1, now + 3600):
            name = "odd%d" % seconds
            path = self.server.write(name, b"content")
            os.utime(path, (seconds, seconds))
            response = self.get(target="/" + name)
            self.check_200(response, b"content")
            says_something = seconds > 315619200  # see etag in tinyweb.conf(5)
            if says_something:
                self.assertIn("ETag", response)
            if says_something and seconds <= now:
                self.assertEqual(response.get("Last-Modified"), date_of(seconds))
            elif not says_something:
                self.assertNotIn("Last-Modified", response)
            else:  # a time to come is replaced by that of the answer
                self.assertEqual(response.get("Last-Modified"), response.get("Date"))
                again = self.get("If-Modified-Since: " + response.get("Date"), target="/" + name)
                self.check_200(again, b"content")
                part = self.get("Range: bytes=0-1", target="/" + name)
                self.assertEqual(part.get("Last-Modified"), part.get("Date"))
                known = self.get("If-None-Match: *", target="/" + name)
                self.assertEqual((known.status, known.get("Last-Modified")),
                                 (304, known.get("Date")))


class Conditions(ValidatorTest):
    def test_if_none_match(self):
        tag = self.etag
        for value in (tag, "*", "W/" + tag, "\"x\", " + tag, tag + ", \"x\"",
                      "\"x\",%s,\"y\"" % tag, ", " + tag, tag + ",", " \t" + tag + " ", "W/\"x\" , " + tag,
                      "\"a,b\", " + tag, "\"\", " + tag):
            with self.subTest(value):
                self.check_304(self.get("If-None-Match: " + value))
                self.check_304(self.get("If-None-Match: " + value, method="HEAD"))
        for value in ("\"x\"", "W/\"x\"", "\"x\", \"y\"", tag[1:-1], tag[:-1], tag[1:], "", "\"\"",
                      "w/" + tag, "W/ " + tag, tag + " " + tag, tag + "x", "x" + tag, "**",
                      "*, \"x\"", "'%s'" % tag[1:-1], "\"%s\"" % tag[1:-1].upper() + "x"):
            with self.subTest(value):
                self.check_200(self.get("If-None-Match: " + value))

    def test_if_none_match_on_two_lines(self):
        self.check_304(self.get("If-None-Match: \"x\"", "If-None-Match: " + self.etag))
        self.check_200(self.get("If-None-Match: \"x\"", "If-None-Match: \"y\""))

    def test_if_none_match_does_not_matter_where_there_is_no_file(self):
        self.assertEqual(self.get("If-None-Match: *", target="/none").status, 404)
        self.assertEqual(self.get("If-Match: \"x\"", target="/none").status, 404)

    def test_if_modified_since(self):
        for date in (OLD_DATE, date_of(OLD + 1), date_of(time.time() - 10),
                     date_of(time.time() + 86400), "Sunday, 09-Sep-01 01:46:40 GMT",
                     "Sun Sep  9 01:46:40 2001"):
            with self.subTest(date):
                self.check_304(self.get("If-Modified-Since: " + date))
                self.check_304(self.get("If-Modified-Since: " + date, method="HEAD"))
        for date in (date_of(OLD - 1), "Thu, 01 Jan 1970 00:00:00 GMT",
                     "", "now", "0", str(OLD), "Sun, 09 Sep 2001 01:46:40", "2001-09-09T01:46:40Z",
                     "Sun, 09 Sep 2001 01:46:40 UTC", "Sun, 09 Sep 2001 01:46:40 +0000",
                     "Sun, 32 Sep 2001 01:46:40 GMT", "Sun, 09 Xyz 2001 01:46:40 GMT",
                     "Sun, 09 Sep 2001 25:46:40 GMT", "Sun, 9 Sep 2001 01:46:40 GMT",
                     OLD_DATE + "; length=10000", OLD_DATE + " x"):
            with self.subTest(date):
                self.check_200(self.get("If-Modified-Since: " + date))
        self.check_200(self.get("If-Modified-Since: " + OLD_DATE, "If-Modified-Since: " + OLD_DATE))

    def test_if_match(self):
        tag = self.etag
        for value in (tag, "*", "\"x\", " + tag, tag + " ,\"x\""):
            with self.subTest(value):
                self.check_200(self.get("If-Match: " + value))
        for value in ("\"x\"", "W/" + tag, "\"x\", \"y\"", tag[1:-1], "\"\""):
            with self.subTest(value):
                self.check_412(self.get("If-Match: " + value))
                self.assertEqual(self.get("If-Match: " + value, method="HEAD").status, 412)

    def test_if_unmodified_since(self):
        for date in (OLD_DATE, date_of(OLD + 1), date_of(time.time()), date_of(time.time() + 86400),
                     "rubbish", ""):
            with self.subTest(date):
                self.check_200(self.get("If-Unmodified-Since: " + date))
        self.check_412(self.get("If-Unmodified-Since: " + date_of(OLD - 1)))
        self.check_412(self.get("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"))

    def test_the_order_of_evaluation(self):
        """RFC 9110 section 13.2.2."""
        tag, other = self.etag, "\"x\""
        older, newer = date_of(OLD - 10), date_of(OLD + 10)
        for expected, fields in [
                # 1: If-Match, and If-Unmodified-Since is not looked at.
                (200, ["If-Match: " + tag, "If-Unmodified-Since: " + older]),
                (412, ["If-Match: " + other, "If-Unmodified-Since: " + newer]),
                # … and before step 3.
                (412, ["If-Match: " + other, "If-None-Match: " + tag]),
                (304, ["If-Match: " + tag, "If-None-Match: " + tag]),
                (200, ["If-Match: " + tag, "If-None-Match: " + other]),
                (412, ["If-Match: " + other, "If-Modified-Since: " + newer]),
                (304, ["If-Match: *", "If-Modified-Since: " + newer]),
                # 2: If-Unmodified-Since before 3 and 4.
                (412, ["If-Unmodified-Since: " + older, "If-None-Match: " + tag]),
                (304, ["If-Unmodified-Since: " + newer, "If-None-Match: " + tag]),
                (412, ["If-Unmodified-Since: " + older, "If-Modified-Since: " + newer]),
                # 3: If-None-Match, and If-Modified-Since is not looked at.
                (200, ["If-None-Match: " + other, "If-Modified-Since: " + newer]),
                (304, ["If-None-Match: " + tag, "If-Modified-Since: " + older]),
                (200, ["If-None-Match: rubbish", "If-Modified-Since: " + newer]),
                # 5: a range only behind all of that.
                (304, ["If-None-Match: " + tag, "Range: bytes=0-1"]),
                (304, ["If-Modified-Since: " + newer, "Range: bytes=0-1"]),
                (412, ["If-Match: " + other, "Range: bytes=0-1"]),
                (412, ["If-Match: " + other, "Range: bytes=99999-"]),
                (304, ["If-None-Match: " + tag, "Range: bytes=99999-"]),
                (206, ["If-Match: " + tag, "Range: bytes=0-1"]),
                (206, ["If-None-Match: " + other, "Range: bytes=0-1"]),
                (416, ["If-Match: " + tag, "Range: bytes=99999-"]),
                (206, ["If-Match: " + tag, "If-Range: " + tag, "Range: bytes=0-1"]),
                (200, ["If-Match: " + tag, "If-Range: " + other, "Range: bytes=0-1"]),
                (412, ["If-Match: " + other, "If-Range: " + tag, "Range: bytes=0-1"])]:
            for order in (fields, fields[::-1]):
                with self.subTest(order):
                    self.assertEqual(self.get(*order).status, expected)

    def test_an_index_and_another_version(self):
        tag = self.get(target="/").get("ETag")
        self.assertEqual(self.get("If-None-Match: " + tag, target="/").status, 304)
        response = self.get("If-None-Match: " + tag, "Connection: keep-alive", target="/",
                            version="1.0")
        self.assertEqual((response.status, response.get("Connection")), (304, "keep-alive"))

    def test_many_304_on_one_connection(self):
        self.conn.send(request("/file.txt", fields=["If-None-Match: " + self.etag]) * 100 +
                       request("/file.txt"))
        self.assertEqual([r.status for r in self.conn.responses(101)], [304] * 100 + [200])


class Ranges(ValidatorTest):
    def check_206(self, response, first, last, whole=CONTENT, type_="text/plain; charset=utf-8"):
        self.assertEqual(response.status, 206)
        self.assertEqual(response.get("Content-Range"),
                         "bytes %d-%d/%d" % (first, last, len(whole)))
        self.assertEqual(response.body, whole[first:last + 1])
        self.assertEqual(response.get("Content-Type"), type_)
        self.assertEqual(response.get("Last-Modified"), OLD_DATE)
        self.assertIn("ETag", response)

    def test_one(self):
        for value, first, last in [
                ("0-0", 0, 0), ("0-9", 0, 9), ("5-5", 5, 5), ("9999-9999", 9999, 9999),
                ("0-9999", 0, 9999), ("0-10000", 0, 9999), ("0-99999999999999999999", 0, 9999),
                ("0-", 0, 9999), ("9999-", 9999, 9999), ("5000-", 5000, 9999),
                ("-1", 9999, 9999), ("-5", 9995, 9999), ("-10000", 0, 9999), ("-10001", 0, 9999),
                ("-18446744073709551616", 0, 9999), ("000-0009", 0, 9), (" 1-2", 1, 2),
                ("1-2 ", 1, 2), ("1-2,", 1, 2), (",1-2", 1, 2), (", ,1-2", 1, 2),
                ("1-2,99999-", 1, 2), ("99999-,1-2", 1, 2), ("-0,1-2", 1, 2)]:
            with self.subTest(value):
                self.check_206(self.get("Range: bytes=" + value), first, last)
        self.check_206(self.get("Range: BYTES=0-1"), 0, 1)
        self.check_206(self.get("range:bytes=0-1"), 0, 1)

    def test_one_of_a_large_file(self):
        for value, first, last in [("0-0", 0, 0), ("-1", (1 << 20) - 1, (1 << 20) - 1),
                                   ("65535-65537", 65535, 65537), ("1-", 1, (1 << 20) - 1),
                                   ("500000-700000", 500000, 700000)]:
            with self.subTest(value):
                self.check_206(self.get("Range: bytes=" + value, target="/large.bin"), first, last,
                               LARGE, "application/octet-stream")

    def test_not_satisfiable(self):
        for value in ("10000-", "10000-10000", "10000-20000", "99999999999999999999-",
                      "18446744073709551615-18446744073709551616", "-0", "10000-,20000-", "-0,-00"):
            with self.subTest(value):
                response = self.get("Range: bytes=" + value)
                self.assertEqual((response.status, response.closes), (416, False))
                self.assertEqual(response.get("Content-Range"), "bytes */10000")
                self.assertNotIn(DIGITS, response.body)
                for name in ("ETag", "Last-Modified"):
                    self.assertNotIn(name, response)
        response = self.get("Range: bytes=0-", target="/empty")
        self.assertEqual((response.status, response.get("Content-Range")), (416, "bytes */0"))

    def test_of_nothing_there_is_no_suffix(self):
        response = self.get("Range: bytes=-5", target="/empty")
        self.assertIn(response.status, (200, 416))
        self.assertNotIn(" 0--", response.get("Content-Range", ""))

    def test_ignored(self):
        """What is no range, or asks for more than there is, gets the whole."""
        for value in ("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=1-0",
                      "bytes=1--2", "bytes=--1", "bytes=+1-2", "bytes=1-+2", "bytes=0x1-2",
                      "bytes=1-2-3", "bytes=1 -2", "bytes=1- 2", "bytes 1-2", "bytes:1-2",
                      "bytes = 1-2", "bytes =1-2", "bytes=1-2;x", "bytes=1-2 3-4", "items=0-1",
                      "lines=1-2", "bytes=,", "bytes=0-1,x", "bytes=x,0-1", "bytes=1-2,5-4",
                      "bytes=99999999999999999999-1", "none", "=0-1", "bytes=\"0-1\"",
                      "bytes=0-1,bytes=2-3"):
            with self.subTest(value):
                response = self.get("Range: " + value)
                self.check_200(response)
                self.assertNotIn("Content-Range", response)
        self.check_200(self.get("Range: bytes=0-1", "Range: bytes=2-3"))

    def test_other_methods(self):
        self.assertEqual(self.get("Range: bytes=0-1", method="HEAD").status, 200)
        self.assertEqual(self.get("Range: bytes=0-1", method="OPTIONS").status, 204)
        self.assertEqual(self.get("Range: bytes=0-1", method="POST").status, 405)
        self.assertEqual(self.get("Range: bytes=0-1", target="/none").status, 404)

    def test_http_10(self):
        self.check_206(self.get("Range: bytes=0-1", "Connection: keep-alive", version="1.0"), 0, 1)

    def test_if_range(self):
        tag = self.etag
        for value in (tag, OLD_DATE):
            with self.subTest(value):
                self.check_206(self.get("Range: bytes=0-1", "If-Range: " + value), 0, 1)
        for value in ("\"x\"", "W/" + tag, tag[1:-1], "*", date_of(OLD - 1), date_of(OLD + 1),
                      date_of(time.time()), "rubbish", "", tag + ", " + tag, "\"x\", " + tag):
            with self.subTest(value):
                self.check_200(self.get("Range: bytes=0-1", "If-Range: " + value))
                # An unsatisfiable range does not count then either.
                self.check_200(self.get("Range: bytes=99999-", "If-Range: " + value))
        self.check_200(self.get("If-Range: " + tag))  # without a Range it says nothing
        self.check_200(self.get("Range: bytes=0-1", "If-Range: " + tag, "If-Range: " + tag))

    def test_a_date_of_this_second_is_no_strong_validator(self):
        path = self.server.write("young", CONTENT)
        limit = time.monotonic() + 60
        while time.monotonic() < limit:  # hit the second of the change
            os.utime(path)
            response = self.get(target="/young")
            modified = response.get("Last-Modified")
            if not modified:
                continue
            ranged = self.get("Range: bytes=0-1", "If-Range: " + modified, target="/young")
            if ranged.get("Date") == modified:
                self.assertEqual(ranged.status, 200)
                return
        self.fail("never within one second")

    def test_a_download_in_pieces(self):
        """As a client resumes it: each range if nothing has changed."""
        etag = self.get(target="/large.bin").get("ETag")
        have = b""
        while len(have) < len(LARGE):
            response = self.get("Range: bytes=%d-%d" % (len(have), len(have) + 99999),
                                "If-Range: " + etag, target="/large.bin")
            self.assertEqual(response.status, 206)
            have += response.body
        self.assertEqual(have, LARGE)

    def test_many_on_one_connection(self):
        self.conn.send(b"".join(request("/file.txt", fields=["Range: bytes=%d-%d" % (at, at)])
                                for at in range(200)))
        self.assertEqual(b"".join(r.body for r in self.conn.responses(200)), CONTENT[:200])


class Multipart(ValidatorTest):
    def parts(self, response):
        """[(first, last, size, content)]; every byte of the body is accounted for."""
        kind = re.match(r"multipart/byteranges; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})\Z",
                        response.get("Content-Type"))
        self.assertTrue(kind, response.get("Content-Type"))
        boundary = b"\r\n--" + kind.group(1).encode()
        pieces = response.body.split(boundary)
        self.assertIn(pieces[0], (b"", b"\r\n"))
        self.assertEqual(pieces[-1], b"--\r\n")
        found = []
        for piece in pieces[1:-1]:
            head, _, content = piece.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            self.assertEqual(lines[0], b"")
            fields = dict(line.decode().split(": ", 1) for line in lines[1:])
            self.assertEqual(sorted(fields), ["Content-Range", "Content-Type"])
            self.assertEqual(fields["Content-Type"], self.type)
            numbers = re.match(r"bytes (\d+)-(\d+)/(\d+)\Z", fields["Content-Range"])
            found.append(tuple(int(number) for number in numbers.groups()) + (content,))
        return found

    def check(self, value, ranges, target="/file.txt", whole=CONTENT,
              type_="text/plain; charset=utf-8"):
        self.type = type_
        response = self.get("Range: bytes=" + value, target=target)
        self.assertEqual(response.status, 206)
        self.assertNotIn("Content-Range", response)
        self.assertEqual(response.get("Last-Modified"), OLD_DATE)
        self.assertIn("ETag", response)
        self.assertEqual(self.parts(response), [
            (first, last, len(whole), whole[first:last + 1]) for first, last in ranges])
        return response

    def test_several(self):
        for value, ranges in [
                ("0-0,2-2", [(0, 0), (2, 2)]), ("0-9,9990-9999", [(0, 9), (9990, 9999)]),
                ("5-6, 1-2", [(5, 6), (1, 2)]),  # in the order of the request
                ("0-0,-1", [(0, 0), (9999, 9999)]), ("-1,0-0", [(9999, 9999), (0, 0)]),
                ("0-4999,5001-9999", [(0, 4999), (5001, 9999)]),
                ("0-1,99999-,3-4", [(0, 1), (3, 4)]), ("0-1,,3-4,", [(0, 1), (3, 4)]),
                ("0-1 ,\t3-4", [(0, 1), (3, 4)]), ("9000-,0-1", [(9000, 9999), (0, 1)]),
                (",".join("%d-%d" % (at * 10, at * 10 + 1) for at in range(16)),
                 [(at * 10, at * 10 + 1) for at in range(16)])]:
            with self.subTest(value):
                self.check(value, ranges)

    def test_of_a_large_file(self):
        self.check("0-99999,200000-299999,900000-", [(0, 99999), (200000, 299999),
                                                     (900000, (1 << 20) - 1)],
                   "/large.bin", LARGE, "application/octet-stream")

    def test_adjacent(self):
        response = self.get("Range: bytes=0-4,5-9")
        self.assertEqual(response.status, 206)

    def test_too_many_or_too_much_is_the_whole(self):
        """No request makes more of a file than the file is."""
        for value in (",".join("%d-%d" % (at * 2, at * 2) for at in range(17)),
                      ",".join(["0-"] * 16), ",".join(["0-0"] * 2), "0-5,5-10", "0-9999,0-0",
                      "0-,-1", "-10,-5", "0-8,2-3", ",".join("%d-" % at for at in range(500)),
                      ",".join(["-1"] * 1300), "0-5000,5000-9999", "0-4999,5000-9999",
                      ",".join("%d-%d" % (at, at) for at in range(1000)),
                      "0-1,2-3,0-18446744073709551615", "-18446744073709551615,0-"):
            with self.subTest(value[:60]):
                response = self.get("Range: bytes=" + value)
                self.check_200(response)
                self.assertNotIn("Content-Range", response)

    def test_the_boundary_is_not_in_the_content(self):
        boundaries = {re.search("boundary=(.*)", self.check("0-0,2-2", [(0, 0), (2, 2)])
                                .get("Content-Type")).group(1) for _ in range(20)}
        self.assertGreater(len(boundaries), 1)

    def test_pipelined_with_others(self):
        several = request("/large.bin", fields=["Range: bytes=0-99999,500000-599999"])
        self.conn.send((several + request("/file.txt")) * 10)
        for at in range(10):
            response = self.conn.response()
            self.assertEqual(response.status, 206)
            self.type = "application/octet-stream"
            self.assertEqual([part[3] for part in self.parts(response)],
                             [LARGE[:100000], LARGE[500000:600000]])
            self.check_200(self.conn.response())

    def test_with_if_range(self):
        self.type = "text/plain; charset=utf-8"
        response = self.get("Range: bytes=0-0,2-2", "If-Range: " + self.etag)
        self.assertEqual(len(self.parts(response)), 2)
        self.check_200(self.get("Range: bytes=0-0,2-2", "If-Range: \"x\""))


if __name__ == "__main__":
    unittest.main()
