# SPDX-License-Identifier: MIT
"""A client stays with the server that it had, by a cookie of ours."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support
from conformance.client import Client
from conformance.row import Reply, request
from origin import RESET, Origin, ok, reply
from support import wait_for

COOKIE = re.compile(r"srv=([0-9a-f]{16}); Path=/; HttpOnly; SameSite=Lax$")


class Sticky(support.ServerTest):
    def setUp(self):
        super().setUp()
        self.apps = {name: Origin() for name in ("one", "two", "three")}
        for name, app in self.apps.items():
            self.addCleanup(app.close)
            app.otherwise(ok(name.encode()))

    def front(self, location=None, sections=None, server=None, **settings):
        upstream = {"server." + name: app.name for name, app in self.apps.items()}
        upstream.update({"sticky_cookie": "srv", "max_fails": 1, "fail_timeout": "1m"}, **settings)
        self.server = self.make(workers=2, status="on", **(server or {}), sections=dict({
            "upstream app": upstream,
            "location all": dict({"prefix": "/", "proxy": "app"}, **(location or {}))}, **(sections or {})))
        self.server.configure(pid_file=self.server.dir + "/pid")
        return self.server.start()

    def ask(self, *fields, target="/", method="GET"):
        with Client((self.server.address, self.server.port), 20) as conn:
            conn.send(request(method, target, fields))
            return conn.answer(Reply(200))

    def cookie_of(self, answer):
        """The one that it gives."""
        line, = answer.all("Set-Cookie")
        self.assertRegex(line, COOKIE)
        return "Cookie: srv=" + COOKIE.match(line).group(1)

    def client_of(self, name):
        """The cookie of a client that has that server."""
        for _ in range(100):
            answer = self.ask()
            if answer.body == name.encode():
                return self.cookie_of(answer)
        raise AssertionError("nobody gets " + name)

    def assert_stays(self, cookie, name, rounds=6):
        for _ in range(rounds):
            answer = self.ask(cookie)
            self.assertEqual((answer.body, answer.all("Set-Cookie")), (name.encode(), []))

    def say(self, *words):
        subprocess.run([self.server.program, "-q", "-c", self.server.conf, "-s", *words], check=True,
                       stdin=subprocess.DEVNULL, timeout=60)

    def test_who_comes_back_has_the_same_server_in_all_workers(self):
        self.front()
        cookies = {name: self.client_of(name) for name in self.apps}
        self.assertEqual(len(set(cookies.values())), 3)
        for name, cookie in cookies.items():
            self.assert_stays(cookie, name)
        for app in self.apps.values():
            for part in app.address[0], str(app.port):
                self.assertNotIn("=" + part, "".join(cookies.values()))

    def test_who_has_none_or_a_wrong_one_gets_one(self):
        self.front()
        for line in ("Cookie: a=b", "Cookie: srv=0123456789abcdef", "Cookie: srv=x", "Cookie: SRV=1", "A: b"):
            answer = self.ask(line)
            self.assertIn(answer.body.decode(), self.apps)
            self.cookie_of(answer)
            self.assertEqual(answer.all("Cache-Control"), ["private"])

    def test_a_post_stays_too(self):
        self.front()
        cookie = self.client_of("two")
        for _ in range(4):
            answer = self.ask(cookie, "Content-Length: 0", method="POST")
            self.assertEqual((answer.body, answer.all("Set-Cookie")), (b"two", []))
        answer = self.ask("Content-Length: 0", method="POST")
        self.cookie_of(answer)
        self.assertEqual(answer.all("Cache-Control"), [])

    def test_servers_do_not_see_it(self):
        self.front()
        cookie = self.client_of("one")
        self.apps["one"].forget()
        self.ask(cookie, target="/alone")
        self.ask(cookie + "; a=b", target="/first")
        self.ask("Cookie: a=b; c=d", cookie, target="/two")
        told = [self.apps["one"].requests(target)[0].all("Cookie") for target in ("/alone", "/first", "/two")]
        self.assertEqual(told, [[], ["a=b"], ["a=b; c=d"]])

    def test_cookies_of_servers_pass(self):
        self.front()
        for app in self.apps.values():
            app.on("/login", ok(b"x", "Set-Cookie: sid=1", "Cache-Control: no-store"))
        answer = self.ask(target="/login")
        self.assertEqual(answer.all("Set-Cookie")[0], "sid=1")
        self.assertRegex(answer.all("Set-Cookie")[1], COOKIE)
        self.assertEqual(answer.all("Cache-Control"), ["no-store", "private"])

    def test_a_server_that_fails_is_replaced_and_the_cookie_too(self):
        self.front()
        cookie = self.client_of("one")
        self.apps["one"].otherwise(RESET)
        answer = self.ask(cookie)
        self.assertIn(answer.body, (b"two", b"three"))
        other = self.cookie_of(answer)
        self.assertNotEqual(other, cookie)
        self.assert_stays(other, answer.body.decode())

    def test_a_server_that_is_taken_out_is_replaced_and_one_that_drains_is_not(self):
        self.front()
        cookie, other = self.client_of("one"), self.client_of("two")
        self.say("drain", "app/one")
        self.assert_stays(cookie, "one")
        self.assertEqual({self.ask().body for _ in range(20)}, {b"two", b"three"})
        self.say("maint", "app/one")
        answer = self.ask(cookie)
        self.assertIn(answer.body, (b"two", b"three"))
        self.cookie_of(answer)
        self.assert_stays(other, "two")
        self.say("ready", "app/one")
        self.assert_stays(cookie, "one")

    def test_a_server_that_asks_for_rest_keeps_its_clients(self):
        for app in self.apps.values():
            app.on("/health", ok(b"well"))
        self.front(check="/health", check_interval="100ms")
        cookie = self.client_of("one")
        self.apps["one"].on("/health", reply(404))
        wait_for("rest", lambda: "drained" in [
            row["state"] for row in json.loads(self.server.get("/-/status.json").body)["servers"]], 20)
        self.assert_stays(cookie, "one")
        self.assertEqual({self.ask().body for _ in range(20)}, {b"two", b"three"})

    def test_a_reload_changes_nothing_of_it(self):
        self.front()
        cookies = {name: self.client_of(name) for name in self.apps}
        self.say("reload")
        for name, cookie in cookies.items():
            self.assert_stays(cookie, name, 2)

    def test_it_is_for_tls_alone_where_a_trusted_proxy_says_that_the_client_has_it(self):
        self.front(server={"trusted_proxy": "127.0.0.1"}, sticky_age="2h")
        line, = self.ask("X-Forwarded-Proto: https").all("Set-Cookie")
        self.assertRegex(line, "^srv=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax; Max-Age=7200; Secure$")
        line, = self.ask("X-Forwarded-Proto: http").all("Set-Cookie")
        self.assertRegex(line, "Max-Age=7200$")

    def test_nobody_else_is_believed(self):
        self.front()
        self.cookie_of(self.ask("X-Forwarded-Proto: https"))

    def test_a_cache_keeps_answers_without_it(self):
        folder = tempfile.mkdtemp(prefix="tinyweb-cache-")
        self.addCleanup(shutil.rmtree, folder, True)
        for app in self.apps.values():
            app.on("/kept", ok(b"kept", "Cache-Control: max-age=600"))
        self.front(location={"cache": "main"},
                   sections={"cache main": {"path": os.path.join(folder, "cache"), "min_free": 0}})
        cookie = self.cookie_of(self.ask("Content-Length: 0", method="POST"))
        first = self.ask(cookie, target="/kept")
        self.assertIn("fwd=miss; stored", first.get("Cache-Status"))
        wait_for("the file", lambda: [name for _, _, names in os.walk(folder) for name in names
                                      if not name.startswith("~")])
        for answer in [first] + [self.ask(target="/kept") for _ in range(6)]:
            self.assertEqual((answer.body, answer.all("Set-Cookie")), (b"kept", []))
            self.assertEqual(answer.all("Cache-Control"), ["max-age=600"])
        asked, = [one for app in self.apps.values() for one in app.requests("/kept")]
        self.assertEqual(asked.all("Cookie"), [])


if __name__ == "__main__":
    unittest.main()
