# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the capturing scripts, in the folder of tracefs: one definition, and what the kernel says. Whoever
# sources it has a function `taken_back`, which removes what was accepted.

# The C library's text for an errno, as busybox prints it, back to the errno's name.
errno_name() {
    case $1 in
    *'Invalid argument'*) echo EINVAL ;;
    *'No such file or directory'*) echo ENOENT ;;
    *'File exists'*) echo EEXIST ;;
    *'Invalid or incomplete multibyte'* | *'Illegal byte sequence'*) echo EILSEQ ;;
    *'Argument list too long'*) echo E2BIG ;;
    *'Cannot assign requested address'*) echo EADDRNOTAVAIL ;;
    *'Device or resource busy'*) echo EBUSY ;;
    *'No space left on device'*) echo ENOSPC ;;
    *)
        echo "capture: no name for the errno in '$1'" >&2
        exit 1
        ;;
    esac
}

# refuse CASE LINE [FILE]: write one line in one write(2), and note the errno and what error_log says then.
# (dd names the errno, which printf does not; without O_TRUNC, which would delete all probes.)
refuse() {
    : >error_log
    printf '%s\n' "$2" >/tmp/line
    if said=$(dd if=/tmp/line of="${3:-kprobe_events}" bs=4096 conv=notrunc 2>&1); then
        outcome=accepted
    else
        outcome=$(errno_name "$said")
    fi
    {
        echo "case: $1"
        echo "wrote: $2"
        echo "errno: $outcome"
        echo 'log:'
        cat error_log
        echo 'end'
        echo
    } >>/out/refusals
    if [ "$outcome" = accepted ]; then
        echo "accepted here: $2"
        taken_back
    fi
}
