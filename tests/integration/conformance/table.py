# SPDX-License-Identifier: MIT
"""All rows, in the order of the documents."""

from conformance import conditions, messages, semantics

ROWS = messages.ROWS + semantics.ROWS + conditions.ROWS
