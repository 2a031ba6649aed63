# SPDX-License-Identifier: MIT
"""Servers are asked whether they work, by one worker at a time, and what is known of them is shown."""

import json
import os
import signal
import threading
import time
import unittest

import support
from origin import Gate, Origin, ok, reply
from support import wait_for


class Checks(support.ServerTest):
    def origin(self, name):
        app = Origin()
        self.addCleanup(app.close)
        app.otherwise(ok(name.encode()))
        app.on("/health", ok(b"well"))
        return app

    def front(self, *backs, workers=1, **settings):
        upstream = dict({"servers": ", ".join(back.name for back in backs), "check": "/health",
                         "check_interval": "100ms", "check_timeout": "1m"}, **settings)
        server = self.make(workers=workers, status="on", sections={
            "upstream app": upstream, "location all": {"prefix": "/a", "proxy": "app"}})
        return server.start()

    def states(self, server):
        rows = json.loads(server.get("/-/status.json").body)["servers"]
        return [row["state"] for row in rows]

    def wait_for_states(self, server, *states):
        wait_for("states %s" % (states,), lambda: self.states(server) == list(states), 20)

    def answers(self, server, count=8):
        return {server.get("/a").body for _ in range(count)}

    def test_who_fails_its_check_is_not_asked_until_it_is_well_again(self):
        one, two = self.origin("one"), self.origin("two")
        server = self.front(one, two)
        self.wait_for_states(server, "up", "up")
        self.assertEqual(self.answers(server), {b"one", b"two"})
        one.on("/health", reply(500))
        self.wait_for_states(server, "down", "up")
        self.assertEqual(self.answers(server), {b"two"})
        server.wait_for_log("upstream app: %s is down, its check says 500" % one.name)
        two.hang_up()
        two.refuse()
        self.wait_for_states(server, "down", "down")
        self.assertEqual(server.get("/a").status, 503)
        one.on("/health", ok(b"well"))
        self.wait_for_states(server, "up", "down")
        self.assertEqual(self.answers(server), {b"one"})

    def test_who_wants_rest_is_asked_only_when_all_do(self):
        one, two = self.origin("one"), self.origin("two")
        server = self.front(one, two)
        one.on("/health", reply(404))
        self.wait_for_states(server, "drained", "up")
        self.assertEqual(self.answers(server), {b"two"})
        two.on("/health", reply(503, b"", "X-Drain: 1"))
        self.wait_for_states(server, "drained", "drained")
        self.assertEqual(self.answers(server), {b"one", b"two"})

    def test_a_check_is_made_once_for_all_workers(self):
        app = self.origin("one")
        server = self.front(app, workers=3, check_host="app.example", check_interval="200ms")
        self.wait_for_states(server, "up")
        wait_for("a first check", lambda: app.requests("/health"), 20)
        before, began = len(app.requests("/health")), time.monotonic()
        wait_for("five more", lambda: len(app.requests("/health")) >= before + 5, 20)
        intervals = (time.monotonic() - began) / 0.2
        self.assertLessEqual(len(app.requests("/health")) - before, intervals + 2)
        request = app.requests("/health")[0]
        self.assertEqual(request.all("Host"), ["app.example"])
        self.assertEqual(request.all("Connection"), ["close"])

    def test_checks_go_on_after_a_worker_has_died_and_after_a_reload(self):
        app = self.origin("one")
        server = self.front(app, workers=2)
        self.wait_for_states(server, "up")
        os.kill(server.workers()[0], signal.SIGKILL)
        server.allow_error("worker .* was killed|ended by signal")
        app.on("/health", reply(500))
        self.wait_for_states(server, "down")
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.assertEqual(self.states(server), ["down"])  # it is known still
        app.on("/health", ok(b"well"))
        self.wait_for_states(server, "up")

    def test_without_checks_what_they_said_is_forgotten(self):
        app = self.origin("one")
        app.on("/health", reply(500))
        server = self.front(app)
        self.wait_for_states(server, "down")
        self.assertEqual(server.get("/a").status, 503)
        server.sections["upstream app"] = {"servers": app.name}
        server.configure()
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.assertEqual(server.get("/a").body, b"one")
        self.assertEqual(self.states(server), ["up"])

    def test_who_finds_all_places_taken_waits_for_one(self):
        app, gate = self.origin("one"), Gate()
        self.addCleanup(gate.open)
        app.on("/a/slow", [gate, ok(b"slow")])
        server = self.make(workers=2, status="on", sections={
            "upstream app": {"servers": app.name + " max_conns=1", "queue": "1",
                             "queue_timeout": "2m"},
            "location all": {"prefix": "/a", "proxy": "app"}}).start()
        answers = {}

        def ask(path):
            thread = threading.Thread(target=lambda: answers.update({path: server.get(path, 30)}))
            thread.start()
            self.addCleanup(thread.join)
            return thread

        slow = ask("/a/slow")
        gate.wait_for_somebody()
        waiting = [ask("/a/1"), ask("/a/2")]
        # Each of the two workers has room for one of them to wait; the same one may have got both.
        time.sleep(0.2)
        self.assertEqual(len(app.requests("/a/1")) + len(app.requests("/a/2")), 0)
        gate.open()
        for thread in [slow] + waiting:
            thread.join(30)
        statuses = sorted(answers[path].status for path in ("/a/1", "/a/2"))
        self.assertIn(statuses, ([200, 200], [200, 503]))
        self.assertEqual(answers["/a/slow"].body, b"slow")

    def test_servers_are_shown(self):
        app = self.origin("one")
        server = self.front(app, **{"server.spare": "127.0.0.1:9 backup"})
        self.wait_for_states(server, "up", "down")
        wait_for("the first check", lambda: json.loads(server.get("/-/status.json").body)["servers"][0][
            "check_status"] == 200, 20)
        server.get("/a")
        status = json.loads(server.get("/-/status.json").body)
        self.assertEqual([status["upstream_attempts"][word] for word in ("ok", "connect", "ours")],
                         [1, 0, 0])
        self.assertGreaterEqual(status["upstream_connections"]["made"], 1)
        row, spare = status["servers"]
        self.assertEqual((row["upstream"], row["server"], row["requests"], row["under_way"]),
                         ("app", app.name, 1, 0))
        self.assertEqual((row["check_status"], row["failures"]), (200, 0))
        self.assertEqual((spare["server"], spare["backup"], spare["check_status"]),
                         ("spare", True, 0))
        metrics = server.get("/-/metrics").body.decode()
        labels = '{upstream="app",server="%s"}' % app.name
        self.assertIn("\ntinyweb_upstream_server_up%s 1\n" % labels, metrics)
        self.assertIn("\ntinyweb_upstream_server_requests_total%s 1\n" % labels, metrics)
        self.assertIn('\ntinyweb_upstream_server_up{upstream="app",server="spare"} 0\n', metrics)
        self.assertIn('\ntinyweb_upstream_attempts_total{outcome="ok"} 1\n', metrics)
        self.assertIn('\ntinyweb_upstream_connections{state="kept"} ', metrics)
        page = server.get("/-/").body.decode()
        self.assertIn("<tr><td>app<td>%s<td>up<td>1<td>0<td>1<td>0<td>" % app.name, page)


if __name__ == "__main__":
    unittest.main()
