# SPDX-License-Identifier: MIT
"""All rows, in the order of the documents."""

from conformance import conditions, messages, semantics

ROWS = messages.ROWS + semantics.ROWS + conditions.ROWS


def full_rule(row):
    """A rule that goes on from the one before it, with that one."""
    at = ROWS.index(row)
    while ROWS[at].rule.startswith("... "):
        at -= 1
    return row.rule if ROWS[at] is row else ROWS[at].rule + " " + row.rule
