#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_hardening.sh - the program has what configure promised: $HARDENING are its flags, and each is looked
# for in the binary, since a flag that a later one undoes would go unnoticed.
set -u

program=${1:-src/tinyweb}
[ -n "${HARDENING// /}" ] || {
    echo "built with --disable-hardening"
    exit 77
}
command -v readelf >/dev/null || {
    echo "needs readelf (binutils)"
    exit 1
}

status=0
dynamic=$(readelf --wide --dynamic "$program") || exit 1
headers=$(readelf --wide --file-header --program-headers "$program") || exit 1
symbols=$(readelf --wide --dyn-syms "$program") || exit 1

# expect FLAG WHAT TEXT PATTERN
expect()
{
    [[ " $HARDENING " == *" $1 "* ]] || return 0
    if grep -qE "$4" <<<"$3"; then
        echo "ok: $2"
    else
        echo "missing: $2 ($1)"
        status=1
    fi
}

expect -pie "position independent" "$headers" 'Type: +DYN'
expect -Wl,-z,relro "read-only relocations" "$headers" 'GNU_RELRO'
expect -Wl,-z,now "immediate binding" "$dynamic" 'BIND_NOW|FLAGS.* NOW'
expect -Wl,-z,noexecstack "stack that cannot be executed" "$headers" 'GNU_STACK .* RW +0x'
expect -fstack-protector-strong "stack protector" "$symbols" '__stack_chk_fail'
if [[ $HARDENING == *_FORTIFY_SOURCE=* ]]; then
    expect -U_FORTIFY_SOURCE "fortified library calls" "$symbols" '__[a-z]+_chk\b'
fi
exit "$status"
