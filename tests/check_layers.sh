#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_layers.sh - no include points upwards: each folder of src/ may include only the folders listed here.
set -u

# folder: what it may include besides itself. main.c is the folder "main".
allowed='
base:
os:       base
event:    base os
net:      base os event
file:     base os
config:   base
http:     base os event net file config
upstream: base os event net file config http
cache:    base os event file config http
handler:  base os event net file config http upstream cache
tool:     base os event net file config http upstream cache handler
process:  base os event net file config http upstream cache handler
main:     base os event net file config http upstream cache handler tool process
'

# The master opens listeners and passes them on, but never touches a connection; http alone drives one.
forbidden_in_master='net/connection'

# Print each offending include of the tree $1 as "file:line: why".
check_tree()
{
    local root=$1 file folder
    find "$root" -name '*.[ch]' -printf '%P\n' | sort | while read -r file; do
        case $file in
        */*) folder=${file%%/*} ;;
        *) folder=main ;;
        esac
        awk -v file="$file" -v folder="$folder" -v allowed="$allowed" \
            -v master="$forbidden_in_master" '
            BEGIN {
                rows = split(allowed, row, "\n")
                for (i = 1; i <= rows; i++) {
                    count = split(row[i], word, /[: ]+/)
                    known[word[1]] = 1
                    for (j = 2; j <= count; j++)
                        may[word[1], word[j]] = 1
                }
            }
            /^[ \t]*#[ \t]*include[ \t]*"/ {
                split($0, quoted, "\"")
                path = quoted[2]
                if (path !~ /\// || path ~ /\.\./) {
                    printf "%s:%d: \"%s\": include by the path from src/\n", file, FNR, path
                    next
                }
                target = path
                sub(/\/.*/, "", target)
                if (!(folder in known))
                    printf "%s:%d: folder \"%s\" is not in the list of layers\n", file, FNR, folder
                else if (target != folder && !((folder, target) in may))
                    printf "%s:%d: %s/ may not include \"%s\"\n", file, FNR, folder, path
                else if (file ~ /^process\/master/ && index(path, master) == 1)
                    printf "%s:%d: the master may not include \"%s\"\n", file, FNR, path
            }' "$root/$file"
    done
}

# A check that finds nothing must be known to find something: one bad include of each kind.
self_test()
{
    local tree found
    tree=$(mktemp -d) || return 1
    mkdir -p "$tree"/{base,net,http,handler,process,config,strange}
    printf '#include "base/b.h"\n#include "net/n.h"\n' >"$tree/base/up.h"
    printf '#  include "http/h.h"\n' >"$tree/net/up.c"
    printf '#include "handler/h.h"\n' >"$tree/http/up.c"
    printf '#include "net/n.h"\n' >"$tree/config/up.c"
    printf '#include "local.h"\n' >"$tree/net/bare.c"
    printf '#include "net/../http/h.h"\n' >"$tree/net/dots.c"
    printf '#include "net/connection_pool.h"\n' >"$tree/process/master.c"
    printf '#include "base/b.h"\n' >"$tree/strange/new.c"
    # and what is allowed, which must not be reported
    printf '#include <stdio.h>\n#include "net/connection.h"\n#include "base/b.h"\n' >"$tree/http/fine.c"
    printf '#include "process/master.h"\n' >"$tree/main.c"
    found=$(check_tree "$tree" | sed 's/:.*//' | sort | tr '\n' ' ')
    rm -rf "$tree"
    local wanted='base/up.h config/up.c http/up.c net/bare.c net/dots.c net/up.c process/master.c strange/new.c '
    [ "$found" = "$wanted" ] && return 0
    printf 'check_layers: self-test failed\n  wanted: %s\n  found:  %s\n' "$wanted" "$found" >&2
    return 1
}

top=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
self_test || exit 1
offences=$(check_tree "$top/src") || exit 1
if [ -n "$offences" ]; then
    printf '%s\n' "$offences" | sed "s|^|src/|"
    exit 1
fi
echo "check_layers: no include points upwards"
