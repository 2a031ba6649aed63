# SPDX-License-Identifier: MIT
"""All cases, in the order of the documents."""

from conformance.proxy import caching, intermediary

CASES = intermediary.CASES + caching.CASES
