# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What scripts/demo shows, on whatever machine it found; needs root and kprobectl in the PATH.

explain() {
    echo
    printf '%s\n' "$@" | sed 's/^/# /'
}

# Somebody must open files while we watch: these are the events the reader sees.
open_files() {
    # In a shell of its own, by its own redirections: each is one open and nothing else.
    while :; do
        read -r _ </etc/passwd
        { read -r _ </no/such/file; } 2>/dev/null
        sleep 0.2
    done >/dev/null 2>&1
}

open_files &
opener=$!
trap 'kill "$opener"' EXIT

explain "Kernel $(uname -r). A shell in the background opens /etc/passwd and" \
    "/no/such/file, again and again. Two probes on the kernel function behind every open(), in the notation of 2009:" \
    "'p' at its entry, with its first two arguments (the second is a path in user memory)," \
    "'r' at its return, with the value returned (rv) and the address it returns to (rp)." \
    "" \
    "kprobectl run -n 12 'p do_sys_openat2 a1 a2:ustring' 'r do_sys_openat2 rv rp'"
kprobectl run -n 12 --for 30s -o table \
    'p do_sys_openat2 a1 a2:ustring' 'r do_sys_openat2 rv rp' || exit

explain "Each open is two lines: which path was asked for, and what came of it: a file" \
    "descriptor, or 0xfffffffffffffffe, which is -2, ENOENT. The same as JSON, one object a line, for programs:" \
    "" \
    "kprobectl run -n 2 'r do_sys_openat2 rv:s64'"
kprobectl run -n 2 --for 30s -o json -q 'r do_sys_openat2 rv:s64' || exit

explain "'check' arms nothing: it says what each word means on this kernel, and what to expect." \
    "" \
    "kprobectl check 'p do_sys_open a1 a2'"
kprobectl check 'p do_sys_open a1 a2'
