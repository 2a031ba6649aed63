# SPDX-License-Identifier: MIT
"""A cache in front of a scripted origin: what is kept, for whom, and what crashes, full disks, other
workers and purges leave of it. The rules of RFC 9111 are rows of conformance/proxy/caching.py."""

import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import support
from conformance import client
from conformance.row import Reply, get, request
from origin import CLOSE, RESET, Gate, Origin, Pause, chunked, head, ok, reply
from support import wait_for

FRESH = "Cache-Control: max-age=600"


class CacheTest(support.ServerTest):
    workers = 2

    def setUp(self):
        super().setUp()
        self.app = Origin()
        self.addCleanup(self.app.close)

    def start_cache(self, cache=None, **settings):
        """Nobody waits in vain for what another one fetches, however slow the machine is."""
        self.folder = self.new_folder()
        sections = {
            "upstream app": {"servers": self.app.name, "max_fails": 0},
            "cache main": dict({"path": self.folder, "min_free": 0, "lock_timeout": "1m"},
                               **(cache or {})),
            "location all": {"prefix": "/", "proxy": "app", "cache": "main"},
        }
        self.server = self.serve(sections=sections, workers=self.workers, **settings)
        return self.server

    def new_folder(self):
        folder = tempfile.mkdtemp(prefix="tinyweb-cache-")
        self.addCleanup(shutil.rmtree, folder, True)
        return os.path.join(folder, "cache")

    def dial(self):
        conn = client.Client(("127.0.0.1", self.server.port), 60)
        self.addCleanup(conn.sock.close)
        return conn

    def ask(self, target="/a", *fields, method="GET", host="t"):
        conn = self.dial()
        conn.send(request(method, target, fields, host=host))
        return conn.answer(Reply(200))

    def wait_for_the_first_half(self, conn):
        while not conn.buffer.endswith(b"01234"):
            conn.take()

    def files(self):
        """Those that are whole."""
        found = []
        for folder, _, names in os.walk(self.folder):
            found += [os.path.join(folder, name) for name in names if not name.startswith("~")]
        return found

    @staticmethod
    def has(path, content):
        try:
            with open(path, "rb") as file:
                return content in file.read()
        except FileNotFoundError:
            return False

    def temporary(self):
        return [name for _, _, names in os.walk(self.folder) for name in names
                if name.startswith("~")]

    def asked(self, target="/a"):
        return len(self.app.requests(target))


