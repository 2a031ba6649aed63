# SPDX-License-Identifier: MIT
"""Every row of the table of conformance/, one test each. rfc.md says what of the RFCs they show."""

import collections
import unittest

import support
from conformance import client, site, table

SECONDS = 20.0  # of patience with a busy machine


class Table(unittest.TestCase):
    def test_each_name_is_given_once(self):
        names = collections.Counter(row.name for row in table.ROWS)
        self.assertEqual([name for name, count in names.items() if count > 1], [])


class Rules(support.ServerTest):
    """One server for all rows: none of them leaves anything behind that another one could see."""

    def setUp(self):
        super().setUp()
        self.server = self.make(site.FILES, workers=1, sections={
            "host other": {"server_name": "other.test", "root": "other"}})
        site.set_times(self.server.root)
        site.write(self.server.dir + "/other", site.OTHER_FILES)
        self.server.start()
        self.address = (self.server.address, self.server.port)

    def test_every_row(self):
        tags = client.tags_of(self.address, SECONDS)
        for row in table.ROWS:
            with self.subTest(row.name, rule=row.rule, section=row.section):
                self.assertIsNone(client.play(row, self.address, tags, SECONDS))


if __name__ == "__main__":
    unittest.main()
