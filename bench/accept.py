# SPDX-License-Identifier: MIT
"""How workers share the work of accepting: three kinds of mutex, none (EPOLLEXCLUSIVE alone), none
with TCP_DEFER_ACCEPT, and a listener for each worker (SO_REUSEPORT).

The pool of processes among the models is measured, not the product, because it knows the semaphore
too and tells what its workers counted. Workers may use both processors, wrk has the second one.
"""

import os
import re

import chart
import load
import models
import servers

STRATEGIES = ("atomic", "file", "semaphore", "off", "deferred", "reuseport")
WORKERS = (2, 4)
KINDS = {
    "a connection each": load.case("", "/1k.html", 64, ["Connection: close"]),
    "64 kept alive": load.case("", "/1k.html", 64),
}


def voluntary_switches(server):
    """How often its processes went to sleep: every one of them was woken again."""
    total = 0
    for pid in servers.descendants(server.process.pid):
        with open("/proc/%d/status" % pid) as file:
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))
    return total


def counted(server):
    """[accepted, tries, misses, without] of each worker, from what it said at its end."""
    with open(server.output) as file:
        lines = re.findall(r"^worker \d+ accepted (\d+) tries (\d+) misses (\d+) without (\d+)$",
                           file.read(), re.M)
    return [[int(word) for word in line] for line in lines]


class Row:
    """One strategy under one load."""

    def __init__(self, sample, switches, workers):
        self.sample = sample
        accepted = [worker[0] for worker in workers]
        self.total = max(sum(accepted), 1)
        self.least = min(accepted) * len(accepted) / self.total
        self.most = max(accepted) * len(accepted) / self.total
        self.misses = sum(worker[2] for worker in workers) / self.total
        self.wakes = switches / max(sample.rate, 1)


def measure(work, root, generator, kind, strategy, workers, seconds, rounds):
    best = None
    for number in range(rounds):
        server = models.model("process_pool_epoll", work, root, workers, strategy, cpus=(0, 1))
        server.output += "-%s-%d-%s-%d" % (strategy, workers, kind, number)
        try:
            server.start()
            before = voluntary_switches(server)
            sample = generator.quiet_run(server, KINDS[kind], seconds, tries=1)
            switches = (voluntary_switches(server) - before) / seconds
        finally:
            server.stop()
        row = Row(sample, switches, counted(server))
        if best is None or row.sample.cpu_us < best.sample.cpu_us:
            best = row
    return best


HEAD = "%-18s %7s  %-10s %10s %7s %8s %8s %9s %12s %12s" % (
    "work", "workers", "mutex", "requests/s", "CPU us", "p50 us", "p99 us", "misses",
    "wake-ups", "share")


def cells(row):
    return (row.sample.rate, row.sample.cpu_us, row.sample.p50_us, row.sample.p99_us, row.misses,
            row.wakes, row.least, row.most)


def report(rows):
    lines = ["| work | workers | accept_mutex | requests/s | CPU us/request | p50 us | p99 us | "
             "misses/connection | wake-ups/request | least and most busy worker, of the mean |",
             "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|"]
    for (kind, workers, strategy), row in rows.items():
        lines.append(("| %s | %d | %s " % (kind, workers, strategy)) +
                     "| %.0f | %.2f | %.0f | %.0f | %.3f | %.2f | %.2f to %.2f |" % cells(row))
    return "\n".join(lines) + "\n"


def draw(rows, folder):
    groups = {}
    for (kind, workers, strategy), row in rows.items():
        if kind in list(KINDS)[:1]:
            groups.setdefault("%d workers" % workers, {})[strategy] = row.sample.cpu_us
    chart.bars(os.path.join(folder, "accept.svg"), "Accepting: CPU time of a connection",
               "A connection for each request of 1 KiB, 64 at a time.", "CPU us/connection", groups)


def run(work, folder, seconds, rounds, tell):
    """Returns the report as Markdown."""
    root = models.make_root(work)
    generator = load.Generator(work)
    rows = {}
    tell(HEAD)
    for kind in KINDS:
        for workers in WORKERS:
            for strategy in STRATEGIES:
                row = measure(work, root, generator, kind, strategy, workers, seconds, rounds)
                rows[kind, workers, strategy] = row
                tell("%-18s %7d  %-10s %10.0f %7.2f %8.0f %8.0f %9.3f %12.2f %5.2f to %4.2f" % (
                    (kind, workers, strategy) + cells(row)))
    draw(rows, folder)
    return report(rows) + "\n" + generator.note()