class Hits(CacheTest):
    def test_a_second_client_gets_what_is_kept_whatever_the_worker(self):
        self.app.on("/a", ok(b"hello", FRESH, 'ETag: "1"'))
        self.start_cache()
        first = self.ask()
        self.assertIn("fwd=miss; stored", first.get("Cache-Status"))
        wait_for("the file", self.files)
        for _ in range(20):
            answer = self.ask()
            self.assertEqual(answer.body, b"hello")
            self.assertRegex(answer.get("Cache-Status"), r"^tinyweb; hit; ttl=\d+$")
            self.assertEqual(len(answer.all("Age")), 1)
            self.assertEqual(answer.get("Date"), first.get("Date"))
        self.assertEqual(self.asked(), 1)

    def test_the_log_tells_what_the_cache_had_to_do_with_it(self):
        self.app.on("/a", ok(b"hello", FRESH))
        self.app.on("/b", ok(b"hello", "Cache-Control: max-age=0", 'ETag: "1"'),
                    head(304, "Cache-Control: max-age=60"))
        server = self.start_cache(access_log_format="json")
        self.ask("/a")
        wait_for("the file", self.files)
        self.ask("/a")
        self.ask("/b")
        wait_for("two files", lambda: len(self.files()) == 2)
        self.ask("/b")
        self.ask("/a", "Range: bytes=1-2")
        lines = wait_for("five lines", lambda: (lambda found: len(found) == 5 and found)(
            [json.loads(line) for line in server.access_lines()]))
        self.assertEqual([line["range"] for line in lines if line["status"] == 206], ["1-2"])
        told = sorted((line["target"], line["reason"], line["cache"] or "") for line in lines)
        self.assertEqual(told, [("/a", "cached", ""), ("/a", "miss", "miss"),
                                ("/a", "range", ""), ("/b", "cached", "revalidated"), ("/b", "miss", "miss")])

    def test_pipelined_hits_come_in_order_on_one_connection(self):
        self.app.on("/a", ok(b"one", FRESH))
        self.app.on("/b", ok(b"two" * 100000, FRESH))
        self.start_cache()
        self.ask("/a")
        self.ask("/b")
        wait_for("two files", lambda: len(self.files()) == 2)
        conn = self.dial()
        conn.send((get(target="/a") + get(target="/b")) * 5)
        bodies = [conn.answer(Reply(200)).body for _ in range(10)]
        self.assertEqual(bodies, [b"one", b"two" * 100000] * 5)

    def test_large_content_is_kept_and_parts_of_it_are_sent(self):
        content = os.urandom(3 << 20)
        self.app.on("/a", ok(content, FRESH, 'ETag: "1"'))
        self.start_cache()
        self.assertEqual(self.ask().body, content)
        wait_for("the file", self.files)
        self.assertEqual(self.ask().body, content)
        part = self.ask("/a", "Range: bytes=1000000-1999999")
        self.assertEqual((part.status, part.body), (206, content[1000000:2000000]))
        self.assertEqual(part.get("Content-Range"), "bytes 1000000-1999999/%d" % len(content))
        self.assertEqual(self.ask("/a", "Range: bytes=-5").body, content[-5:])
        none = self.ask("/a", "Range: bytes=%d-" % len(content))
        self.assertEqual((none.status, none.get("Content-Range")),
                         (416, "bytes */%d" % len(content)))
        self.assertEqual(self.ask("/a", "Range: bytes=0-4", 'If-Range: "2"').status, 200)
        self.assertEqual(self.asked(), 1)

    def test_a_part_that_is_not_there_has_all_fetched_and_is_sent_as_a_part(self):
        self.app.on("/a", ok(b"0123456789", FRESH, 'ETag: "1"'))
        self.start_cache()
        part = self.ask("/a", "Range: bytes=2-4")
        self.assertEqual((part.status, part.body), (206, b"234"))
        wait_for("the file", self.files)
        self.assertEqual(self.ask().body, b"0123456789")
        received, = self.app.requests("/a")
        self.assertNotIn("Range", received)

    def test_head_is_answered_from_what_get_has_brought(self):
        self.app.on("/a", ok(b"hello", FRESH))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        conn = self.dial()
        conn.send(request("HEAD", "/a") + get(target="/a"))
        answer = conn.answer(Reply(200, head=True))
        self.assertEqual((answer.status, answer.get("Content-Length")), (200, "5"))
        self.assertEqual(conn.answer(Reply(200)).body, b"hello")
        self.assertEqual(self.asked(), 1)

    def test_who_has_it_already_is_told_so(self):
        self.app.on("/a", ok(b"hello", FRESH, 'ETag: "1"', "Content-Type: text/plain"))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        answer = self.ask("/a", 'If-None-Match: "0", W/"1"')
        self.assertEqual((answer.status, answer.body), (304, b""))
        self.assertEqual(answer.get("ETag"), '"1"')
        self.assertNotIn("content-type", [name.lower() for name, _ in answer.fields])
        self.assertEqual(self.asked(), 1)

    def test_chunked_and_empty_replies_are_kept(self):
        self.app.on("/a", chunked(b"one", b"two", fields=(FRESH,)))
        self.app.on("/b", reply(404, b"", FRESH))
        self.start_cache()
        self.assertEqual(self.ask("/a").body, b"onetwo")
        self.assertEqual(self.ask("/b").status, 404)
        wait_for("two files", lambda: len(self.files()) == 2)
        again = self.ask("/a")
        self.assertEqual((again.body, again.get("Content-Length")), (b"onetwo", "6"))
        self.assertEqual((self.ask("/b").status, self.asked("/a"), self.asked("/b")), (404, 1, 1))

    def test_replies_that_vary_are_kept_for_each_choice(self):
        fields = (FRESH, "Vary: Accept-Language")
        self.app.on("/a", ok(b"one", *fields), ok(b"two", *fields), ok(b"three", *fields))
        self.start_cache({"key_add": "X-Device"})
        self.assertEqual(self.ask("/a", "Accept-Language: de").body, b"one")
        self.assertEqual(self.ask("/a", "Accept-Language: en").body, b"two")
        self.assertEqual(self.ask("/a", "Accept-Language: en", "X-Device: phone").body, b"three")
        wait_for("three and an index", lambda: len(self.files()) == 4)
        for _ in range(4):
            self.assertEqual(self.ask("/a", "Accept-Language: de").body, b"one")
            self.assertEqual(self.ask("/a", "Accept-Language:  en ").body, b"two")
        self.assertEqual(self.asked(), 3)


