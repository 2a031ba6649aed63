# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# named_tests.sh - do the tests exist that a table names? For check_requirements.sh and check_rfc.sh. Sourced.

# Is there the test $2, a path below the folder $1, maybe with a name behind "::"?
test_exists()
{
    local file=$1/${2%%::*} name=
    case $2 in
    *::*) name=${2#*::} ;;
    esac
    [ -f "$file" ] || return 1
    case $file in
    *.sh) [ -z "$name" ] && [ -x "$file" ] ;;
    *.c) [ "$(grep -cw -- "$name" "$file")" -ge 2 ] ;; # defined, and in the list of tests
    *.py) python_test_exists "$file" "${name%%.*}" "${name#*.}" ;;
    *) return 1 ;;
    esac
}

# A method $3 within the class $2 of the file $1.
python_test_exists()
{
    awk -v class="$2" -v method="$3" '
        /^[^ \t#]/ { inside = 0 }
        $0 ~ "^class " class "[(:]" { inside = 1 }
        inside && $0 ~ "^    def " method "\\(" { found = 1 }
        END { exit !found }' "$1"
}

# Is what a check found wrong with a made-up table, $2, what had to be found, $3?
self_test_passes()
{
    [ "$2" = "$3" ] && return 0
    printf '%s: self-test failed\n  wanted: %s\n  found:  %s\n' "$1" "$3" "$2" >&2
    return 1
}

# Check the table $2 below tests/ by check_table(), after self_test(). $3 is said when it is well.
check_named_table()
{
    local top mistakes
    top=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
    self_test || return 1
    mistakes=$(check_table "$top/tests/$2" "$top/tests") || return 1
    if [ -n "$mistakes" ]; then
        printf '%s\n' "$mistakes" | sed "s|^|tests/$2: |"
        return 1
    fi
    echo "$1: $3"
}
