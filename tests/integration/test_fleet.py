# SPDX-License-Identifier: MIT
"""Three machines behind the HAProxy and the Varnish of Debian, with the configurations of deploy/."""

import unittest

import fleet


class Fleet(unittest.TestCase):
    def test_no_request_fails_while_one_dies_one_is_drained_and_one_is_upgraded(self):
        reason = fleet.why_not()
        if reason:
            self.skipTest(reason)
        with fleet.Fleet(["haproxy", "varnish"]) as machines:
            seen = fleet.play(machines, ["die", "drain", "upgrade"])
        for balancer, of in seen.items():
            with self.subTest(balancer):
                self.assertEqual(of["failures"], [])
                self.assertGreater(of["requests"], 100)


if __name__ == "__main__":
    unittest.main()
