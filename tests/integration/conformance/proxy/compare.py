# SPDX-License-Identifier: MIT
"""script/conformance proxies: every case against every proxy, and what came of it as a table.

usage: compare.py [--publish] [--server NAME...] [CASE...]

The exit status is 1 when TinyWeb breaks a rule; what others break is printed beside.
"""

import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir))

from conformance import peers as others  # noqa: E402
from conformance import report  # noqa: E402
from conformance.proxy import case, peers, table  # noqa: E402
from origin import Origin  # noqa: E402

# Who has not answered by then will not: all of them are idle, on this machine.
SECONDS = 2.0
TOGETHER = 6  # cases at a time: most of their time is spent waiting


def play_all(server, origin, cases, seconds=SECONDS):
    """{name of the case: None or what is wrong}"""
    def play(one):
        return case.play(one, server.address, origin, seconds)
    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        return {one.name: wrong for one, wrong in zip(cases, pool.map(play, cases))}


def run(name, work, cases, patience=2):
    """Whatever is wrong is tried again, and with @patience: it counts against somebody."""
    results = {}
    for seconds in (SECONDS, patience * SECONDS):
        left = [one for one in cases if results.get(one.name, "not played")]
        folder = tempfile.mkdtemp(dir=work)
        os.chmod(folder, 0o755)
        if not left:
            break
        has_cache = any(one.place == case.CACHE for one in left)
        with Origin() as origin, peers.make(name, folder, origin, has_cache) as server:
            results.update(play_all(server, origin, left, seconds))
    return results


def main():
    parser = argparse.ArgumentParser(prog="conformance proxies")
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--server", action="append", choices=list(peers.SERVERS))
    parser.add_argument("case", nargs="*")
    options = parser.parse_args()
    cases = [one for one in table.CASES if not options.case or one.name in options.case]
    if not cases:
        parser.error("no case has that name")

    results = {}
    work = tempfile.mkdtemp(prefix="tinyweb-conformance-")
    os.chmod(work, 0o755)
    try:
        for name in options.server or peers.SERVERS:
            print("==> %s %s" % (name, others.version(name)), file=sys.stderr, flush=True)
            results[name] = run(name, work, cases)
    finally:
        shutil.rmtree(work, ignore_errors=True)

    report.to_terminal(cases, results)
    if options.publish:
        versions = {name: others.version(name) for name in results}
        report.publish("proxies", report.markdown(cases, results, versions, table.CASES),
                       others.PAGE)
    return 1 if any(results.get("tinyweb", {}).values()) else 0


if __name__ == "__main__":
    sys.exit(main())