class Misses(CacheTest):
    def test_many_who_come_at_once_cost_one_request(self):
        gate = Gate()
        self.app.on("/a", [head(200, FRESH, "Content-Length: 10"), b"01234", gate, b"56789"])
        self.start_cache()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            waiting = [pool.submit(self.ask) for _ in range(40)]
            gate.wait_for_somebody()
            time.sleep(0.3)  # so that they are there; those who are not find it stored
            gate.open()
            answers = [one.result(60) for one in waiting]
        self.assertEqual({(one.status, one.body) for one in answers}, {(200, b"0123456789")})
        self.assertEqual(self.asked(), 1)

    def test_the_first_bytes_leave_before_the_last_have_come(self):
        gate = Gate()
        self.app.on("/a", [head(200, FRESH, "Content-Length: 10"), b"01234", gate, b"56789"])
        self.start_cache()
        conn = self.dial()
        conn.send(get(target="/a"))
        self.wait_for_the_first_half(conn)
        gate.open()
        self.assertEqual(conn.answer(Reply(200)).body, b"0123456789")

    def test_what_may_not_be_shared_is_fetched_by_each_at_once(self):
        gates = [Gate() for _ in range(4)]
        self.app.on("/a", *[[gate, ok(b"%d" % i, "Cache-Control: private")]
                            for i, gate in enumerate(gates)])
        self.start_cache()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(self.ask) for _ in range(4)]
            for gate in gates:
                gate.open()
            bodies = sorted(one.result(60).body for one in waiting)
        self.assertEqual(bodies, [b"0", b"1", b"2", b"3"])
        self.assertEqual(self.files(), [])

    def test_a_client_that_leaves_does_not_end_the_fetch(self):
        gate = Gate()
        self.app.on("/a", [head(200, FRESH, "Content-Length: 10"), b"01234", gate, b"56789"])
        self.start_cache()
        conn = self.dial()
        conn.send(get(target="/a"))
        self.wait_for_the_first_half(conn)
        conn.reset()
        gate.open()
        wait_for("the file", self.files)
        self.assertEqual((self.ask().body, self.asked()), (b"0123456789", 1))

    def test_a_fetch_that_nobody_waits_for_ends_when_its_time_is_over(self):
        for rest in ("0", "200ms"):
            gate = Gate()
            self.app.on("/" + rest, [head(200, FRESH, "Content-Length: 10"), b"01234", gate, b"56789"],
                        ok(b"whole", FRESH))
            self.start_cache({"fill_rest": rest})
            conn = self.dial()
            conn.send(get(target="/" + rest))
            self.wait_for_the_first_half(conn)
            conn.reset()
            wait_for("no leftovers", lambda: not self.temporary())
            gate.open()
            self.assertEqual(self.ask("/" + rest).body, b"whole")
            self.assertEqual(self.asked("/" + rest), 2)

    def test_what_has_come_is_kept_whoever_stays(self):
        """Without a rest, too, for one who leaves when he has got all, as every client does."""
        self.app.on("/a", ok(b"hello", FRESH))
        self.start_cache({"fill_rest": "0"})
        self.assertEqual(self.ask().body, b"hello")
        wait_for("the file", self.files)
        self.assertEqual((self.ask().body, self.asked()), (b"hello", 1))

    def test_what_is_cut_off_is_passed_on_cut_off_and_not_kept(self):
        gates = {last: Gate() for last in (CLOSE, RESET)}
        for last, gate in gates.items():
            target = "/" + last
            self.app.on(target, [head(200, FRESH, "Content-Length: 10"), b"01234", gate, last],
                        ok(b"whole", FRESH))
        self.start_cache()
        for last, gate in gates.items():
            conn = self.dial()
            conn.send(get(target="/" + last))
            self.wait_for_the_first_half(conn)
            gate.open()
            with self.assertRaises(client.Broken):
                conn.answer(Reply(200))
            self.assertEqual(self.ask("/" + last).body, b"whole")
        wait_for("no leftovers", lambda: not self.temporary())

    def test_slow_readers_get_all_of_what_is_not_kept(self):
        content = os.urandom(2 << 20)
        self.app.on("/a", ok(content, "Cache-Control: no-store"))
        self.start_cache()
        conn = self.dial()
        conn.send(get(target="/a"))
        time.sleep(0.2)
        self.assertEqual(conn.answer(Reply(200)).body, content)
        self.assertEqual(self.files(), [])

    def test_what_is_too_large_is_passed_on_and_not_kept(self):
        content = os.urandom(300000)
        self.app.on("/a", ok(content, FRESH))
        self.app.on("/b", chunked(content[:100000], content[100000:], fields=(FRESH,)))
        self.start_cache({"max_object": "64k"})
        for target in ("/a", "/b"):
            for _ in range(2):
                self.assertEqual(self.ask(target).body, content)
        self.assertEqual((self.asked("/a"), self.asked("/b")), (2, 2))
        wait_for("no leftovers", lambda: not self.temporary())


