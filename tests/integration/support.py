# SPDX-License-Identifier: MIT
"""What the integration tests share: the real server in a folder of its own, and a look at it.

    class Reload(support.ServerTest):
        def test_it(self):
            server = self.serve({"index.html": b"hello"}, workers=4)
            self.assertEqual(server.get("/").body, b"hello")

The socket is bound by the test and handed over in TINYWEB_LISTEN_FDS, so that no two tests meet on
a port. When a test ends, its servers must have ended well: exit status 0, no [error] in the log
that was not announced (allow_error), no report of a sanitizer, no worker left behind.
"""

import collections
import contextlib
import hashlib
import http.client
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get(
    "TINYWEB", os.path.join(HERE, os.pardir, os.pardir, "build", "src", "tinyweb"))

START_SECONDS = 20
PATIENCE = 6  # limits are meant for a machine with nothing else to do; one that has a lot to do gets so much more
LATE = 15.0   # how much later than it should such a machine may do something


def is_sanitized():
    """The program under test was built with sanitizers, whose needs of memory are their own."""
    info = subprocess.run([PROGRAM, "-V"], stdout=subprocess.PIPE, text=True).stdout
    return re.search(r"sanitizers: +yes", info) is not None


def clean_environment():
    """That of the tests, without the variables that the server would take for directives."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TINYWEB_")}


def artefact(name):
    """The path of a file that is to stay when the tests are over."""
    folder = (os.environ.get("TESTS_ARTEFACTS") or
              os.path.join(HERE, os.pardir, os.pardir, "build", "test-artefacts"))
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer")

Reply = collections.namedtuple("Reply", "status headers body")


def wait_for(what, condition, seconds=5.0):
    """Until @condition() is true, which is returned; AssertionError after @seconds, and some patience."""
    limit = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError("%s: not within %.1f s" % (what, seconds * PATIENCE))
        time.sleep(0.01)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- processes, by /proc

def read_children(pid):
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task)) as file:
                found += [int(word) for word in file.read().split()]
    return found


def children(pid):
    """While one of them ends the kernel may leave out another: what is read twice is true."""
    found = read_children(pid)
    while (again := read_children(pid)) != found:
        found = again
    return found


def process_state(pid):
    """One letter ("R", "S", "T", "Z" …); None when there is no such process."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def is_alive(pid):
    return process_state(pid) not in (None, "Z", "X")


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def all_is_read(port):
    """Nobody waits at @port, or has sent bytes there that the server has not taken yet."""
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return all(int(row[4].split(":")[1], 16) == 0 for row in rows
               if int(row[1].split(":")[1], 16) == port)


def read_terminal(fd, text=b""):
    """All that comes behind @text until the last program on the terminal has ended."""
    with contextlib.suppress(OSError):  # that is how it ends
        while data := os.read(fd, 65536):
            text += data
    return text


def title(pid):
    with open("/proc/%d/cmdline" % pid, "rb") as file:
        return file.read().rstrip(b"\0").replace(b"\0", b" ").decode()


def is_worker(pid):
    """A process that is ending has no title any more, whatever it was."""
    try:
        text = title(pid)
    except OSError:
        return False  # it has just ended
    return text != "" and not text.startswith(("tinyweb: master", "tinyweb: resolver"))


def descriptors(pid):
    """What each open descriptor refers to."""
    folder = "/proc/%d/fd" % pid
    found = {}
    try:
        names = os.listdir(folder)
    except PermissionError:
        raise unittest.SkipTest("workers hide what they have open from all but root") from None
    for name in names:
        with contextlib.suppress(OSError):
            found[int(name)] = os.readlink(os.path.join(folder, name))
    return found


def accept_mutex_owner(master):
    """Who holds the lock in the shared memory of that server, as anybody with rights can see it."""
    with open("/proc/%d/maps" % master) as file:
        shared = [line for line in file if " rw-s " in line and "/dev/zero" in line]
    with open("/proc/%d/mem" % master, "rb", buffering=0) as memory:
        memory.seek(int(shared[0].partition("-")[0], 16))
        return int.from_bytes(memory.read(4), "little")


def limit_files(count):
    """For a process that is about to start."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


# --- a kernel that lacks something

SYS_SECCOMP, SYS_OPENAT2, SYS_LANDLOCK_CREATE_RULESET = 317, 437, 444  # of x86-64

# Runs its arguments in a world where system calls fail: rows of (number, errno).
FORBID_CALLS = """#!%(python)s
import ctypes, os, struct, sys
calls = %(calls)r
rows = [(0x20, 0, 0, 0)]  # load the number of the call
for number, error in calls:
    rows += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]  # if it is this one, fail
