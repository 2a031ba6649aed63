#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_rfc.sh - each row of integration/rfc.md names tests, and all of them exist.
set -u

# shellcheck source=named_tests.sh
. "$(dirname "$0")/named_tests.sh"

# Is "$2" a row of the table in the folder $1/integration/conformance, or a test below $1?
named_exists()
{
    case $2 in
    *::*) test_exists "$1" "$2" ;;
    *) grep -qF -- "(\"$2\"," "$1"/integration/conformance/*.py ;;
    esac
}

# Print what is wrong with the table $1, whose tests are in the folder $2.
check_table()
{
    local table=$1 folder=$2 line name
    awk '
        function complain(text) { print "line " NR ": " text }
        BEGIN { FS = "|" }
        /^\|/ && !/^\| section / && !/^\|-/ {
            rows++
            if (NF != 7)
                complain(NF - 2 " columns instead of 5")
            if ($2 !~ /^ 911[012] [0-9]+(\.[0-9]+)* $/)
                complain("no section: \"" $2 "\"")
            if ($3 !~ /^ (MUST|SHOULD|MAY|use) $/)
                complain("no such word: \"" $3 "\"")
            if ($4 ~ /^ *$/ || $5 ~ /^ *$/)
                complain("does not say what is asked for, and done")
            if ($6 !~ /`/)
                complain("names no test")
        }
        END { if (!rows) print "no row" }' "$table"
    while read -r line name; do
        named_exists "$folder" "$name" || echo "line $line: no test $name"
    done < <(awk '
        BEGIN { FS = "|" }
        /^\|/ && !/^\| section / && !/^\|-/ {
            count = split($6, part, "`")
            for (i = 2; i <= count; i += 2)
                print NR, part[i]
        }' "$table")
}

# A check that finds nothing must be known to find something.
self_test()
{
    local folder found wanted
    folder=$(mktemp -d) || return 1
    mkdir -p "$folder/integration/conformance"
    printf 'class One(Base):\n    def test_a(self):\n        pass\n' >"$folder/a.py"
    printf '    Row("known", "9110 1", MUST, "x")\n' >"$folder/integration/conformance/rows.py"
    tr '"' '`' >"$folder/table.md" <<'END'
| section | word | the rule | TinyWeb | shown by |
|---|---|---|---|---|
| 9110 1 | MUST | x | y | "known" "a.py::One.test_a" |
| 9110 1.2 | SHOULD | x | y | "unknown" |
| 9110 1.2 | SHOULD | x | y | "kno" |
| 9110 1.2 | MAY | x | y | "a.py::One.test_b" |
| 9110 1.2 | MAY | x | y | |
| 9110 1.2 | MAY | x | | "known" |
| 7230 1.2 | MAY | x | y | "known" |
| 9110 1.2 | COULD | x | y | "known" |
| 9110 1.2 | MAY | x | y | z | "known" |
END
    found=$(check_table "$folder/table.md" "$folder" | sed 's/^line //; s/:.*//' | sort -u | tr '\n' ' ')
    rm -rf "$folder"
    wanted='10 11 4 5 6 7 8 9 '
    self_test_passes check_rfc "$found" "$wanted"
}

check_named_table check_rfc integration/rfc.md "each rule is shown by a test"
