# SPDX-License-Identifier: MIT
"""The server's own numbers: they equal what clients did, whatever happens to workers meanwhile."""

import json
import os
import re
import shutil
import signal
import subprocess
import unittest

import support
from support import wait_for

LINE = re.compile(r'^(\w+(?:\{[^}]*\})?) (\S+)$')


def parse(text):
    """{name with labels: value} of the text format."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (LINE.match(line).groups() for line in lines)}


class Status(support.ServerTest):
    def serve(self, files=None, **settings):
        self.server = super().serve(files, status="on", **settings)
        return self.server

    looks = 0  # requests for the status so far: the next one tells of them, too

    def look(self, path):
        reply = self.server.get(path)
        self.assertEqual(reply.status, 200)
        self.looks += 1
        return reply.body

    def metrics(self):
        return parse(self.look("/-/metrics").decode())

    def wait_until_measured(self, count):
        """@count requests besides ours. They are measured at the end of a turn of the loop, which
        the client need not have waited for."""
        def is_measured():
            before = self.looks
            return self.metrics()["tinyweb_request_duration_seconds_count"] == count + before
        wait_for("all to be measured", is_measured)

    def wait_for_total(self, name, count):
        """Until @name is @count and what our own looks make: (looks before the last one, metrics)."""
        def is_there():
            looks, found = self.looks, self.metrics()
            return found[name] == count + looks and (looks, found)
        return wait_for("%s of %d" % (name, count), is_there)

    def ask(self, count, path="/", connections=8):
        """@count requests, spread over connections that are kept."""
        request = ("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path).encode()
        socks = [self.server.connect() for _ in range(connections)]
        for number in range(count):
            sock = socks[number % connections]
            sock.sendall(request)
            self.read_answer(sock)
        for sock in socks:
            sock.close()

    def read_answer(self, sock):
        data = b""
        while b"\r\n\r\n" not in data:
            data += sock.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        while len(body) < length:
            body += sock.recv(65536)

    def test_totals_are_exact_through_a_crash_and_a_reload(self):
        server = self.serve(workers=4)
        self.ask(200)
        self.ask(20, "/missing")
        self.wait_until_measured(220)
        victim = server.workers()[0]
        # What ends in the turn of a crash is never measured: our last look may be its.
        wait_for("the end of its turn", lambda: support.process_state(victim) == "S")
        server.allow_error("worker .* was killed by")
        os.kill(victim, signal.SIGKILL)
        wait_for("another worker", lambda: len(server.workers()) == 4 and
                 victim not in server.workers())
        wait_for("it to serve", lambda: self.metrics()["tinyweb_workers"] == 4)
        self.ask(300)
        server.kill(signal.SIGHUP)
        server.wait_for_log("the new configuration is in use")
        self.ask(100)
        looks, found = self.wait_for_total('tinyweb_requests_total{class="2xx"}', 600)
        self.assertEqual(found['tinyweb_requests_total{class="4xx"}'], 20)
        self.assertEqual(found["tinyweb_worker_respawns_total"], 1)
        self.assertEqual(found['tinyweb_reloads_total{result="ok"}'], 1)
        self.assertEqual(found["tinyweb_configuration"], 2)
        workers = [value for name, value in found.items()
                   if name.startswith("tinyweb_worker_requests_total")]
        self.assertEqual(sum(workers), 620 + looks)
        self.wait_until_measured(620)

    def test_gauges_follow_connections(self):
        self.serve(workers=1)
        idle = [self.server.connect() for _ in range(5)]
        begun = self.server.connect()
        begun.sendall(b"GET / HTTP/1.1\r\n")

        def states():
            found = self.metrics()
            return [found['tinyweb_connections{state="%s"}' % state] for state in ("idle", "active")]
        wait_for("them to be counted", lambda: states() == [5, 2])  # ours is active, too
        for sock in idle + [begun]:
            sock.close()
        wait_for("them to go", lambda: self.metrics()['tinyweb_connections{state="idle"}'] == 0)

    def test_json_is_json(self):
        self.serve()
        self.ask(10)
        self.wait_until_measured(10)
        self.wait_for_total('tinyweb_requests_total{class="2xx"}', 10)
        looks = self.looks
        found = json.loads(self.look("/-/status.json"))
        self.assertEqual(found["requests"], 10 + looks)
        self.assertEqual(found["responses"]["2xx"], 10 + looks)
        self.assertIn(found["latency_us"]["count"], (9 + looks, 10 + looks))  # our last one
        self.assertGreaterEqual(found["latency_us"]["max"], found["latency_us"]["p50"])
        self.assertEqual(sum(worker["requests"] for worker in found["workers"]), 10 + looks)

    def plotted(self, title):
        """[value] of each second that the first line of a plot has, as sent; and half a step."""
        page = self.look("/-/").decode()
        found = re.search(r'<h2>%s</h2>.*?0 – (\d+)</span>.*?'
                          r'<polyline class="l0" points="([^"]*)"' %
                          title, page, re.DOTALL)
        self.assertTrue(found, page)
        step = int(found.group(1)) / 100
        heights = [100 - int(point.split(",")[1]) for point in found.group(2).split()]
        return [height * step for height in heights], step

    def test_what_is_plotted_is_what_was_asked_and_needs_no_script(self):
        self.serve(workers=2)
        self.ask(900)

        def is_plotted():
            values, _ = self.plotted("Requests per second")
            return len(values) >= 2 and sum(values) > 450
        wait_for("two seconds", is_plotted, 20)
        values, step = self.plotted("Requests per second")
        # A point is a whole hundredth of the highest one; it may be of a second that goes on.
        self.assertLessEqual(sum(values), 900 + self.looks)
        wait_for("all of them", lambda: sum(self.plotted("Requests per second")[0]) >=
                 900 - step * len(values), 10)
        page = self.look("/-/").decode()
        self.assertEqual(page.count("<svg "), 5)
        self.assertNotRegex(page, r"(?:src|href)=[\"']?(?:https?:)?//")  # nothing from elsewhere

    def test_it_is_off_by_default(self):
        server = super().serve()
        for path in ("/-/", "/-/status", "/-/status.json", "/-/metrics"):
            self.assertEqual(server.get(path).status, 404)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool")
    def test_prometheus_takes_the_metrics(self):
        self.serve()
        self.ask(10)
        text = self.server.get("/-/metrics").body
        check = subprocess.run(["promtool", "check", "metrics"], input=text, timeout=60,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual((check.returncode, check.stdout), (0, b""))
