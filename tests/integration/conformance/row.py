# SPDX-License-Identifier: MIT
"""What a row of the table is made of: a rule, and a script of what is sent and what has to come.

    Row("host-missing", "9112 3.2", MUST, "without Host a request of HTTP/1.1 is 400",
        get(host=None), Reply(400))

A script's steps are bytes, which are sent in one piece, Reply(), which reads the next answer and
looks at it, END (of what the client sends), and CLOSED: the server ends the connection, and sends
nothing more before. In bytes, {etag} and {coded-etag} stand for the entity tags of /file.txt and of
/coded.txt as it is sent with gzip.
"""

import collections

MUST = "MUST"
SHOULD = "SHOULD"
USE = "use"  # clients rely on it, though no such word stands there

END = "END"
CLOSED = "CLOSED"

ANY = range(200, 600)
GOOD = range(200, 300)
REFUSED = range(400, 600)


class Row:
    def __init__(self, name, section, level, rule, *steps):
        self.name, self.section, self.level, self.rule = name, section, level, rule
        self.steps = steps


class Reply:
    """The next answer that is final: one of @statuses (a number or a container), and it passes
    the @checks, functions of an answer and of those before it that return what is wrong, or None.

    @head: it answers a HEAD. @or_closed: as good is that the connection ends instead.
    @interim: a 1xx is the answer to look at.
    """

    def __init__(self, statuses, *checks, head=False, or_closed=False, interim=False):
        self.statuses = (statuses,) if isinstance(statuses, int) else statuses
        self.checks, self.head, self.or_closed, self.interim = checks, head, or_closed, interim


class Answer:
    """An answer as it was received. Field names are in lower case."""

    def __init__(self, version, status, fields, interim):
        self.version, self.status, self.fields = version, status, fields
        self.interim = interim  # how many 1xx came before it
        self.body = b""

    def all(self, name):
        return [value for key, value in self.fields if key == name.lower()]

    def get(self, name, default=""):
        """The values of all lines as one list (RFC 9110 section 5.3)."""
        values = self.all(name)
        return ", ".join(values) if values else default

    def words(self, name):
        return [word.strip().lower() for word in self.get(name).split(",") if word.strip()]


# --- requests

def request(method="GET", target="/file.txt", fields=(), version="HTTP/1.1", host="t", body=b""):
    lines = [b"%s %s %s" % (method.encode(), target.encode(), version.encode())]
    if host is not None:
        lines.append(b"Host: " + host.encode())
    lines += [field if isinstance(field, bytes) else field.encode() for field in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(*fields, target="/file.txt", version="HTTP/1.1", host="t", method="GET", body=b""):
    return request(method, target, fields, version, host, body)


def last(*fields, target="/file.txt", method="GET"):
    """The last request of a connection."""
    return request(method, target, fields + ("Connection: close",))


def post(*fields, body=b"", version="HTTP/1.1"):
    return request("POST", "/file.txt", fields, version, "t", body)


# --- checks

def present(*names):
    def check(answer, _before):
        missing = [name for name in names if not answer.all(name)]
        return "without " + ", ".join(missing) if missing else None
    return check


def absent(*names):
    def check(answer, _before):
        found = [name for name in names if answer.all(name)]
        return "with " + ", ".join(found) if found else None
    return check


def field(name, value):
    def check(answer, _before):
        if answer.all(name) != [value]:
            return "%s: %s" % (name, answer.get(name, "none"))
        return None
    return check


def matches(name, pattern):
    def check(answer, _before):
        values = answer.all(name)
        if len(values) != 1 or not pattern.match(values[0]):
            return "%s: %s" % (name, answer.get(name, "none"))
        return None
    return check


def has_word(name, word):
    def check(answer, _before):
        return None if word.lower() in answer.words(name) else "%s without %s" % (name, word)
    return check


def body(content):
    def check(answer, _before):
        return None if answer.body == content else "content is " + repr(answer.body[:40])
    return check


def some_body(answer, _before):
    return None if answer.body else "no content"


def no_interim(answer, _before):
    return "a 1xx before" if answer.interim else None


def version(text):
    def check(answer, _before):
        return None if answer.version == text else "version " + answer.version
    return check


def same(*names, as_of=0):
    """The fields are those of an earlier answer."""
    def check(answer, before):
        wrong = [name for name in names if answer.all(name) != before[as_of].all(name)]
        return "other " + ", ".join(wrong) if wrong else None
    return check


def same_status(answer, before):
    if answer.status != before[0].status:
        return "%d in place of %d" % (answer.status, before[0].status)
    return None


def same_status_or_400(answer, before):
    return None if answer.status == 400 else same_status(answer, before)


def when(status, *checks):
    """Only where the answer has that status."""
    def check(answer, before):
        if answer.status != status:
            return None
        return next(filter(None, (inner(answer, before) for inner in checks)), None)
    return check


Part = collections.namedtuple("Part", "fields content")


def parts_of(answer):
    """The parts of a multipart/byteranges; None when it is none."""
    kind, _, parameter = answer.get("Content-Type").partition(";")
    if kind.strip().lower() != "multipart/byteranges":
        return None
    boundary = b"\r\n--" + parameter.strip().partition("=")[2].strip('"').encode()
    pieces = (b"\r\n" + answer.body).split(boundary)
    parts = []
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        lines = [line.decode("latin-1").partition(":") for line in head.split(b"\r\n") if line]
        parts.append(Part({name.lower(): value.strip() for name, _, value in lines}, content))
    return parts
