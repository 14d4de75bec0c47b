"""A display filter over a capture, run by Wireshark's own engine.

tshark is called directly. pyshark, which wraps it, is made for packets and not for this question: of what tshark
says about a malformed filter it keeps the last line alone ("maybe you mixed them up?" instead of what is wrong),
and then raises once more where nobody can catch it, when the capture object is collected; it starts tshark with
the environment of this process, so that the personal configuration, Lua scripts included, would decide a mark;
it sets no limits; and it starts tshark twice and parses XML where frame numbers are asked for.

The capture and the filter are a stranger's: `isolation` says how tshark is run.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading.isolation import accounts, alone, limited, tshark
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.outcome import Outcome

LIMIT_S: Final = 60.0
"""How long a filter may run, in seconds."""
_CPU_S: Final = 30
_LONGEST_COMPLAINT: Final = 1000


class Selected(NamedTuple):
    """What a display filter selects.

    Attributes:
        frames: numbers of frames, from 1.
        complaint: what tshark has to say about the filter; empty where it took it.
    """

    frames: list[int]
    complaint: str = ""


def select(capture: bytes, display_filter: str) -> Selected:
    """Run a display filter.

    Args:
        capture: content of a pcap or pcapng file.
        display_filter: as typed into Wireshark.

    Raises:
        NotJudged: tshark is not installed.
        HarnessFault: it did not come to an end, or failed in a way that is no complaint about the filter.
    """
    program = tshark()
    if program is None:
        raise NotJudged(Outcome.UNSUPPORTED, "display filters are run by Wireshark, and tshark is not installed here")
    if "\0" in display_filter:
        return Selected([], "a NUL character in the filter")
    with tempfile.TemporaryDirectory(prefix="netlab-filter-") as directory:
        return _run(program, Path(directory), capture, display_filter)


def _run(program: str, directory: Path, capture: bytes, display_filter: str) -> Selected:
    file, home = directory / "capture", directory / "home"
    home.mkdir()
    file.write_bytes(capture)
    directory.chmod(0o755)
    # Two passes: what a frame's dissection learns from later ones counts, as it does in Wireshark's window.
    command = [program, "-n", "-2", "-r", str(file), "-T", "fields", "-e", "frame.number", "-Y"]
    said = b""
    for account in accounts():
        done = _call([*command, display_filter], home, account)
        if done.returncode == 0:
            return Selected([int(line) for line in done.stdout.split()])
        # With a filter that cannot be wrong it must succeed; otherwise it was not the filter.
        if done.returncode > 0 and _call([*command, "frame.number == 1"], home, account).returncode == 0:
            return Selected([], _complaint(done.stderr, display_filter))
        said = done.stderr
        if done.returncode < 0:
            break
    problem = said.decode("utf-8", "replace").strip()[-300:]
    raise HarnessFault(f"tshark ended with status {done.returncode}: {problem}")


def _call(command: list[str], home: Path, account: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    settings: dict[str, Any] = alone(home) | account | {"stdin": subprocess.DEVNULL, "timeout": LIMIT_S}
    try:
        return subprocess.run(limited(command, _CPU_S), capture_output=True, check=False, **settings)
    except subprocess.TimeoutExpired as late:
        raise HarnessFault(f"tshark was still running after {LIMIT_S:.0f} s") from late
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, b"", str(error).encode())


def _complaint(said: bytes, display_filter: str) -> str:
    """What tshark says about a filter, in one line: without the filter itself, and the arrows under it."""
    lines = (line.strip() for line in said.decode("utf-8", "replace").splitlines())
    echoed = {line.strip() for line in display_filter.splitlines()}
    told = [line for line in lines if line.strip("^~") and line not in echoed and not line.startswith("Running as")]
    return " ".join(told).removeprefix("tshark: ")[:_LONGEST_COMPLAINT] or "tshark refused it without a word"
