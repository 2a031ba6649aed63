# SPDX-License-Identifier: MIT
"""The rules of RFC 9110, 9111 and 9112 for who stands between: as scripts of a client and of the
server behind.

test_conformance_proxy.py plays every case against TinyWeb; script/conformance proxies plays them
against others, too.
"""
