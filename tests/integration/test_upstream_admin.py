# SPDX-License-Identifier: MIT
"""An admin drains servers, takes them out and puts them back, over the control socket."""

import json
import subprocess
import unittest

import support
from origin import Origin, ok


class Admin(support.ServerTest):
    def front(self, *names, workers=2, **settings):
        """A server before as many origins, with these labels."""
        self.apps = {name: Origin() for name in names}
        for name, app in self.apps.items():
            self.addCleanup(app.close)
            app.otherwise(ok(name.encode()))
        upstream = {"server." + name: app.name for name, app in self.apps.items()}
        server = self.make(workers=workers, status="on", sections={
            "upstream app": dict(upstream, **settings),
            "location all": {"prefix": "/a", "proxy": "app"}})
        server.configure(pid_file=server.dir + "/pid")
        return server.start()

    def say(self, server, *words, status=0):
        """What `-s` with these words says: standard output and error."""
        done = subprocess.run([server.program, "-c", server.conf, "-s", *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout + done.stderr

    def asked(self, server):
        return {server.get("/a").body.decode() for _ in range(30)}

    def rows(self, server):
        return {row["server"]: row for row in json.loads(server.get("/-/status.json").body)["servers"]}

    def test_a_server_is_taken_out_and_put_back_for_all_workers(self):
        server = self.front("one", "two", "three")
        self.assertEqual(self.asked(server), {"one", "two", "three"})
        self.assertIn("sends nothing to that server any more", self.say(server, "maint", "app/two"))
        self.assertEqual(self.asked(server), {"one", "three"})
        self.assertIn("gives that server no new work", self.say(server, "drain", "app/one"))
        self.assertEqual(self.asked(server), {"three"})
        self.assertEqual(server.get("/-/ready").status, 200)  # it is not about ourselves
        self.assertIn("sends requests to that server again", self.say(server, "ready", "app/two"))
        self.assertEqual(self.asked(server), {"two", "three"})
        self.say(server, "ready", "app/" + self.apps["one"].name)  # its address
        self.assertEqual(self.asked(server), {"one", "two", "three"})
        for text in ("maint from pid %d: upstream server app/two", "drain from pid %d: upstream server app/one"):
            self.assertRegex(server.log(), text.replace("%d", "[0-9]+"))

    def test_when_all_are_out_nobody_is_asked_and_when_all_are_drained_all_are(self):
        server = self.front("one", "two")
        self.say(server, "drain", "app/one")
        self.say(server, "drain", "app/two")
        self.assertEqual(self.asked(server), {"one", "two"})
        self.say(server, "maint", "app/one")
        self.say(server, "maint", "app/two")
        self.assertEqual(server.get("/a").status, 503)
        self.say(server, "ready", "app/one")
        self.assertEqual(self.asked(server), {"one"})

    def test_it_is_shown(self):
        server = self.front("one", "two", "three")
        self.asked(server)
        self.say(server, "maint", "app/one")
        self.say(server, "drain", "app/two")
        rows = self.rows(server)
        self.assertEqual([(rows[name]["state"], rows[name]["admin"]) for name in ("one", "two", "three")],
                         [("maint", "maint"), ("drained", "drain"), ("up", "ready")])
        metrics = server.get("/-/metrics").body.decode()
        for name, number, up in (("one", 2, 0), ("two", 1, 0), ("three", 0, 1)):
            for metric, value in (("admin", number), ("up", up)):
                self.assertIn('\ntinyweb_upstream_server_%s{upstream="app",server="%s"} %d\n'
                              % (metric, name, value), metrics)
        self.assertIn("<tr><td>app<td>one<td>maint<td>", server.get("/-/").body.decode())
        said = self.say(server, "status")
        for line in ("server +state +under_way +requests +failures", "app/one +maint +0 +[1-9][0-9]* +0",
                     "app/two +drained +0 +[1-9][0-9]* +0", "app/three +up +0 +[1-9][0-9]* +0"):
            self.assertRegex(said, "(?m)^%s$" % line)

    def test_a_reload_keeps_it(self):
        server = self.front("one", "two")
        self.say(server, "maint", "app/one")
        server.configure(pid_file=server.dir + "/pid", workers=3)
        self.say(server, "reload")
        self.assertEqual(self.asked(server), {"two"})
        self.assertEqual(self.rows(server)["one"]["state"], "maint")
        self.say(server, "ready", "app/one")
        self.assertEqual(self.asked(server), {"one", "two"})

    def test_who_is_not_there_is_an_error_that_tells_who_is(self):
        server = self.front("one", "two")
        said = self.say(server, "maint", "app/three", status=1)
        for line in ('there is no server "app/three", but:', "app/one", "app/two", "it was not done"):
            self.assertIn(line, said)
        self.assertIn("wants one server of an upstream", self.say(server, "maint", status=2))
        self.assertIn("wants one server of an upstream", self.say(server, "ready", "app/one", "app/two", status=2))
        self.assertEqual(self.asked(server), {"one", "two"})

    def test_without_upstreams_there_is_nothing_to_take_out(self):
        server = self.make()
        server.configure(pid_file=server.dir + "/pid")
        server.start()
        self.assertIn("there is no [upstream]", self.say(server, "maint", "app/one", status=1))


if __name__ == "__main__":
    unittest.main()
