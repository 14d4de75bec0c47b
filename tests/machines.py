"""Other machines, made of this one: commands that run in a user namespace of their own with settings turned off."""

from __future__ import annotations

import sys

_PREPARE = """
import os, sys
from pathlib import Path
from pytest_netlab.lab import linux, namespaces
uid, gid = os.getuid(), os.getgid()
linux.unshare(linux.CLONE_NEWUSER)
namespaces.write_maps("self", f"1000 {uid} 1\\n", f"1000 {gid} 1\\n", deny_setgroups=True)
*knobs, separator = sys.argv[1 : sys.argv.index("--") + 1]
for knob in knobs:
    Path("/proc/sys", knob).write_text("0")
command = sys.argv[sys.argv.index("--") + 1 :]
os.execvp(command[0], command)
"""


def on_a_machine(*knobs: str) -> list[str]:
    """The beginning of a command line: what follows runs as an ordinary user of a machine with these knobs at zero.

    Args:
        knobs: paths below /proc/sys of settings that belong to a user namespace, such as
            `"user/max_user_namespaces"`.
    """
    return [sys.executable, "-c", _PREPARE, *knobs, "--"]
