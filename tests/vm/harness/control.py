# SPDX-License-Identifier: Apache-2.0
"""The control stream: what guest/session writes on a line of its own, away from the script.

    begin NONCE
    out NONCE INDEX LENGTH     followed by LENGTH bytes of gzipped tar
    missing NONCE INDEX        the guest folder does not exist
    end NONCE STATUS

The nonce is new for every boot and is removed from the guest before the script starts.
"""

from dataclasses import dataclass, field


@dataclass
class Session:
    begun: bool = False
    status: int | None = None
    outputs: dict[int, bytes | None] = field(default_factory=dict)


def parse(stream: bytes, nonce: str) -> Session:
    """Read as far as the stream goes; lines that are not ours are skipped."""
    session = Session()
    position = 0
    while (newline := stream.find(b"\n", position)) >= 0:
        words = stream[position:newline].decode(errors="replace").split()
        position = newline + 1
        if len(words) < 2 or words[1] != nonce:
            continue
        if words[0] == "begin":
            session.begun = True
        elif words[0] == "missing":
            session.outputs[int(words[2])] = None
        elif words[0] == "out":
            length = int(words[3])
            if position + length > len(stream):
                break  # still on its way
            session.outputs[int(words[2])] = stream[position:position + length]
            position += length
        elif words[0] == "end":
            session.status = int(words[2])
    return session
