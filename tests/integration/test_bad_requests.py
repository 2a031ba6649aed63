# SPDX-License-Identifier: MIT
"""Requests that parsers disagree about: smuggling, malformed heads, bodies and limits.

Each row is sent with a canary behind it, a request for another path. Where the server may believe
that it knows the end of the row's request, the canary is answered; everywhere else the connection
ends, and neither the canary nor anything smuggled inside of a row is ever answered. The same row,
split in two at every byte and dripped in pieces of two bytes, has the same answer.
"""

import unittest

import rawhttp
from rawhttp import Bad, Connection, parse

CANARY = b"GET /canary.txt HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n"
SMUGGLED = b"GET /smuggled.txt HTTP/1.1\r\nHost: s\r\n\r\n"
FILES = {"index.html": b"the index\n", "canary.txt": b"the canary\n", "smuggled.txt": b"SMUGGLED",
         "a/file": b"a file\n", "中文.html": b"chinese\n"}

GET = b"GET / HTTP/1.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
HOST = b"Host: a\r\n"
END = b"\r\n"


def joined(lines):
    return b"".join(line + b"\r\n" for line in lines)


def get(*lines, line=b"GET / HTTP/1.1", host=True):
    """A request with these field lines."""
    return line + b"\r\n" + (HOST if host else b"") + joined(lines) + END


def chunked(body, *lines):
    """A POST with this chunked body, as raw bytes."""
    return POST + joined(lines) + b"Transfer-Encoding: chunked\r\n\r\n" + body


def length(value, body=b"", *lines):
    return POST + b"Content-Length: " + value + b"\r\n" + joined(lines) + END + body


# Expected: the statuses in order; "|" between those that are as good; "+" at the end: the
# connection goes on and the canary is answered. H before a status: the request was a HEAD.

REQUEST_LINES = [
    ("well formed", get(), "200+"),
    ("HEAD", get(line=b"HEAD / HTTP/1.1"), "H200+"),
    ("1.0 ends", get(line=b"GET / HTTP/1.0"), "200"),
    ("1.0 without Host", b"GET / HTTP/1.0\r\n\r\n", "200"),
    ("1.0 that asks to go on", get(b"Connection: keep-alive", line=b"GET / HTTP/1.0"), "200+"),
    ("bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", "400"),
    ("bare LF after the request line", b"GET / HTTP/1.1\nHost: a\r\n\r\n", "400"),
    ("bare CR after the request line", b"GET / HTTP/1.1\rHost: a\r\n\r\n", "400"),
    ("CR CR LF after the request line", b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "400"),
    ("no version", b"GET /\r\n\r\n", "400"),
    ("no version, bare LF", b"GET /\n\n", "400"),
    ("no version, with a Host", b"GET /\r\nHost: a\r\n\r\n", "400"),
    ("blank and no version", b"GET / \r\nHost: a\r\n\r\n", "400"),
    ("0.9", get(line=b"GET / HTTP/0.9"), "505"),
    ("1.2", get(line=b"GET / HTTP/1.2"), "200+"),
    ("1.9", get(line=b"GET / HTTP/1.9"), "200+"),
    ("1.2 without Host", get(line=b"GET / HTTP/1.2", host=False), "400"),
    ("1.2, two Hosts", get(b"Host: b", line=b"GET / HTTP/1.2"), "400"),
    ("1.2 and raw UTF-8", get(line="GET /中文.html HTTP/1.2".encode()), "200+"),
    ("1.2, a smuggled body", get(b"Content-Length: %d" % len(SMUGGLED), line=b"GET / HTTP/1.2")
     + SMUGGLED, "200+"),
    ("2.0", get(line=b"GET / HTTP/2.0"), "505"),
    ("3.0", get(line=b"GET / HTTP/3.0"), "505"),
    ("9.9", get(line=b"GET / HTTP/9.9"), "505"),
    ("version of two digits", get(line=b"GET / HTTP/1.10"), "400|505"),
    ("version with a zero before", get(line=b"GET / HTTP/01.1"), "400|505"),
    ("version without a minor", get(line=b"GET / HTTP/1"), "400"),
    ("version without numbers", get(line=b"GET / HTTP/"), "400"),
    ("version HTTP alone", get(line=b"GET / HTTP"), "400"),
    ("version in lower case", get(line=b"GET / http/1.1"), "400"),
    ("version in mixed case", get(line=b"GET / Http/1.1"), "400"),
    ("version with a comma", get(line=b"GET / HTTP/1,1"), "400"),
    ("version with a blank", get(line=b"GET / HTTP/ 1.1"), "400"),
    ("version with a blank in it", get(line=b"GET / HTTP/1 .1"), "400"),
    ("version with a sign", get(line=b"GET / HTTP/+1.1"), "400"),
    ("version of three numbers", get(line=b"GET / HTTP/1.1.1"), "400"),
    ("version with rubbish behind", get(line=b"GET / HTTP/1.1x"), "400"),
    ("version with a NUL behind", get(line=b"GET / HTTP/1.1\0"), "400"),
    ("another protocol", get(line=b"GET / HTPP/1.1"), "400"),
    ("RTSP", get(line=b"DESCRIBE / RTSP/1.0"), "400"),
    ("RTSP with GET", get(line=b"GET / RTSP/1.0"), "400"),
    ("ICE", get(line=b"SOURCE / ICE/1.0"), "400"),
    ("SIP", get(line=b"INVITE sip:a@b SIP/2.0"), "400"),
    ("two blanks before the target", get(line=b"GET  / HTTP/1.1"), "400"),
    ("two blanks before the version", get(line=b"GET /  HTTP/1.1"), "400"),
    ("blank at the start", get(line=b" GET / HTTP/1.1"), "400"),
    ("tab at the start", get(line=b"\tGET / HTTP/1.1"), "400"),
    ("blank at the end", get(line=b"GET / HTTP/1.1 "), "400"),
    ("tab at the end", get(line=b"GET / HTTP/1.1\t"), "400"),
    ("tab for the first blank", get(line=b"GET\t/ HTTP/1.1"), "400"),
    ("tab for the second blank", get(line=b"GET /\tHTTP/1.1"), "400"),
    ("form feed for a blank", get(line=b"GET /\fHTTP/1.1"), "400"),
    ("vertical tab for a blank", get(line=b"GET\x0b/ HTTP/1.1"), "400"),
    ("NBSP for a blank", get(line=b"GET /\xa0HTTP/1.1"), "400"),
    ("blank in the target", get(line=b"GET /a b HTTP/1.1"), "400"),
    ("two versions", get(line=b"GET / HTTP/1.1 HTTP/1.1"), "400"),
    ("two requests in a line", get(line=b"GET / HTTP/1.1 GET /smuggled.txt HTTP/1.1"), "400"),
    ("only blanks", b"   \r\n\r\n", "400"),
    ("method alone", b"GET\r\n\r\n", "400"),
    ("target alone", b"/\r\n\r\n", "400"),
    ("one empty line before", b"\r\n" + get(), "200+"),
    ("three empty lines before", b"\r\n" * 3 + get(), "200+"),
    ("an empty line of LF before", b"\n" + get(), "400"),
    ("a CR before", b"\r" + get(), "400"),
    ("a blank line with a blank before", b" \r\n" + get(), "400"),
    ("empty lines without end", b"\r\n" * 3000, "400"),
    ("a NUL before", b"\0" + get(), "400"),
    ("a byte order mark before", b"\xef\xbb\xbf" + get(), "400"),
    ("a response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "400"),
    ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
    ("a TLS hello", bytes.fromhex("16030100c8010000c40303") + bytes(range(64)), "400"),
    ("an SSH greeting", b"SSH-2.0-OpenSSH_9.2\r\n", "400"),
    ("an SMTP greeting", b"EHLO example.org\r\n", "400"),
    ("a PROXY header", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get(), "400"),
    ("a PROXY header, version 2", b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11, 0, 12]) + bytes(12)
     + get(), "400"),
    ("zeros", bytes(200), "400"),
    ("0xff", b"\xff" * 200, "400"),
]

