"""A display filter over a capture, run by Wireshark's own engine.

tshark is called directly. pyshark, which wraps it, is made for packets and not for this question: of what tshark
says about a malformed filter it keeps the last line alone ("maybe you mixed them up?" instead of what is wrong),
and then raises once more where nobody can catch it, when the capture object is collected; it starts tshark with
the environment of this process, so that the personal configuration, Lua scripts included, would decide a mark;
it sets no limits; and it starts tshark twice and parses XML where frame numbers are asked for.

The capture and the filter are a stranger's. So tshark runs with an empty configuration, without name resolution,
with limits on time and memory, and as nobody where this process is root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.outcome import Outcome

LIMIT_S: Final = 60.0
"""How long a filter may run, in seconds."""
_CPU_S: Final = 30
_MEMORY_KIB: Final = 4 << 20
_NOBODY: Final = 65534
_ELSEWHERE: Final = {
    "darwin": "/Applications/Wireshark.app/Contents/MacOS/tshark",
    "win32": r"C:\Program Files\Wireshark\tshark.exe",
}
_LIMITED: Final = f'{{ ulimit -t {_CPU_S}; ulimit -v {_MEMORY_KIB}; ulimit -c 0; }} 2>/dev/null; exec "$@"'
_LONGEST_COMPLAINT: Final = 1000


class Selected(NamedTuple):
    """What a display filter selects.

    Attributes:
        frames: numbers of frames, from 1.
        complaint: what tshark has to say about the filter; empty where it took it.
    """

    frames: list[int]
    complaint: str = ""


def tshark() -> str | None:
    """Path of tshark; None where it is not installed."""
    elsewhere = _ELSEWHERE.get(sys.platform, "")
    return shutil.which("tshark") or (elsewhere if os.path.exists(elsewhere) else None)


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
    for account in _accounts():
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


def _accounts() -> list[dict[str, Any]]:
    """Who runs tshark: for root nobody, and root itself where nobody cannot, as in a container without accounts."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return [{}]
    return [{"user": _NOBODY, "group": _NOBODY, "extra_groups": []}, {}]


def _call(command: list[str], home: Path, account: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    settings = _alone(home) | account
    try:
        return subprocess.run(_limited(command), capture_output=True, timeout=LIMIT_S, check=False, **settings)
    except subprocess.TimeoutExpired as late:
        raise HarnessFault(f"tshark was still running after {LIMIT_S:.0f} s") from late
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, b"", str(error).encode())


def _limited(command: list[str]) -> list[str]:
    return ["/bin/sh", "-c", _LIMITED, "sh", *command] if os.name == "posix" else command


def _alone(home: Path) -> dict[str, Any]:
    """An environment without configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "WIRESHARK_CONFIG_DIR": str(home),
        "LC_ALL": "C.UTF-8",
    }
    return {"env": environment, "stdin": subprocess.DEVNULL, "cwd": home}


def _complaint(said: bytes, display_filter: str) -> str:
    """What tshark says about a filter, in one line: without the filter itself, and the arrows under it."""
    lines = (line.strip() for line in said.decode("utf-8", "replace").splitlines())
    echoed = {line.strip() for line in display_filter.splitlines()}
    told = [line for line in lines if line.strip("^~") and line not in echoed and not line.startswith("Running as")]
    return " ".join(told).removeprefix("tshark: ")[:_LONGEST_COMPLAINT] or "tshark refused it without a word"
