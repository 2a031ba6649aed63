# SPDX-License-Identifier: MIT
"""Load by wrk(1) on one processor, and what it cost the server and everybody else."""

import collections
import os
import re
import statistics
import subprocess
import time

import servers

Case = collections.namedtuple("Case", "title path connections headers script")

# What wrk should do at the end: bare numbers. Times are in microseconds.
REPORT = """
done = function(summary, latency, requests)
    local e = summary.errors
    io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
        summary.bytes, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.status + e.timeout))
end
"""

# When others use more than this of a processor, only processor time is worth telling.
QUIET = 0.25

Sample = collections.namedtuple(
    "Sample", "rate cpu_us p50_us p99_us bytes_per_s utilisation foreign errors")


def case(title, path, connections, headers=(), script=""):
    return Case(title, path, connections, headers, script)


def pipelined(depth):
    return """
init = function(args)
    local all = {}
    for i = 1, %d do all[i] = wrk.format("GET") end
    batch = table.concat(all)
end
request = function() return batch end
""" % depth


def many_files(count, pattern):
    """All files of @pattern in an order that is neither sorted nor random."""
    return """
local n = 0
request = function()
    n = (n + 7919) %% %d
    return wrk.format("GET", string.format("%s", n))
end
""" % (count, pattern)


def busy_seconds():
    """Of all processors, by everybody."""
    with open("/proc/stat") as file:
        fields = [int(word) for word in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


class Generator:
    def __init__(self, work, cpu=1):
        self.work, self.cpu = work, cpu
        self.foreign = []  # of each run that was looked at

    def foreign_median(self):
        return statistics.median(self.foreign)

    def note(self):
        """For the end of a report."""
        return ("Other processes used %.0f %% of a processor in the median run, %.0f %% in the "
                "worst.\n" % (100 * self.foreign_median(), 100 * max(self.foreign)))

    def run(self, server, case, seconds):
        script = servers.write(os.path.join(self.work, "wrk.lua"), case.script + REPORT)
        argv = ["wrk", "-t1", "-c%d" % case.connections, "-d%gs" % seconds, "-s", script,
                "--timeout", "20s"]
        for header in case.headers:
            argv += ["-H", header]
        argv.append("http://127.0.0.1:%d%s" % (server.port, case.path))
        busy, cpu, began = busy_seconds(), server.cpu_ns(), time.perf_counter()
        own = os.times()
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              preexec_fn=lambda: os.sched_setaffinity(0, {self.cpu}))
        wall = time.perf_counter() - began
        if server.has_dead:
            time.sleep(0.2)  # those who end just now are in nobody's account
        cpu = server.cpu_ns() - cpu
        now = os.times()
        spent = cpu / 1e9 + sum(now[:4]) - sum(own[:4])
        foreign = max(0.0, busy_seconds() - busy - spent) / wall
        numbers = re.search(r"^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.M)
        if not numbers:
            raise RuntimeError("wrk against %s: %s" % (server.name, done.stdout.strip()[-500:]))
        requests, duration, size, p50, p99, errors = map(int, numbers.groups())
        requests = max(requests, 1)
        return Sample(rate=requests * 1e6 / duration, cpu_us=cpu / 1000 / requests, p50_us=p50,
                      p99_us=p99, bytes_per_s=size * 1e6 / duration, utilisation=cpu / 1e9 / wall,
                      foreign=foreign, errors=errors)

    def warm(self, server, case, count, limit_seconds=20):
        """@count requests that nobody counts: caches are full then."""
        for _ in range(limit_seconds):
            count -= self.run(server, case, 1).rate
            if count <= 0:
                return

    def quiet_run(self, server, case, seconds, limit=0.08, tries=2):
        """The least disturbed of at most @tries runs; ends with the first below @limit of a
        processor used by others."""
        best = None
        for _ in range(tries):
            sample = self.run(server, case, seconds)
            if best is None or sample.foreign < best.foreign:
                best = sample
            if best.foreign < limit:
                break
        self.foreign.append(best.foreign)
        return best
