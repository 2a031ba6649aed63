# SPDX-License-Identifier: MIT
"""Every case of conformance/proxy/: TinyWeb between a scripted client and a scripted origin."""

import collections
import os
import shutil
import tempfile
import unittest

import support
from conformance.proxy import caching, compare, intermediary, table


class Table(unittest.TestCase):
    def test_each_name_is_given_once(self):
        names = collections.Counter(case.name for case in table.CASES)
        self.assertEqual([name for name, count in names.items() if count > 1], [])


class Rules(unittest.TestCase):
    def check(self, cases):
        work = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.addCleanup(shutil.rmtree, work, ignore_errors=True)
        os.chmod(work, 0o755)
        results = compare.run("tinyweb", work, cases, patience=15)
        self.assertEqual({name: wrong for name, wrong in results.items() if wrong}, {})
        for folder, _, names in os.walk(work):
            for name in names:
                with open(os.path.join(folder, name), errors="replace") as file:
                    self.assertNotRegex(file.read(), support.SANITIZER)

    def test_every_case_of_an_intermediary(self):
        self.check(intermediary.CASES)

    def test_every_case_of_a_shared_cache(self):
        self.check(caching.CASES)


if __name__ == "__main__":
    unittest.main()
