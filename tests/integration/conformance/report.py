# SPDX-License-Identifier: MIT
"""What came of the rows, for a terminal and for docs/conformance.md."""

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


def line(words):
    return "| " + " | ".join(str(word).replace("|", "\\|") for word in words) + " |\n"


def full_rule(rows, row):
    """A rule that goes on from the one before it, with that one."""
    at = rows.index(row)
    while rows[at].rule.startswith("... "):
        at -= 1
    return row.rule if rows[at] is row else rows[at].rule + " " + row.rule


def markdown(rows, results, versions, all_rows):
    servers = list(results)
    names = ["TinyWeb" if server == "tinyweb" else server for server in servers]
    text = "### Rules that are broken\n\n"
    text += line(["level", "rules"] + ["%s %s" % (name, versions[server])
                                       for name, server in zip(names, servers)])
    text += "|---|--:|" + "--:|" * len(servers) + "\n"
    for level, total, broken in counts(rows, results):
        text += line([level, total] + [broken[server] for server in servers])
    text += "\n### Which, and what was done instead\n\n"
    text += "Rows that all servers keep are left out; an empty cell is a rule that is kept.\n\n"
    text += line(["row", "section", "level", "rule"] + names)
    text += "|---|---|---|---|" + "---|" * len(servers) + "\n"
    for row in broken_by_anybody(rows, results):
        text += line([row.name, row.section, row.level, full_rule(all_rows, row)] +
                     [results[server][row.name] or "" for server in servers])
    return text


def publish(section, text, path):
    """Between the marks of the section."""
    with open(path) as file:
        page = file.read()
    begin, end = "<!-- %s -->\n" % section, "<!-- end of %s -->" % section
    before, mark, rest = page.partition(begin)
    if not mark or end not in rest:
        raise RuntimeError("%s has no marks for '%s'" % (path, section))
    with open(path, "w") as file:
        file.write(before + begin + "\n" + text + "\n" + rest[rest.index(end):])
