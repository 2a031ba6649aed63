#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_directives.sh - the table of directives, conf/tinyweb.conf and man/tinyweb.conf.5 agree: names, defaults, ranges.
#
# Run by "make check" in the build directory, or by hand at the top of the tree with a configured build/.
# The table comes from tests/config/test_config_schema --print.
set -eu

srcdir=${srcdir:-.}
program=tests/config/test_config_schema
if [ ! -e Makefile ] && [ -e build/Makefile ]; then
    make -s -C build "$program" >&2
    program=build/$program
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# section.key TAB default
table_defaults()
{
    "$program" --print | awk -F'\t' '{ print $1 "\t" $3 }'
}

# section.key TAB expected
table_values()
{
    "$program" --print | awk -F'\t' '{ print $1 "\t" $4 }'
}

# The manual: ".It Ic KEY", then "Value: …." and "Default: …." before the next item.
manual_field()
{
    awk -v field="$1" '
        /^\.Sh / {
            section = ""
            if ($2 == "THE" && $4 == "SECTION")
                section = tolower($3)
            if ($2 == "THE" && $3 == "CACHE" && $4 == "NAME")
                section = "cache NAME"
        }
        /^\.It Ic / && section != "" { key = section "." $3 }
        /^\.Sh / { key = "" }
        key != "" && index($0, field ": ") == 1 {
            text = substr($0, length(field) + 3)
            sub(/\.$/, "", text)
            if (field == "Default" && text == "none")
                text = "-"
            print key "\t" text
            key = ""
        }' "$2"
}

# The sample: "key = value" or ";key = default". A member of a family stands for the family and
# has no default; neither has what is set, nor an example in a section of its own. What hosts and
# locations inherit stands in the table for [server].
sample_defaults()
{
    table_defaults >"$scratch/all"
    awk '
        FNR == NR { split($0, column, "\t"); known[column[1]] = column[2]; next }
        /^;?\[/ {
            section = $0
            is_cache = section ~ /\[cache ./
            gsub(/^;?\[| .*|\]$/, "", section)
        }
        /^;?\[/ && is_cache { section = "cache NAME" }
        /^;?[a-z_]+(\.[A-Za-z0-9-]+)? = / {
            is_set = substr($0, 1, 1) != ";"
            line = is_set ? $0 : substr($0, 2)
            key = line
            sub(/ = .*/, "", key)
            value = substr(line, length(key) + 4)
            if (sub(/^error_page\..*/, "error_page.NNN", key) || sub(/^log_level\..*/, "log_level.MODULE", key) ||
                sub(/^header\..*/, "header.NAME", key) || sub(/^set_header\..*/, "set_header.NAME", key) ||
                sub(/^server\..*/, "server.NAME", key))
                value = "-"
            if (!is_set && ((section "." key) in known) && known[section "." key] == "-")
                value = "-" # an example of what has no default
            is_example = section == "host" || section == "location"
            if (is_example && !((section "." key) in known) && (("server." key) in known))
                next
            print section "." key "\t" (is_set || is_example ? "(set)" : value)
        }' "$scratch/all" "$1" | sort -u
}

failed=0

# $1: what is compared, $2: the table, $3: the other text
compare()
{
    sort "$2" >"$scratch/left"
    sort "$3" >"$scratch/right"
    if ! diff "$scratch/left" "$scratch/right" >"$scratch/diff"; then
        echo "$1 (<: only in the table of directives, >: only there)" >&2
        sed -n 's/^[<>].*/    &/p' "$scratch/diff" >&2
        failed=1
    fi
}

check_manual()
{
    table_defaults >"$scratch/table"
    manual_field Default "$1" >"$scratch/manual"
    compare "defaults in the manual differ" "$scratch/table" "$scratch/manual"
    table_values >"$scratch/table"
    manual_field Value "$1" >"$scratch/manual"
    compare "values in the manual differ" "$scratch/table" "$scratch/manual"
}

# A key that the sample sets is left out of the comparison of defaults, not of that of names.
check_sample()
{
    sample_defaults "$1" >"$scratch/sample"
    table_defaults >"$scratch/table"
    cut -f1 "$scratch/table" >"$scratch/names"
    cut -f1 "$scratch/sample" | sort -u >"$scratch/sample_names"
    compare "directives in the sample differ" "$scratch/names" "$scratch/sample_names"
    grep -v '	(set)$' "$scratch/sample" >"$scratch/unset" || :
    grep '	(set)$' "$scratch/sample" | cut -f1 | sort -u >"$scratch/set"
    awk -F'\t' 'NR == FNR { set[$1]; next } !($1 in set)' "$scratch/set" "$scratch/table" >"$scratch/expected"
    awk -F'\t' 'NR == FNR { set[$1]; next } !($1 in set)' "$scratch/set" "$scratch/unset" >"$scratch/found"
    compare "defaults in the sample differ" "$scratch/expected" "$scratch/found"
}

# A check that finds nothing must be known to find something.
self_test()
{
    (
        sed -e 's/^;send_timeout = .*/;send_timeout = 31s/' -e '/^;user = /d' \
            -e 's/^;daemon = /;deamon = /' "$srcdir/conf/tinyweb.conf" >"$scratch/bad.conf"
        check_sample "$scratch/bad.conf"
        sed -e 's/^Default: 30s\.$/Default: 31s./' -e '/^\.It Ic user /d' \
            -e 's/^Value: 1 to 1000\.$/Value: 1 to 999./' "$srcdir/man/tinyweb.conf.5" >"$scratch/bad.5"
        check_manual "$scratch/bad.5"
    ) >"$scratch/found_bad" 2>&1
    for mistake in '> server.send_timeout	31s' '< server.user' '> server.deamon' \
        '> server.body_timeout	31s' '< server.user	auto or a user' '> server.max_header_count	1 to 999'; do
        if ! grep -qF -- "$mistake" "$scratch/found_bad"; then
            echo "the check does not find the mistake '$mistake'" >&2
            failed=1
        fi
    done
}

table_defaults >"$scratch/table"
if ! [ -s "$scratch/table" ]; then
    echo "$program --print says nothing" >&2
    exit 1
fi
check_manual "$srcdir/man/tinyweb.conf.5"
check_sample "$srcdir/conf/tinyweb.conf"
self_test
[ $failed -eq 0 ] && echo "$(wc -l <"$scratch/table") directives agree"
exit $failed
