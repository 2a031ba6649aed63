# SPDX-License-Identifier: MIT
"""What a request costs, in numbers that do not depend on the machine's load.

System calls are counted by strace(1) on the only worker, user-space instructions by valgrind's
callgrind. Both are counted for a short and a long run of the same work, and the difference is
divided by the difference of the requests: start, stop and the first, uncached request do not count.

The budgets are below, in one place. Lower them whenever the server gets cheaper; an instruction
budget is what was measured and some hundredths more, or a tenth where it depends on who came first.
"""

import collections
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import support
from support import wait_for

PLAIN = b"GET /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
BROWSER = (b"GET /1k.html HTTP/1.1\r\nHost: www.example.org\r\nConnection: keep-alive\r\n"
           b"Cache-Control: max-age=0\r\nUpgrade-Insecure-Requests: 1\r\n"
           b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
           b"Chrome/120.0.0.0 Safari/537.36\r\n"
           b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
           b"*/*;q=0.8\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"
           b"Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip, deflate, br\r\n"
           b"Accept-Language: en-US,en;q=0.9\r\nCookie: session=0123456789abcdef; theme=dark\r\n\r\n")

# For each request: system calls of the worker without epoll_wait, which comes at most once more,
# or once a turn of a large file (how many answers one of them leads to is the load's doing) ...
SYSTEM_CALLS = {
    "keep_alive": 2.1,  # recv, send
    "pipelined": 0.3,   # 16 requests are read at once, and their answers sent at once
    "reconnect": 7.1,   # accept4, which may find nothing, recv, send, close; and when the client
                        # sends later than it connects: a recv that finds nothing, epoll_ctl
    "proxied": 4.1,     # recv and send on each side
    "cached": ["recvfrom", "sendto"],  # in this order and nothing else, nearly always
    "large": 8.1,       # 1 MiB: recv, send of the head, two looks whether the file is in memory, and
                        # a sendfile for each 512 KiB, or 256 when the client reads slowly
}
# ... and instructions in user space, for a build with the default CFLAGS.
INSTRUCTIONS = {
    "keep_alive": 1610,
    "browser": 3860,
    "pipelined": 1080,
    "reconnect": 3440,
    "proxied": 10300,  # client's side and server's side
    "cached": 2670,    # what was measured, and 3 % more
}


# ... besides which a cache looks at the files it uses, writes their heads anew, and sweeps its folder.
CACHE_EACH_SECOND = 100000

# What a request costs more when somebody watches; `status` stays below a tenth of it in any case.
WATCHING = {
    "keep_alive": {"status": 165, "access_log": 420},
    "browser": {"status": 165, "access_log": 600},
}

CALLGRIND = ["valgrind", "-q", "--tool=callgrind"]


# --- the work: each takes a Server and a number of requests

def read_answers(sock, size):
    while size > 0:
        size -= len(sock.recv(min(size, 1 << 20)) or exit_early())


def exit_early():
    raise AssertionError("the connection ended early")


def answer_size(server, request):
    """Bytes of one answer; they are all alike."""
    with server.connect() as sock:
        sock.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += sock.recv(65536) or exit_early()
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        size = int(re.search(rb"\nContent-Length: (\d+)", head).group(1))
        read_answers(sock, size - len(body))
        return len(head) + 4 + size


