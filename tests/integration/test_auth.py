# SPDX-License-Identifier: MIT
"""Basic authentication: who comes in, what everybody else gets, and who waits for it."""

import base64
import os
import threading
import time

import rawhttp
import support
from support import wait_for

# Of "secret"; in the order in which they take time.
HASHES = {
    "bcrypt": "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe",
    "sha256": "$5$rounds=1000$abc$Mz4DiYKTnNKbZLo/mIp3d8Y4aQBhv3uhSwxLDy55/Y8",
    "sha512": "$6$rounds=1000$abc$MqEcPZUYRGGcOeq7PhMpfjfu/F0HrVEI0OlZBijWvO8mSG77iNUDP5MqFceKpJTBc8iITVtNyLiNTRNCxv6oh0",
    "yescrypt": "$y$j75$Su6ODzbFpn7OsxnuPD3x00$KDpGpu5YQZiO4tCuQbzUFRk0TCxWvV0fvcXtILsLBC5",
}
# The same with so much work that others would notice.
SLOW = "$2y$12$IBYt5uZS5NsfZMcYPRPcG.SpWaUJhCN6B2VOdLgJTz9TiZEsc6Ona"

FILES = {"index.html": b"start\n", "a.txt": b"hello\n", "a.txt.gz": b"stands for gzip",
         "folder/b.txt": b"b\n", "404.html": b"not here\n", "large.bin": b"x" * 300000}


def basic(user, password="secret"):
    text = ("%s:%s" % (user, password)).encode()
    return ["Authorization: Basic " + base64.b64encode(text).decode()]


