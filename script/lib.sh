# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# lib.sh - what the scripts share: packages, configured build folders, the count of tests. Sourced, never run.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
# shellcheck disable=SC2034 # for those who source this
jobs=$(nproc)
export PYTHONDONTWRITEBYTECODE=1

note() { printf '==> %s\n' "$*" >&2; }

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo: $*"
    fi
}

# --- packages

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# No daemon starts while packages are installed, not even one that a package brings along. A policy of the
# machine's own is kept. In a subshell, so that ours is removed however this ends.
apt_install()
(
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@"
)

# Install what is missing of the Debian packages named.
need_packages()
{
    local package log missing=()
    command -v dpkg-query >/dev/null || return 0 # not Debian: configure says what it misses
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    note "installing ${missing[*]}"
    log=$(mktemp)
    # A fresh machine has no package lists yet, an old one stale lists: then fetch them and try again.
    if apt_install "${missing[@]}" >"$log" 2>&1 ||
        { as_root apt-get -q update && apt_install "${missing[@]}"; } >>"$log" 2>&1; then
        rm -f "$log"
        return
    fi
    tail -n 40 "$log" >&2
    rm -f "$log"
    die "could not install: ${missing[*]}"
}

build_packages()
{
    local llhttp=node-llhttp # Debian 12; later releases have the library
    if command -v apt-cache >/dev/null && apt-cache show libllhttp-dev >/dev/null 2>&1; then
        llhttp=libllhttp-dev
    fi
    echo gcc libc6-dev make autoconf automake pkg-config libiniparser-dev libxxhash-dev zlib1g-dev libseccomp-dev libcrypt-dev libcmocka-dev "$llhttp"
}

# --- build folders

# Make configure where it is missing or older than what it is made from. (The other generated files are
# kept up to date by make itself.)
generate()
{
    local source log
    [ ! -f config.status ] || die "the source tree itself is configured; run 'make distclean' in it first"
    for source in configure.ac m4/tinyweb.m4; do
        if [ ! -x configure ] || [ ! -f Makefile.in ] || [ ! -f build-aux/install-sh ] ||
            [ "$source" -nt configure ]; then
            note "autoreconf"
            log=$(mktemp)
            autoreconf --install --force >"$log" 2>&1 || {
                cat "$log" >&2
                rm -f "$log"
                die "autoreconf failed"
            }
            rm -f "$log"
            return
        fi
    done
}

# configure_build DIR OPTION...: configure DIR, unless it is already with just these options.
configure_build()
{
    local dir=$1 log
    shift
    generate
    if [ -f "$dir/config.status" ] && [ ! configure -nt "$dir/config.status" ] &&
        [ "$(cat "$dir/.options" 2>/dev/null)" = "$*" ]; then
        return
    fi
    note "configure in $dir/ $*"
    mkdir -p "$dir"
    log=$dir/configure.output
    (cd "$dir" && ../configure "$@") >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        die "configure failed in $dir/"
    }
    printf '%s\n' "$*" >"$dir/.options"
}

# The value of a make variable in build folder $1.
make_variable() { make -s --no-print-directory -C "$1" "print-$2"; }

# --- counting

passed=0
failed=0
skipped=0
unsteady=0 # failed, and passed when run once more

count()
{
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + 10#${3:-0}))
    unsteady=$((unsteady + 10#${4:-0}))
}

# The line that everything which counts tests ends with.
closing_line()
{
    printf '%d passed, %d failed' "$passed" "$failed"
    [ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
    [ "$unsteady" -eq 0 ] || printf ', %d unsteady' "$unsteady"
    printf '\n'
}

# Add a finished "make check" of build folder $1, of all tests or those that follow: cmocka's cases, and one
# for a program that has none.
count_check()
{
    local dir=$1 log result counts
    shift
    local logs=("${@/%/.log}")
    [ $# -gt 0 ] || read -ra logs <<<"$(make_variable "$dir" TEST_LOGS)"
    for log in "${logs[@]}"; do
        result=$(sed -n 's/^:test-result: //p' "$dir/${log%.log}.trs" 2>/dev/null || true)
        counts=$(awk -v result="$result" '
            /^\[  PASSED  \] [0-9]+ test/ { passed += $4 }
            /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
            /^\[  SKIPPED \] [0-9]+ test/ { skipped += $4 }
            END {
                if (result != "PASS" && result != "SKIP" && !failed)
                    failed = 1          # it crashed, or did not even build
                if (!passed && !failed && !skipped) {
                    if (result == "SKIP") skipped = 1; else passed = 1
                }
                print passed + 0, failed + 0, skipped + 0
            }' "$dir/$log" 2>/dev/null) || counts="0 1 0"
        # shellcheck disable=SC2086 # three words
        count $counts
    done
}
