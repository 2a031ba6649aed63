# SPDX-License-Identifier: MIT
"""TinyWeb and others, one process group each, on the same files: what script/conformance compares.

Each has entity tags, ranges, keep-alive, two hosts by name, and a gzip coding of /coded.txt, by the
means that it has. Whoever thinks that a peer could do better: its configuration is here, and nowhere
else.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, os.pardir, os.pardir, os.pardir))
TINYWEB = os.environ.get("TINYWEB", os.path.join(TOP, "build", "src", "tinyweb"))
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
PAGE = os.path.join(TOP, "docs", "conformance.md")
START_SECONDS = 15


class Place:
    """Where a server runs: its folder, the roots of both hosts, and a port of 127.0.0.1."""

    def __init__(self, name, work, root, other):
        self.folder = os.path.join(work, name)
        self.root, self.other = root, other
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o755)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]

    def write(self, text):
        path = os.path.join(self.folder, "conf")
        with open(path, "w") as file:
            file.write(text % vars(self))
        return path


def tinyweb(place):
    conf = place.write("""
[server]
listen = 127.0.0.1:%(port)d
root = %(root)s
workers = 1
access_log = off
[host other]
server_name = other.test
root = %(other)s
""")
    return [TINYWEB, "-f", "-c", conf]


def nginx(place):
    conf = place.write("""
daemon off; worker_processes 1; pid %(folder)s/pid; error_log %(folder)s/error.log;
events { worker_connections 256; }
http {
    types { text/plain txt; text/html html; application/octet-stream bin; }
    access_log off; gzip_static on; gzip_vary on; etag on; sendfile on;
    client_body_temp_path %(folder)s/body; proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi; uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    server { listen 127.0.0.1:%(port)d default_server; root %(root)s; }
    server { listen 127.0.0.1:%(port)d; server_name other.test; root %(other)s; }
}
""")
    return ["nginx", "-p", place.folder, "-e", place.folder + "/error.log", "-c", conf]


def lighttpd(place):
    os.mkdir(place.folder + "/cache")
    shutil.chown(place.folder + "/cache", "www-data")
    conf = place.write("""
server.modules = ( "mod_deflate" )
server.bind = "127.0.0.1"
server.port = %(port)d
server.document-root = "%(root)s"
server.errorlog = "%(folder)s/error.log"
server.username = "www-data"
server.groupname = "www-data"
index-file.names = ( "index.html" )
mimetype.assign = ( ".txt" => "text/plain", ".html" => "text/html",
                    ".bin" => "application/octet-stream" )
static-file.etags = "enable"
deflate.mimetypes = ( "text/plain" )
deflate.allowed-encodings = ( "gzip" )
deflate.cache-dir = "%(folder)s/cache"
deflate.min-compress-size = 100
$HTTP["host"] =~ "^other\\.test(:\\d+)?$" { server.document-root = "%(other)s" }
""")
    open(place.folder + "/error.log", "w").close()
    shutil.chown(place.folder + "/error.log", "www-data")
    return ["lighttpd", "-D", "-f", conf]


def h2o(place):
    conf = place.write("""
num-threads: 1
user: www-data
error-log: %(folder)s/error.log
listen: {host: 127.0.0.1, port: %(port)d}
file.send-compressed: ON
file.etag: ON
hosts:
  default:
    paths: {"/": {file.dir: "%(root)s"}}
  "other.test:%(port)d":
    paths: {"/": {file.dir: "%(other)s"}}
  "other.test:80":
    paths: {"/": {file.dir: "%(other)s"}}
""")
    return ["h2o", "-m", "worker", "-c", conf]


def apache(place):
    modules = "/usr/lib/apache2/modules/mod_%s.so"
    loads = "".join("LoadModule %s_module %s\n" % (name, modules % name) for name in (
        "mpm_event", "authz_core", "dir", "mime", "filter", "deflate"))
    conf = place.write(loads + """
ServerRoot %(folder)s
ServerName t
PidFile %(folder)s/pid
DefaultRuntimeDir %(folder)s
ErrorLog %(folder)s/error.log
Mutex file:%(folder)s default
User www-data
Group www-data
TraceEnable Off
Listen 127.0.0.1:%(port)d
StartServers 1
DirectoryIndex index.html
KeepAlive On
FileETag MTime Size
TypesConfig /etc/mime.types
AddType text/plain .txt
AddType application/octet-stream .bin
<Directory />
    Require all denied
</Directory>
<Directory %(root)s>
    Require all granted
</Directory>
<Directory %(other)s>
    Require all granted
</Directory>
<VirtualHost *>
    ServerName t
    DocumentRoot %(root)s
    <Files coded.txt>
        SetOutputFilter DEFLATE
    </Files>
</VirtualHost>
<VirtualHost *>
    ServerName other.test
    DocumentRoot %(other)s
</VirtualHost>
""")
    return ["apache2", "-DFOREGROUND", "-f", conf]


def caddy(place):
    conf = place.write("""
{
    admin off
    auto_https off
    http_port %(port)d
    default_bind 127.0.0.1
}
http://:%(port)d {
    root * %(root)s
    file_server { precompressed gzip }
}
http://other.test:%(port)d {
    root * %(other)s
    file_server
}
""".replace("file_server { precompressed gzip }",
            "file_server {\n        precompressed gzip\n    }"))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", conf]


SERVERS = {"tinyweb": tinyweb, "nginx": nginx, "Apache": apache, "Caddy": caddy, "h2o": h2o,
           "lighttpd": lighttpd}

VERSIONS = {"tinyweb": [TINYWEB, "-V"], "nginx": ["nginx", "-v"], "Apache": ["apache2", "-v"],
            "Caddy": ["caddy", "version"], "h2o": ["h2o", "--version"],
            "lighttpd": ["lighttpd", "-v"], "HAProxy": ["haproxy", "-v"],
            "Varnish": ["varnishd", "-V"]}


def program(name):
    return shutil.which(name, path=PATH)


def version(name):
    """As its package calls it, or it itself."""
    argv = VERSIONS[name]
    done = subprocess.run([program(argv[0])] + argv[1:], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    number = re.search(r"\d+\.\d+(\.\d+)*", done.stdout)
    return number.group(0) if number else "unknown"


class Server:
    """Runs while its block does; ended by its own process number, and what it started with it."""

    def __init__(self, name, place, argv):
        self.name, self.place = name, place
        self.address = ("127.0.0.1", place.port)
        self.argv = [program(argv[0]) or argv[0]] + argv[1:]
        self.output = os.path.join(self.place.folder, "output")

    def __enter__(self):
        environment = dict(os.environ, HOME=self.place.folder, XDG_DATA_HOME=self.place.folder,
                           XDG_CONFIG_HOME=self.place.folder)
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                start_new_session=True)
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            with socket.socket() as sock:
                sock.settimeout(1)
                if sock.connect_ex(self.address) == 0:
                    return self
            time.sleep(0.05)
        self.__exit__()
        with open(self.output, errors="replace") as file:
            raise RuntimeError("%s has not started:\n%s" % (self.name, file.read()[-2000:]))

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):  # its session is its own, and has nobody else
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
