# SPDX-License-Identifier: MIT
"""Three machines with TinyWeb behind a balancer, each in a network namespace of its own, and what clients
notice when one of them dies, is drained, is upgraded or is slow.

The configurations are those of deploy/, unchanged: the addresses are theirs, for nobody else sees them. Only
the root differs. Clients ask without a pause, some on connections that they keep, some on one for each
request, and look at every byte of each answer. What is not a whole 200 has failed; so has what takes more
than a minute. The balancer may ask another machine again, where that is harmless; clients never repeat.

script/fleet runs main() for minutes, test_fleet.py some of it.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import support
from support import wait_for

TOP = os.path.normpath(os.path.join(support.HERE, os.pardir, os.pardir))
DEPLOY = os.path.join(TOP, "deploy")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"

NODES = {"a": "10.0.0.21", "b": "10.0.0.22", "c": "10.0.0.23"}
BALANCERS = {"haproxy": "10.0.0.10", "varnish": "10.0.0.11"}
BODY = b"<p>0123456789</p>\n" * 200
CLIENTS = 6
SECONDS = 60.0


def program(name):
    return shutil.which(name, path=PATH)


def run(*argv, **arguments):
    return subprocess.run([program(argv[0])] + list(argv[1:]), check=True, timeout=180, **arguments)


def why_not():
    """The reason why there can be no fleet here, or None."""
    for name in ("ip", "nsenter", "haproxy", "varnishd"):
        if not program(name):
            return "no " + name
    name = "tinyweb-%d-try" % os.getpid()
    if subprocess.run([program("ip"), "netns", "add", name], stderr=subprocess.DEVNULL,
                      check=False).returncode != 0:
        return "no rights to make network namespaces"
    run("ip", "netns", "del", name)
    return None


class Network:
    """A bridge in a namespace, and one namespace a machine. Nothing of it is seen outside."""

    def __init__(self):
        self.prefix = "tinyweb-%d-" % os.getpid()
        self.names = []
        self.switch = self.add("switch")
        self.ip(self.switch, "link", "add", "bridge", "type", "bridge")
        self.ip(self.switch, "link", "set", "bridge", "up")

    def add(self, name):
        run("ip", "netns", "add", self.prefix + name)
        self.names.append(name)
        self.ip(name, "link", "set", "lo", "up")
        return name

    def ip(self, name, *words):
        run("ip", "-n", self.prefix + name, *words)

    def machine(self, name, address):
        self.add(name)
        self.ip(self.switch, "link", "add", "name", "to-" + name, "type", "veth", "peer", "name",
                "eth0", "netns", self.prefix + name)
        self.ip(self.switch, "link", "set", "to-" + name, "master", "bridge", "up")
        self.ip(name, "address", "add", address + "/24", "dev", "eth0")
        self.ip(name, "link", "set", "eth0", "up")

    def inside(self, name, *argv):
        """What to execute so that @argv runs on that machine."""
        return [program("nsenter"), "--net=/run/netns/" + self.prefix + name, "--"] + list(argv)

    def cut(self, name, is_cut=True):
        """As when the machine loses its power, or gets it back."""
        self.ip(self.switch, "link", "set", "to-" + name, "down" if is_cut else "up")

    def slow(self, name, milliseconds):
        """Whatever the machine sends is late by so much; False where the kernel has no such queue."""
        with contextlib.suppress(subprocess.CalledProcessError):
            run("tc", "-n", self.prefix + name, "qdisc", "replace", "dev", "eth0", "root", "netem",
                "delay", "%dms" % milliseconds, stderr=subprocess.DEVNULL)
            return True
        return False

    def close(self):
        for name in self.names:
            subprocess.run([program("ip"), "netns", "del", self.prefix + name], check=False)


class Process:
    """In the foreground on a machine; ended by its own number."""

    def __init__(self, network, machine, argv, folder):
        self.output = os.path.join(folder, machine + ".output")
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                network.inside(machine, *argv), stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, cwd=folder, env=support.clean_environment())

    def said(self):
        with open(self.output, errors="replace") as file:
            return file.read()[-3000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Node:
    def __init__(self, fleet, name):
        self.fleet, self.name = fleet, name
        self.conf = os.path.join(fleet.folder, name + ".conf")
        self.pid_file = os.path.join(fleet.folder, name + ".pid")
        self.log = os.path.join(fleet.folder, name + ".log")
        with open(os.path.join(DEPLOY, "fleet-node.conf")) as file:
            text = file.read().replace("root = /srv/www", "root = " + fleet.root)
        with open(self.conf, "w") as file:
            file.write(text + "\nworkers = 2\npid_file = %s\nerror_log = %s\naccess_log = off\n"
                       "sandbox = off\n" % (self.pid_file, self.log))
        self.process = None

    def start(self):
        self.process = Process(self.fleet.network, self.name,
                               [support.PROGRAM, "-f", "-c", self.conf], self.fleet.folder)
        wait_for("node " + self.name, lambda: self.pid() and self.is_listening(), SECONDS)

    def pid(self):
        try:
            with open(self.pid_file) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def is_listening(self):
        return self.tell("status").returncode == 0

    def tell(self, word):
        """tinyweb -s WORD."""
        return subprocess.run([support.PROGRAM, "-q", "-c", self.conf, "-s", word], timeout=180,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def kill(self):
        """The whole machine's share of it, at once."""
        pid = self.pid()
        for victim in [pid] + support.children(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        if self.process.process.pid == pid:
            self.process.process.wait(60)
        wait_for("end of node " + self.name, lambda: not support.is_alive(pid), SECONDS)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.pid_file)

    def quit(self):
        """As service managers do, when they are told to stop it."""
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        if self.process.process.pid == pid:
            self.process.process.wait(60)
        wait_for("end of node " + self.name, lambda: not support.is_alive(pid), 60)

    def upgrade(self):
        old = self.pid()
        done = self.tell("upgrade")
        if done.returncode != 0:
            raise AssertionError("upgrade: %r" % done.stdout)
        wait_for("new master of " + self.name, lambda: self.pid() not in (0, old), SECONDS)
        wait_for("end of the old one", lambda: not support.is_alive(old), SECONDS)

    def close(self):
        pid = self.pid()
        if pid and support.is_alive(pid):
            self.kill()
        if self.process:
            self.process.stop()


