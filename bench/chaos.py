# SPDX-License-Identifier: MIT
"""What clients notice of reloads, upgrades, rotated logs and killed workers; beside other servers.

Clients ask without a pause, some on connections that they keep, some on one for each request. A reply
that is missing, cut or wrong has failed. A kept connection that is closed before a byte of the reply is
asked again on a new one, as RFC 9110 section 9.2.2 allows, and counted as retried. The pause is the
longest time in which nobody got a reply.

A worker that is killed cannot finish what it has begun, so such a request is counted apart, and by
evidence alone: the worker is stopped, the client's port is among those of its connections, then it is
killed. What was still in the queue of the listening socket is another worker's, and may not fail.
"""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import servers

BODY = b"<p>0123456789</p>\n" * 60
REQUEST = "GET /1k.html HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n"
KINDS = ["keep-alive"] * 3 + ["close"] * 3
WORKERS = 2
TIMES = {"short": {"reload": 10, "upgrade": 3, "rotate": 10, "kill": 10},
         "long": {"reload": 100, "upgrade": 20, "rotate": 50, "kill": 100}}

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLM_F_DUMP = 4, 20, 1, 0x300
TCP_ESTABLISHED, TCP_CLOSE_WAIT = 1, 8
NETLINK_HEADER = struct.Struct("=IHHII")
DIAG_REQUEST = struct.Struct("=BBBxI")
DIAG_CLIENT_AT, DIAG_INODE_AT = 6, 68  # within struct inet_diag_msg
DIAG_PORTS = struct.Struct("!HH44s")  # of sockets: ours, theirs; addresses are not looked at
LATE = 2.0  # seconds after a kill in which its clients learn of it

Outcome = collections.namedtuple("Outcome", "requests retried failures killed pause_ms lost_lines")
Failure = collections.namedtuple("Failure", "when port text")
Kill = collections.namedtuple("Kill", "when ports")


# --- clients

class Failed(Exception):
    pass


def read_reply(sock):
    """None: closed before a byte of it; else whether the connection may be used again."""
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < len(BODY):
        try:
            more = sock.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            if data:
                raise Failed("a cut reply")
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or body != BODY:
        raise Failed("a wrong reply: %r" % head[:40])
    return b"connection: close" not in head.lower()


def ask(sock, request):
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        return None
    return read_reply(sock)


def client(port, number, last, done, results):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = (REQUEST % KINDS[number]).encode()
    requests, retried, failures, sock = 0, 0, [], None
    while not done.is_set():
        is_reused, own = sock is not None, 0
        try:
            sock = sock or socket.create_connection(("127.0.0.1", port), 10)
            own = sock.getsockname()[1]
            sock.settimeout(10)
            keeps = ask(sock, request)
            if keeps is None and not is_reused:
                raise Failed("a new connection without a reply")
        except (Failed, OSError) as error:
            failures.append(Failure(time.monotonic(), own, str(error)))
            keeps = False
        else:
            if keeps is None:
                retried += 1
            else:
                requests += 1
                last[number] = time.monotonic()
        if sock and (not keeps or KINDS[number] == "close"):
            sock.close()
            sock = None
    results.put((requests, retried, failures))


class Load:
    """Clients in processes of their own, and a watch over the last reply of any."""

    def __init__(self, port):
        self.done = multiprocessing.Event()
        self.results = multiprocessing.Queue()
        self.last = multiprocessing.Array("d", len(KINDS), lock=False)
        self.pause = 0.0
        self.processes = [multiprocessing.Process(
            target=client, args=(port, number, self.last, self.done, self.results))
            for number in range(len(KINDS))]
        for process in self.processes:
            process.start()
        while not all(self.last):
            time.sleep(0.01)
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self):
        while not self.done.is_set():
            self.pause = max(self.pause, time.monotonic() - max(self.last))
            time.sleep(0.0005)

    def finish(self):
        self.done.set()
        found = [self.results.get(timeout=60) for _ in self.processes]
        for process in self.processes:
            process.join()
        self.watcher.join()
        return (sum(row[0] for row in found), sum(row[1] for row in found),
                [failure for row in found for failure in row[2]])


# --- servers, and what is done to them

