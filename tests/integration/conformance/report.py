# SPDX-License-Identifier: MIT
"""What came of the rows, for a terminal and for docs/conformance.md."""

from conformance import table
from conformance.row import MUST, SHOULD, USE

LEVELS = (MUST, SHOULD, USE)


def counts(rows, results):
    """[(level, how many rows, {server: how many it breaks})]"""
    found = []
    for level in LEVELS:
        names = [row.name for row in rows if row.level == level]
        broken = {server: sum(1 for name in names if of[name]) for server, of in results.items()}
        found.append((level, len(names), broken))
    return found


def broken_by_anybody(rows, results):
    return [row for row in rows if any(of[row.name] for of in results.values())]


def cell(wrong, width=None):
    text = "ok" if wrong is None else wrong
    return text if width is None or len(text) <= width else text[:width - 1] + "…"


def to_terminal(rows, results):
    servers = list(results)
    width = 18
    print("%-24s %-14s %-7s" % ("rule", "section", "level") +
          "".join(" %-*s" % (width, server) for server in servers))
    for row in broken_by_anybody(rows, results):
        print("%-24s %-14s %-7s" % (row.name, row.section, row.level) +
              "".join(" %-*s" % (width, cell(results[server][row.name], width))
                      for server in servers))
    print()
    for level, total, broken in counts(rows, results):
        print("%-47s" % ("%s, broken of %d" % (level, total)) +
              "".join(" %-*d" % (width, broken[server]) for server in servers))


HEAD = """# Conformance

`script/conformance --publish` has written this file: every rule of the table in
`tests/integration/conformance/`, played as raw bytes against TinyWeb and against the servers that
Debian packages, on the same files. Each has entity tags, ranges, keep-alive, hosts by name and a
gzip coding; how they are configured is in `peers.py` there. A rule is what RFC 9110, 9111 or 9112
asks of an origin server of files, with whatever choices it leaves: what is a MAY counts against
nobody. *MUST* is the word itself, or a definition that leaves no choice; *SHOULD* is the word; *use*
stands for what clients rely on though no such word is said. Several rows may show one fault.
`tests/integration/rfc.md` has the whole walk through the documents.

"""


def line(words):
    return "| " + " | ".join(str(word).replace("|", "\\|") for word in words) + " |\n"


def to_file(rows, results, versions, path):
    servers = list(results)
    names = ["TinyWeb" if server == "tinyweb" else server for server in servers]
    text = HEAD + "## Rules that are broken\n\n"
    text += line(["level", "rules"] + ["%s %s" % (name, versions[server])
                                       for name, server in zip(names, servers)])
    text += "|---|--:|" + "--:|" * len(servers) + "\n"
    for level, total, broken in counts(rows, results):
        text += line([level, total] + [broken[server] for server in servers])
    text += "\n## Which, and what was done instead\n\n"
    text += "Rows that all servers keep are left out; an empty cell is a rule that is kept.\n\n"
    text += line(["row", "section", "level", "rule"] + names)
    text += "|---|---|---|---|" + "---|" * len(servers) + "\n"
    for row in broken_by_anybody(rows, results):
        text += line([row.name, row.section, row.level, table.full_rule(row)] +
                     [results[server][row.name] or "" for server in servers])
    with open(path, "w") as file:
        file.write(text)
