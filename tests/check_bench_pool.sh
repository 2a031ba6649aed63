#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_bench_pool.sh - "make bench-pool" compares the memory pool with malloc at each size it serves.
set -u

output=$(bench/bench_mempool 1000) || {
    echo "bench_mempool failed"
    exit 1
}
awk '
    $1 ~ /^(pair|window)$/ && $2 % 8 == 0 && $3 >= 0 && $4 >= 0 { rows[$1]++ }
    END { exit !(rows["pair"] == 8 && rows["window"] == 8) }' <<<"$output" || {
    echo "not a row for each size: $output"
    exit 1
}
