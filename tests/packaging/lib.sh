# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts here share: checks that count, and what a program's --help shows.

failures=0

# is DESC WANT GOT: two texts are equal; shows how they differ.
is() {
    if [[ $2 == "$3" ]]; then
        echo "ok - $1"
    else
        failures=$((failures + 1))
        echo "not ok - $1"
        diff -u --label wanted --label got <(printf '%s\n' "$2") <(printf '%s\n' "$3") | sed 's/^/#   /'
    fi
}

finish() {
    if [[ $failures -ne 0 ]]; then
        echo "# $failures FAILED"
        exit 1
    fi
}

commands_of() { # PROGRAM: its subcommands, sorted
    "$1" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' | sort
}

# options_of PROGRAM [COMMAND]: one a line, names joined by a comma (-f,--file), sorted.
options_of() {
    "$@" --help | sed -nE 's/^  ((-[A-Za-z], ?)?--[a-z][a-z-]*)([ :].*)?$/\1/p; s/^  (-[A-Za-z]) .*/\1/p' | tr -d ' ' | sort
}