class Balancer:
    """HAProxy or Varnish with the configuration of deploy/, on a machine of its own."""

    def __init__(self, fleet, name):
        self.fleet, self.name, self.address = fleet, name, BALANCERS[name]
        fleet.network.machine(name, self.address)
        if name == "haproxy":
            self.socket = os.path.join(fleet.folder, "haproxy.sock")
            with open(os.path.join(DEPLOY, "haproxy.cfg")) as file:
                text = file.read().replace("\ndefaults\n", "\n    stats socket %s level admin\n"
                                           "\ndefaults\n" % self.socket)
            conf = os.path.join(fleet.folder, "haproxy.cfg")
            with open(conf, "w") as file:
                file.write(text)
            argv = [program("haproxy"), "-db", "-f", conf]
        else:
            self.place = os.path.join(fleet.folder, "varnish")
            argv = [program("varnishd"), "-F", "-n", self.place, "-a", ":80", "-f",
                    os.path.join(DEPLOY, "varnish.vcl"), "-s", "malloc,32m"]
        self.process = Process(fleet.network, name, argv, fleet.folder)
        fleet.processes.append(self.process)
        wait_for("%s: %s" % (name, self.process.said()), self.has_all, SECONDS)

    def has_all(self):
        return all(self.state(node) == "up" for node in NODES)

    def state(self, node):
        """up, drain, or down."""
        if self.process.process.poll() is not None:
            raise AssertionError("%s has ended: %s" % (self.name, self.process.said()))
        with contextlib.suppress(OSError, ValueError, IndexError):
            return self.haproxy_state(node) if self.name == "haproxy" else self.varnish_state(node)
        return "down"

    def haproxy_state(self, node):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(5)
            sock.connect(self.socket)
            sock.sendall(b"show stat\n")
            data = b""
            while more := sock.recv(65536):
                data += more
        for line in data.decode().splitlines():
            words = line.split(",")
            if words[:2] == ["site", node]:
                return {"UP": "up", "NOLB": "drain", "DRAIN": "drain"}.get(
                    words[17].split(" ")[0], "down")
        return "down"

    def varnish_state(self, node):
        argv = self.fleet.network.inside(self.name, program("varnishadm"), "-n", self.place, "-t",
                                         "5", "backend.list", "-j")
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20,
                              check=False)
        for item in json.loads(done.stdout)[3:]:
            for name, facts in item.items():
                if name.endswith("." + node):
                    return "up" if facts["probe_message"][2] == "healthy" else "drain"
        return "down"


