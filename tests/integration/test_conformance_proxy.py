# SPDX-License-Identifier: MIT
"""Every case of conformance/proxy/: TinyWeb between a scripted client and a scripted origin."""

import collections
import unittest

from conformance.proxy import table


class Table(unittest.TestCase):
    def test_each_name_is_given_once(self):
        names = collections.Counter(case.name for case in table.CASES)
        self.assertEqual([name for name, count in names.items() if count > 1], [])


if __name__ == "__main__":
    unittest.main()
