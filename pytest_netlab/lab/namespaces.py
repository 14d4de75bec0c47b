"""User namespaces: who is who inside, and who outside.

Two of them, one in the other. The *outer* one belongs to the agent and exists to build the private root:
an ordinary user is its uid 0; real root is its own uid 0 there, and can still walk to an interpreter that
only root may reach. The *inner* one belongs to one lab and maps uid 0 to an unprivileged kuid and nothing
else: the user's own, or `UNPRIVILEGED` where real root started us.

Source: user_namespaces(7), "Defining user and group ID mappings".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from pytest_netlab.lab import linux

UNPRIVILEGED: Final = 65534
"""The kuid and kgid of programs under test when the grader is real root."""


def enter_outer() -> bool:
    """Move this process into the outer user namespace, with a mount namespace of its own.

    Returns:
        Whether real root called, so that inner namespaces must map `UNPRIVILEGED`.

    Raises:
        OSError: the kernel or its security module refused; the message says which step.
    """
    root = os.geteuid() == 0
    uid, gid = os.geteuid(), os.getegid()
    if root:
        ids = f"0 0 1\n{UNPRIVILEGED} {UNPRIVILEGED} 1\n"
        _unshare_mapped_by_child(linux.CLONE_NEWUSER | linux.CLONE_NEWNS, ids)
    else:
        linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
        write_maps("self", f"0 {uid} 1\n", f"0 {gid} 1\n", deny_setgroups=True)
    linux.mount("", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    return root


def enter_inner(flags: int, ready: Callable[[], None]) -> None:
    """Move this process into a fresh inner user namespace and the namespaces of `flags`.

    Args:
        flags: further CLONE_NEW… bits.
        ready: called when the namespace exists; it returns once the parent has written the maps.
    """
    linux.unshare(linux.CLONE_NEWUSER | flags)
    ready()
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    # A change of identity made this process undumpable, and so the owner of nothing under /proc/self.
    linux.prctl(linux.PR_SET_DUMPABLE, 1)


def write_inner_maps(pid: int, real_root: bool) -> None:
    """Write the maps of the inner namespace that process `pid` has just entered."""
    line = f"0 {UNPRIVILEGED if real_root else 0} 1\n"
    write_maps(str(pid), line, line, deny_setgroups=True)


def write_maps(process: str, uid_map: str, gid_map: str, *, deny_setgroups: bool) -> None:
    """Write /proc/PROCESS/uid_map and gid_map."""
    if deny_setgroups:
        _write(f"/proc/{process}/setgroups", "deny")
    _write(f"/proc/{process}/gid_map", gid_map)
    _write(f"/proc/{process}/uid_map", uid_map)


def _unshare_mapped_by_child(flags: int, ids: str) -> None:
    """unshare, with maps written by a child that stays behind in the parent namespace.

    A map of more than one line needs privilege in the *parent* namespace, which this process gives up.
    """
    parent = os.getpid()
    go_read, go_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go_write)
        status = 1
        try:
            if os.read(go_read, 1):
                write_maps(str(parent), ids, ids, deny_setgroups=False)
                status = 0
        finally:
            os._exit(status)
    os.close(go_read)
    try:
        linux.unshare(flags)
        os.write(go_write, b"x")
    finally:
        os.close(go_write)
        _, status = os.waitpid(child, 0)
    if status:
        raise PermissionError(1, "uid_map: root may not map two users here (CAP_SETUID or CAP_SETFCAP is missing)")


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, f"{path}: {error.strerror}") from error
