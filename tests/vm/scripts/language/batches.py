# SPDX-License-Identifier: Apache-2.0
"""All tables, in the order in which the guest works through them."""
from . import names, places, words


def every(offsets):
    """`offsets`: where the puppet's functions are in its file; only the specs depend on them."""
    return [words.OPENAT2, words.MEMORY, names.NAMES, names.FUTEX_NAMES, names.TASK, places.CALLS,
            places.CONDITIONS, places.SYSCALLS, places.MODULE, places.user(offsets)]
