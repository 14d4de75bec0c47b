"""How Wireshark's programs are run here: alone, limited, and as nobody.

What they read is a stranger's, and what they are has parsers for three thousand protocols. So they get an empty
configuration (the personal one would decide a mark, and its Lua scripts would run), no names to resolve, limits on
time and memory, and, where this process is root, the account nobody.

Where `/bin/sh` is missing (Windows) there are no limits but the caller's deadline.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

NOBODY: Final = 65534
_MEMORY_KIB: Final = 4 << 20
_ELSEWHERE: Final = {
    "darwin": "/Applications/Wireshark.app/Contents/MacOS/tshark",
    "win32": r"C:\Program Files\Wireshark\tshark.exe",
}
_VERSION_LIMIT_S: Final = 20.0
_VERSION: Final = re.compile(rb"TShark.*?(\d+\.\d+(?:\.\d+)?)")


def tshark() -> str | None:
    """Path of tshark; None where it is not installed."""
    elsewhere = _ELSEWHERE.get(sys.platform, "")
    return shutil.which("tshark") or (elsewhere if os.path.exists(elsewhere) else None)


def tshark_version() -> str | None:
    """Its version, such as `"4.0.17"`; None where it is not installed, or does not say."""
    program = tshark()
    return None if program is None else _version_of(program)


@functools.cache
def _version_of(program: str) -> str | None:
    with tempfile.TemporaryDirectory(prefix="netlab-tshark-") as home:
        settings: dict[str, Any] = alone(Path(home)) | {"stdin": subprocess.DEVNULL, "timeout": _VERSION_LIMIT_S}
        try:
            done = subprocess.run([program, "-v"], capture_output=True, check=False, **settings)
        except (OSError, subprocess.TimeoutExpired):
            return None
    found = _VERSION.search(done.stdout)
    return found[1].decode("ascii") if found else None


def accounts() -> list[dict[str, Any]]:
    """Who runs it: for root nobody, and root itself where nobody cannot, as in a container without accounts."""
    if not is_root():
        return [{}]
    return [{"user": NOBODY, "group": NOBODY, "extra_groups": []}, {}]


def is_root() -> bool:
    """Whether this process may do everything."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def limited(command: list[str], cpu_s: int) -> list[str]:
    """The command with limits: `cpu_s` seconds of processor time, and memory."""
    if os.name != "posix":
        return command
    limits = f"ulimit -t {cpu_s}; ulimit -v {_MEMORY_KIB}; ulimit -c 0"
    return ["/bin/sh", "-c", f'{{ {limits}; }} 2>/dev/null; exec "$@"', "sh", *command]


def alone(home: Path) -> dict[str, Any]:
    """Arguments of `Popen` for an environment without configuration; `home` is empty, and stays so."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "WIRESHARK_CONFIG_DIR": str(home),
        "LC_ALL": "C.UTF-8",
    }
    return {"env": environment, "cwd": home}