METHODS = [
    ("OPTIONS", get(line=b"OPTIONS / HTTP/1.1"), "204+"),
    ("OPTIONS *", get(line=b"OPTIONS * HTTP/1.1"), "204+"),
    ("POST without a body", get(line=b"POST / HTTP/1.1"), "405+"),
    ("PUT", get(line=b"PUT / HTTP/1.1"), "405+"),
    ("DELETE", get(line=b"DELETE / HTTP/1.1"), "405+"),
    ("PATCH", get(line=b"PATCH / HTTP/1.1"), "405+"),
    ("TRACE", get(line=b"TRACE / HTTP/1.1"), "405+"),
    ("TRACE with a body", get(b"Content-Length: 5", line=b"TRACE / HTTP/1.1") + b"hello", "405+"),
    ("CONNECT", get(line=b"CONNECT a:80 HTTP/1.1"), "405"),
    ("CONNECT with a path", get(line=b"CONNECT / HTTP/1.1"), "400"),
    ("CONNECT without a port", get(line=b"CONNECT a HTTP/1.1"), "400"),
    ("CONNECT with a URL", get(line=b"CONNECT http://a:80/ HTTP/1.1"), "400"),
    ("CONNECT with a tunnel", get(line=b"CONNECT a:80 HTTP/1.1") + SMUGGLED, "405"),
    ("CONNECT with a length", get(b"Content-Length: 5", line=b"CONNECT a:80 HTTP/1.1") + b"hello",
     "405|400"),
    ("lower case", get(line=b"get / HTTP/1.1"), "501"),
    ("mixed case", get(line=b"Get / HTTP/1.1"), "501"),
    ("unknown", get(line=b"BREW / HTTP/1.1"), "501"),
    ("known to the parser alone", get(line=b"PROPFIND / HTTP/1.1"), "501"),
    ("SOURCE", get(line=b"SOURCE / HTTP/1.1"), "501"),
    ("M-SEARCH", get(line=b"M-SEARCH * HTTP/1.1"), "501|400"),
    ("PRI", get(line=b"PRI / HTTP/1.1"), "501"),
    ("longer than a known one", get(line=b"GETS / HTTP/1.1"), "501"),
    ("shorter than a known one", get(line=b"GE / HTTP/1.1"), "501"),
    ("with a bracket", get(line=b"GE(T / HTTP/1.1"), "400"),
    ("with a quote", get(line=b"\"GET\" / HTTP/1.1"), "400"),
    ("with a colon", get(line=b"GET: / HTTP/1.1"), "400"),
    ("with a slash", get(line=b"GET/ / HTTP/1.1"), "400"),
    ("with a high byte", get(line=b"G\xc3\x89T / HTTP/1.1"), "400"),
    ("with a NUL", get(line=b"GE\0T / HTTP/1.1"), "400"),
    ("very long", get(line=b"G" * 300 + b" / HTTP/1.1"), "501"),
    ("unknown with a smuggling body", get(b"Content-Length: %d" % len(SMUGGLED),
                                          line=b"BREW / HTTP/1.1") + SMUGGLED, "501"),
]

