# SPDX-License-Identifier: MIT
"""Every row of the table of conformance/, one test each. rfc.md says what of the RFCs they show."""

import collections
import os
import re
import shutil
import subprocess
import unittest

import support
from conformance import client, site, table
from conformance.row import Reply, get

SECONDS = 20.0  # of patience with a busy machine


class Table(unittest.TestCase):
    def test_each_name_is_given_once(self):
        names = collections.Counter(row.name for row in table.ROWS)
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_each_row_is_in_the_walk(self):
        with open(os.path.join(support.HERE, "rfc.md"), encoding="utf-8") as file:
            named = set(re.findall(r"`([^`]+)`", file.read()))
        self.assertEqual([row.name for row in table.ROWS if row.name not in named], [])


class Rules(support.ServerTest):
    """One server for all rows: none of them leaves anything behind that another one could see."""

    def begin(self, files=None, **settings):
        server = self.make(files or site.FILES, workers=1, sections={
            "host other": {"server_name": "other.test", "root": "other"}}, **settings)
        site.set_times(server.root)
        site.write(server.dir + "/other", site.OTHER_FILES)
        server.start()
        self.address = (server.address, server.port)

    def check_all(self):
        tags = client.tags_of(self.address, SECONDS)
        for row in table.ROWS:
            with self.subTest(row.name, rule=row.rule, section=row.section):
                self.assertIsNone(client.play(row, self.address, tags, SECONDS))

    def test_every_row(self):
        self.begin()
        self.check_all()

    def test_every_row_where_files_are_compressed_when_asked_for(self):
        files = {name: content for name, content in site.FILES.items() if name != "coded.txt.gz"}
        self.begin(files, gzip="on")
        self.assertEqual(self.ask("Accept-Encoding: gzip", target="/coded.txt")
                         .words("Content-Encoding"), ["gzip"])
        self.check_all()

    def ask(self, *fields, target="/file.txt"):
        with client.Client(self.address, SECONDS) as conn:
            conn.send(get(*fields, target=target))
            return conn.answer(Reply(200))

    def test_a_chosen_coding_has_no_content_location(self):
        self.begin()
        answer = self.ask("Accept-Encoding: gzip", target="/coded.txt")
        self.assertEqual(answer.words("Content-Encoding"), ["gzip"])
        self.assertEqual(answer.all("Content-Location"), [])
        # What a Content-Location would name is not what was sent.
        named = self.ask("Accept-Encoding: gzip", target="/coded.txt.gz")
        self.assertEqual(named.body, answer.body)
        self.assertEqual(named.all("Content-Encoding"), [])
        self.assertNotEqual(named.get("Content-Type"), answer.get("Content-Type"))

    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_curl_that_would_rather_speak_http_2(self):
        self.begin()
        done = subprocess.run(
            ["curl", "-sS", "--http2", "--max-time", "20", "-w", " %{http_version} %{http_code}",
             "http://%s:%d/file.txt" % self.address], stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, site.ALPHABET + b" 1.1 200")


if __name__ == "__main__":
    unittest.main()
