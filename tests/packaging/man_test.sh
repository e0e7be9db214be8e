#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# man_test.sh KPROBECTL [KPROBED]: the man pages format without warnings and tell what the programs have.
set -uo pipefail
kprobectl=$1
kprobed=${2-}
root=$(dirname "$(readlink -f "$0")")/../..
. "$root/tests/packaging/lib.sh"

for page in "$root"/man/*.[1-8]; do
    is "$(basename "$page") formats without warnings" '' \
        "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)"
done

# options_described PAGE: of its section OPTIONS, one a line, names joined by a comma.
options_described() {
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$1" | sed -nE '/^\.(TP|TQ)/{n;p}' | sed 's/\\-/-/g' | while read -r line; do
        grep -oE '(^|[ "])-{1,2}[A-Za-z][a-z-]*' <<<"$line" | tr -d ' "' | paste -sd, -
    done | sort
}

# options_in_synopsis PAGE NAME: of the block ".SY NAME", under all their names.
options_in_synopsis() {
    local option
    awk -v name="$2" '/^\.SY/ { $1 = ""; gsub(/^ +|"/, ""); inside = $0 == name }
        /^\.YS/ { inside = 0 }
        inside && /^\.OP/ { gsub(/\\/, ""); print $2 }' "$1" | while read -r option; do
        grep -E -e "(^|,)$option(,|\$)" <<<"$described" || echo "$option (not described)"
    done | sort
}

is 'kprobed-spec.7 is what docs/spec.md says' '' "$("$root/scripts/spec-man" --check 2>&1)"

page=$root/man/kprobectl.1
described=$(options_described "$page")
is 'kprobectl: commands' "$(commands_of "$kprobectl")" \
    "$(sed -n 's/^\.SY "kprobectl \([a-z]*\)"/\1/p' "$page" | sort)"
is 'kprobectl: options' "$(options_of "$kprobectl")" "$(options_in_synopsis "$page" kprobectl)"
for command in $(commands_of "$kprobectl"); do
    is "kprobectl $command: options" "$(options_of "$kprobectl" "$command" | grep -v -e --help)" \
        "$(options_in_synopsis "$page" "kprobectl $command")"
done
is 'kprobectl: options described and never used' '' \
    "$(comm -13 <({ options_of "$kprobectl"
        for command in $(commands_of "$kprobectl"); do options_of "$kprobectl" "$command"; done; } | sort -u) \
        <(sort -u <<<"$described"))"

if [[ -n $kprobed ]]; then
    is 'kprobed: options' "$(options_of "$kprobed")" "$(options_described "$root/man/kprobed.8")"
fi

is 'kprobed.conf: settings' \
    "$(sed -nE 's/^#?([a-z_]+) = .*/\1/p' "$root/conf/kprobed.conf" | sort)" \
    "$(sed -n '/^\.SH SECTION/,/^\.SH EXAMPLE/p' "$root/man/kprobed.conf.5" | sed -n '/^\.TP/{n;s/^\.B //p}' | sort)"
finish
