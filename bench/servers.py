# SPDX-License-Identifier: MIT
"""TinyWeb and its peers: one worker each, tuned, no access log, the same folder.

Whoever thinks that a peer could do better: its configuration is here, and nowhere else.
"""

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
BUILD = os.path.join(TOP, "build")
TINYWEB = os.path.join(BUILD, "src", "tinyweb")

CONNECTIONS = 16384
IDLE_SECONDS = 600  # longer than any run
FOREVER = 1000000000
NS_A_TICK = 1000000000 // os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def raise_limits():
    """As many descriptors as the system allows, for us and all we start."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def descendants(pid):
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/children" % (pid, task)) as file:
                    waiting += [int(word) for word in file.read().split()]
        except OSError:
            pass  # it has just ended
    return found


class Server:
    """A program in the foreground, on the processors @cpus. Stopped by its own process number."""

    def __init__(self, name, argv, port, work, cpus=(0,), has_dead=False):
        self.name, self.argv, self.port, self.cpus = name, argv, port, cpus
        self.has_dead = has_dead
        self.output = os.path.join(work, name.replace(" ", "-") + ".out")
        self.process = None

    def start(self, path="/1k.html", seconds=15):
        """Returns the seconds until the first byte of an answer."""
        began = time.perf_counter()
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=lambda: os.sched_setaffinity(0, self.cpus))
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode()
        while time.perf_counter() - began < seconds and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
                    sock.sendall(request)
                    if sock.recv(1):
                        return time.perf_counter() - began
            except OSError:
                time.sleep(0.0002)
        self.stop()
        with open(self.output, errors="replace") as file:
            raise RuntimeError("%s does not answer:\n%s" % (self.name, file.read()[-2000:]))

    def stop(self):
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                for pid in descendants(self.process.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        self.process = None

    def cpu_ns(self):
        """Time on a processor of all its threads, by the scheduler's own account. When threads or
        processes come and go, by the account that the dead are in, too, in ticks."""
        total = 0
        for pid in descendants(self.process.pid):
            try:
                if self.has_dead:
                    with open("/proc/%d/stat" % pid) as file:
                        fields = file.read().rpartition(")")[2].split()
                    total += sum(map(int, fields[11:15])) * NS_A_TICK
                    continue
                for task in os.listdir("/proc/%d/task" % pid):
                    with open("/proc/%d/task/%s/schedstat" % (pid, task)) as file:
                        total += int(file.read().split()[0])
            except OSError:
                pass
        return total

    def pss_bytes(self):
        """Memory in user space, shared pages counted by their share."""
        total = 0
        for pid in descendants(self.process.pid):
            with open("/proc/%d/smaps_rollup" % pid) as file:
                total += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))
        return total * 1024


# --- configurations

def tinyweb(work, root, name="tinyweb", workers=1, cpus=(0,), locations=0, **settings):
    port = free_port()
    lines = {"listen": "127.0.0.1:%d" % port, "root": root, "workers": workers,
             "worker_connections": CONNECTIONS, "keepalive_requests": 0,
             "keepalive_timeout": "%ds" % IDLE_SECONDS, "access_log": "off"}
    # How long a file is trusted is said to nginx, too, and the same.
    cache = {"cache_valid": "60s"}
    cache.update((key, settings.pop(key)) for key in list(settings)
                 if key in ("cache_valid", "max_entries", "max_size", "max_file_size"))
    lines.update(settings)
    text = "[server]\n" + "".join("%s = %s\n" % row for row in lines.items())
    text += "[cache]\n" + "".join("%s = %s\n" % row for row in cache.items())
    text += "".join("[location place-%d]\nprefix = /places/%d/\n" % (number, number)
                    for number in range(locations))
    conf = write(os.path.join(work, name + ".conf"), text)
    return Server(name, [TINYWEB, "-f", "-c", conf], port, work, cpus=cpus)


def nginx(work, root, name="nginx", sendfile="on", workers=1, cpus=(0,), locations=0):
    port = free_port()
    folder = os.path.join(work, name)
    os.makedirs(folder, exist_ok=True)
    temporary = "".join("%s_temp_path %s/%s; " % (kind, folder, kind) for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = write(os.path.join(folder, "nginx.conf"), """
