# SPDX-License-Identifier: MIT
"""TinyWeb in front of another server, beside nginx, HAProxy and Varnish in front of the same one.

The origin is floor, on the processor of the load: it costs next to nothing, and nobody is kept waiting by
it. Each of those in front has one worker, or one thread, on a processor of its own, and keeps its
connections to the origin. Whoever thinks that a peer could do better: its configuration is here.
"""

import os
import shutil

import compare
import load
import servers

FIELD = "Cache-Control: max-age=86400"
CONNECTIONS = 64

CASES = {
    "pass": load.case("1 KiB passed on, 64 connections", "/pass/1k.html", CONNECTIONS),
    "hit": load.case("1 KiB from the cache, 64 connections", "/cache/1k.html", CONNECTIONS),
}
# What is asked of TinyWeb, for the same work in the same run: (case, the others, at most so much of theirs).
GOALS = [("pass", ("nginx", "nginx-unbuffered", "haproxy"), 0.90), ("hit", ("haproxy",), 0.80),
         ("hit", ("varnish",), 0.45), ("hit", ("tinyweb-file",), 1.10)]


def tinyweb(work, origin, name="tinyweb"):
    port = servers.free_port()
    folder = os.path.join(work, name)
    os.makedirs(os.path.join(folder, "cache"))
    os.chmod(os.path.join(folder, "cache"), 0o777)
    conf = servers.write(os.path.join(folder, "conf"), """
[server]
listen = 127.0.0.1:%d
root = %s
workers = 1
worker_connections = %d
keepalive_requests = 0
keepalive_timeout = %ds
access_log = off
[upstream origin]
servers = 127.0.0.1:%d
keepalive = 256
keepalive_requests = %d
keepalive_timeout = %ds
[cache main]
path = %s/cache
[location pass]
prefix = /pass/
proxy = origin
[location cache]
prefix = /cache/
proxy = origin
cache = main
""" % (port, folder, servers.CONNECTIONS, servers.IDLE_SECONDS, origin.port, servers.FOREVER,
       servers.IDLE_SECONDS, folder))
    return servers.Server(name, [servers.TINYWEB, "-f", "-c", conf], port, work)


def tinyweb_file(work, _origin):
    """The same bytes as a file of its own: what a hit is measured by."""
    root = os.path.join(work, "www")
    os.makedirs(os.path.join(root, "cache"))
    servers.write(os.path.join(root, "cache", "1k.html"), "x" * 1024)
    return servers.tinyweb(work, root, "tinyweb-file")


def nginx(work, origin, name="nginx", buffering="on"):
    port = servers.free_port()
    folder = os.path.join(work, name)
    os.makedirs(folder)
    temporary = "".join("%s_temp_path %s/%s; " % (kind, folder, kind) for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = servers.write(os.path.join(folder, "conf"), """
daemon off; worker_processes 1; pid %s/pid; error_log %s/error.log crit;
events { worker_connections %d; multi_accept on; }
http {
    access_log off; server_tokens off; %s
    keepalive_timeout %d; keepalive_requests %d;
    proxy_cache_path %s/cache keys_zone=main:10m;
    upstream origin { server 127.0.0.1:%d; keepalive 256; keepalive_requests %d; }
    server {
        listen 127.0.0.1:%d backlog=4096;
        proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
        location /pass/ { proxy_pass http://origin; proxy_buffering %s; }
        location /cache/ { proxy_pass http://origin; proxy_cache main; }
    }
}
""" % (folder, folder, servers.CONNECTIONS, temporary, servers.IDLE_SECONDS, servers.FOREVER, folder,
       origin.port, servers.FOREVER, port, buffering))
    argv = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-e", folder + "/error.log",
            "-c", conf]
    return servers.Server(name, argv, port, work)


def nginx_unbuffered(work, origin):
    return nginx(work, origin, "nginx-unbuffered", "off")


def haproxy(work, origin, name="haproxy"):
    port = servers.free_port()
    conf = servers.write(os.path.join(work, name + ".cfg"), """
global
    maxconn 4096
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client %ds
    timeout server %ds
    http-reuse always
cache main
    total-max-size 64
    max-age 86400
frontend all
    bind 127.0.0.1:%d
    use_backend cached if { path_beg /cache/ }
    default_backend origin
backend origin
    server origin 127.0.0.1:%d
backend cached
    http-request cache-use main
    http-response cache-store main
    server origin 127.0.0.1:%d
""" % (servers.IDLE_SECONDS, servers.IDLE_SECONDS, port, origin.port, origin.port))
    return servers.Server(name, [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", conf],
                          port, work)


def varnish(work, origin, name="varnish"):
    port = servers.free_port()
    conf = servers.write(os.path.join(work, name + ".vcl"), """
vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "%d"; }
""" % origin.port)
    argv = [shutil.which("varnishd") or "/usr/sbin/varnishd", "-F", "-n",
            os.path.join(work, "varnish"), "-a", "127.0.0.1:%d" % port, "-f", conf, "-s",
            "malloc,64m", "-p", "thread_pools=1", "-p", "thread_pool_min=%d" % (CONNECTIONS + 16)]
    return servers.Server(name, argv, port, work)


SERVERS = {"pass": (tinyweb, nginx, nginx_unbuffered, haproxy),
           "hit": (tinyweb, tinyweb_file, nginx, haproxy, varnish)}


def measure(name, taking_part, generator, rounds, seconds, tell):
    """All in turn, and in each round another one first."""
    case = CASES[name]
    result = compare.Result(name, case.title)
    for server in taking_part:
        generator.warm(server, case, 2000)
    for number in range(rounds):
        turn = number % len(taking_part)
        for server in taking_part[turn:] + taking_part[:turn]:
            sample = generator.quiet_run(server, case, seconds)
            result.samples.setdefault(server.name, []).append(sample)
    tell(compare.case_lines(result))
    return result


def goals(results):
    """Each with what came of it."""
    rows = []
    for name, others, most in GOALS:
        if name not in results:
            continue
        result = results[name]
        other = min(others, key=result.best_cpu)
        ratio = result.best_cpu("tinyweb") / result.best_cpu(other)
        rows.append([result.title, other, "%.2f" % most, "%.2f" % ratio,
                     "yes" if ratio <= most else "no"])
    return compare.table(["work", "than", "CPU of theirs, at most", "it is", "reached"], rows)


def run(work, names, rounds, seconds, tell):
    """Returns the report as Markdown."""
    origin = servers.floor(work, None, "origin", [FIELD], cpus=(1,))
    generator = load.Generator(work)
    everybody = {}
    results = {}
    try:
        origin.start()
        tell(compare.HEAD)
        for name in names:
            for make in SERVERS[name]:
                if make not in everybody:
                    everybody[make] = make(work, origin)
                    everybody[make].start(CASES[name].path)
            results[name] = measure(name, [everybody[make] for make in SERVERS[name]], generator,
                                    rounds, seconds, tell)
    finally:
        for server in everybody.values():
            server.stop()
        origin.stop()
    tell("\n" + goals(results) + "\n" + generator.note())
    return (compare.work_table(results, generator.foreign_median()) + "\n" + goals(results) + "\n" +
            generator.note())
