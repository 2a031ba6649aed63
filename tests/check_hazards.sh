#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_hazards.sh - integration/hazards.md has every row once, each names tests, and all of them exist.
set -u

ROWS="$(printf 'H%d ' $(seq 51)) $(printf 'L%d ' $(seq 6)) $(printf 'I%d ' $(seq 4))"

# shellcheck source=named_tests.sh
. "$(dirname "$0")/named_tests.sh"

# Print what is wrong with the table $1, whose tests are in the folder $2.
check_table()
{
    local table=$1 folder=$2 row name
    awk -v rows="$ROWS" '
        BEGIN {
            FS = "|"
            count = split(rows, wanted, " ")
            for (i = 1; i <= count; i++)
                known[wanted[i]] = 1
        }
        /^\| [A-Z][0-9]+ \|/ {
            row = $2
            gsub(/ /, "", row)
            if (!(row in known))
                print row ": is not known"
            if (row in seen)
                print row ": stands there twice"
            seen[row] = 1
            if (NF != 6)
                print row ": " NF - 2 " columns instead of 4"
            if ($3 ~ /^ *$/ || $4 ~ /^ *$/)
                print row ": does not say what it is, and what is done"
            if ($5 !~ /`/ && $4 !~ /^ \*does not apply\*: ./)
                print row ": names no test, and not why"
        }
        END {
            for (i = 1; i <= count; i++)
                if (!(wanted[i] in seen))
                    print wanted[i] ": is missing"
        }' "$table"
    while read -r row name; do
        test_exists "$folder" "$name" || echo "$row: no test $name"
    done < <(awk '
        BEGIN { FS = "|" }
        /^\| [A-Z][0-9]+ \|/ {
            count = split($5, part, "`")
            for (i = 2; i <= count; i += 2)
                print $2, part[i]
        }' "$table")
}

# A check that finds nothing must be known to find something.
self_test()
{
    local folder found wanted row
    folder=$(mktemp -d) || return 1
    printf 'class One(Base):\n    def test_a(self):\n        pass\n' >"$folder/a.py"
    {
        for row in $ROWS; do
            case $row in
            H[2-8]) ;;
            *) echo "| $row | x | y | \"a.py::One.test_a\" |" ;;
            esac
        done
        cat <<'END'
| H3 | x | y | "a.py::One.test_b" |
| H4 | x | y | |
| H5 | x | | "a.py::One.test_a" |
| H6 | x | y | z | "a.py::One.test_a" |
| H7 | x | *does not apply*: there is none | |
| H8 | x | *does not apply* | |
| H51 | x | y | "a.py::One.test_a" |
| L7 | x | y | "a.py::One.test_a" |
END
    } | tr '"' '`' >"$folder/table.md"
    found=$(check_table "$folder/table.md" "$folder" | sed 's/:.*//' | sort -u | tr '\n' ' ')
    rm -rf "$folder"
    wanted='H2 H3 H4 H5 H51 H6 H8 L7 '
    self_test_passes check_hazards "$found" "$wanted"
}

check_named_table check_hazards integration/hazards.md "each hazard is met by a test"
