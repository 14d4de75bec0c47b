"""A student's starting point: a directory with a stub for every program, ready to be graded from the first minute.

The stubs are files beside this module, with the exercise's text and one hint in each; they run, and fail with a
message. Rules: nothing is ever overwritten, and what was made is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pytest_netlab.errors import UsageError
from pytest_netlab.grading import configuration

_STUBS: Final = Path(__file__).parent / "stubs"

EXERCISES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "0.1": ("One character out, four back", ("abcd_server.py", "abcd_client.py")),
    "0.2": ("The headers, field by field", ("abcd_server.py", "abcd_client.py")),
    "1.1": ("UDP server and client", ("udp_server.py", "udp_client.py")),
    "1.2": ("HTTP over a plain TCP socket", ("tcp_http_client.py",)),
    "1.3": ("Packet observation", ("packet_observation.toml",)),
    "1.4": ("A UDP header by hand", ("raw_udp_sender.py",)),
    "2.1": ("Ping with Scapy", ("scapy_ping.py",)),
    "2.2": ("The three-way handshake by hand", ("manual_handshake.py",)),
    "2.3": ("Counting what goes by", ("packet_counter.py",)),
    "2.4": ("A protocol of one's own", ("custom_protocol_demo.py",)),
}
"""Every exercise: its title and the files that it asks for."""

README: Final = "README.md"
_ABOUT: Final = """\
# Network programs, graded by what they put on the wire

Each file below says what its program has to do, with a hint. Write them in any order.

| exercise | | files |
|---|---|---|
{exercises}

Grade them all, or one; no root is needed:

    pytest --pyargs pytest_netlab.suites --netlab-solutions {directory}
    pytest --pyargs pytest_netlab.suites --netlab-solutions {directory} --netlab-exercise {first}

Try one in the lab, and see every packet of it:

    pytest-netlab run {directory}/{program}

A failure names the frame, the field and the bytes. `pytest-netlab show CAPTURE` opens the capture that it saved.
"""


class Made(NamedTuple):
    """What was done to a directory.

    Attributes:
        written: names of files that were made.
        kept: names of files that were there, and stay as they are.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]


def make(directory: Path, exercises: Sequence[str] = ()) -> Made:
    """Make a starting point.

    Args:
        directory: made where it is missing.
        exercises: ids; none for all.

    Raises:
        UsageError: no such exercise, or the directory cannot be written.
    """
    for each in exercises:
        if each not in EXERCISES:
            raise UsageError(f"--exercise {each}: no such exercise; there are {', '.join(EXERCISES)}")
    chosen = [each for each in EXERCISES if each in exercises or not exercises]
    names = dict.fromkeys(name for each in chosen for name in EXERCISES[each][1])
    texts = {name: (_STUBS / name).read_text(encoding="utf-8") for name in (*names, configuration.NAME)}
    texts[README] = _readme(directory, chosen)
    written: list[str] = []
    kept: list[str] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (written if _write(directory / name, text) else kept).append(name)
    except OSError as error:
        raise UsageError(f"{error.filename or directory}: {error.strerror}") from error
    return Made(tuple(written), tuple(kept))


def _readme(directory: Path, chosen: Sequence[str]) -> str:
    rows = (f"| {each} | {EXERCISES[each][0]} | {', '.join(f'`{n}`' for n in EXERCISES[each][1])} |" for each in chosen)
    program = next((name for each in chosen for name in EXERCISES[each][1] if name.endswith(".py")), "PROGRAM.py")
    return _ABOUT.format(exercises="\n".join(rows), directory=directory, first=chosen[0], program=program)


def _write(path: Path, text: str) -> bool:
    """Write a file that is not there. Returns whether it was not."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
