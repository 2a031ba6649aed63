#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_completion.sh - what bash completes is what the program takes: every option of its help, every word of -s,
# every directive of -g, and nothing else.
set -u

top=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
program=$PWD/src/tinyweb
[ -x "$program" ] || program=$top/build/src/tinyweb
export LC_ALL=C

fail()
{
    printf 'check_completion: %s\n' "$*"
    exit 1
}

# shellcheck source=../deploy/tinyweb.bash-completion
. "$top/deploy/tinyweb.bash-completion" || fail "it cannot be read"

# complete_words CURRENT PREVIOUS: what is offered, sorted, in one line.
complete_words()
{
    COMPREPLY=()
    _tinyweb "$program" "$1" "$2"
    printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

# same WHAT OFFERED WANTED
same() { [ "$2" = "$3" ] || fail "$1: offered \"$2\", wanted \"$3\""; }

# What the manual says is what the help says.
options=$(grep '^\.It Fl' "$top/man/tinyweb.8" | grep -oE 'Fl -?[a-zA-Z]+' | sed 's/^Fl /-/' | sort | xargs)
[ "$(wc -w <<<"$options")" -gt 20 ] || fail "the manual has no options: $options"
same options "$(complete_words - tinyweb)" "$options"

words=$(sed -n 's/^\.Fl s Cm \(.*|.*\)/\1/p' "$top/man/tinyweb.8" | tr -d '|' | xargs -n 1 | sort | xargs)
[ "$(wc -w <<<"$words")" -gt 4 ] || fail "the manual has no words of -s: $words"
same "words of -s" "$(complete_words '' -s)" "$words"
same "the start of a word" "$(complete_words relo --signal)" reload

directives=" $(complete_words '' -g) "
for directive in server.listen server.sandbox server.keepalive_timeout cache.max_size mime.charset; do
    [[ $directives == *" $directive= "* ]] || fail "-g does not offer $directive"
done
same "the start of a directive" "$(complete_words server.worker_ -g)" server.worker_connections=
same "a command" "$(complete_words expl tinyweb)" explain
same "a folder" "$(complete_words "$top/dep" tinyweb)" "$top/deploy"
same "a file" "$(complete_words "$top/conf/mi" -c)" "$top/conf/mime.types"

list_servers()
{
    [ "$*" = "-c /a.conf -s status" ] || fail "it is asked for $*"
    printf '%s\n' "worker  pid" "0       7" "server         state" "app/blue       up" "app/green      maint"
}
# shellcheck disable=SC2034  # the function that completes reads it
COMP_WORDS=(tinyweb -c /a.conf -s maint app/)
same "servers" "$(program=list_servers complete_words app/ maint)" "app/blue app/green"
same "the start of a server" "$(program=list_servers complete_words app/g maint)" app/green
unset COMP_WORDS
complete -p tinyweb >/dev/null || fail "nothing is registered"
echo "check_completion: ok"