rows.append((0x06, 0, 0, 0x7fff0000))  # else allowed
code = b"".join(struct.pack("HBBI", *row) for row in rows)
block = ctypes.create_string_buffer(code, len(code))
class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("rows", ctypes.c_void_p)]
program = Program(len(rows), ctypes.addressof(block))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
if libc.prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
    sys.exit("no seccomp filter: errno %%d" %% ctypes.get_errno())
for number, error in calls:
    if libc.syscall(number, -100, b"/", None, 0) != -1 or ctypes.get_errno() != error:
        sys.exit("the filter has no effect")
os.execv(%(program)r, [%(program)r] + sys.argv[1:])
"""


def forbid_calls(test, calls):
    """Until @test ends, PROGRAM runs where each of @calls, {number: errno}, fails."""
    if os.uname().machine != "x86_64":
        test.skipTest("numbers of system calls are those of x86-64")
    launcher = tempfile.NamedTemporaryFile("w", prefix="tinyweb-launcher-", delete=False)
    test.addCleanup(os.unlink, launcher.name)
    with launcher:
        launcher.write(FORBID_CALLS % {"python": sys.executable, "program": PROGRAM,
                                       "calls": sorted(calls.items())})
    os.chmod(launcher.name, 0o755)
    done = subprocess.run([launcher.name, "-v"], stdout=-1, stderr=-2, text=True, timeout=20)
    if done.returncode != 0:
        test.skipTest(done.stdout)
    patch = unittest.mock.patch.object(sys.modules[__name__], "PROGRAM", launcher.name)
    patch.start()
    test.addCleanup(patch.stop)


# --- sockets

def listening_socket(address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((address, 0))
    sock.listen(128)
    return sock


def free_port():
    """One that was free a moment ago: for those who must bind it themselves. Below the ports that
    the kernel gives to clients, so that none of them is on it a moment later."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port


def can_connect(port, host="127.0.0.1"):
    with socket.socket() as sock:
        sock.settimeout(5 * PATIENCE)
        return sock.connect_ex((host, port)) == 0


class Server:
    """One server. Settings are directives of [server]; None leaves one out."""

    def __init__(self, files=None, address="127.0.0.1", sections=None, env=None, args=(),
                 hand_over=True, **settings):
        self.dir = tempfile.mkdtemp(prefix="tinyweb-test-")
        self.root = os.path.join(self.dir, "root")
        self.conf = os.path.join(self.dir, "tinyweb.conf")
        self.error_log = os.path.join(self.dir, "error.log")
        self.access_log = os.path.join(self.dir, "access.log")
        self.output = os.path.join(self.dir, "output")
        self.allowed = []
        self.process = None
        self.exit_status = 0
        self.args = list(args)
        self.program = PROGRAM
        self.env = dict(clean_environment(), **(env or {}))
        self.address = address
        self.socket = listening_socket(address) if hand_over else None
        self.port = self.socket.getsockname()[1] if hand_over else free_port()
        os.mkdir(self.root, 0o755)
        for name, content in (files or {"index.html": b"hello\n"}).items():
            self.write(name, content)
        host = "[%s]" % address if ":" in address else address
        self.sections = {"server": {
            "listen": "%s:%d" % (host, self.port), "root": "root", "workers": 2,
            "error_log": "error.log", "access_log": "access.log", "log_level": "info"}}
        for name, values in (sections or {}).items():
            self.sections.setdefault(name, {}).update(values)
        self.sections["server"].update(settings)
        self.configure()

    def write(self, name, content):
        """A file below the root, readable by any worker."""
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
        return path

    def configure(self, **settings):
        """Write the configuration anew."""
        self.sections["server"].update(settings)
        lines = []
        for name, values in self.sections.items():
            lines.append("[%s]" % name)
            lines += ["%s = %s" % (key, value) for key, value in values.items()
                      if value is not None]
        with open(self.conf, "w") as file:
            file.write("\n".join(lines) + "\n")

    # --- life

    def start(self, wait=True, pass_fds=(), before=None):
        """@before runs in the new process, before the program does."""
        passed = list(pass_fds)
        if self.socket:
            passed.append(self.socket.fileno())
            self.env["TINYWEB_LISTEN_FDS"] = str(self.socket.fileno())
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [self.program, "-f", "-c", self.conf] + self.args, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, pass_fds=passed, env=self.env, cwd=self.dir,
                preexec_fn=before)
        if self.socket:
            self.socket.close()  # or the port would stay open for ever
            self.socket = None
            del self.env["TINYWEB_LISTEN_FDS"]
        if wait:
            wait_for("start", self.has_started, START_SECONDS)
        return self

    def has_started(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended with %d:\n%s" %
                                 (self.process.returncode, self.all_output()))
        return "has started" in self.log()

    @property
    def pid(self):
        return self.process.pid

    def workers(self):
        """Living ones, of all generations; not who looks up a user for the master."""
        return sorted(pid for pid in children(self.pid) if is_alive(pid) and is_worker(pid))

    def kill(self, number):
        os.kill(self.pid, number)

    def wait(self, seconds=10.0):
        """Its exit status."""
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError("the server has not ended within %.1f s:\n%s" %
                                 (seconds * PATIENCE, self.all_output())) from None

    def stop(self, number=signal.SIGTERM, seconds=10.0):
        if self.process and self.process.poll() is None:
            self.kill(number)
        return self.wait(seconds) if self.process else 0

    def destroy(self):
        """At the end of a test, whatever happened."""
        if self.process and self.process.poll() is None:
            for pid in self.workers() + [self.pid]:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
        if self.socket:
            self.socket.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- what it said

    def log(self):
        try:
            with open(self.error_log, errors="surrogateescape") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def access_lines(self, path=None):
        try:
            with open(path or self.access_log, errors="surrogateescape") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def all_output(self):
        with open(self.output, errors="surrogateescape") as file:
            return file.read() + self.log()

    def wait_for_log(self, text, count=1, seconds=5.0):
        wait_for("log line %r" % text, lambda: self.log().count(text) >= count, seconds)

    def allow_error(self, pattern):
        """Lines of level error that match are expected in this test."""
        self.allowed.append(re.compile(pattern))

    def unexpected_errors(self):
        lines = [line for line in self.log().splitlines() if "[error]" in line]
        lines = [line for line in lines if not any(p.search(line) for p in self.allowed)]
        if SANITIZER.search(self.all_output()):
            lines.append(self.all_output())
        return lines

    # --- talking to it

    def connect(self, seconds=10.0):
        return socket.create_connection((self.address, self.port), seconds * PATIENCE)

    def get(self, path="/", seconds=10.0, method="GET", headers=None):
        connection = http.client.HTTPConnection(self.address, self.port,
                                                timeout=seconds * PATIENCE)
        try:
            connection.request(method, path, headers=headers or {"Connection": "close"})
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