daemon off; worker_processes %d; pid %s/pid; error_log %s/error.log crit;
events { worker_connections %d; multi_accept on; }
http {
    types { text/html html; application/octet-stream bin; }
    access_log off; server_tokens off; %s
    sendfile %s; tcp_nopush %s; sendfile_max_chunk 2m; output_buffers 2 64k;
    keepalive_timeout %d; keepalive_requests %d; reset_timedout_connection on;
    open_file_cache max=20000 inactive=%ds; open_file_cache_valid 60s; open_file_cache_errors on;
    server { listen 127.0.0.1:%d backlog=4096; root %s; %s }
}
""" % (workers, folder, folder, CONNECTIONS, temporary, sendfile, sendfile, IDLE_SECONDS, FOREVER,
       IDLE_SECONDS, port, root,
       " ".join("location /places/%d/ { }" % number for number in range(locations))))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    argv = [program, "-p", folder, "-e", folder + "/error.log", "-c", conf]
    return Server(name, argv, port, work, cpus=cpus)


def lighttpd(work, root, name="lighttpd"):
    port = free_port()
    conf = write(os.path.join(work, name + ".conf"), """
server.bind = "127.0.0.1"
server.port = %d
server.document-root = "%s"
server.network-backend = "sendfile"
server.stat-cache-engine = "simple"
server.max-connections = %d
server.max-fds = 20000
server.listen-backlog = 4096
server.max-keep-alive-requests = %d
server.max-keep-alive-idle = %d
server.max-read-idle = %d
server.feature-flags = ("server.h2proto" => "disable", "server.h2c" => "disable")
mimetype.assign = (".html" => "text/html", ".bin" => "application/octet-stream")
""" % (port, root, CONNECTIONS, FOREVER, IDLE_SECONDS, IDLE_SECONDS))
    program = shutil.which("lighttpd") or "/usr/sbin/lighttpd"
    return Server(name, [program, "-D", "-f", conf], port, work)


def h2o(work, root, name="h2o"):
    port = free_port()
    conf = write(os.path.join(work, name + ".conf"), """
num-threads: 1
max-connections: %d
http1-request-timeout: %d
file.send-compressed: OFF
hosts:
  default:
    listen:
      host: 127.0.0.1
      port: %d
    paths:
      "/":
        file.dir: %s
""" % (CONNECTIONS, IDLE_SECONDS, port, root))
    return Server(name, [shutil.which("h2o"), "-m", "worker", "-c", conf], port, work)


def floor(work, _root, name="floor", field=(), cpus=(0,)):
    """No server: recv and send of what is ready, which is what the kernel takes by itself."""
    port = free_port()
    return Server(name, [os.path.join(BUILD, "bench", "floor"), str(port), *field], port, work,
                  cpus=cpus)


# Both of nginx's ways to send: which is the better one depends on the file.
PEERS = {
    "nginx": nginx,
    "nginx-nosf": lambda work, root: nginx(work, root, "nginx-nosf", sendfile="off"),
    "h2o": h2o,
    "lighttpd": lighttpd,
}


def version(name):
    command = {"tinyweb": [TINYWEB, "-V"], "nginx": ["nginx", "-v"], "h2o": ["h2o", "--version"],
               "lighttpd": ["lighttpd", "-v"], "wrk": ["wrk", "-v"], "haproxy": ["haproxy", "-v"],
               "varnish": ["varnishd", "-V"]}[name]
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    program = shutil.which(command[0], path=path)
    if not program:
        return name + " is not installed"
    done = subprocess.run([program] + command[1:], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return re.sub(r"^nginx version: ", "", done.stdout.splitlines()[0])
