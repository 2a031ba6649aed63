# SPDX-License-Identifier: MIT
"""script/conformance: every row against every server, and what came of it as a table.

usage: compare.py [--publish] [--server NAME...] [ROW...]

The exit status is 1 when TinyWeb breaks a rule; what others break is printed beside.
"""

import argparse
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from conformance import client, peers, report, site, table  # noqa: E402

# Who has not answered by then will not: all of them are idle, on this machine.
SECONDS = 2.0


def play_all(server, rows):
    """{name of the row: None or what is wrong}"""
    tags = client.tags_of(server.address, SECONDS)
    results = {}
    for row in rows:
        wrong = client.play(row, server.address, tags, SECONDS)
        if wrong:  # again, and with patience: it counts against somebody
            wrong = client.play(row, server.address, tags, 2 * SECONDS)
        results[row.name] = wrong
    return results


def main():
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--server", action="append", choices=list(peers.SERVERS))
    parser.add_argument("row", nargs="*")
    options = parser.parse_args()
    rows = [row for row in table.ROWS if not options.row or row.name in options.row]
    if not rows:
        parser.error("no row has that name")

    results = {}
    work = tempfile.mkdtemp(prefix="tinyweb-conformance-")
    os.chmod(work, 0o755)
    try:
        root, other = os.path.join(work, "root"), os.path.join(work, "other")
        site.write(root, site.FILES)
        site.write(other, site.OTHER_FILES)
        for name in options.server or peers.SERVERS:
            place = peers.Place(name, work, root, other)
            with peers.Server(name, place, peers.SERVERS[name](place)) as server:
                print("==> %s %s" % (name, peers.version(name)), file=sys.stderr, flush=True)
                results[name] = play_all(server, rows)
    finally:
        shutil.rmtree(work, ignore_errors=True)

    report.to_terminal(rows, results)
    if options.publish:
        versions = {name: peers.version(name) for name in results}
        report.publish("origin", report.markdown(rows, results, versions, table.ROWS),
                       peers.PAGE)
    return 1 if any(results.get("tinyweb", {}).values()) else 0


if __name__ == "__main__":
    sys.exit(main())
