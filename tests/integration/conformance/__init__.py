# SPDX-License-Identifier: MIT
"""The rules of RFC 9110, 9111 and 9112 for a server of files, as requests and what has to follow.

test_rfc.py plays every row against TinyWeb; script/conformance plays them against others, too.
"""
