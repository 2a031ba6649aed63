# SPDX-License-Identifier: MIT
"""What script/bench runs: servers on processor 0, the load on processor 1, everything on 127.0.0.1."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import accept
import compare
import growth
import models
import proxy
import servers


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"^model name\s*: (.*)", file.read(), re.M)
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as file:
        congestion = file.read().strip()
    return ("%s, %d processors; Linux %s; congestion control %s; load average %.2f when it began"
            % (model.group(1) if model else os.uname().machine, os.cpu_count(), os.uname().release,
               congestion, os.getloadavg()[0]))


def commit():
    done = subprocess.run(["git", "-C", servers.TOP, "describe", "--always", "--dirty"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() or "unknown"


def tell(text):
    print(text, flush=True)


def publish(section, report, folder):
    """Into docs/performance.md, between its marks; the charts into docs/bench/."""
    page = os.path.join(servers.TOP, "docs", "performance.md")
    with open(page) as file:
        text = file.read()
    begin, end = "<!-- %s -->\n" % section, "<!-- end of %s -->" % section
    before, mark, rest = text.partition(begin)
    if not mark or end not in rest:
        sys.exit("docs/performance.md has no marks for '%s'" % section)
    servers.write(page, before + begin + "\n" + report + "\n" + rest[rest.index(end):])
    charts = os.path.join(servers.TOP, "docs", "bench")
    os.makedirs(charts, exist_ok=True)
    for name in os.listdir(folder):
        if name.endswith(".svg"):
            shutil.copy(os.path.join(folder, name), charts)


def heading(what, names=("tinyweb", "nginx", "h2o", "lighttpd", "wrk")):
    return "%s of %s (commit %s).\n%s.\nVersions: %s.\n\n" % (
        what, time.strftime("%Y-%m-%d"), commit(), machine(),
        "; ".join(servers.version(name) for name in names))


def chosen(options, names):
    """All @names, or those of --cases."""
    unknown = [case for case in options.cases or () if case not in names]
    if unknown:
        sys.exit("script/bench: no case %s; there are %s" % (", ".join(map(repr, unknown)), ", ".join(names)))
    return [name for name in names if not options.cases or name in options.cases]


def run_compare(options, work, folder):
    rounds = options.rounds or (7 if options.full else 3)
    seconds = options.seconds or (2 if options.full else 1)
    names = chosen(options, compare.CASES)
    head = heading("%d rounds of %d s" % (rounds, seconds))
    tell(head.strip() + "\n")
    return head + compare.run(work, folder, names, rounds, seconds,
                              10000 if options.full else 2000, tell)


def run_models(options, work, folder):
    seconds = options.seconds or (3 if options.full else 1)
    rounds = options.rounds or (3 if options.full else 1)
    head = heading("The best of %d rounds of %d s" % (rounds, seconds))
    tell(head.strip() + "\n")
    return head + models.run(work, folder, seconds, rounds, tell)


def run_accept(options, work, folder):
    seconds = options.seconds or (3 if options.full else 1)
    rounds = options.rounds or (5 if options.full else 2)
    head = heading("The best of %d rounds of %d s" % (rounds, seconds))
    tell(head.strip() + "\n")
    return head + accept.run(work, folder, seconds, rounds, tell)


def run_growth(options, work, folder):
    seconds = options.seconds or (2 if options.full else 1)
    rounds = options.rounds or (3 if options.full else 1)
    head = heading("The best of %d rounds of %d s" % (rounds, seconds))
    tell(head.strip() + "\n")
    names = chosen(options, growth.DIRECTIONS)
    return head + growth.run(work, folder, names, seconds, rounds, options.full, tell)


def run_proxy(options, work, _folder):
    seconds = options.seconds or 2
    rounds = options.rounds or (7 if options.full else 3)
    head = heading("%d rounds of %d s" % (rounds, seconds),
                   ("tinyweb", "nginx", "haproxy", "varnish", "wrk"))
    tell(head.strip() + "\n")
    return head + proxy.run(work, chosen(options, proxy.CASES), rounds, seconds, tell)


SECTIONS = {"compare": run_compare, "models": run_models, "accept": run_accept,
            "growth": run_growth, "proxy": run_proxy}


def main():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("what", nargs="?", default="compare", choices=SECTIONS)
    parser.add_argument("--full", action="store_true", help="longer, and more of everything")
    parser.add_argument("--publish", action="store_true",
                        help="put the result into docs/performance.md")
    parser.add_argument("-r", "--rounds", type=int)
    parser.add_argument("-d", "--seconds", type=int)
    parser.add_argument("--cases", nargs="+", metavar="CASE",
                        help="of compare: %s; of growth: %s; of proxy: %s" % (
                            ", ".join(compare.CASES), ", ".join(growth.DIRECTIONS),
                            ", ".join(proxy.CASES)))
    options = parser.parse_args()
    servers.raise_limits()
    folder = os.path.join(os.environ.get("TESTS_ARTEFACTS", os.path.join(servers.TOP, "artefacts")),
                          "bench", options.what)
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tinyweb-bench-") as work:
        os.chmod(work, 0o755)  # workers may run as another user
        report = SECTIONS[options.what](options, work, folder)
    servers.write(os.path.join(folder, "result.md"), report)
    if options.publish:
        publish(options.what, report, folder)
    tell("result.md and charts are in %s" % os.path.relpath(folder))


if __name__ == "__main__":
    main()
