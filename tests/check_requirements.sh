#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_requirements.sh - tests/requirements.md has every row once, and every test it names exists.
set -u

LAST_ROW=106

# shellcheck source=named_tests.sh
. "$(dirname "$0")/named_tests.sh"

# Print what is wrong with the table $1, whose tests are in the folder $2.
check_table()
{
    local table=$1 folder=$2 number name
    awk -v last="$LAST_ROW" '
        function complain(text) { print text }
        BEGIN { FS = "|" }
        /^\| *R[0-9]+ *\|/ {
            number = $2
            gsub(/[ R]/, "", number)
            if (number in seen)
                complain("R" number " stands there twice")
            seen[number] = 1
            if (NF != 7)
                complain("R" number " has " NF - 2 " columns instead of 5")
            scope = $3
            gsub(/ /, "", scope)
            if (scope !~ /^(core|ops|opt|-)$/)
                complain("R" number ": unknown scope \"" scope "\"")
            if ($4 ~ /^ *$/)
                complain("R" number " does not say what is asked for")
            if ($5 !~ /`/ && $6 !~ /#[0-9]/)
                complain("R" number " names neither a test nor an issue")
            if ($6 !~ /^ *(#[3-7] *)?$/)
                complain("R" number ": owed by \"" $6 "\"")
        }
        END {
            for (i = 1; i <= last; i++)
                if (!(i in seen))
                    complain("R" i " is missing")
            for (i in seen)
                if (i + 0 < 1 || i + 0 > last + 0)
                    complain("R" i " is not known")
        }' "$table"
    while read -r number name; do
        test_exists "$folder" "$name" || echo "$number: no test $name"
    done < <(awk '
        BEGIN { FS = "|" }
        /^\| *R[0-9]+ *\|/ {
            count = split($5, part, "`")
            for (i = 2; i <= count; i += 2)
                print $2, part[i]
        }' "$table")
}

# A check that finds nothing must be known to find something.
self_test()
{
    local folder found wanted
    folder=$(mktemp -d) || return 1
    printf 'static void good(void **state)\n{\n}\nx(good),\n' >"$folder/a.c"
    printf 'class One(Base):\n    def test_a(self):\n        pass\n\n\nclass Two(Base):\n    x = 1\n' \
        >"$folder/b.py"
    {
        seq "$LAST_ROW" | grep -vE '^(7|8|9|10|11|12|13|14)$' |
            sed 's/.*/| R& | core | x | "a.c::good" "b.py::One.test_a" | |/'
        cat <<'END'
| R8 | core | x | "a.c::bad" | |
| R8 | none | x | | |
| R9 | ops | x | | #9 |
| R10 | ops | x | "b.py::Two.test_a" | #3 |
| R11 | ops | | "none.py::One.test_a" | #3 |
| R12 | opt | x | "a.sh" | #4 |
| R13 | opt | x | | |
| R14 | opt | x | #4 |
| R107 | opt | x | | #4 |
END
    } | tr '"' '`' >"$folder/table.md"
    found=$(check_table "$folder/table.md" "$folder" | sed 's/:.*//; s/ .*//' | sort -u | tr '\n' ' ')
    rm -rf "$folder"
    wanted='R10 R107 R11 R12 R13 R14 R7 R8 R9 '
    self_test_passes check_requirements "$found" "$wanted"
}

check_named_table check_requirements requirements.md "$LAST_ROW rows, each shown or owed"
