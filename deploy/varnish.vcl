# varnish.vcl - Varnish in front of machines that run deploy/fleet-node.conf (Varnish 6 or later).
#
#   varnishd -a :80 -f /etc/varnish/varnish.vcl -s malloc,1g
#
# A machine may be drained, stopped, upgraded or started at any time, and one may die, without a failed request:
# probes ask whether it wants new work, a request that came to nothing is sent to another machine, and where
# none is left, a copy is used for an hour beyond its time.
vcl 4.0;

import directors;
import std;

probe ready {
    .url = "/-/ready";
    .interval = 1s;
    .timeout = 1s;
    .window = 2;
    .threshold = 1;
    .initial = 1;
}

backend a { .host = "10.0.0.21"; .port = "8081"; .probe = ready; .connect_timeout = 1s; .first_byte_timeout = 10s; }
backend b { .host = "10.0.0.22"; .port = "8081"; .probe = ready; .connect_timeout = 1s; .first_byte_timeout = 10s; }
backend c { .host = "10.0.0.23"; .port = "8081"; .probe = ready; .connect_timeout = 1s; .first_byte_timeout = 10s; }

sub vcl_init {
    new site = directors.round_robin();
    site.add_backend(a);
    site.add_backend(b);
    site.add_backend(c);
}

sub vcl_recv {
    # From clients themselves: Varnish has written the address that it knows behind whatever came.
    set req.backend_hint = site.backend();
    # TinyWeb sends files; cookies of other hosts of the same name would only split the cache.
    unset req.http.Cookie;
    # A copy that is fresh, or nearly, while a machine answers; the hour below when none does.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 10s;
    }
}

sub vcl_backend_fetch {
    # The machine is chosen anew for each attempt.
    set bereq.backend = site.backend();
}

sub vcl_backend_response {
    set beresp.grace = 1h;
    set beresp.keep = 1d;
}

sub vcl_backend_error {
    if ((bereq.method == "GET" || bereq.method == "HEAD") && bereq.retries < 3) {
        return (retry);
    }
}
