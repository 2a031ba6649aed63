# SPDX-License-Identifier: MIT
"""Groups of servers: who gets how much, who is left alone, and what is not repeated."""

import os
import signal
import threading
import unittest

from conformance.client import Client
from conformance.row import Reply, get
from origin import RESET, Gate, ok
from support import wait_for
from test_upstream_failures import GOOD, SECONDS, UpstreamTest


class Failing(UpstreamTest):
    def test_a_server_that_fails_again_and_again_is_left_alone(self):
        bad, good = self.origin(), self.origin()
        server = self.front(bad, good, max_fails=2, fail_timeout="1m")
        bad.on("/", [RESET])
        good.on("/", ok(GOOD))
        for _ in range(40):
            self.assertEqual(self.ask(server).body, GOOD)
        self.assertLess(len(bad.requests()), 8)

    def test_a_crowd_that_fails_does_not_ask_twice_as_often(self):
        apps, gate = [self.origin() for _ in range(2)], Gate()
        self.addCleanup(gate.open)
        for app in apps:
            app.on("/", [gate, RESET])
        server = self.front(*apps, max_fails=0, retry_budget=20)
        crowd = [self.dial(server) for _ in range(40)]
        for conn in crowd:
            conn.send(get(target="/"))
        wait_for("all of them", lambda: sum(len(app.requests()) for app in apps) == 40, SECONDS)
        gate.open()
        self.assertEqual({conn.answer(Reply(502)).status for conn in crowd}, {502})
        # 40, a fifth of them, and three; a few more as requests end and others are repeated.
        asked = sum(len(app.requests()) for app in apps)
        self.assertGreater(asked, 40)
        self.assertLess(asked, 60)

    def test_a_worker_that_is_killed_gives_its_places_back(self):
        app, gate = self.origin(), Gate()
        app.on("/held", [gate, ok(b"held")])
        app.on("/good", ok(GOOD))
        server = self.front("%s max_conns=2" % app.name, workers=1)
        server.allow_error("worker")
        held = [self.dial(server) for _ in range(2)]
        for conn in held:
            conn.send(get(target="/held"))
        app.wait_for_requests(2, "/held")
        self.assertEqual(self.ask(server, "/good").status, 503)
        victim, = server.workers()
        os.kill(victim, signal.SIGKILL)
        wait_for("another worker", lambda: server.workers() not in ([], [victim]), SECONDS)
        gate.open()
        wait_for("places", lambda: self.ask(server, "/good").status == 200, SECONDS)
        for _ in range(5):
            self.assertEqual(self.ask(server, "/good").body, GOOD)


class Shares(UpstreamTest):
    def run_many(self, server, targets, clients=4):
        """Each of @targets once, by some clients."""
        left, failures = list(reversed(targets)), []

        def one():
            with Client((server.address, server.port), SECONDS) as conn:
                while True:
                    try:
                        target = left.pop()
                    except IndexError:
                        return
                    conn.send(get(target=target))
                    answer = conn.answer(Reply(200))
                    if answer.status != 200:
                        failures.append(answer.status)
        threads = [threading.Thread(target=one) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_shares_are_within_5_percent_of_the_weights(self):
        apps = [self.origin() for _ in range(3)]
        for app in apps:
            app.otherwise(ok(b"x"))
        weights = (3, 2, 1)
        server = self.front(*("%s weight=%d" % (app.name, weight)
                              for app, weight in zip(apps, weights)), workers=2)
        total = 1200
        self.run_many(server, ["/"] * total)
        for app, weight in zip(apps, weights):
            share = total * weight / sum(weights)
            self.assertLessEqual(abs(len(app.requests()) - share), 0.05 * share)

    def test_a_hash_moves_only_the_keys_of_the_server_that_left(self):
        apps = [self.origin() for _ in range(4)]
        for app in apps:
            app.otherwise(ok(b"x"))
        server = self.front(*apps, balance="hash", hash_key="uri", hash_bound="off", workers=2,
                            retry_budget=100)
        targets = ["/%d" % number for number in range(400)]

        def owners():
            for app in apps:
                app.forget()
            self.run_many(server, targets)
            return {one.target: number for number, app in enumerate(apps)
                    for one in app.requests()}
        before = owners()
        self.assertEqual(owners(), before)
        for number in range(4):  # a quarter each, more or less: the ring is made of ports, which are chance
            share = list(before.values()).count(number)
            self.assertTrue(40 < share < 180, share)
        apps[0].refuse()
        apps[0].hang_up()
        after = owners()
        moved = [target for target in targets if after[target] != before[target]]
        self.assertEqual(moved, [target for target in targets if before[target] == 0])


if __name__ == "__main__":
    unittest.main()
