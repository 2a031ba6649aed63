#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_deploy.sh - what lies in deploy/: the configurations are read without a complaint, the unit is as tight
# as it says, and nobody names a file or a user that is not there.
set -u

top=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
program=$PWD/src/tinyweb
[ -x "$program" ] || program=$top/build/src/tinyweb
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

fail()
{
    printf 'check_deploy: %s\n' "$*"
    exit 1
}

# accepted FILE: by tinyweb -t, without a warning; the roots of containers are not those of this machine.
accepted()
{
    local said
    said=$("$program" -t -q -c "$1" -g server.root="$scratch" 2>&1) || fail "$1: $said"
    [ -z "$said" ] || fail "$1: $said"
}

accepted "$top/deploy/container.conf"
awk '/^  tinyweb.conf: \|/ { inside = 1; next }
     inside && !/^    / { exit }
     inside { print substr($0, 5) }' "$top/deploy/kubernetes.yaml" >"$scratch/tinyweb.conf"
[ "$(wc -l <"$scratch/tinyweb.conf")" -gt 5 ] || fail "no configuration in kubernetes.yaml"
accepted "$scratch/tinyweb.conf"

# What Kubernetes waits for is longer than what the server takes.
seconds() { sed -nE "s/^ *$1[:=]? *=? *([0-9]+)s?\$/\1/p" "$top/deploy/kubernetes.yaml"; }
[ "$(seconds terminationGracePeriodSeconds)" -gt $(($(seconds shutdown_delay) + $(seconds shutdown_timeout))) ] ||
    fail "kubernetes.yaml: a pod is killed before the server has ended"

# Machines behind a balancer; the balancers' own configurations, where they are installed.
sed "s|^root = .*|root = $scratch|" "$top/deploy/fleet-node.conf" >"$scratch/fleet-node.conf"
accepted "$scratch/fleet-node.conf"
PATH=$PATH:/usr/sbin:/sbin
if command -v haproxy >/dev/null; then
    haproxy -c -q -f "$top/deploy/haproxy.cfg" >"$scratch/said" 2>&1 || fail "haproxy.cfg: $(cat "$scratch/said")"
fi
if command -v varnishd >/dev/null; then
    varnishd -C -n "$scratch/varnish" -f "$(realpath "$top/deploy/varnish.vcl")" >"$scratch/said" 2>&1 ||
        fail "varnish.vcl: $(head -n 20 "$scratch/said")"
fi
for port in 8080 8081; do
    grep -q "^listen = .*\*:$port" "$top/deploy/fleet-node.conf" || fail "fleet-node.conf does not listen on $port"
done
# shellcheck disable=SC2013 # words
for address in $(sed -nE 's/^ *server [a-z] ([0-9.]+):8080$/\1/p' "$top/deploy/haproxy.cfg"); do
    grep -q "host = \"$address\"; .port = \"8081\"" "$top/deploy/varnish.vcl" || fail "varnish.vcl: no $address"
done

# Each probe asks for what the server answers.
for path in live ready; do
    grep -q "path: /-/$path\$" "$top/deploy/kubernetes.yaml" || fail "kubernetes.yaml: no probe of /-/$path"
    "$program" -q -T -g server.root="$scratch" | grep -q "^${path}_path = /-/$path " || fail "/-/$path is not there"
done

grep -q '^STOPSIGNAL SIGQUIT$' "$top/deploy/Containerfile" || fail "the image does not stop gracefully"
user=$(sed -n 's/^User=//p' "$top/deploy/tinyweb.service")
grep -q "^u $user " "$top/deploy/tinyweb.sysusers" || fail "nobody makes the user $user"
grep -q "su $user $user\$" "$top/deploy/tinyweb.logrotate" || fail "logs are not rotated as $user"

# Whatever the program is built with, it is built with there, too.
# shellcheck disable=SC2013 # words
for package in $(grep -oE '[a-z0-9]+-dev\b' "$top/script/lib.sh" | sort -u); do
    [ "$package" = libc6-dev ] || grep -qw -- "$package" "$top/debian/control" || fail "debian/control: no $package"
    case $package in
    libc6-dev | libcmocka-dev | libllhttp-dev) ;;
    *) grep -qw -- "$package" "$top/deploy/Containerfile" || fail "Containerfile: no $package" ;;
    esac
done

command -v systemd-analyze >/dev/null || {
    echo "check_deploy: the unit was not looked at, as there is no systemd-analyze"
    exit 77
}
systemd-analyze security --no-pager --offline=true --threshold=20 "$top/deploy/tinyweb.service" \
    >"$scratch/security" 2>&1 || fail "exposure: $(tail -n 1 "$scratch/security")"
tail -n 1 "$scratch/security"

# verify looks for the program, too: it gets ours.
for unit in service socket; do
    sed "s|/usr/sbin/tinyweb|$program|" "$top/deploy/tinyweb.$unit" >"$scratch/tinyweb.$unit"
done
said=$(systemd-analyze verify --man=no "$scratch/tinyweb.service" "$scratch/tinyweb.socket" 2>&1 |
    grep -F "$scratch/tinyweb" | grep -v "Failed to open\|not-found")
[ -z "$said" ] || fail "systemd-analyze verify: $said"
echo "check_deploy: ok"