class Flood:
    """Processes that connect and reset, as fast as they can: accepting is all that they ask for."""

    def __init__(self, server, processes=2):
        self.address, self.count, self.pids = (server.address, server.port), processes, []

    def __enter__(self):
        for _ in range(self.count):
            pid = os.fork()
            if pid == 0:
                self.run()
            self.pids.append(pid)

    def __exit__(self, *exc):
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def run(self):
        signal.alarm(0)
        try:
            while True:
                sock = socket.socket()
                sock.settimeout(5)
                sock.connect_ex(self.address)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                sock.close()
        finally:
            os._exit(0)


class Load:
    """Clients in threads that ask for one path again and again, each time on a new connection."""

    def __init__(self, server, path="/", clients=4, keep_alive=False):
        self.server, self.path, self.keep_alive = server, path, keep_alive
        self.done = threading.Event()
        self.lock = threading.Lock()
        self.ok = 0
        self.refused = 0
        self.failures = []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.done.set()
        for thread in self.threads:
            thread.join(20 * PATIENCE)

    def run(self):
        while not self.done.is_set():
            try:
                reply = self.server.get(self.path)
                with self.lock:
                    if reply.status == 200:
                        self.ok += 1
                    else:
                        self.failures.append("status %d" % reply.status)
            except ConnectionRefusedError:
                with self.lock:
                    self.refused += 1
            except (OSError, http.client.HTTPException) as error:
                with self.lock:
                    self.failures.append(repr(error))

    def wait_for_more(self, count=20, seconds=10.0):
        """Until @count more requests have been answered."""
        start = self.ok
        wait_for("answers under load", lambda: self.ok >= start + count, seconds)


class ServerTest(unittest.TestCase):
    """Starts servers, and looks after them when the test ends."""

    def setUp(self):
        self.servers = []

    def make(self, files=None, **arguments):
        server = Server(files, **arguments)
        self.servers.append(server)
        self.addCleanup(server.destroy)
        return server

    def serve(self, files=None, **arguments):
        return self.make(files, **arguments).start()

    def tearDown(self):
        for server in self.servers:
            if not server.process:
                continue
            workers = server.workers()
            self.assertEqual(server.stop(), server.exit_status, server.all_output())
            self.assertEqual(server.unexpected_errors(), [])
            left = [pid for pid in workers if is_alive(pid)]
            self.assertEqual(left, [], "workers outlived their master")
