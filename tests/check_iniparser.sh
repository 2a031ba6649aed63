#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_iniparser.sh - iniparser stays behind config_file.c, and only what is safe in 4.1 is called.
#
# getint and friends crash on the name of a section (CVE-2023-33461) and take "10x" for a number; the dump functions
# overflow (CVE-2025-0633).
set -u

src=${srcdir:-.}/src

# Each offending line of the tree $1.
check_tree()
{
    grep -rnE --include='*.[ch]' 'iniparser\.h|dictionary\.h' "$1" | grep -v '^[^:]*/config/config_file\.c:'
    grep -rnoE --include='*.[ch]' '\b(iniparser|dictionary)_[a-z_]+ *\(' "$1" |
        grep -vE ':iniparser_(load|getstring|freedict|set_error_callback) *\($'
}

tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/config"
printf '#include <iniparser.h>\n' >"$tree/config/other.c"
printf '#include <iniparser.h>\nx = iniparser_getint(d, k, 0);\niniparser_load(f);\n' >"$tree/config/config_file.c"
if [ "$(check_tree "$tree" | wc -l)" -ne 2 ]; then
    echo "the check does not find what it looks for:" >&2
    check_tree "$tree" >&2
    exit 1
fi

found=$(check_tree "$src")
if [ -n "$found" ]; then
    printf '%s\n' "$found" >&2
    exit 1
fi
