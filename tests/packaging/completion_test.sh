#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion_test.sh KPROBECTL: the bash completion offers what the program takes.
set -uo pipefail
kprobectl=$1
root=$(dirname "$(readlink -f "$0")")/../..
. "$root/tests/packaging/lib.sh"
. "$root/completion/kprobectl"

# As the daemon's list; the completion asks this instead of the program.
kprobectl() { [[ "$*" == 'list -o names' ]] && printf 'do_sys_openat2\ndo_sys_openat2_ret\nvfs_read\n'; }

# offers WORD...: what is offered when the last word is being typed.
offers() {
    COMP_WORDS=(kprobectl "$@")
    COMP_CWORD=$#
    _kprobectl kprobectl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ' -
}

is 'commands' "$(commands_of "$kprobectl" | paste -sd' ' -)" "$(offers '')"
is 'options before a command' "$(options_of "$kprobectl" | tr , '\n' | sort | paste -sd' ' -)" "$(offers -)"
for command in $(commands_of "$kprobectl"); do
    is "options of $command" \
        "$(options_of "$kprobectl" "$command" | tr , '\n' | sort | paste -sd' ' -)" "$(offers "$command" -)"
done

cd "$root/conf" || exit 1
while IFS='|' read -r desc words want; do
    eval "set -- $words"
    is "$desc" "$want" "$(offers "$@")"
done <<'END'
a command begun|st|status stream
an option begun|run --re|--resolve
a form|run -o ''|json table trace
a form begun|stream --output t|table trace
a form behind =|stream --output = t|table trace
nothing yet behind =|list --output =|json names table
a form after an option|list -o n|names
a time|add --for 1|10m 10s 1h 1m
nothing for a number|stream -n ''|
a file|add -f ex|example.probes
a file to apply|apply ex|example.probes
a probe to remove|remove v|vfs_read
probes to watch|stream do_|do_sys_openat2 do_sys_openat2_ret
no probe for status|status v|
too short for a symbol|add 'p vf'|
no kind, no symbol|add 'x vfs_read'|
no symbol after fetchargs|add 'p vfs_read a'|
no pattern reaches grep|add 'p .*['|
END

symbol=$(awk '$2 ~ /[tT]/ && $3 == "vfs_readlink" { print $3; exit }' /proc/kallsyms)
if [[ -n $symbol ]]; then
    is 'a symbol, quote left open' 'r vfs_readlink r vfs_readlink ' "$(offers add 'r vfs_readlin')"
fi

kprobectl() { echo 'kprobectl: kprobed is not running' >&2; return 4; }
is 'quiet without daemon' '' "$(offers remove '' 2>&1)"
finish
