# SPDX-License-Identifier: MIT
"""TinyWeb beside its peers: the same work for each, in rounds that alternate who comes first."""

import os
import random
import socket
import statistics
import time

import chart
import load
import servers

MANY = 10000

CASES = {
    "small": load.case("1 KiB, 64 connections", "/1k.html", 64),
    "small-1000": load.case("1 KiB, 1,000 connections", "/1k.html", 1000),
    "reconnect": load.case("1 KiB, a connection each", "/1k.html", 64, ["Connection: close"]),
    "pipelined": load.case("1 KiB, 16 pipelined", "/1k.html", 64, script=load.pipelined(16)),
    "medium": load.case("16 KiB, 64 connections", "/16k.bin", 64),
    "large": load.case("1 MiB, 16 connections", "/1m.bin", 16),
    "many": load.case("10,000 files of 200 B to 4 KiB", "/many/0.html", 64,
                      script=load.many_files(MANY, "/many/%d.html")),
}
BARS = {"small": "1 KiB", "small-1000": "1 KiB, 1,000 conn.", "reconnect": "reconnect",
        "pipelined": "pipelined", "medium": "16 KiB", "large": "1 MiB", "many": "10,000 files"}
FLOOR = ("small", "small-1000", "reconnect", "pipelined", "medium")  # what floor can answer
# Below this the generator, not the server, was the limit: its rate is only a lower bound.
SATURATED = 0.88