TARGETS = [
    ("query", get(line=b"GET /?a=b&c=/../ HTTP/1.1"), "200+"),
    ("without a slash", get(line=b"GET index.html HTTP/1.1"), "400"),
    ("query alone", get(line=b"GET ?a HTTP/1.1"), "400"),
    ("* with GET", get(line=b"GET * HTTP/1.1"), "400"),
    ("* with HEAD", get(line=b"HEAD * HTTP/1.1"), "H400"),
    ("*x with OPTIONS", get(line=b"OPTIONS *x HTTP/1.1"), "400"),
    ("absolute", get(line=b"GET http://a/ HTTP/1.1"), "200+"),
    ("absolute, https", get(line=b"GET https://a/ HTTP/1.1"), "200+"),
    ("absolute, upper case", get(line=b"GET HTTP://A/ HTTP/1.1"), "200+"),
    ("absolute with a port", get(line=b"GET http://a:8080/ HTTP/1.1"), "200+"),
    ("absolute without a path", get(line=b"GET http://a HTTP/1.1"), "200+"),
    ("absolute without a path, query", get(line=b"GET http://a?b HTTP/1.1"), "200+"),
    ("absolute, another host than Host", get(line=b"GET http://other/ HTTP/1.1"), "200+"),
    ("absolute without Host", get(line=b"GET http://a/ HTTP/1.1", host=False), "400"),
    ("absolute with a bad Host", get(b"Host: a b", line=b"GET http://a/ HTTP/1.1", host=False),
     "400"),
    ("absolute, IPv6", get(line=b"GET http://[::1]:80/ HTTP/1.1"), "200+"),
    ("absolute, IPv6 without end", get(line=b"GET http://[::1/ HTTP/1.1"), "400"),
    ("absolute without a host", get(line=b"GET http:/// HTTP/1.1"), "400"),
    ("absolute without an authority", get(line=b"GET http:/index.html HTTP/1.1"), "400"),
    ("absolute with a user", get(line=b"GET http://user@a/ HTTP/1.1"), "400"),
    ("absolute with user and password", get(line=b"GET http://u:p@a/ HTTP/1.1"), "400"),
    ("absolute with a bad port", get(line=b"GET http://a:8x/ HTTP/1.1"), "400"),
    ("absolute with an @ behind the port", get(line=b"GET http://a:80@b/ HTTP/1.1"), "400"),
    ("absolute with a backslash", get(line=b"GET http://a\\b/ HTTP/1.1"), "400"),
    ("absolute, ftp", get(line=b"GET ftp://a/ HTTP/1.1"), "400"),
    ("absolute, file", get(line=b"GET file:///etc/passwd HTTP/1.1"), "400"),
    ("absolute, gopher", get(line=b"GET gopher://a/ HTTP/1.1"), "400"),
    ("absolute, no scheme", get(line=b"GET ://a/ HTTP/1.1"), "400"),
    ("javascript", get(line=b"GET javascript:alert(1) HTTP/1.1"), "400"),
    ("authority with GET", get(line=b"GET a:80 HTTP/1.1"), "400"),
    ("two slashes", get(line=b"GET //smuggled/ HTTP/1.1"), "404+"),
    ("fragment", get(line=b"GET /#f HTTP/1.1"), "400"),
    ("fragment behind a query", get(line=b"GET /?q#f HTTP/1.1"), "400"),
    ("fragment alone", get(line=b"GET # HTTP/1.1"), "400"),
    ("quote", get(line=b"GET /\"a HTTP/1.1"), "400"),
    ("less", get(line=b"GET /<a HTTP/1.1"), "400"),
    ("greater", get(line=b"GET /a> HTTP/1.1"), "400"),
    ("backslash", get(line=b"GET /a\\b HTTP/1.1"), "400"),
    ("backslash at the start", get(line=b"GET \\ HTTP/1.1"), "400"),
    ("NUL", get(line=b"GET /\0 HTTP/1.1"), "400"),
    ("NUL in the query", get(line=b"GET /?\0 HTTP/1.1"), "400"),
    ("DEL", get(line=b"GET /\x7f HTTP/1.1"), "400"),
    ("escape character", get(line=b"GET /\x1b[31m HTTP/1.1"), "400"),
    ("tab", get(line=b"GET /a\tb HTTP/1.1"), "400"),
    ("form feed", get(line=b"GET /a\fb HTTP/1.1"), "400"),
    ("bare CR", get(line=b"GET /a\rb HTTP/1.1"), "400"),
    ("raw UTF-8", get(line="GET /中文.html HTTP/1.1".encode()), "200+"),
    ("raw UTF-8 in the query", get(line="GET /?中文 HTTP/1.1".encode()), "200+"),
    ("raw UTF-8 that is cut", get(line=b"GET /\xe4\xb8 HTTP/1.1"), "400+"),
    ("raw overlong UTF-8", get(line=b"GET /\xc0\xaf HTTP/1.1"), "400+"),
    ("raw Latin-1", get(line=b"GET /\xe9 HTTP/1.1"), "400+"),
    ("encoded line end", get(line=b"GET /a%0d%0aX:%20y HTTP/1.1"), "404+"),
    ("encoded request", get(line=b"GET /a%20HTTP/1.1%0d%0aHost:%20s%0d%0a%0d%0a HTTP/1.1"), "404+"),
    ("malformed escape", get(line=b"GET /%zz HTTP/1.1"), "400+"),
    ("encoded NUL", get(line=b"GET /%00 HTTP/1.1"), "400+"),
]

HOSTS = [
    ("none", get(host=False), "400"),
    ("empty", get(b"Host:", host=False), "200+"),
    ("empty with a blank", get(b"Host: ", host=False), "200+"),
    ("two", get(b"Host: b"), "400"),
    ("two, the same", get(b"Host: a"), "400"),
    ("two, other letters", get(b"HOST: b"), "400"),
    ("two, the second empty", get(b"Host:"), "400"),
    ("two, the first empty", get(b"Host:", b"Host: a", host=False), "400"),
    ("two in 1.0", get(b"Host: b", line=b"GET / HTTP/1.0"), "400"),
    ("two, the second folded away", get(b"X: y", b" Host: b"), "400"),
    ("blank before the colon", get(b"Host : a", host=False), "400"),
    ("blank before the colon, second", get(b"Host : b"), "400"),
    ("tab before the colon", get(b"Host\t: a", host=False), "400"),
    ("blank before the name", get(b" Host: a", host=False), "400"),
    ("upper case", get(b"HOST: a", host=False), "200+"),
    ("no blank behind the colon", get(b"Host:a", host=False), "200+"),
    ("tab behind the colon", get(b"Host:\ta", host=False), "200+"),
    ("blanks around", get(b"Host: \t a \t ", host=False), "200+"),
    ("port", get(b"Host: a:80", host=False), "200+"),
    ("port of 65536", get(b"Host: a:655360", host=False), "400"),
    ("empty port", get(b"Host: a:", host=False), "200+"),
    ("port that is none", get(b"Host: a:b", host=False), "400"),
    ("port with a sign", get(b"Host: a:+80", host=False), "400"),
    ("two ports", get(b"Host: a:80:80", host=False), "400"),
    ("port alone", get(b"Host: :80", host=False), "400"),
    ("IPv6", get(b"Host: [::1]", host=False), "200+"),
    ("IPv6 with a port", get(b"Host: [2001:db8::1]:80", host=False), "200+"),
    ("IPv6 without end", get(b"Host: [::1", host=False), "400"),
    ("IPv6 without start", get(b"Host: ::1", host=False), "400"),
    ("IPv6 with rubbish behind", get(b"Host: [::1]a", host=False), "400"),
    ("empty brackets", get(b"Host: []", host=False), "400"),
    ("blank in it", get(b"Host: a b", host=False), "400"),
    ("comma list", get(b"Host: a, b", host=False), "400"),
    ("slash", get(b"Host: a/b", host=False), "400"),
    ("backslash", get(b"Host: a\\b", host=False), "400"),
    ("user", get(b"Host: user@a", host=False), "400"),
    ("fragment", get(b"Host: a#b", host=False), "400"),
    ("query", get(b"Host: a?b", host=False), "400"),
    ("URL", get(b"Host: http://a", host=False), "400"),
    ("quote", get(b"Host: \"a\"", host=False), "400"),
    ("less", get(b"Host: <a>", host=False), "400"),
    ("high bytes", get("Host: ä".encode(), host=False), "400"),
    ("NUL", get(b"Host: a\0b", host=False), "400"),
    ("folded", get(b"Host:", b" a", host=False), "400"),
]