def is_stopped(pid):
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def connections_on(port):
    """{inode: the port of the client}, asked of the kernel (sock_diag(7)): quicker than /proc/net/tcp, where
    thousands of connections that have ended are listed, too."""
    states = 1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT
    body = (DIAG_REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, states) +
            DIAG_PORTS.pack(port, 0, bytes(44)))
    found = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as sock:
        sock.send(NETLINK_HEADER.pack(NETLINK_HEADER.size + len(body), SOCK_DIAG_BY_FAMILY,
                                      NLM_F_REQUEST | NLM_F_DUMP, 0, 0) + body)
        while True:
            data = sock.recv(65536)
            while data:
                size, kind = NETLINK_HEADER.unpack_from(data)[:2]
                if kind != SOCK_DIAG_BY_FAMILY:  # the end of it
                    return found
                client, = struct.unpack_from("!H", data, NETLINK_HEADER.size + DIAG_CLIENT_AT)
                inode, = struct.unpack_from("=I", data, NETLINK_HEADER.size + DIAG_INODE_AT)
                found[inode] = client
                data = data[(size + 3) & ~3:]


def peer_ports(pid, port):
    """Ports of the clients of a process, which is stopped: nothing comes or goes meanwhile."""
    folder = "/proc/%d/fd" % pid
    own = {os.readlink(os.path.join(folder, name)) for name in os.listdir(folder)}
    return {client for inode, client in connections_on(port).items() if "socket:[%d]" % inode in own}


class Subject:
    """A server with a pid file and an access log. What it cannot do is not in @actions."""

    name = None
    actions = ("reload", "upgrade", "rotate", "kill")

    def __init__(self, work, root):
        self.work = os.path.join(work, self.name)
        os.makedirs(self.work)
        self.port = servers.free_port()
        self.pid_file = os.path.join(self.work, "pid")
        self.log = os.path.join(self.work, "access.log")
        self.rotated = []
        self.kills = []
        os.chmod(self.work, 0o777)
        self.start(self.command(root))
        self.wait(lambda: os.path.exists(self.pid_file) and self.pid())

    def command(self, root):
        """Writes a configuration; returns what to execute."""
        raise NotImplementedError

    def start(self, argv):
        with open(os.path.join(self.work, "output"), "ab") as output:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output)

    def wait(self, is_so, seconds=30.0):
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError("%s: waited too long" % self.name)
            time.sleep(0.002)

    def pid(self):
        with open(self.pid_file) as file:
            return int(file.read() or 0)

    def workers(self):
        return [pid for pid in servers.descendants(self.pid())[1:] if self.is_worker(pid)]

    def is_worker(self, pid):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                text = file.read()
        except OSError:
            return False
        return b"worker process" in text and b"shutting down" not in text

    def reload(self):
        before = set(self.workers())
        os.kill(self.pid(), signal.SIGHUP)
        self.wait(lambda: len(set(self.workers()) - before) == WORKERS)

    def rotate(self):
        name = "%s.%d" % (self.log, len(self.rotated))
        os.rename(self.log, name)
        self.rotated.append(name)
        os.kill(self.pid(), signal.SIGUSR1)
        self.wait(lambda: os.path.exists(self.log))

    def kill(self):
        victim = random.choice(self.workers())
        os.kill(victim, signal.SIGSTOP)
        self.wait(lambda: is_stopped(victim))
        self.kills.append(Kill(time.monotonic(), peer_ports(victim, self.port)))
        os.kill(victim, signal.SIGKILL)
        self.wait(lambda: victim not in self.workers() and len(self.workers()) == WORKERS)

    def lines(self):
        return sum(sum(1 for _ in open(path, "rb")) for path in self.rotated + [self.log])

    def stop(self):
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        self.process.wait(30)  # after an upgrade it has ended long ago, and another one serves
        self.wait(lambda: not os.path.exists("/proc/%d" % pid))


class TinyWeb(Subject):
    name = "tinyweb"

    def command(self, root):
        self.conf = servers.write(os.path.join(self.work, "conf"), (
            "[server]\nlisten = 127.0.0.1:%d\nroot = %s\nworkers = %d\npid_file = %s\n"
            "access_log = %s\nerror_log = %s/error.log\n" %
            (self.port, root, WORKERS, self.pid_file, self.log, self.work)))
        return [servers.TINYWEB, "-f", "-c", self.conf]

    def tell(self, word):
        subprocess.run([servers.TINYWEB, "-q", "-c", self.conf, "-s", word], check=True,
                       timeout=60)

    def reload(self):
        self.tell("reload")

    def upgrade(self):
        self.tell("upgrade")


