# SPDX-License-Identifier: MIT
"""Three machines behind the HAProxy and the Varnish of Debian, with the configurations of deploy/."""

import threading
import time
import unittest

import fleet


class Stillness:
    """How long this machine let somebody wait who wanted to go on, at most. Balancers take a machine that is
    silent for a second for one that is down, so a run in which all stood still says nothing of it."""

    STEP = 0.01
    TOO_LONG = 0.1

    def __enter__(self):
        self.longest, self.done = 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.done.set()
        self.thread.join()

    def watch(self):
        before = time.monotonic()
        while not self.done.wait(self.STEP):
            now = time.monotonic()
            self.longest, before = max(self.longest, now - before - self.STEP), now


class Fleet(unittest.TestCase):
    def test_no_request_fails_while_one_dies_one_is_drained_and_one_is_upgraded(self):
        reason = fleet.why_not()
        if reason:
            self.skipTest(reason)
        for _ in range(3):
            with fleet.Fleet(["haproxy", "varnish"]) as machines, Stillness() as stillness:
                seen = fleet.play(machines, ["die", "drain", "upgrade"])
            if stillness.longest < Stillness.TOO_LONG or not any(
                    of["failures"] for of in seen.values()):
                break
        for balancer, of in seen.items():
            with self.subTest(balancer):
                self.assertEqual(of["failures"], [])
                self.assertGreater(of["requests"], 100)


if __name__ == "__main__":
    unittest.main()