class Load:
    """Clients on a machine of their own, and what they have seen."""

    def __init__(self, fleet, address):
        self.process = subprocess.Popen(
            fleet.network.inside("clients", sys.executable, os.path.abspath(__file__), "--load",
                                 address),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "begun\n":
            raise AssertionError("no load")

    def finish(self):
        """{"requests": …, "failures": [...], "pause_ms": the longest time without any answer}"""
        said, _ = self.process.communicate("", timeout=180)
        return json.loads(said)


class Fleet:
    def __init__(self, balancers=("haproxy",)):
        self.folder = tempfile.mkdtemp(prefix="tinyweb-fleet-")
        os.chmod(self.folder, 0o755)
        self.root = os.path.join(self.folder, "www")
        os.mkdir(self.root, 0o755)
        with open(os.path.join(self.root, "page.html"), "wb") as file:
            file.write(BODY)
        self.network = Network()
        self.nodes, self.balancers, self.processes = {}, {}, []
        try:
            self.network.machine("clients", "10.0.0.100")
            for name, address in NODES.items():
                self.network.machine(name, address)
                self.nodes[name] = Node(self, name)
                self.nodes[name].start()
            for name in balancers:
                self.balancers[name] = Balancer(self, name)
        except BaseException:
            self.close()
            raise

    def wait_for(self, node, *states):
        """Until all balancers see it so."""
        for name, balancer in self.balancers.items():
            wait_for("%s to see %s as %s" % (name, node, states),
                     lambda: balancer.state(node) in states, SECONDS)

    def close(self):
        for process in self.processes:
            process.stop()
        for node in self.nodes.values():
            node.close()
        self.network.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


# --- what is done to a machine, while clients ask

def die(fleet, name):
    """Its processes are gone at once; later it comes back."""
    fleet.nodes[name].kill()
    fleet.wait_for(name, "down", "drain")
    fleet.nodes[name].start()
    fleet.wait_for(name, "up")


def vanish(fleet, name):
    """No packet comes from it any more; later it comes back."""
    fleet.network.cut(name)
    fleet.wait_for(name, "down", "drain")
    fleet.network.cut(name, False)
    fleet.wait_for(name, "up")


def drain(fleet, name):
    """It says that it wants no new work, is stopped when that was heard, and comes back."""
    node = fleet.nodes[name]
    done = node.tell("drain")
    if done.returncode != 0:
        raise AssertionError("drain: %r" % done.stdout)
    fleet.wait_for(name, "drain")
    node.quit()
    node.start()
    fleet.wait_for(name, "up")


def stop(fleet, name):
    """It is stopped without a word to anybody, and comes back."""
    fleet.nodes[name].quit()
    fleet.nodes[name].start()
    fleet.wait_for(name, "up")


def upgrade(fleet, name):
    """Another program takes over its port."""
    fleet.nodes[name].upgrade()
    fleet.wait_for(name, "up")


def slow(fleet, name):
    """Its answers are late for a while."""
    if fleet.network.slow(name, 200):
        time.sleep(3)
        fleet.network.slow(name, 0)


ACTIONS = {"die": die, "vanish": vanish, "drain": drain, "stop": stop, "upgrade": upgrade,
           "slow": slow}


def play(fleet, actions, times=1, pause=0.3):
    """Each of @actions @times, each time to another machine, while clients ask all balancers: what
    the clients of each saw."""
    loads = {name: Load(fleet, balancer.address) for name, balancer in fleet.balancers.items()}
    nodes = list(NODES) * (len(actions) * times)
    try:
        for _ in range(times):
            for action in actions:
                time.sleep(pause)
                ACTIONS[action](fleet, nodes.pop(0))
        time.sleep(pause)
    finally:
        seen = {name: load.finish() for name, load in loads.items()}
    return seen


# --- the clients

class Failed(Exception):
    pass


def read_answer(sock):
    """Whether the connection may be used again."""
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < len(BODY):
        more = sock.recv(65536)
        if not more:
            raise Failed("a cut answer: %r" % data[:60] if data else "no answer")
        data += more
        if data[9:12] != b"200"[:max(0, len(data) - 9)]:
            raise Failed("answered %r" % data.split(b"\r\n")[0])
    head, _, content = data.partition(b"\r\n\r\n")
    if content != BODY:
        raise Failed("wrong bytes behind %r" % head)
    return b"connection: close" not in head.lower()


def client(address, number, done, last, results):
    keeps = number % 2 == 0
    sock, count, failures = None, 0, []
    while not done.is_set():
        # No two requests are the same: a cache in between has to ask each time.
        request = "GET /page.html?%d-%d HTTP/1.1\r\nHost: fleet\r\nConnection: %s\r\n\r\n" % (
            number, count, "keep-alive" if keeps else "close")
        try:
            sock = sock or socket.create_connection((address, 80), SECONDS)
            sock.settimeout(SECONDS)
            sock.sendall(request.encode())
            stays = read_answer(sock) and keeps
            last[0] = time.monotonic()
        except (Failed, OSError) as error:
            failures.append("client %d, request %d: %s" % (number, count, error))
            stays = False
        count += 1
        if not stays and sock:
            sock.close()
            sock = None
        time.sleep(0.002)  # they are many, and the machine is one
    results.append((count, failures))


def be_clients(address):
    done, results, last, pause = threading.Event(), [], [time.monotonic()], 0.0
    threads = [threading.Thread(target=client, args=(address, number, done, last, results))
               for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    print("begun", flush=True)
    ends = threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True)
    ends.start()
    while not done.wait(0.005):
        pause = max(pause, time.monotonic() - last[0])
    for thread in threads:
        thread.join()
    json.dump({"requests": sum(count for count, _ in results), "pause_ms": round(pause * 1000),
               "failures": [text for _, texts in results for text in texts]}, sys.stdout)


def main():
    parser = argparse.ArgumentParser(prog="script/fleet", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="how often each (default 3)")
    parser.add_argument("--only", nargs="*", choices=sorted(ACTIONS), default=list(ACTIONS))
    parser.add_argument("--balancer", nargs="*", choices=sorted(BALANCERS),
                        default=list(BALANCERS))
    parser.add_argument("--load", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        be_clients(options.load)
        return 0
    reason = why_not()
    if reason:
        sys.exit("script/fleet: " + reason)
    failed = 0
    print("| what | balancer | requests | failed | longest pause, ms |\n|---|---|--:|--:|--:|")
    with Fleet(options.balancer) as fleet:
        for action in options.only:
            for balancer, seen in play(fleet, [action], options.times).items():
                failed += len(seen["failures"])
                print("| %d x %s | %s | %d | %d | %d |" % (
                    options.times, action, balancer, seen["requests"], len(seen["failures"]),
                    seen["pause_ms"]), flush=True)
                for text in seen["failures"][:5]:
                    print("    " + text, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
