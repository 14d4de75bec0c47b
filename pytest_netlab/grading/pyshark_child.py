"""The process in which pyshark runs: a capture file comes in, what Wireshark reads in each frame goes out.

Started as a file of its own, by `wireshark_reader`, with two arguments: the path of tshark, and a JSON object with
the protocols to print and the fields to tell. It imports nothing of this package.

    standard input    pcapng; tshark inherits it, and nothing else reads it
    standard output   a line of JSON a frame, as `Reading` declares it; `{"fault": "…"}` where it cannot go on

It is a process because of what pyshark 0.6 does to the one it runs in: an event loop and a child watcher for
everybody, and the environment, with the personal Wireshark configuration in it, for tshark. Root lays its rights
down once pyshark is loaded, and before any byte of a capture is read: the interpreter may live where nobody else
can walk, tshark does not.

`PipeCapture` and not `FileCapture`: both run `tshark -r`, but the latter takes finished files only, which is a start
of tshark (0.3 s) for every recording. A file that comes through a pipe loses nothing, as a live capture does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

_PREFERENCES = {
    "ip.check_checksum": "TRUE",
    "udp.check_checksum": "TRUE",
    "tcp.check_checksum": "TRUE",
    # One frame at a time: what other frames hold changes no reading of this one.
    "ip.defragment": "FALSE",
    "ipv6.defragment": "FALSE",
    "tcp.desegment_tcp_streams": "FALSE",
    "tcp.relative_sequence_numbers": "FALSE",
}
_STANDARD_INPUT = 0


def readings(tshark: str, protocols: list[str], fields: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    """What Wireshark reads, frame by frame.

    Args:
        tshark: its path.
        protocols: to be printed by tshark at all.
        fields: to be told, by the layer that they belong to.
    """
    from pyshark.capture.pipe_capture import PipeCapture

    _become_nobody()
    if not os.access(tshark, os.X_OK):
        raise PermissionError(f"{tshark} cannot be executed by the account that it is run as")
    capture = PipeCapture(
        pipe=_STANDARD_INPUT,
        eventloop=asyncio.new_event_loop(),
        tshark_path=tshark,
        override_prefs=_PREFERENCES,
        custom_parameters=["-j", " ".join(protocols)],
    )
    for packet in capture:
        yield {
            "length": int(packet.length),
            "captured": int(packet.captured_length),
            "layers": [[layer.layer_name, _told(layer, fields)] for layer in packet.layers],
        }


def _told(layer: Any, fields: dict[str, list[str]]) -> dict[str, str]:
    found = ((name, layer.get_field(name)) for name in fields.get(layer.layer_name, ()))
    return {name: field.get_default_value() for name, field in found if field is not None}


def _become_nobody() -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    except OSError:
        return  # a container without other accounts


def _in_one_line(error: Exception) -> str:
    """What went wrong, without the command line that pyshark puts into it."""
    words = " ".join(re.sub(r" \(command ran: .*\)", "", str(error)).split())
    return words if words.startswith("TShark") else f"{type(error).__name__}: {words}"


def main(tshark: str, wanted: str) -> None:
    """Tell what Wireshark reads, until the input ends."""
    asked = json.loads(wanted)
    try:
        for reading in readings(tshark, asked["protocols"], asked["fields"]):
            print(json.dumps(reading), flush=True)
    except Exception as error:
        print(json.dumps({"fault": _in_one_line(error)}), flush=True)
    os._exit(0)  # tshark has ended; what pyshark would still tidy up does not matter


if __name__ == "__main__":
    main(*sys.argv[1:])
