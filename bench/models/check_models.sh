#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_models.sh - each model of concurrency answers three connections, two requests on each.
set -u

work=$(mktemp -d)
model_pid=
finish()
{
    [ -z "$model_pid" ] || kill "$model_pid" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
printf 'hello from a model\n' >"$work/index.html"

# ask PORT: two requests on one connection; prints the bodies and the status lines.
ask()
{
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return
    printf 'GET / HTTP/1.1\r\nHost: t\r\n\r\nGET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n' >&3
    timeout 10 cat <&3 | tr -d '\r' | grep -E '^(HTTP|hello)'
    exec 3>&-
}

status=0
for model in one_blocking process_per_connection thread_per_connection one_epoll process_pool_epoll threads_epoll; do
    for _ in 1 2 3 4 5; do # a port that somebody else has is tried once only
        port=$((RANDOM % 20000 + 10000))
        "bench/models/$model" "$work" "$port" >"$work/output" 2>&1 &
        model_pid=$!
        for _ in $(seq 100); do
            answer=$(ask "$port" 2>/dev/null) && break
            kill -0 "$model_pid" 2>/dev/null || break
            sleep 0.05
        done
        [ -z "$answer" ] || break
        kill "$model_pid" 2>/dev/null
        wait "$model_pid" 2>/dev/null
    done
    for _ in 1 2; do
        [ "$(grep -c '^HTTP/1.1 200' <<<"$answer")" = 2 ] && [ "$(grep -c '^hello' <<<"$answer")" = 2 ] || {
            printf '%s: %s\n' "$model" "$answer"
            cat "$work/output"
            status=1
        }
        answer=$(ask "$port")
    done
    kill "$model_pid" 2>/dev/null
    wait "$model_pid" 2>/dev/null
    model_pid=
done
exit $status
