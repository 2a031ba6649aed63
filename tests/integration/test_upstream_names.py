# SPDX-License-Identifier: MIT
"""Servers that are names: looked up again and again by a process of its own, while the server runs."""

import ctypes
import json
import os
import signal
import time
import unittest

import support
from origin import Origin, ok
from support import wait_for

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18


def use_hosts(path):
    """In the child: its /etc/hosts is @path from now on, and that of nobody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (lambda: libc.unshare(CLONE_NEWNS),
                 lambda: libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None),
                 lambda: libc.mount(path.encode(), b"/etc/hosts", None, MS_BIND, None)):
        if call() != 0:
            os._exit(99)


def may_have_own_hosts():
    if os.geteuid() != 0 or not os.path.exists("/etc/hosts"):
        return False
    pid = os.fork()
    if pid == 0:
        use_hosts("/etc/hosts")
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def is_resolver(pid):
    try:
        return support.title(pid).startswith("tinyweb: resolver")
    except OSError:
        return False  # it has just ended


@unittest.skipUnless(may_have_own_hosts(), "needs a namespace of its own for /etc/hosts")
class Names(support.ServerTest):
    def front(self, app, *hosts, names="app.test", **settings):
        """A server with a file of hosts of its own, whose lines are @hosts at first."""
        server = self.make(status="on", workers=settings.pop("workers", 1), sections={
            "upstream app": dict({"servers": ", ".join("%s:%d" % (name, app.port)
                                                       for name in names.split()),
                                  "resolve": "100ms"}, **settings),
            "location all": {"prefix": "/a", "proxy": "app"}})
        self.hosts = os.path.join(server.dir, "hosts")
        self.say("127.0.0.1 localhost", *hosts)
        return server.start(before=lambda: use_hosts(self.hosts))

    def say(self, *lines):
        with open(self.hosts, "w") as file:  # the same file: it is mounted
            file.write("".join(line + "\n" for line in lines))

    def origin(self, address="127.0.0.1"):
        app = Origin()
        self.addCleanup(app.close)
        app.otherwise(ok(b"hello"))
        return app

    def shown(self, server):
        return [row["server"] for row in json.loads(server.get("/-/status.json").body)["servers"]]

    def wait_for_servers(self, server, *names):
        wait_for("servers %s" % (names,), lambda: sorted(self.shown(server)) == sorted(names), 20)

    def resolvers(self, server):
        return [pid for pid in support.children(server.pid) if is_resolver(pid)]

    def the_resolver(self, server):
        """It may be about to say that it is one."""
        return wait_for("one resolver", lambda: len(self.resolvers(server)) == 1 and
                        self.resolvers(server), 20)[0]

    def test_a_server_starts_without_an_answer_and_follows_the_name(self):
        app = self.origin()
        server = self.front(app)
        self.assertEqual(server.get("/a").status, 503)
        server.wait_for_log("resolver: cannot look up app.test")
        self.say("127.0.0.1 localhost", "127.0.0.1 app.test")
        self.wait_for_servers(server, app.name)
        self.assertEqual(server.get("/a").body, b"hello")

        self.say("127.0.0.2 app.test", "127.0.0.1 app.test", "::1 app.test")
        self.wait_for_servers(server, app.name, "127.0.0.2:%d" % app.port, "[::1]:%d" % app.port)
        self.say("127.0.0.1 app.test")
        self.wait_for_servers(server, app.name)

    def test_what_was_known_stays_when_the_name_is_gone(self):
        app = self.origin()
        server = self.front(app, "127.0.0.1 app.test")
        self.wait_for_servers(server, app.name)
        self.say("127.0.0.1 localhost")
        server.wait_for_log("resolver: cannot look up app.test: ")
        time.sleep(0.3)  # three more lookups
        self.assertEqual(server.get("/a").body, b"hello")

    def test_a_resolver_that_dies_is_replaced_and_ends_with_the_master(self):
        app = self.origin()
        server = self.front(app)
        first = self.the_resolver(server)
        os.kill(first, signal.SIGTERM)  # which is blocked in a child of the master
        os.kill(first, signal.SIGKILL)
        wait_for("another resolver", lambda: self.resolvers(server) not in ([], [first]), 20)
        self.say("127.0.0.1 app.test")
        self.wait_for_servers(server, app.name)
        second = self.the_resolver(server)
        self.assertEqual(server.stop(), 0)
        wait_for("its end", lambda: not support.is_alive(second), 20)

    def test_a_reload_brings_new_names_and_keeps_the_others(self):
        app = self.origin()
        server = self.front(app)
        self.say("127.0.0.1 app.test", "127.0.0.2 other.test")
        self.wait_for_servers(server, app.name)
        server.sections["upstream app"]["server.other"] = "other.test:%d" % app.port
        server.configure()
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.wait_for_servers(server, app.name, "127.0.0.2:%d" % app.port)
        server.sections["upstream app"] = {"servers": app.name}
        server.configure()
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use", 2)
        wait_for("no resolver", lambda: not self.resolvers(server), 20)
        self.assertEqual(server.get("/a").body, b"hello")

    def test_it_has_no_more_rights_and_descriptors_than_it_needs(self):
        server = self.front(self.origin())
        pid = self.the_resolver(server)

        def status_of():
            with open("/proc/%d/status" % pid) as file:
                return dict(line.split(":\t", 1) for line in file.read().splitlines()
                            if ":\t" in line)
        wait_for("its rights to go", lambda: status_of()["NoNewPrivs"] == "1" and
                 len(support.descriptors(pid)) <= 5)
        status = status_of()
        self.assertNotIn("0", status["Uid"].split())
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertLessEqual(len(support.descriptors(pid)), 5)


if __name__ == "__main__":
    unittest.main()
