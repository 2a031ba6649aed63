# SPDX-License-Identifier: MIT
"""What a request costs as the work grows in one direction. A good structure has no knee."""

import os

import chart
import compare
import load
import servers

FILES_AN_INODE = 10000  # more links than file systems allow would be needed otherwise


def link_files(root, count):
    """@count names of 1 KiB; the server reads and remembers each of them."""
    folder = os.path.join(root, "files")
    os.makedirs(folder, exist_ok=True)
    for number in range(len(os.listdir(folder)), count):
        path = os.path.join(folder, "%d.html" % number)
        if number % FILES_AN_INODE == 0:
            servers.write(path, "x" * 1024)
        else:
            os.link(os.path.join(folder, "%d.html" % (number - number % FILES_AN_INODE)), path)


def body_path(root, size):
    path = os.path.join(root, "body-%d.bin" % size)
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.truncate(size)
            for offset in range(0, size, 1 << 16):
                file.write(b"y" * min(1 << 16, size - offset))
    return "/" + os.path.basename(path)


class Growth:
    """One direction: @points are numbers, @case_of(root, point) the work, @servers_of(…) who."""

    def __init__(self, title, x_label, points, more, case_of, is_log=False, variants=None,
                 by_workers=False, by_locations=False, is_about_files=False):
        self.title, self.x_label, self.points, self.more = title, x_label, points, more
        self.case_of, self.is_log, self.variants = case_of, is_log, variants
        self.by_workers, self.by_locations = by_workers, by_locations
        self.is_about_files = is_about_files

    def servers(self, work, root, point):
        if self.by_workers:
            return [servers.tinyweb(work, root, workers=point, cpus=(0, 1)),
                    servers.nginx(work, root, "nginx-nosf", "off", workers=point, cpus=(0, 1))]
        if self.by_locations:
            return [servers.tinyweb(work, root, locations=point),
                    servers.nginx(work, root, "nginx-nosf", "off", locations=point)]
        if self.variants:
            return [servers.tinyweb(work, root, name=name, **settings)
                    for name, settings in self.variants.items()] + [servers.nginx(work, root)]
        return [servers.tinyweb(work, root), servers.nginx(work, root, "nginx-nosf", "off")]


def plain(connections=64, path="/1k.html", headers=(), script=""):
    return load.case("", path, connections, headers, script)


def many_case(root, count):
    link_files(root, count)
    return plain(path="/files/0.html", script=load.many_files(count, "/files/%d.html"))


def body_case(root, size):
    return plain(16, body_path(root, size))


def location_case(root, count):
    """The file is in the last of them."""
    folder = os.path.join(root, "places", str(count - 1))
    os.makedirs(folder, exist_ok=True)
    servers.write(os.path.join(folder, "1k.html"), "x" * 1024)
    return plain(path="/places/%d/1k.html" % (count - 1))


DIRECTIONS = {
    "connections": Growth("connections", "connections, kept alive", [10, 64, 256, 1000, 4000, 10000],
                          [15000], lambda _, n: plain(n)),
    "files": Growth("different files of 1 KiB", "files, asked for in turn",
                    [10, 100, 1000, 10000, 100000], [1000000], many_case, is_log=True,
                    is_about_files=True),
    "pipelining": Growth("pipelined requests", "requests sent at once, 64 connections",
                         [1, 2, 4, 8, 16, 32, 64], [],
                         lambda _, n: plain(script=load.pipelined(n))),
    "workers": Growth("workers", "workers on two processors, one of them also wrk's", [1, 2, 4], [],
                      lambda _, n: plain(), by_workers=True),
    "body": Growth("body", "bytes of the body, 16 connections",
                   [0, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 10 << 20], [100 << 20],
                   body_case, is_log=True, variants={
                       "tinyweb": {},
                       "all by sendfile": {"max_file_size": 0},
                       "to 1 MiB from memory": {"max_file_size": "1m"}}),
    "locations": Growth("locations", "locations, one of which the request is for",
                        [1, 10, 100, 1000], [], location_case, by_locations=True),
    "headers": Growth("header fields of the request", "header fields", [2, 5, 10, 20, 40, 60], [],
                      lambda _, n: plain(headers=["X-Field-%d: value number %d" % (i, i)
                                                  for i in range(n - 1)])),
}


def measure(direction, work, root, generator, seconds, rounds, is_full, tell):
    """{server: [(point, CPU us)]}"""
    series = {}
    for point in direction.points + (direction.more if is_full else []):
        case = direction.case_of(root, point)
        everybody = direction.servers(work, root, point)
        # Those who come first wait for the last to be connected.
        long_enough = max(seconds, case.connections // 1500)
        try:
            for server in everybody:
                server.start()
                if direction.is_about_files:
                    generator.warm(server, case, point)
            samples = {server.name: [] for server in everybody}
            for _ in range(rounds):
                for server in everybody:
                    samples[server.name].append(generator.quiet_run(server, case, long_enough))
        finally:
            for server in everybody:
                server.stop()
        text = ""
        for name, row in samples.items():
            cost = min(sample.cpu_us for sample in row)
            errors = sum(sample.errors for sample in row)
            series.setdefault(name, []).append((point, cost))
            text += "   %s %.2f%s" % (name, cost, " (%d errors)" % errors if errors else "")
        tell("%-12s %10d%s" % (direction.x_label.split()[0].strip(","), point, text))
    return series


def report(results):
    lines = []
    for name, series in results.items():
        points = [point for point, _ in next(iter(series.values()))]
        lines += ["| %s: CPU us/request | %s |" % (
            DIRECTIONS[name].x_label, " | ".join(chart.number(point) for point in points)),
                  "|---|" + "--:|" * len(points)]
        lines += ["| %s | %s |" % (server, " | ".join("%.2f" % cost for _, cost in row))
                  for server, row in series.items()]
        lines.append("")
    return "\n".join(lines)


def run(work, folder, names, seconds, rounds, is_full, tell):
    """Returns the report as Markdown."""
    root = compare.make_docroot(work)
    generator = load.Generator(work)
    results = {}
    tell("CPU us/request")
    for name in names:
        direction = DIRECTIONS[name]
        results[name] = measure(direction, work, root, generator, seconds, rounds, is_full, tell)
        chart.lines(os.path.join(folder, "growth-%s.svg" % name), "More " + direction.title,
                    "Processor time of a request for 1 KiB, if nothing else is said; one worker.",
                    "CPU us/request", direction.x_label, results[name], direction.is_log)
    return report(results) + generator.note()