def make_docroot(work):
    root = os.path.join(work, "www")
    os.makedirs(os.path.join(root, "many"))
    letters = bytes(random.Random(1).choices(range(97, 123), k=65536))
    for name, size in (("1k.html", 1 << 10), ("16k.bin", 1 << 14), ("1m.bin", 1 << 20)):
        with open(os.path.join(root, name), "wb") as file:
            file.write((letters * (size // len(letters) + 1))[:size])
    for number in range(MANY):
        with open(os.path.join(root, "many", "%d.html" % number), "wb") as file:
            file.write(letters[number:number + 200 + number * 7919 % 3800])
    return root


class Result:
    """Samples of one case: {server: [sample of each round]}."""

    def __init__(self, name, title):
        self.name, self.title, self.samples = name, title, {}

    def best_cpu(self, server):
        """Noise only adds: the least is the nearest to the truth."""
        return min(sample.cpu_us for sample in self.samples[server])

    def median_rate(self, server):
        return statistics.median(sample.rate for sample in self.samples[server])

    def best(self, server, field):
        return min(getattr(sample, field) for sample in self.samples[server])

    def errors(self, server):
        return sum(sample.errors for sample in self.samples[server])

    def is_saturated(self, server):
        return statistics.median(s.utilisation for s in self.samples[server]) >= SATURATED

    def rate_ratios(self, peer):
        return [ours.rate / theirs.rate
                for ours, theirs in zip(self.samples["tinyweb"], self.samples[peer])]

    def cpu_ratio(self, peer):
        return self.best_cpu(peer) / self.best_cpu("tinyweb")

    def better_nginx(self):
        variants = [name for name in self.samples if name.startswith("nginx")]
        return min(variants, key=self.best_cpu) if variants else None

    def peers(self):
        """The better nginx first, then the others."""
        chosen = [self.better_nginx()] if self.better_nginx() else []
        return chosen + [name for name in self.samples if name not in ("nginx", "nginx-nosf",
                                                                       "tinyweb")]


def measure(everybody, names, generator, rounds, seconds, tell):
    results = {}
    for name in names:
        result = results[name] = Result(name, CASES[name].title)
        for server in everybody if name == "many" else ():
            generator.warm(server, CASES[name], MANY)
        taking_part = [server for server in everybody if server.name != "floor" or name in FLOOR]
        for number in range(rounds):
            turn = number % len(taking_part)
            for server in taking_part[turn:] + taking_part[:turn]:
                sample = generator.quiet_run(server, CASES[name], seconds)
                result.samples.setdefault(server.name, []).append(sample)
        tell(case_lines(result))
    return results


HEAD = "%-34s %-11s %10s %9s %8s %8s   %s" % (
    "case", "server", "requests/s", "CPU us", "p50 us", "p99 us", "TinyWeb is better by: rate, CPU")


def case_lines(result):
    lines = []
    for server in result.samples:
        rate = "%.0f%s" % (result.median_rate(server), "" if result.is_saturated(server) else "*")
        text = "%-34s %-11s %10s %9.2f %8.0f %8.0f" % (
            result.title if not lines else "", server, rate, result.best_cpu(server),
            result.best(server, "p50_us"), result.best(server, "p99_us"))
        if server != "tinyweb":
            ratios = result.rate_ratios(server)
            text += "   %.2f (%.2f to %.2f), %.2f" % (
                statistics.median(ratios), min(ratios), max(ratios), result.cpu_ratio(server))
        if result.errors(server):
            text += "   %d errors" % result.errors(server)
        lines.append(text)
    return "\n".join(lines)


# --- memory and start

def start_ms(server, times=5):
    best = None
    for _ in range(times):
        took = server.start() * 1000
        server.stop()
        best = took if best is None else min(best, took)
    return best


def idle_memory(server, count):
    """(PSS without connections, PSS with @count idle ones that have been used once)."""
    server.start()
    socks = []
    try:
        time.sleep(0.3)
        empty = server.pss_bytes()
        request = b"GET /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in range(count):
            sock = socket.create_connection(("127.0.0.1", server.port), 5)
            socks.append(sock)
            sock.sendall(request)
            if not sock.recv(65536):
                raise RuntimeError("%s closed connection %d" % (server.name, len(socks)))
        time.sleep(0.3)
        return empty, server.pss_bytes()
    finally:
        for sock in socks:
            sock.close()
        server.stop()


def measure_memory(everybody, count, tell):
    rows = {}
    tell("%-11s %12s %12s %16s %10s" % (
        "", "start, ms", "idle, MiB", "%d idle, MiB" % count, "bytes each"))
    for server in everybody:
        start = start_ms(server)
        empty, full = idle_memory(server, count)
        rows[server.name] = (start, empty, full, (full - empty) / count)
        tell("%-11s %12.1f %12.2f %16.2f %10.0f" % (
            server.name, start, empty / 2 ** 20, full / 2 ** 20, (full - empty) / count))
    return rows


# --- reports

def work_rows(results, is_quiet):
    """Rows of the table; without rates and latencies where others took most of the machine."""
    for result in results.values():
        better = result.better_nginx()
        for index, server in enumerate(result.samples):
            mark = "**" if server in ("tinyweb", better) else ""
            row = [result.title if index == 0 else "", mark + server + mark,
                   "%.2f" % result.best_cpu(server),
                   "%.2f" % result.cpu_ratio(server) if server != "tinyweb" else ""]
            if is_quiet:
                rates = result.rate_ratios(server)
                row += ["{:,.0f}{}".format(result.median_rate(server),
                                           "" if result.is_saturated(server) else "\\*"),
                        "%.2f [%.2f–%.2f]" % (statistics.median(rates), min(rates), max(rates))
                        if server != "tinyweb" else "",
                        "%.0f" % result.best(server, "p50_us"), "%.0f" % result.best(server, "p99_us")]
            yield row


def table(head, rows):
    """The first two columns are text, the others numbers."""
    lines = [head, ["---"] * 2 + ["--:"] * (len(head) - 2)] + list(rows)
    return "\n".join("| %s |" % " | ".join(line) for line in lines) + "\n"


def work_table(results, foreign):
    is_quiet = foreign < load.QUIET
    head = ["work", "server", "CPU us/request", "theirs to ours"]
    if is_quiet:
        head += ["requests/s", "ours to theirs", "p50 us", "p99 us"]
    text = table(head, work_rows(results, is_quiet))
    if not is_quiet:
        text += ("\nRequests a second and latencies are left out: other processes took too much of "
                 "the machine.\n")
    return text


def markdown(results, memory, count, foreign):
    return work_table(results, foreign) + "\n" + table(
        ["server", "", "start to first byte, ms", "idle PSS, MiB",
         "PSS with {:,} idle connections, MiB".format(count), "bytes per idle connection"],
        ([name, "", "%.1f" % start, "%.2f" % (empty / 2 ** 20), "%.2f" % (full / 2 ** 20),
          "%.0f" % each] for name, (start, empty, full, each) in memory.items()))


def draw(results, memory, folder):
    groups = {}
    for name, result in results.items():
        groups[BARS[name]] = {("nginx" if peer.startswith("nginx") else peer): result.cpu_ratio(peer)
                              for peer in result.peers()}
    chart.bars(os.path.join(folder, "compare.svg"), "Processor time a request, theirs to TinyWeb's",
               "One worker each. Above the dashed line TinyWeb is cheaper. nginx: the better of "
               "sendfile on and off. Bars above 4 are cut.", "ratio", groups, mark=1, top=4)
    chart.bars(os.path.join(folder, "memory.svg"), "User-space memory of an idle connection",
               "Bytes (PSS), after one request each.", "bytes",
               {name: {"bytes": row[3]} for name, row in memory.items()})


def run(work, folder, names, rounds, seconds, idle_count, tell):
    """Returns the report as Markdown."""
    root = make_docroot(work)
    everybody = [make(work, root) for make in (servers.tinyweb, *servers.PEERS.values(),
                                               servers.floor)]
    generator = load.Generator(work)
    try:
        for server in everybody:
            server.start()
        tell(HEAD)
        results = measure(everybody, names, generator, rounds, seconds, tell)
        for server in everybody:
            server.stop()
        tell("")
        memory = measure_memory(everybody[:-1], idle_count, tell)
    finally:
        for server in everybody:
            server.stop()
    draw(results, memory, folder)
    tell("\n" + generator.note())
    return markdown(results, memory, idle_count, generator.foreign_median()) + "\n" + generator.note()
