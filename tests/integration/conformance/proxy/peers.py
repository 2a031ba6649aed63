# SPDX-License-Identifier: MIT
"""TinyWeb and others in front of one origin: what script/conformance proxies compares.

Each passes on what is asked for below /pass/ and /upgrade/ (WebSockets there), and has a cache for
what is below /cache/. Each keeps connections to the origin, streams where it can, tells the client's
address and itself (Via), by the means that it has. Whoever thinks that a peer could do better: its
configuration is here, and nowhere else.
"""

import os

from conformance import peers
from conformance.peers import TINYWEB

STALE_SECONDS = 3600  # how long objects are kept for the sake of their validators


class Place(peers.Place):
    def __init__(self, name, work, origin, has_cache):
        super().__init__(name, work, None, None)
        self.has_cache = has_cache
        self.origin = origin.name
        self.origin_port = origin.port
        self.stale = STALE_SECONDS


TINYWEB_CACHE = """
[cache main]
path = %(folder)s/cache
[location cache]
prefix = /cache/
proxy = app
cache = main
"""


def tinyweb(place):
    if place.has_cache:
        os.mkdir(place.folder + "/cache")
        os.chmod(place.folder + "/cache", 0o777)
    conf = place.write("""
[server]
listen = 127.0.0.1:%(port)d
root = %(folder)s
workers = 1
access_log = off
error_log = %(folder)s/error.log
[upstream app]
servers = %(origin)s
max_fails = 0
[location pass]
prefix = /pass/
proxy = app
[location upgrade]
prefix = /upgrade/
proxy = app
upgrade = websocket
""" + (TINYWEB_CACHE if place.has_cache else ""))
    return [TINYWEB, "-f", "-c", conf]


def nginx(place):
    conf = place.write("""
daemon off; worker_processes 1; pid %(folder)s/pid; error_log %(folder)s/error.log;
events { worker_connections 512; }
http {
    access_log off; client_max_body_size 0; client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy; fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi; scgi_temp_path %(folder)s/scgi;
    proxy_cache_path %(folder)s/cache keys_zone=main:10m;
    map $http_via $via { "" "1.1 nginx"; default "$http_via, 1.1 nginx"; }
    map $http_upgrade $upgrade { "~*^websocket$" $http_upgrade; default ""; }
    map $upgrade $connection_field { "" ""; default "upgrade"; }
    upstream app { server %(origin)s max_fails=0; keepalive 32; }
    server {
        listen 127.0.0.1:%(port)d;
        proxy_http_version 1.1; proxy_buffer_size 32k; proxy_buffers 8 32k;
        proxy_set_header Host $host;
        proxy_set_header Via $via;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header Upgrade "";
        proxy_set_header Connection "";
        location /pass/ {
            proxy_pass http://app; proxy_buffering off; proxy_request_buffering off;
        }
        location /upgrade/ {
            proxy_pass http://app; proxy_buffering off;
            proxy_set_header Host $host; proxy_set_header Via $via;
            proxy_set_header Upgrade $upgrade; proxy_set_header Connection $connection_field;
        }
        location /cache/ {
            proxy_pass http://app; proxy_cache main; proxy_cache_key $scheme$host$request_uri;
            proxy_cache_lock on; proxy_cache_background_update on; proxy_cache_revalidate on;
        }
    }
}
""")
    return ["nginx", "-p", place.folder, "-e", place.folder + "/error.log", "-c", conf]


def haproxy(place):
    conf = place.write("""
global
    maxconn 512
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 20s
    timeout server 20s
    timeout tunnel 20s
    http-reuse always
    retries 3
    retry-on conn-failure empty-response
    option forwardfor
    option abortonclose
cache main
    total-max-size 64
    max-object-size 1000000
    max-age %(stale)d
    process-vary on
frontend all
    bind 127.0.0.1:%(port)d
    http-request add-header Via "1.1 haproxy"
    http-request disable-l7-retry if ! METH_GET ! { method HEAD OPTIONS PUT DELETE }
    use_backend cached if { path_beg /cache/ }
    default_backend app
backend app
    http-request del-header Upgrade if { path_beg /pass/ }
    server app %(origin)s
backend cached
    http-request cache-use main
    http-response cache-store main
    server app %(origin)s
""")
    return ["haproxy", "-db", "-f", conf]


def varnish(place):
    conf = place.write("""
vcl 4.1;
backend app { .host = "127.0.0.1"; .port = "%(origin_port)d"; }
sub vcl_recv {
    if (req.url ~ "^/upgrade/" && req.http.Upgrade ~ "(?i)^websocket$") { return (pipe); }
    if (req.url ~ "^/(pass|upgrade)/") { return (pass); }
}
sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}
sub vcl_backend_response { set beresp.keep = %(stale)ds; }
""")
    return ["varnishd", "-F", "-n", place.folder + "/varnish", "-a",
            "127.0.0.1:%d" % place.port, "-f", conf, "-s", "malloc,64m", "-p",
            "thread_pool_min=20", "-p", "thread_pools=1", "-p", "default_ttl=0", "-p",
            "default_grace=0"]


SERVERS = {"tinyweb": tinyweb, "nginx": nginx, "HAProxy": haproxy, "Varnish": varnish}


def make(name, work, origin, has_cache=True):
    """A server that runs while its block does."""
    place = Place(name, work, origin, has_cache)
    return peers.Server(name, place, SERVERS[name](place))