class Stale(CacheTest):
    def test_what_is_still_true_is_used_again(self):
        old = ok(b"hello", "Cache-Control: max-age=0", 'ETag: "1"', "X-Count: 1")
        new = head(304, "Cache-Control: max-age=600", 'ETag: "1"', "X-Count: 2")
        self.app.on("/a", old, new)
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        answer = self.ask()
        self.assertEqual((answer.status, answer.body), (200, b"hello"))
        self.assertIn("fwd-status=304", answer.get("Cache-Status"))
        self.assertEqual(self.app.requests("/a")[1].get("If-None-Match"), '"1"')
        for _ in range(8):
            answer = self.ask()
            self.assertEqual((answer.body, answer.get("X-Count")), (b"hello", "2"))
        self.assertEqual(self.asked(), 2)

    def test_it_is_sent_while_it_is_renewed(self):
        gate = Gate()
        control = "Cache-Control: max-age=1, stale-while-revalidate=600"
        self.app.on("/a", ok(b"old", control), [gate, ok(b"new", FRESH)])
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        time.sleep(2.1)
        for _ in range(10):
            self.assertEqual(self.ask().body, b"old")
        gate.wait_for_somebody()
        self.assertEqual(self.ask().body, b"old")
        gate.open()
        wait_for("the new one", lambda: self.ask().body == b"new")
        self.assertEqual(self.asked(), 2)

    def test_it_is_sent_when_the_origin_fails(self):
        control = "Cache-Control: max-age=0, stale-if-error=600"
        self.app.on("/a", ok(b"old", control), reply(503, b"broken"))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        answer = self.ask()
        self.assertEqual((answer.status, answer.body), (200, b"old"))
        self.app.refuse()
        time.sleep(1.1)
        self.assertEqual(self.ask().body, b"old")

    def test_also_one_whose_status_nobody_knows(self):
        control = "Cache-Control: max-age=0, stale-if-error=600"
        self.app.on("/a", reply(299, b"old", control), reply(503, b"broken"))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        answer = self.ask()
        self.assertEqual((answer.status, answer.body), (299, b"old"))

    def test_without_the_word_a_failure_is_a_failure(self):
        self.app.on("/a", ok(b"old", "Cache-Control: max-age=0", 'ETag: "1"'), [RESET])
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        self.assertEqual(self.ask().status, 502)


