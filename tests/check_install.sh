#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_install.sh BUILD - make install and uninstall of a built tree: what lands where, that the installed
# configuration serves the installed pages, and that a configuration of the user's is left alone.
set -u

build=$1
prefix=$(mktemp -d) || exit 1
trap 'rm -rf "$prefix"' EXIT
options=(prefix="$prefix/usr" sysconfdir="$prefix/etc")
conf=$prefix/etc/tinyweb/tinyweb.conf

fail()
{
    echo "check_install: $*"
    exit 1
}

run_make() { make -s -C "$build" "${options[@]}" "$@" >"$prefix/make.log" 2>&1 || {
    cat "$prefix/make.log"
    fail "make $* failed"
}; }

run_make install
for file in usr/sbin/tinyweb usr/share/man/man8/tinyweb.8 usr/share/man/man5/tinyweb.conf.5 \
    usr/share/tinyweb/www/index.html usr/share/tinyweb/www/assets/style.css \
    usr/share/bash-completion/completions/tinyweb etc/tinyweb/tinyweb.conf \
    etc/tinyweb/mime.types; do
    [ -f "$prefix/$file" ] || fail "not installed: $file"
done
grep -qx "root = $prefix/usr/share/tinyweb/www" "$conf" || fail "the installed sample serves another root"
[ "$(stat -c %a "$conf")" = 644 ] || fail "the configuration is not readable for all"
"$prefix/usr/sbin/tinyweb" -t -c "$conf" || fail "the installed configuration is refused"

echo "# mine" >>"$conf"
run_make install
grep -qx "# mine" "$conf" || fail "a second installation overwrote the configuration"
run_make uninstall
rm -f "$prefix/make.log"
left=$(cd "$prefix" && find . -type f | sort)
[ "$left" = ./etc/tinyweb/tinyweb.conf ] || fail "left after uninstall: $left"

# Untouched, it goes with the rest.
rm "$conf"
run_make install
run_make uninstall
[ ! -e "$prefix/etc/tinyweb" ] || fail "an untouched configuration was left behind"
echo "check_install: ok"