def ask(server, count, request, depth=1):
    """@count requests over one connection, @depth at a time."""
    size = answer_size(server, request)
    with server.connect() as sock:
        for _ in range(count // depth):
            sock.sendall(request * depth)
            read_answers(sock, size * depth)


def keep_alive(server, count):
    ask(server, count, PLAIN)


def browser(server, count):
    ask(server, count, BROWSER)


def pipelined(server, count):
    ask(server, count, PLAIN, 16)


def large(server, count):
    ask(server, count, PLAIN.replace(b"1k.html", b"1m.bin"))


def proxied(server, count):
    ask(server, count, PLAIN)


def cached(server, count):
    """Heads differ in length: Age and Cache-Status count the seconds."""
    with server.connect() as sock:
        for _ in range(count):
            sock.sendall(PLAIN)
            data = b""
            while not data.endswith(Cost.files["1k.html"]):
                data += sock.recv(65536) or exit_early()


def reconnect(server, count):
    for _ in range(count):
        with server.connect() as sock:
            sock.sendall(PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            while sock.recv(65536):
                pass


WORK = {work.__name__: work for work in (keep_alive, browser, pipelined, proxied, cached,
                                           reconnect, large)}


# --- counting

def strace_table(text):
    """{name: calls} of strace -c."""
    counts = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5 and words[0][0].isdigit() and words[-1] != "total":
            counts[words[-1]] = int(words[3])
    return counts


def is_traced(pid):
    with open("/proc/%d/status" % pid) as file:
        return re.search(r"^TracerPid:\s+[1-9]", file.read(), re.M) is not None


class Cost(support.ServerTest):
    files = {"1k.html": b"x" * 1024, "1m.bin": b"y" * (1 << 20)}

    def setUp(self):
        super().setUp()
        if support.is_sanitized():
            self.skipTest("what a sanitizer does is not the server's cost")

    def make_worker(self, name, **settings):
        if name not in ("proxied", "cached"):
            return self.make_server(**settings)
        app = self.make_server(cache_control="max-age=3600").start()
        sections = {"upstream app": {"servers": "%s:%d" % (app.address, app.port),
                                     "keepalive_requests": 1000000},
                    "location all": {"prefix": "/", "proxy": "app"}}
        if name == "cached":
            sections["cache main"] = {"path": os.path.join(self.new_folder(), "cache"),
                                      "min_free": 0}
            sections["location all"]["cache"] = "main"
        return self.make({}, workers=1, keepalive_requests=0, sections=sections,
                         **dict({"access_log": "off"}, **settings))

    def new_folder(self):
        """Where every process may write."""
        folder = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o777)
        return folder

    def make_server(self, **settings):
        # Looking at a file again and the line of the log are not part of a request's fixed cost.
        return self.make(self.files, workers=1, keepalive_requests=0,
                         sections={"cache": {"cache_valid": "1h"}},
                         **dict({"access_log": "off"}, **settings))

    def trace(self, server, work, count, *options):
        """What strace(1) writes of @count requests."""
        (pid,) = server.workers()
        output = os.path.join(server.dir, "strace")
        strace = subprocess.Popen(["strace", "-f", *options, "-o", output, "-p", str(pid)],
                                  stderr=subprocess.PIPE, text=True)
        try:
            wait_for("strace", lambda: strace.poll() is not None or is_traced(pid))
            if strace.poll() is not None:
                self.skipTest("strace cannot attach: " + strace.stderr.read().strip())
            work(server, count)
        finally:
            with contextlib.suppress(ProcessLookupError):
                strace.send_signal(signal.SIGINT)
            strace.wait(20)
            strace.stderr.close()
        with open(output) as file:
            return file.read()

    def count_calls(self, server, work, count):
        return strace_table(self.trace(server, work, count, "-c"))

    def check_calls(self, name, few, many):
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        server = self.make_worker(name).start()
        WORK[name](server, 16)  # what is done once is done
        before = self.count_calls(server, WORK[name], few)
        after = self.count_calls(server, WORK[name], many)
        cost = {call: (after[call] - before.get(call, 0)) / (many - few) for call in after}
        text = ", ".join("%s %.3f" % row for row in sorted(cost.items(), key=lambda row: -row[1]))
        waits = cost.pop("epoll_wait", 0)
        self.assertLessEqual(waits, {"large": 11, "proxied": 2.2, "reconnect": 2.2}.get(name, 1.1), text)
        self.assertLessEqual(sum(cost.values()), SYSTEM_CALLS[name], text)
        self.assertGreater(sum(cost.values()), 0.1, "strace saw nothing")

    def count_instructions(self, name, count, **settings):
        """Of the worker's whole life, with @count requests in it."""
        folder = self.new_folder()  # each process writes its own file when it ends
        wrapper = os.path.join(folder, "tinyweb")
        with open(wrapper, "w") as file:
            file.write("#!/bin/sh\nexec %s --callgrind-out-file=%s/%%p %s \"$@\"\n" % (
                " ".join(CALLGRIND), folder, shlex.quote(support.PROGRAM)))
        os.chmod(wrapper, 0o755)
        with unittest.mock.patch.object(support, "PROGRAM", wrapper):
            # Valgrind lives in the worker, and writes its report at the end.
            server = self.make_worker(name, sandbox="off", **settings).start()
        (pid,) = server.workers()
        WORK[name](server, count)
        server.stop()
        with open(os.path.join(folder, str(pid))) as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M).group(1))

    def instructions(self, name, few, many, **settings):
        """Of one request."""
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        probe = subprocess.run(CALLGRIND + ["--callgrind-out-file=/dev/null", "/bin/true"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if probe.returncode != 0:
            self.skipTest("valgrind cannot run: " + probe.stdout.strip()[-200:])
        spent = (self.count_instructions(name, many, **settings) -
                 self.count_instructions(name, few, **settings)) / (many - few)
        self.assertGreater(spent, 100, "callgrind saw nothing")
        return spent

    def check_instructions(self, name, few, many):
        self.assertLessEqual(self.instructions(name, few, many), INSTRUCTIONS[name])

    def test_keep_alive_needs_two_system_calls(self):
        self.check_calls("keep_alive", 100, 600)

    def test_pipelined_answers_leave_together(self):
        self.check_calls("pipelined", 160, 1600)

    def test_a_connection_for_one_request_needs_few_system_calls(self):
        self.check_calls("reconnect", 50, 250)

    def test_a_request_that_is_passed_on_needs_four_system_calls(self):
        self.check_calls("proxied", 100, 600)

    def test_instructions_of_a_request_that_is_passed_on(self):
        self.check_instructions("proxied", 100, 1100)

    def test_a_hit_of_the_cache_needs_two_system_calls(self):
        """From time to time others come between: a look at the file each second, and the sweep."""
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        server = self.make_worker("cached").start()
        cached(server, 16)
        turns, turn = [], []
        for line in self.trace(server, cached, 500).splitlines():
            call = re.match(r"\d+\s+(\w+)\(", line)
            if call and call.group(1) == "epoll_wait":
                turns.append(tuple(turn))
                turn = []
            elif call:
                turn.append(call.group(1))
        (common, times), = collections.Counter(filter(None, turns)).most_common(1)
        self.assertEqual(list(common), SYSTEM_CALLS["cached"])
        self.assertGreater(times, 400)

    def test_instructions_of_a_hit_of_the_cache(self):
        begun = time.monotonic()
        spent = self.instructions("cached", 200, 4200)
        seconds = time.monotonic() - begun
        self.assertLessEqual(spent, INSTRUCTIONS["cached"] + CACHE_EACH_SECOND * seconds / 4000)

    def test_a_large_file_leaves_in_few_turns(self):
        self.check_calls("large", 10, 60)

    def test_instructions_of_a_small_request(self):
        self.check_instructions("keep_alive", 100, 1100)

    def test_instructions_of_a_browsers_request(self):
        self.check_instructions("browser", 100, 1100)

    def test_instructions_of_a_pipelined_request(self):
        self.check_instructions("pipelined", 160, 1760)

    def test_instructions_of_a_connection_for_one_request(self):
        self.check_instructions("reconnect", 50, 550)

    def test_metrics_cost_less_than_a_tenth_and_a_line_of_the_log_what_it_may(self):
        for name, most in WATCHING.items():
            with self.subTest(name):
                plain = self.instructions(name, 100, 1100)
                metrics = self.instructions(name, 100, 1100, status="on") - plain
                line = self.instructions(name, 100, 1100, access_log="access.log") - plain
                self.assertLessEqual(metrics, plain / 10)
                self.assertLessEqual(metrics, most["status"])
                self.assertLessEqual(line, most["access_log"])
                self.assertGreater(min(metrics, line), 10, "they are not on")


if __name__ == "__main__":
    unittest.main()