class Purges(CacheTest):
    workers = 3

    def test_it_is_gone_in_all_workers_at_once(self):
        self.app.on("/a", ok(b"old", FRESH), ok(b"new", FRESH))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        for _ in range(12):
            self.assertEqual(self.ask().body, b"old")
        answer = self.ask("/a", method="PURGE")
        self.assertEqual((answer.status, answer.body), (200, b"purged\n"))
        for _ in range(12):
            self.assertEqual(self.ask().body, b"new")
        self.assertEqual(self.ask("/never", method="PURGE").status, 404)

    def test_all_that_vary_are_gone(self):
        fields = (FRESH, "Vary: Accept")
        self.app.on("/a", ok(b"1", *fields), ok(b"2", *fields), ok(b"3", *fields), ok(b"4", *fields))
        self.start_cache()
        self.ask("/a", "Accept: x")
        self.ask("/a", "Accept: y")
        wait_for("all files", lambda: len(self.files()) == 3)
        self.assertEqual(self.ask("/a", method="PURGE").status, 200)
        self.assertEqual(self.ask("/a", "Accept: x").body, b"3")
        self.assertEqual(self.ask("/a", "Accept: y").body, b"4")

    def test_the_command_removes_one_or_all_that_begin_so(self):
        targets = ["/news/1", "/news/2", "/news/2?x", "/other"]
        for target in targets:
            self.app.on(target, ok(b"old", FRESH), ok(b"new", FRESH))
        server = self.start_cache(pid_file="tinyweb.pid", status=True)
        for target in targets:
            self.ask(target, host="A.example:80")
        wait_for("all files", lambda: len(self.files()) == 4)

        def command(what):
            return subprocess.run([support.PROGRAM, "-c", server.conf, "-s", "purge", what],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=support.clean_environment(), timeout=20)
        done = command("http://a.example/news/2")
        self.assertEqual((done.returncode, "1 file removed" in done.stdout), (0, True), done.stdout)
        self.assertEqual(self.bodies(targets), [b"old", b"new", b"old", b"old"])
        wait_for("the new one", lambda: len(self.files()) == 4)
        done = command("http://a.example/news/*")
        self.assertEqual((done.returncode, "3 files removed" in done.stdout), (0, True),
                         done.stdout)
        self.assertEqual(self.bodies(targets), [b"new", b"new", b"new", b"old"])
        self.assertEqual(command("/news").returncode, 1)
        def is_counted():
            counts = json.loads(server.get("/-/status.json").body)["cache"]
            return counts["hit"] > 3 and counts["stored"] >= 7
        wait_for("the counts", is_counted)

    def bodies(self, targets):
        found = [{self.ask(target, host="a.example").body for _ in range(6)} for target in targets]
        self.assertEqual([len(bodies) for bodies in found], [1] * len(targets), found)
        return [bodies.pop() for bodies in found]

    def test_what_was_fetched_before_a_purge_is_not_kept_after_it(self):
        gate = Gate()
        self.app.on("/a", [head(200, FRESH, "Content-Length: 3"), b"o", gate, b"ld"],
                    ok(b"new", FRESH))
        self.start_cache()
        conn = self.dial()
        conn.send(get(target="/a"))
        gate.wait_for_somebody()
        self.ask("/a", method="PURGE")
        gate.open()
        self.assertEqual(conn.answer(Reply(200)).body, b"old")
        self.assertEqual(self.ask().body, b"new")

    def test_others_may_not(self):
        self.app.on("/a", ok(b"old", FRESH), ok(b"new", FRESH))
        self.start_cache({"purge": "10.9.8.7"})
        self.ask()
        wait_for("the file", self.files)
        self.assertEqual(self.ask("/a", method="PURGE").status, 403)
        self.assertEqual(self.ask().body, b"old")

    def test_a_change_by_the_proxy_is_seen_by_all(self):
        self.app.on("/a", ok(b"old", FRESH), reply(204), ok(b"new", FRESH))
        self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        for _ in range(6):
            self.assertEqual(self.ask().body, b"old")
        conn = self.dial()
        conn.send(request("POST", "/a", ("Content-Length: 1",), body=b"x"))
        self.assertEqual(conn.answer(Reply(204)).status, 204)
        for _ in range(6):
            self.assertEqual(self.ask().body, b"new")