FIELDS = [
    ("folded", get(b"X: a", b" b"), "400"),
    ("folded by a tab", get(b"X: a", b"\tb"), "400"),
    ("folded, smuggled length", get(b"X: a", b" Content-Length: 5"), "400"),
    ("folded, nothing behind", get(b"X: a", b" "), "400"),
    ("folded at the first field", GET + b" X: a\r\n" + HOST + END, "400"),
    ("no colon", get(b"novalue"), "400"),
    ("no name", get(b": a"), "400"),
    ("colon alone", get(b":"), "400"),
    ("blank in the name", get(b"a b: c"), "400"),
    ("blank before the colon", get(b"X : a"), "400"),
    ("tab before the colon", get(b"X\t: a"), "400"),
    ("tab in the name", get(b"X\tY: a"), "400"),
    ("bracket in the name", get(b"X(Y): a"), "400"),
    ("quoted name", get(b"\"X\": a"), "400"),
    ("semicolon in the name", get(b"X;Y: a"), "400"),
    ("slash in the name", get(b"X/Y: a"), "400"),
    ("at in the name", get(b"X@Y: a"), "400"),
    ("equals in the name", get(b"X=Y: a"), "400"),
    ("brace in the name", get(b"{X}: a"), "400"),
    ("NUL in the name", get(b"X\0Y: a"), "400"),
    ("DEL in the name", get(b"X\x7f: a"), "400"),
    ("high byte in the name", get(b"X\xe9: a"), "400"),
    ("UTF-8 in the name", get("Ключ: a".encode()), "400"),
    ("all signs of a token", get(b"!#$%&'*+-.^_`|~0aZ: a"), "200+"),
    ("NUL in the value", get(b"X: a\0b"), "400"),
    ("control in the value", get(b"X: a\x01b"), "400"),
    ("escape in the value", get(b"X: a\x1bb"), "400"),
    ("backspace in the value", get(b"X: a\bb"), "400"),
    ("vertical tab in the value", get(b"X: a\x0bb"), "400"),
    ("form feed in the value", get(b"X: a\fb"), "400"),
    ("DEL in the value", get(b"X: a\x7fb"), "400"),
    ("tab in the value", get(b"X: a\tb"), "200+"),
    ("high bytes in the value", get(b"X: \xff\xfe\x80"), "200+"),
    ("UTF-8 in the value", get("X: 中文 😀".encode()), "200+"),
    ("empty value", get(b"X:"), "200+"),
    ("empty value with blanks", get(b"X: \t  "), "200+"),
    ("a thousand blanks", get(b"X:" + b" " * 1000 + b"a" + b" " * 1000), "200+"),
    ("colons in the value", get(b"X: :a: b:"), "200+"),
    ("bare CR in the value", get(b"X: a\rb"), "400"),
    ("bare CR at the end", get(b"X: a\r"), "400"),
    ("bare LF in the value", get(b"X: a\nY: b"), "400"),
    ("bare LF, smuggled length", get(b"X: a\nContent-Length: 5"), "400"),
    ("empty value and CR", get(b"X:\rTransfer-Encoding: chunked"), "400"),
    ("empty value and LF", get(b"X:\nTransfer-Encoding: chunked"), "400"),
    ("bare LF ends the head", GET + HOST + b"\n", "400"),
    ("LF LF ends the head", GET + b"Host: a\n\n", "400"),
    ("CR CR LF ends the head", GET + HOST + b"\r\r\n", "400"),
    ("CR X ends the head", GET + HOST + b"\rX", "400"),
    ("CR CR ends the head", GET + HOST + b"\r\r\r\n", "400"),
    ("LF CR ends the head", GET + b"Host: a\n\r\n\r", "400"),
    ("blank line of a blank", GET + HOST + b" \r\n", "400"),
    ("request line for a field", GET + HOST + SMUGGLED, "400"),
    ("Upgrade to h2c", get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
                           b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"), "200+"),
    ("Upgrade to WebSocket", get(b"Connection: Upgrade", b"Upgrade: websocket",
                                 b"Sec-WebSocket-Version: 13",
                                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), "200+"),
    ("Upgrade to TLS", get(b"Connection: Upgrade", b"Upgrade: TLS/1.0"), "200+"),
    ("Upgrade with a length", length(b"5", b"hello", b"Connection: Upgrade", b"Upgrade: h2c"),
     "405+"),
    ("Upgrade with chunks", chunked(b"5\r\nhello\r\n0\r\n\r\n", b"Connection: Upgrade",
                                    b"Upgrade: h2c"), "405+"),
    ("Upgrade, and a smuggled body", length(b"%d" % len(SMUGGLED), SMUGGLED, b"Connection: Upgrade",
                                            b"Upgrade: h2c"), "405+"),
    ("Connection: close", get(b"Connection: close"), "200"),
    ("Connection: Close", get(b"connection: CLOSE"), "200"),
    ("Connection in a list", get(b"Connection: x, close , y"), "200"),
    ("Connection on two lines", get(b"Connection: keep-alive", b"Connection: close"), "200"),
    ("Connection with both", get(b"Connection: keep-alive, close"), "200"),
    ("Connection: keep-alive", get(b"Connection: keep-alive"), "200+"),
    ("Connection names Host", get(b"Connection: Host"), "200+"),
    ("Connection names the length", length(b"5", b"hello", b"Connection: Content-Length"), "405+"),
    ("Connection names the coding", chunked(b"0\r\n\r\n", b"Connection: Transfer-Encoding"),
     "405+"),
    ("Connection: closed", get(b"Connection: closed"), "200+"),
    ("Expect", get(b"Expect: 100-continue"), "200+"),
    ("Expect with a length", get(b"Expect: 100-continue", b"Content-Length: 5") + b"hello", "200+"),
    ("Expect with chunks", get(b"Expect: 100-continue", b"Transfer-Encoding: chunked")
     + b"5\r\nhello\r\n0\r\n\r\n", "200+"),
    ("Expect, and a smuggled body", get(b"Expect: 100-continue", b"Content-Length: %d" %
                                        len(SMUGGLED)) + SMUGGLED, "200+"),
    ("Expect with a POST", length(b"5", b"hello", b"Expect: 100-continue"), "405"),
    ("Expect something else", get(b"Expect: something"), "417"),
    ("Expect something else with a body", length(b"5", b"hello", b"Expect: something"), "417"),
    ("Expect two things", get(b"Expect: 100-continue, x"), "417"),
    ("Expect in 1.0", get(b"Expect: x", line=b"GET / HTTP/1.0"), "200"),
    ("Expect, folded", get(b"Expect:", b" 100-continue"), "400"),
]

LENGTHS = [
    ("0", length(b"0"), "405+"),
    ("0 of a GET", get(b"Content-Length: 0"), "200+"),
    ("5", length(b"5", b"hello"), "405+"),
    ("5 of a GET", get(b"Content-Length: 5") + b"hello", "200+"),
    ("5 of a HEAD", get(b"Content-Length: 5", line=b"HEAD / HTTP/1.1") + b"hello", "H200+"),
    ("5 of OPTIONS *", get(b"Content-Length: 5", line=b"OPTIONS * HTTP/1.1") + b"hello", "204+"),
    ("a smuggled request", length(b"%d" % len(SMUGGLED), SMUGGLED), "405+"),
    ("a smuggled request of a GET", get(b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED, "200+"),
    ("a smuggled request of a HEAD", get(b"Content-Length: %d" % len(SMUGGLED),
                                         line=b"HEAD / HTTP/1.1") + SMUGGLED, "H200+"),
    ("a smuggled request in 1.0", get(b"Content-Length: %d" % len(SMUGGLED),
                                      b"Connection: keep-alive", line=b"GET / HTTP/1.0")
     + SMUGGLED, "200+"),
    ("too short by one", length(b"4", b"hello"), "405 501"),
    ("chunks are no chunks", length(b"10", b"5\r\nhello\r\n"), "405+"),
    ("zeros before", length(b"0005", b"hello"), "405+|400"),
    ("blanks around", length(b"  5  ", b"hello"), "405+"),
    ("tab before", length(b"\t5", b"hello"), "405+"),
    ("tab behind", length(b"5\t", b"hello"), "405+|400"),
    ("no blank", POST + b"Content-Length:5\r\n\r\nhello", "405+"),
    ("upper case", POST + b"CONTENT-LENGTH: 5\r\n\r\nhello", "405+"),
    ("underscore", POST + b"Content_Length: 5\r\n\r\nhello", "405 501"),
    ("empty", length(b""), "400"),
    ("blank", length(b" "), "400"),
    ("sign", length(b"+5", b"hello"), "400"),
    ("negative", length(b"-5", b"hello"), "400"),
    ("minus zero", length(b"-0"), "400"),
    ("hexadecimal", length(b"0x5", b"hello"), "400"),
    ("hexadecimal digit", length(b"a", b"helloworld"), "400"),
    ("exponent", length(b"1e1", b"helloworld"), "400"),
    ("decimal point", length(b"5.0", b"hello"), "400"),
    ("letter behind", length(b"5a", b"hello"), "400"),
    ("blank inside", length(b"5 5", b"hello"), "400"),
    ("blank inside of zero", length(b"0 5", b"hello"), "400"),
    ("quoted", length(b"\"5\"", b"hello"), "400"),
    ("underscore in the number", length(b"1_0", b"helloworld"), "400"),
    ("list, the same", length(b"5, 5", b"hello"), "400"),
    ("list, different", length(b"5, 6", b"hello"), "400"),
    ("list, empty behind", length(b"5,", b"hello"), "400"),
    ("list, empty before", length(b",5", b"hello"), "400"),
    ("semicolon", length(b"5;", b"hello"), "400"),
    ("vertical tab", length(b"\x0b5", b"hello"), "400"),
    ("NUL", length(b"5\0", b"hello"), "400"),
    ("Arabic digits", length("٥".encode(), b"hello"), "400"),
    ("two, the same", length(b"5", b"hello", b"Content-Length: 5"), "400"),
    ("two, different", length(b"5", b"hello", b"Content-Length: 0"), "400"),
    ("two, zero first", length(b"0", b"hello", b"Content-Length: 5"), "400"),
    ("two zeros", length(b"0", b"", b"Content-Length: 0"), "400"),
    ("two, other letters", length(b"5", b"hello", b"CONTENT-length: 6"), "400"),
    ("blank before the colon", POST + b"Content-Length : 5\r\n\r\nhello", "400"),
    ("tab before the colon", POST + b"Content-Length\t: 5\r\n\r\nhello", "400"),
    ("folded", POST + b"Content-Length:\r\n 5\r\n\r\nhello", "400"),
    ("CR before", POST + b"X: y\rContent-Length: 5\r\n\r\nhello", "400"),
    ("NUL before", POST + b"\0Content-Length: 5\r\n\r\nhello", "400"),
    ("2^63 - 1", length(b"9223372036854775807"), "405|413"),
    ("2^63", length(b"9223372036854775808"), "400|405|413"),
    ("2^64 - 1", length(b"18446744073709551615"), "400|405|413"),
    ("2^64", length(b"18446744073709551616"), "400"),
    ("2^64 + 5", length(b"18446744073709551621", b"hello"), "400"),
    ("2^32 + 5", length(b"4294967301", b"hello"), "405|413"),
    ("forty digits", length(b"1" * 40), "400"),
    ("five thousand digits", length(b"1" * 5000), "400"),
    ("too large for a GET", get(b"Content-Length: 4294967301") + b"hello", "413"),
    ("too large for a HEAD", get(b"Content-Length: 4294967301", line=b"HEAD / HTTP/1.1") + b"hello",
     "H413"),
]

CODINGS = [
    ("no chunk", chunked(b"0\r\n\r\n"), "405+"),
    ("of a GET", get(b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n", "200+"),
    ("of a HEAD", get(b"Transfer-Encoding: chunked", line=b"HEAD / HTTP/1.1") + b"0\r\n\r\n",
     "H200+"),
    ("Chunked", POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "405+"),
    ("CHUNKED", POST + b"TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", "405+"),
    ("no blank", POST + b"Transfer-Encoding:chunked\r\n\r\n0\r\n\r\n", "405+"),
    ("tab behind the colon", POST + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", "405+"),
    ("blanks around", POST + b"Transfer-Encoding:  chunked  \r\n\r\n0\r\n\r\n", "405+"),
    ("tab behind", POST + b"Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", "405+|400|501"),
    ("in 1.0", get(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0") + b"0\r\n\r\n", "400"),
    ("with keep-alive in 1.0", get(b"Transfer-Encoding: chunked", b"Connection: keep-alive",
                                   line=b"GET / HTTP/1.0") + b"0\r\n\r\n", "400"),
    ("and a length", chunked(b"0\r\n\r\n", b"Content-Length: 5"), "400"),
    ("and a length of zero", chunked(b"0\r\n\r\n", b"Content-Length: 0"), "400"),
    ("and a right length", chunked(b"0\r\n\r\n", b"Content-Length: 5"), "400"),
    ("and a length behind",
     POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     "400"),
    ("and a length, CL.TE", chunked(b"0\r\n\r\nG", b"Content-Length: 6"), "400"),
    ("and a length, CL.TE smuggled", chunked(b"0\r\n\r\n" + SMUGGLED,
                                             b"Content-Length: %d" % (5 + len(SMUGGLED))), "400"),
    ("and a length, TE.CL smuggled",
     chunked(b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n",
                                             b"Content-Length: 4"), "400"),
    ("of a GET, and a length", get(b"Content-Length: 4", b"Transfer-Encoding: chunked")
     + b"0\r\n\r\n" + SMUGGLED, "400"),
    ("twice", chunked(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), "400|501"),
    ("twice in a list", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("identity", POST + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400|501"),
    ("identity with a length", length(b"5", b"hello", b"Transfer-Encoding: identity"), "400|501"),
    ("and identity", chunked(b"0\r\n\r\n", b"Transfer-Encoding: identity"), "400|501"),
    ("then identity", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
     b"0\r\n\r\n", "400|501"),
    ("identity before", POST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("identity behind", POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "400|501"),
    ("gzip", POST + b"Transfer-Encoding: gzip\r\n\r\nxx", "400|501"),
    ("gzip, chunked", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("gzip and chunked", POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"0\r\n\r\n", "400|501"),
    ("chunked, gzip", POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "400|501"),
    ("xchunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("chunkedx", POST + b"Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n", "400|501"),
    ("x chunked", POST + b"Transfer-Encoding: x chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("chun ked", POST + b"Transfer-Encoding: chun ked\r\n\r\n0\r\n\r\n", "400|501"),
    ("chunk", POST + b"Transfer-Encoding: chunk\r\n\r\n0\r\n\r\n", "400|501"),
    ("parameter", POST + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "400|501"),
    ("comma behind", POST + b"Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", "400|501"),
    ("comma before", POST + b"Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("quoted", POST + b"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "400|501"),
    ("single quoted", POST + b"Transfer-Encoding: 'chunked'\r\n\r\n0\r\n\r\n", "400|501"),
    ("empty", POST + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n", "400|501"),
    ("empty, and a length", length(b"5", b"hello", b"Transfer-Encoding:"), "400|501"),
    ("empty, then chunked", chunked(b"0\r\n\r\n", b"Transfer-Encoding:"), "400|501"),
    ("empty behind", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
     "400|501"),
    ("vertical tab", POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", "400"),
    ("NUL", POST + b"Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n", "400"),
    ("NBSP", POST + b"Transfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("UTF-8 blank", POST + b"Transfer-Encoding: \xc2\xa0chunked\r\n\r\n0\r\n\r\n", "400|501"),
    ("Kelvin sign", POST + "Transfer-Encoding: chun\u212aed\r\n\r\n0\r\n\r\n".encode(),
     "400|501"),
    ("blank before the colon", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"),
    ("tab before the colon", POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("blank before the colon, and a length", length(b"5", b"0\r\n\r\n",
     b"Transfer-Encoding : chunked"),
     "400"),
    ("blank before the name", POST + b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "400"),
    ("folded", POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "400"),
    ("folded behind", POST + b"Transfer-Encoding: chunked\r\n , identity\r\n\r\n0\r\n\r\n", "400"),
    ("CR before the name", POST + b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("LF before the name", POST + b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("LF before the name, and a length", length(b"5", b"0\r\n\r\n",
     b"X: y\nTransfer-Encoding: chunked"),
     "400"),
    ("CR in the value", POST + b"Transfer-Encoding: chun\rked\r\n\r\n0\r\n\r\n", "400"),
    ("CR behind the value", POST + b"Transfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n", "400"),
    ("underscore", POST + b"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     "405+"),
    ("hidden behind NUL", POST + b"X\0Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("Content-Encoding is another", length(b"5", b"0\r\n\r\n", b"Content-Encoding: chunked"),
     "405+"),
    ("TE is another", length(b"5", b"0\r\n\r\n", b"TE: chunked"), "405+"),
]

CHUNKS = [
    ("one", chunked(b"5\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("three", chunked(b"1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n"), "405+"),
    ("hexadecimal", chunked(b"a\r\nhelloworld\r\n0\r\n\r\n"), "405+"),
    ("HEXADECIMAL", chunked(b"A\r\nhelloworld\r\n0\r\n\r\n"), "405+"),
    ("zeros before", chunked(b"0005\r\nhello\r\n000\r\n\r\n"), "405+"),
    ("sixteen digits", chunked(b"0000000000000005\r\nhello\r\n0\r\n\r\n"), "405+|400"),
    ("extension", chunked(b"5;a=b\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("extension without value", chunked(b"5;a\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("extension of the last", chunked(b"5\r\nhello\r\n0;a=b\r\n\r\n"), "405+"),
    ("quoted extension", chunked(b"5;a=\"b c\"\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("two extensions", chunked(b"5;a=b;c=d\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("blanks around extensions", chunked(b"5 ; a\t=\t\"b\" ; c\r\nhello\r\n0\r\n\r\n"), "405+"),
    ("a line end in a quoted extension", chunked(b"5;a=\"\r\n0\r\n\r\n" + SMUGGLED), "400"),
    ("extension of nothing", chunked(b"5;\r\nhello\r\n0\r\n\r\n"), "400"),
    ("blank behind an extension", chunked(b"5;a \r\nhello\r\n0\r\n\r\n"), "400"),
    ("value of nothing", chunked(b"5;a=\r\nhello\r\n0\r\n\r\n"), "400"),
    ("trailer", chunked(b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"), "405+"),
    ("two trailers", chunked(b"0\r\nX: y\r\nZ: \r\n\r\n"), "405+"),
    ("trailer with a length", chunked(b"0\r\nContent-Length: 40\r\n\r\n"), "405+|400"),
    ("trailer with a coding", chunked(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"), "405+|400"),
    ("trailer with a host", chunked(b"0\r\nHost: other\r\n\r\n"), "405+|400"),
    ("trailer with Connection", chunked(b"0\r\nConnection: keep-alive\r\n\r\n"), "405+|400"),
    ("smuggled in a chunk", chunked(b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"),
     "405+"),
    ("smuggled in a chunk of a GET", get(b"Transfer-Encoding: chunked") + b"%x\r\n" % len(SMUGGLED)
     + SMUGGLED + b"\r\n0\r\n\r\n", "200+"),
    ("a last chunk inside of a chunk", chunked(b"7\r\n0\r\n\r\nab\r\n0\r\n\r\n"), "405+"),
    ("bare LF behind the size", chunked(b"5\nhello\r\n0\r\n\r\n"), "400"),
    ("bare CR behind the size", chunked(b"5\rhello\r\n0\r\n\r\n"), "400"),
    ("CR CR LF behind the size", chunked(b"5\r\r\nhello\r\n0\r\n\r\n"), "400"),
    ("bare LF behind the data", chunked(b"5\r\nhello\n0\r\n\r\n"), "400"),
    ("bare CR behind the data", chunked(b"5\r\nhello\r0\r\n\r\n"), "400"),
    ("nothing behind the data", chunked(b"5\r\nhello0\r\n\r\n"), "400"),
    ("two bytes for the line end", chunked(b"5\r\nhelloXX0\r\n\r\n"), "400"),
    ("data too long", chunked(b"5\r\nhello!\r\n0\r\n\r\n"), "400"),
    ("data too short", chunked(b"5\r\nhell\r\n0\r\n\r\n"), "400"),
    ("no size", chunked(b"\r\nhello\r\n0\r\n\r\n"), "400"),
    ("extension without a size", chunked(b";a=b\r\nhello\r\n0\r\n\r\n"), "400"),
    ("size with a sign", chunked(b"+5\r\nhello\r\n0\r\n\r\n"), "400"),
    ("negative size", chunked(b"-5\r\nhello\r\n0\r\n\r\n"), "400"),
    ("size with 0x", chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), "400"),
    ("size of letters", chunked(b"g\r\nhello\r\n0\r\n\r\n"), "400"),
    ("letter behind the size", chunked(b"5g\r\nhello\r\n0\r\n\r\n"), "400"),
    ("underscore in the size", chunked(b"1_0\r\nhello\r\n0\r\n\r\n"), "400"),
    ("blank before the size", chunked(b" 5\r\nhello\r\n0\r\n\r\n"), "400"),
    ("blank behind the size", chunked(b"5 \r\nhello\r\n0\r\n\r\n"), "400"),
    ("tab behind the size", chunked(b"5\t\r\nhello\r\n0\r\n\r\n"), "400"),
    ("blank behind the last size", chunked(b"0 \r\n\r\n"), "400"),
    ("NUL behind the size", chunked(b"5\0\r\nhello\r\n0\r\n\r\n"), "400"),
    ("2^63 as a size", chunked(b"8000000000000000\r\nhello\r\n0\r\n\r\n"), "400|413"),
    ("2^64 - 1 as a size", chunked(b"FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"), "400|413"),
    ("2^64 + 5 as a size", chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n"), "400"),
    ("2^32 + 5 as a size", chunked(b"100000005\r\nhello\r\n0\r\n\r\n"), "400|413"),
    ("LF in an extension", chunked(b"5;\nhello\r\n0\r\n\r\n"), "400"),
    ("LF in an extension's value", chunked(b"5;a=b\nhello\r\n0\r\n\r\n"), "400"),
    ("LF ends an extension, smuggled", chunked(b"2;\nxx\r\n2d\r\n0\r\n\r\n" + SMUGGLED), "400"),
    ("CR in an extension", chunked(b"5;a\rb\r\nhello\r\n0\r\n\r\n"), "400"),
    ("NUL in an extension", chunked(b"5;a\0b\r\nhello\r\n0\r\n\r\n"), "400"),
    ("quote without end in an extension", chunked(b"5;a=\"b\r\nhello\r\n0\r\n\r\n"), "400"),
    ("LF in a quoted extension", chunked(b"5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n"), "400"),
    ("bare LF at the end", chunked(b"0\r\n\n"), "400"),
    ("bare LF behind the last size", chunked(b"0\n\r\n"), "400"),
    ("LF LF at the end", chunked(b"0\n\n"), "400"),
    ("CR X at the end", chunked(b"0\r\n\rX"), "400"),
    ("CR CR LF at the end", chunked(b"0\r\n\r\r\n"), "400"),
    ("bare LF in the trailer", chunked(b"0\r\nX: y\n\r\n"), "400"),
    ("bare CR in the trailer", chunked(b"0\r\nX: y\rZ: a\r\n\r\n"), "400"),
    ("folded trailer", chunked(b"0\r\nX: y\r\n z\r\n\r\n"), "400"),
    ("trailer that starts with a blank", chunked(b"0\r\n X: y\r\n\r\n"), "400"),
    ("trailer without a name", chunked(b"0\r\n: y\r\n\r\n"), "400"),
    ("trailer without a colon", chunked(b"0\r\nX\r\n\r\n"), "400"),
    ("trailer with a blank before the colon", chunked(b"0\r\nX : y\r\n\r\n"), "400"),
    ("NUL in the trailer", chunked(b"0\r\nX: \0\r\n\r\n"), "400"),
    ("control in the trailer", chunked(b"0\r\nX: \x01\r\n\r\n"), "400"),
    ("request for a trailer", chunked(b"0\r\n" + SMUGGLED), "400"),
    ("no end of the trailer", chunked(b"0\r\nX: " + b"y" * 100000), "400|413|431"),
    ("many trailers", chunked(b"0\r\n" + b"X: y\r\n" * 20000 + b"\r\n"), "400|413|431"),
    ("an extension without end", chunked(b"5;" + b"a" * 100000), "400|413|431"),
    ("a size without end", chunked(b"0" * 100000), "400|413|431"),
    ("chunks of one byte", chunked(b"1\r\na\r\n" * 1000 + b"0\r\n\r\n"), "405+"),
]

PIPELINES = [
    ("two GETs", get() + get(line=b"GET /a/file HTTP/1.1"), "200 200+"),
    ("GET, HEAD, GET", get() + get(line=b"HEAD / HTTP/1.1") + get(), "200 H200 200+"),
    ("a POST between", get() + length(b"5", b"hello") + get(), "200 405 200+"),
    ("chunks between", get() + chunked(b"5\r\nhello\r\n0\r\n\r\n") + get(), "200 405 200+"),
    ("missing file between", get() + get(line=b"GET /none HTTP/1.1") + get(), "200 404 200+"),
    ("a bad one between", get() + get(b"X : y") + get(), "200 400"),
    ("a bad one behind a body", length(b"5", b"hello") + get(host=False) + get(), "405 400"),
    ("close between", get() + get(b"Connection: close") + get(line=b"GET /smuggled.txt HTTP/1.1"),
     "200 200"),
    ("1.0 between", get() + get(line=b"GET / HTTP/1.0") + get(line=b"GET /smuggled.txt HTTP/1.1"),
     "200 200"),
    ("empty lines between", get() + b"\r\n\r\n" + get(), "200 200+"),
    ("an LF between", get() + b"\n" + get(), "200 400"),
    ("rubbish between", get() + b"x" + get(line=b"GET /smuggled.txt HTTP/1.1"), "200 501"),
    ("OPTIONS * and 304", get(line=b"OPTIONS * HTTP/1.1") + get(b"If-None-Match: *"), "204 304+"),
]

TABLES = {
    "request line": REQUEST_LINES, "method": METHODS, "target": TARGETS, "Host": HOSTS,
    "field": FIELDS, "Content-Length": LENGTHS, "Transfer-Encoding": CODINGS, "chunk": CHUNKS,
    "pipeline": PIPELINES,
}

CONNECTIONS_AT_ONCE = 200  # below the backlog of the test's listening socket in all


class Row:
    def __init__(self, table, title, data, expected):
        self.name = "%s: %s" % (table, title)
        self.data = data + CANARY
        self.expected = []  # (statuses with H, goes on), any of them
        words = expected.split(" ")
        for last in words[-1].split("|"):
            goes_on = last.endswith("+")
            self.expected.append(
                ([int(word.lstrip("H")) for word in words[:-1] + [last.rstrip("+")]], goes_on))
        self.methods = ["HEAD" if word.startswith("H") else "GET" for word in words]

    def responses(self, received, how):
        """All of them but interim ones; AssertionError where they are not as expected."""
        try:
            responses = parse(received, self.methods)
        except Bad as bad:
            raise Bad("%s: %s\n%r" % (self.name, bad, received[:2000])) from None
        responses = [response for response in responses if response.status >= 200]
        statuses = [response.status for response in responses]
        canaries = [response.body for response in responses].count(FILES["canary.txt"])
        if (statuses[:-1], True) in self.expected and canaries == 1 and statuses[-1] == 200 \
                and responses[-1].body == FILES["canary.txt"]:
            before = responses[:-1]
        elif (statuses, False) in self.expected and canaries == 0:
            before = responses[:-1]
            if not responses[-1].closes:
                raise Bad("%s: closed unannounced: %r" % (self.name, responses[-1]))
        else:
            raise Bad("%s: expected %s, got %s and %d canaries" %
                      (self.name, self.expected, statuses, canaries))
        if b"SMUGGLED" in received:
            raise Bad("%s: a smuggled request was answered: %r" % (self.name, received))
        for response in before:
            if response.closes:
                raise Bad("%s: went on after an announced end: %r" % (self.name, response))
        if how != "closed":
            raise Bad("%s: ended by a %s" % (self.name, how))
        return [response.without_date() for response in responses]


def rows():
    return [Row(table, *row) for table, some in TABLES.items() for row in some]


class BadRequests(rawhttp.HttpTest):
    def setUp(self):
        super().setUp()
        # The body's own limit is small, so that lengths above it need not be sent.
        self.server = self.serve(dict(FILES), max_body_size="64k", access_log="off")

    def play(self, plays):
        """@plays: (row, pieces). All are sent side by side, a piece of each in turn."""
        conns = []
        try:
            for _ in plays:
                conns.append(Connection(self.server))
            for turn in range(max(len(pieces) for _, pieces in plays)):
                for conn, (_, pieces) in zip(conns, plays):
                    if turn < len(pieces):
                        conn.send_what_fits(pieces[turn])
            return [row.responses(*conn.rest()) for conn, (row, _) in zip(conns, plays)]
        finally:
            for conn in conns:
                conn.close()

    def play_all(self, plays):
        found = []
        for start in range(0, len(plays), CONNECTIONS_AT_ONCE):
            found += self.play(plays[start:start + CONNECTIONS_AT_ONCE])
        return found

    def test_no_two_rows_have_one_name(self):
        names = [row.name for row in rows()]
        self.assertEqual(len(names), len(set(names)))

    def test_rows(self):
        for row in rows():
            with self.subTest(row.name):
                self.play([(row, [row.data])])

    def test_split_at_every_byte(self):
        for row in rows():
            if len(row.data) > 600:
                continue
            with self.subTest(row.name):
                whole = self.play([(row, [row.data])])[0]
                plays = [(row, [row.data[:at], row.data[at:]]) for at in range(1, len(row.data))]
                for at, responses in enumerate(self.play_all(plays), 1):
                    self.assertEqual(responses, whole, "split at %d" % at)

    def test_pieces_of_two_bytes(self):
        short = [row for row in rows() if len(row.data) <= 3000]
        whole = self.play_all([(row, [row.data]) for row in short])
        pieces = [[row.data[at:at + 2] for at in range(0, len(row.data), 2)] for row in short]
        self.assertEqual(self.play_all(list(zip(short, pieces))), whole)

    def test_the_client_that_says_no_more(self):
        """Half closed behind its last byte: the same answers."""
        for row in rows():
            with self.subTest(row.name), Connection(self.server) as conn:
                conn.send_what_fits(row.data)
                try:
                    conn.end_sending()
                except OSError:
                    pass  # the server has reset it already, which row.responses() will tell
                row.responses(*conn.rest())


if __name__ == "__main__":
    unittest.main()
