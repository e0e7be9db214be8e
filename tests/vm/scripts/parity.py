#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what parity.sh brought back: kprobed takes and refuses what the kernel does, and points at the same
token. usage: parity.py DIR"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
from parity_rows import LINES  # noqa: E402

COMMAND = "  Command: "


def kernel_token(log, text):
    """Begin and end of the token at the kernel's caret; None where it logged nothing about this line."""
    lines = log.splitlines()
    for command, caret in zip(lines, lines[1:]):
        if command == COMMAND + text and caret.strip() == "^":
            begin = len(caret) - 1 - len(COMMAND)
            end = re.compile(r"[ :)]|$").search(text, begin + 1).start()
            return begin, max(end, begin + 1)  # behind the text where something is missing
    return None


def same_place(kernel, ours, text):
    """Do the two overlap or touch? Where the kernel blames a whole word (its caret is at the word's begin), ours may
    be any part of it."""
    begin, end = kernel
    if begin == 0 or text[begin - 1] == " ":
        end = max(end, len(text[begin:].split(" ")[0]) + begin)
    return ours[0] <= end and begin <= ours[1]


def main(out):
    failures, carets = [], 0
    for n, line in enumerate(LINES):
        kernel = (out / f"{n}.kernel").read_text().strip()
        log = (out / f"{n}.log").read_text()
        status = int((out / f"{n}.status").read_text())
        ours = "takes" if status == 0 else "refuses"
        said = (out / f"{n}.json").read_text() + (out / f"{n}.err").read_text()
        wanted = line.ours or kernel
        if ours != wanted:
            failures.append(f"'{line.text[:120]}': kprobed {ours} it, the kernel {kernel} it: {said or log}")
            continue
        token = kernel_token(log, line.text)
        if kernel == "takes" or ours == "takes" or line.caret or token is None:
            continue
        error = json.loads((out / f"{n}.json").read_text())["errors"][0]
        error = {**error, **error["data"]}
        carets += 1
        if "begin" not in error:
            failures.append(f"'{line.text[:120]}': no place is blamed: {error}")
        elif not same_place(token, (error["begin"], error["end"]), line.text):
            failures.append(f"'{line.text[:120]}': the kernel points at {token} '{line.text[slice(*token)]}', kprobed at "
                            f"{error['begin']} to {error['end']} '{line.text[error['begin']:error['end']]}': {log}")
    for failure in failures:
        print(f"parity: {failure}")
    print(f"parity: {len(LINES)} lines, {carets} carets compared; {len(failures)} failures")
    sys.exit(1 if failures else 0)


main(pathlib.Path(sys.argv[1]))