class Survival(CacheTest):
    def test_what_is_kept_outlives_restarts_and_reloads(self):
        self.app.on("/a", ok(b"hello", FRESH))
        server = self.start_cache()
        self.ask()
        wait_for("the file", self.files)
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.assertEqual(self.ask().body, b"hello")
        server.stop()
        folder = self.folder
        self.new_folder = lambda: folder
        self.start_cache()
        self.assertEqual((self.ask().body, self.asked()), (b"hello", 1))

    def test_a_worker_that_is_killed_while_it_writes_leaves_nothing_wrong(self):
        gate = Gate()
        self.workers = 1
        self.app.on("/a", [head(200, FRESH, "Content-Length: 10"), b"01234", gate, b"56789"],
                    ok(b"whole", FRESH))
        server = self.start_cache()
        server.allow_error("killed|ended|died")
        conn = self.dial()
        conn.send(get(target="/a"))
        gate.wait_for_somebody()
        self.wait_for_the_first_half(conn)
        old, = server.workers()
        os.kill(old, signal.SIGKILL)
        wait_for("another worker", lambda: server.workers() not in ([old], []))
        gate.open()
        started = time.monotonic()
        self.assertEqual(self.ask().body, b"whole")
        self.assertLess(time.monotonic() - started, 30)  # nobody waits for the dead, not a minute
        wait_for("the file", self.files)
        self.assertEqual(len(self.temporary()), 1)  # for the sweep
        self.assertEqual(self.ask().body, b"whole")

    def test_files_that_are_broken_or_gone_are_misses(self):
        self.app.on("/a", ok(b"one", FRESH), ok(b"two", FRESH), ok(b"three", FRESH))
        self.start_cache()
        self.ask()
        path, = wait_for("the file", self.files)
        with open(path, "r+b") as file:
            file.seek(100)
            file.write(b"\xff")
        time.sleep(1.2)  # a file is believed for a second
        self.assertEqual(self.ask().body, b"two")
        wait_for("the new file", lambda: self.has(path, b"two"))
        os.remove(path)
        time.sleep(1.2)
        self.assertEqual(self.ask().body, b"three")

    def test_a_full_disk_costs_nothing_but_the_keeping(self):
        disk = tempfile.mkdtemp(prefix="tinyweb-disk-")
        self.addCleanup(shutil.rmtree, disk, True)
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", disk]).returncode != 0:
            self.skipTest("only root may mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        content = os.urandom(3 << 20)
        self.app.on("/a", ok(content, FRESH))
        self.app.on("/b", ok(b"small", FRESH))
        self.new_folder = lambda: disk + "/cache"
        self.start_cache()
        self.assertEqual(self.ask().body, content)
        wait_for("no leftovers", lambda: not self.temporary())
        self.assertEqual(self.files(), [])
        self.assertEqual(self.ask("/b").body, b"small")
        time.sleep(1.2)  # it rests for a second
        self.ask("/b")
        wait_for("the small one", lambda: len(self.files()) == 1)

    def test_it_is_kept_within_its_bounds(self):
        self.app.otherwise(ok(b"x" * 60000, FRESH))
        self.start_cache({"max_size": "1m", "max_object": "100k"})
        for i in range(60):
            self.ask("/%d" % i)
        wait_for("fewer files", lambda: 0 < len(self.files()) <= 17, 15)


class Chance(CacheTest):
    """Replies of all kinds, clients that leave, purges: what arrives whole is a whole reply to the
    target that was asked for."""

    REQUESTS = 1500
    CONTROLS = ("max-age=1", "max-age=600", "no-store", "max-age=0, stale-while-revalidate=5",
                "no-cache", "max-age=0, stale-if-error=5", "private", "max-age=600, must-revalidate")

    def content(self, target, size):
        return (target.encode() + b"|") * (size // (len(target) + 1) + 1)

    def script(self, target, chance):
        body = self.content(target, chance.choice((10, 1000, 70000, 300000)))
        fields = ["Cache-Control: " + chance.choice(self.CONTROLS)]
        if chance.random() < 0.5:
            fields.append('ETag: "1"')
        if chance.random() < 0.3:
            fields.append("Vary: Accept")
        kind = chance.random()
        if kind < 0.5:
            return ok(body, *fields)
        if kind < 0.7:
            return chunked(body[:100], body[100:], fields=fields)
        if kind < 0.8:
            return [head(200, *fields, "Content-Length: %d" % len(body)), body[:len(body) // 2],
                    chance.choice((CLOSE, RESET))]
        if kind < 0.9:
            return [head(200, *fields, "Content-Length: %d" % len(body)), body[:5], Pause(0.02),
                    body[5:]]
        return reply(503, self.content(target, 20))

    def one(self, chance):
        target = "/%d" % chance.randrange(12)
        kind = chance.random()
        if kind < 0.05:
            self.ask(target, method="PURGE")
            return
        fields = ["Accept: " + chance.choice("xy")]
        if kind < 0.2:
            fields.append("Range: bytes=%d-%d" % (chance.randrange(50), 50 + chance.randrange(50)))
        elif kind < 0.3:
            fields.append('If-None-Match: "1"')
        conn = self.dial()
        conn.send(get(*fields, target=target))
        if kind > 0.9:
            conn.sock.close()
            return
        try:
            answer = conn.answer(Reply(200))
        except (client.Broken, client.Ended):
            return
        if answer.status in (200, 206, 503) and b"<html" not in answer.body:
            text = self.content(target, 1000)[:len(target) + 1]
            self.assertLessEqual(set(answer.body.split(b"|")[1:-1]), {text[:-1]})
        else:
            self.assertIn(answer.status, (304, 416, 502, 503, 504))
        conn.sock.close()

    def test_whole_answers_are_those_of_their_target(self):
        chance = random.Random(7)
        for number in range(12):
            target = "/%d" % number
            self.app.on(target, *[self.script(target, chance) for _ in range(60)])
        server = self.start_cache({"max_size": "1m", "max_object": "200k", "lock_timeout": "200ms"})
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for _ in pool.map(self.one, [random.Random(i) for i in range(self.REQUESTS)]):
                pass
        self.assertEqual(len(server.workers()), self.workers)
        wait_for("no leftovers", lambda: not self.temporary())
        self.assertEqual(self.ask("/0").status // 100 in (2, 5), True)


if __name__ == "__main__":
    unittest.main()