class Guarded(rawhttp.HttpTest):
    def guarded(self, users=None, sections=None, **settings):
        server = self.make(FILES, sections=sections, auth_file="users", **settings)
        self.write_users(server, users or HASHES)
        server.start()
        return server

    def write_users(self, server, users):
        path = os.path.join(server.dir, "users")
        with open(path, "w") as file:
            file.writelines("%s:%s\n" % user for user in users.items())
        os.chmod(path, 0o600)  # for the master alone

    def test_every_kind_of_hash_lets_its_user_in(self):
        server = self.guarded()
        for user in HASHES:
            with self.subTest(user):
                conn = self.dial(server)
                for _ in range(2):  # hashed, then remembered
                    self.assertEqual(conn.get("/a.txt", fields=basic(user)).status, 200)
                self.assertEqual(conn.get("/a.txt", fields=basic(user, "Secret")).status, 401)
                self.assertEqual(conn.get("/a.txt").status, 401)
        wait_for("the log", lambda: len(server.access_lines()) == 4 * len(HASHES))
        for user, line in zip(HASHES, server.access_lines()[::4]):
            self.assertRegex(line, r'^127\.0\.0\.1 - %s \[.*" 200 ' % user)
        self.assertNotIn("ecret", "".join(server.access_lines()) + server.log())

    def test_whatever_a_client_asks_for_it_asks_for_the_password(self):
        server = self.guarded(
            listing="on", fallback="/index.html", precompressed="on",
            sections={"server": {"error_page.404": "/404.html", "header.X-Secret": "yes"},
                      "location old": {"prefix": "/old", "redirect": "302 /secret-name"},
                      "location open": {"prefix": "/open", "strip_prefix": "on",
                                        "auth_file": ""}})
        conn = self.dial(server)
        rows = [("/a.txt", [], 200), ("/a.txt", ["Accept-Encoding: gzip"], 200),
                ("/large.bin", ["Range: bytes=0-9"], 206), ("/folder/", [], 200),
                ("/folder", [], 301), ("/none.png", [], 404), ("/old/x", [], 302),
                ("/some/page", ["Accept: text/html"], 200), ("/.git/config", [], 404)]
        for target, fields, status in rows:
            with self.subTest(target):
                refused = conn.get(target, fields=fields)
                self.assertEqual(refused.status, 401)
                self.assertIsNone(refused.get("Location"))
                self.assertIsNone(refused.get("ETag"))
                self.assertEqual(refused.get("WWW-Authenticate"),
                                 'Basic realm="Restricted", charset="UTF-8"')
                granted = conn.get(target, fields=fields + basic("bcrypt"))
                self.assertEqual(granted.status, status)
                self.assertIn("private", granted.get("Cache-Control"))
                self.assertEqual(conn.get(target, method="HEAD",
                                          fields=fields + basic("bcrypt")).status,
                                 200 if status == 206 else status)
        self.assertEqual(conn.get("/open/a.txt").status, 200)
        self.assertEqual(conn.get("/-/live").status, 200)
        self.assertEqual(conn.get("/a.txt", method="POST", fields=["Content-Length: 0"]).status,
                         401)

    def test_a_slow_hash_stops_nobody_else(self):
        server = self.guarded({"slow": SLOW}, workers=1,
                              sections={"location open": {"prefix": "/open", "strip_prefix": "on",
                                                          "auth_file": "off"}})
        seen = []
        slow, quick = self.dial(server), self.dial(server)
        slow.send(rawhttp.request("/a.txt", fields=basic("slow")))
        wait_for("the start of a thread",
                 lambda: len(os.listdir("/proc/%d/task" % server.workers()[0])) > 1)
        while slow.is_quiet(0):
            self.assertEqual(quick.get("/open/a.txt").status, 200)
            seen.append(time.monotonic())
        self.assertEqual(slow.response().status, 200)
        # Some 300 ms of hashing: a server that waited for it would have answered once or twice.
        self.assertGreater(len(seen), 4)

    def test_a_flood_of_passwords_is_bounded_and_others_are_served(self):
        server = self.guarded(dict(HASHES, slow=SLOW), workers=1)
        known = self.dial(server)
        self.assertEqual(known.get("/a.txt", fields=basic("bcrypt")).status, 200)
        flood = [self.dial(server) for _ in range(80)]
        for number, conn in enumerate(flood):
            conn.send(rawhttp.request("/a.txt", fields=basic("slow", "wrong%d" % number)))
        # Two run, 64 wait, and all the rest is told at once.
        refused = []
        wait_for("the refusals",
                 lambda: len(refused) == 14 or refused.extend(
                     conn for conn in flood if conn not in refused and not conn.is_quiet(0)))
        for conn in refused:
            response = conn.response()
            self.assertEqual(response.status, 503)
            self.assertEqual(response.get("Retry-After"), "1")
        self.assertEqual(known.get("/a.txt", fields=basic("bcrypt")).status, 200)
        for conn in flood:  # who leaves is not worked for
            conn.reset()
        wait_for("room", lambda: known.get("/a.txt", fields=basic("sha256")).status == 200)

    def test_a_reload_reads_the_file_again(self):
        server = self.guarded({"alice": HASHES["bcrypt"]})
        self.assertEqual(self.dial(server).get("/a.txt", fields=basic("alice")).status, 200)
        before = server.workers()
        self.write_users(server, {"bob": HASHES["bcrypt"]})
        self.assertEqual(self.dial(server).get("/a.txt", fields=basic("alice")).status, 200)
        server.kill(support.signal.SIGHUP)
        wait_for("new workers", lambda: server.workers() and
                 not set(before) & set(server.workers()))
        self.assertEqual(self.dial(server).get("/a.txt", fields=basic("alice")).status, 401)
        self.assertEqual(self.dial(server).get("/a.txt", fields=basic("bob")).status, 200)

    def test_a_bad_file_keeps_the_old_users(self):
        server = self.guarded({"alice": HASHES["bcrypt"]})
        self.write_users(server, {"alice": HASHES["bcrypt"], "carl": "$apr1$kgZccDkD$EYyQGPCSHcjQ"})
        server.allow_error("apr1|configuration|reload")
        server.kill(support.signal.SIGHUP)
        server.wait_for_log('users:2: the hash of user "carl" is MD5 of Apache (apr1)')
        self.assertEqual(self.dial(server).get("/a.txt", fields=basic("alice")).status, 200)

    def test_a_browser_with_six_connections_is_hashed_once(self):
        server = self.guarded({"slow": SLOW}, workers=1)
        conns = [self.dial(server) for _ in range(6)]
        worker = server.workers()[0]
        before = support.cpu_seconds(worker)
        for conn in conns:
            conn.send(rawhttp.request("/a.txt", fields=basic("slow")))
        for conn in conns:
            self.assertEqual(conn.response().status, 200)
        six = support.cpu_seconds(worker) - before
        before = support.cpu_seconds(worker)
        self.assertEqual(conns[0].get("/a.txt", fields=basic("slow", "x")).status, 401)
        one = support.cpu_seconds(worker) - before
        self.assertLess(six, 3 * one)

    def test_the_end_comes_while_a_password_is_hashed(self):
        server = self.guarded({"slow": SLOW}, workers=1)
        conn = self.dial(server)
        conn.send(rawhttp.request("/a.txt", fields=basic("slow")))
        wait_for("the start of a thread",
                 lambda: len(os.listdir("/proc/%d/task" % server.workers()[0])) > 1)
        server.kill(support.signal.SIGQUIT)  # the answer is waited for
        self.assertEqual(conn.response().status, 200)
        server.wait()