class Nginx(Subject):
    """In the background: started by somebody who waits for it, it takes no USR2."""

    name = "nginx"

    def start(self, argv):
        super().start(argv)
        self.process.wait(30)

    def command(self, root):
        conf = servers.write(os.path.join(self.work, "nginx.conf"), """
worker_processes %d; pid %s; error_log %s/error.log crit;
events { worker_connections 1024; }
http {
    types { text/html html; }
    access_log %s; client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f;
    uwsgi_temp_path %s/u; scgi_temp_path %s/s; keepalive_requests 1000000000;
    server { listen 127.0.0.1:%d; root %s; }
}
""" % ((WORKERS, self.pid_file, self.work, self.log) + (self.work,) * 5 + (self.port, root)))
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.work, "-e",
                self.work + "/error.log", "-c", conf]

    def upgrade(self):
        old = self.pid()
        os.kill(old, signal.SIGUSR2)
        self.wait(lambda: os.path.exists(self.pid_file) and self.pid() not in (0, old) and
                  len(self.workers()) == WORKERS)
        os.kill(old, signal.SIGQUIT)
        self.wait(lambda: not os.path.exists("/proc/%d" % old))


class Lighttpd(Subject):
    """One process; USR1 is its graceful restart, HUP its rotation of logs."""

    name = "lighttpd"
    actions = ("reload", "rotate")

    def command(self, root):
        conf = servers.write(os.path.join(self.work, "conf"), """
server.modules = ("mod_accesslog")
server.bind = "127.0.0.1"
server.port = %d
server.document-root = "%s"
server.pid-file = "%s"
accesslog.filename = "%s"
server.max-keep-alive-requests = 1000000000
mimetype.assign = (".html" => "text/html")
""" % (self.port, root, self.pid_file, self.log))
        return [shutil.which("lighttpd") or "/usr/sbin/lighttpd", "-D", "-f", conf]

    def reload(self):
        os.kill(self.pid(), signal.SIGUSR1)
        time.sleep(0.5)  # it does not say when it has done it

    def rotate(self):
        name = "%s.%d" % (self.log, len(self.rotated))
        os.rename(self.log, name)
        self.rotated.append(name)
        os.kill(self.pid(), signal.SIGHUP)
        self.wait(lambda: os.path.exists(self.log))


SUBJECTS = {subject.name: subject for subject in (TinyWeb, Nginx, Lighttpd)}


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            return ask(sock, (REQUEST % "close").encode()) is not None
    except OSError:
        return False


def died_with_its_worker(failure, kills):
    return any(failure.port in kill.ports and 0 <= failure.when - kill.when < LATE for kill in kills)


def run(subject, action, times, pause):
    subject.wait(lambda: answers(subject.port))
    before = subject.lines()
    load = Load(subject.port)
    try:
        for _ in range(times):
            getattr(subject, action)()
            time.sleep(pause)
    finally:
        requests, retried, failures = load.finish()
    lost = None
    if action == "rotate":
        time.sleep(1.5)  # lines wait for others for a second
        lost = max(0, requests - (subject.lines() - before))
    killed = [failure for failure in failures if died_with_its_worker(failure, subject.kills)]
    failures = [failure.text for failure in failures if failure not in killed]
    return Outcome(requests, retried, failures, killed, load.pause * 1000, lost)


def row(name, action, times, outcome):
    lost = "" if outcome.lost_lines is None else str(outcome.lost_lines)
    killed = str(len(outcome.killed)) if action == "kill" else ""
    return "| %s | %d x %s | %d | %d | %s | %d | %.1f | %s |" % (
        name, times, action, outcome.requests, len(outcome.failures), killed, outcome.retried,
        outcome.pause_ms, lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", nargs="*", choices=sorted(SUBJECTS), default=list(SUBJECTS))
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="tinyweb-chaos-")
    os.chmod(work, 0o755)
    root = os.path.join(work, "root")
    os.mkdir(root, 0o755)
    with open(os.path.join(root, "1k.html"), "wb") as file:
        file.write(BODY)
    failed = 0
    print("| server | what | requests | failed | begun by a killed worker | retried | "
          "longest pause, ms | lines lost |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    try:
        for action, times in TIMES["long" if options.long else "short"].items():
            for name in options.only:
                if action not in SUBJECTS[name].actions:
                    continue
                subject = SUBJECTS[name](os.path.join(work), root)
                try:
                    outcome = run(subject, action, times, 0.1)
                finally:
                    subject.stop()
                    shutil.rmtree(subject.work)
                print(row(name, action, times, outcome), flush=True)
                for text in sorted(set(outcome.failures)):
                    print("    %s: %s" % (name, text), file=sys.stderr)
                for text in sorted({failure.text for failure in outcome.killed}):
                    print("    %s, begun by a killed worker: %s" % (name, text), file=sys.stderr)
                if name == "tinyweb" and (outcome.lost_lines or outcome.failures):
                    failed = 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
