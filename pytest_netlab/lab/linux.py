"""The system calls that Python 3.11 does not offer, each one thin and each one raising `OSError`.

Owns: constants and ctypes signatures. Knows nothing of labs. Linux only; importing it elsewhere is
harmless, calling it is not.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

CLONE_NEWNS: Final = 0x0002_0000
CLONE_NEWUTS: Final = 0x0400_0000
CLONE_NEWIPC: Final = 0x0800_0000
CLONE_NEWUSER: Final = 0x1000_0000
CLONE_NEWPID: Final = 0x2000_0000
CLONE_NEWNET: Final = 0x4000_0000

MS_RDONLY: Final = 0x1
MS_NOSUID: Final = 0x2
MS_NODEV: Final = 0x4
MS_NOEXEC: Final = 0x8
MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 0x4_0000
MNT_DETACH: Final = 0x2

MOUNT_ATTR_RDONLY: Final = 0x1
MOUNT_ATTR_NOSUID: Final = 0x2
MOUNT_ATTR_NODEV: Final = 0x4

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38

CAP_NET_RAW: Final = 13

_AT_FDCWD: Final = -100
_AT_RECURSIVE: Final = 0x8000
_LINUX_CAPABILITY_VERSION_3: Final = 0x2008_0522
# mount_setattr(2) came after the tables of system calls were unified: one number everywhere.
_SYS_MOUNT_SETATTR: Final = 442
_SYS_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41, "riscv64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _check(result: int, call: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """unshare(2): leave the shared namespaces named by `flags` (CLONE_NEW…)."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(fd: int, kind: int) -> None:
    """setns(2): enter the namespace of type `kind` that `fd` refers to."""
    _check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, filesystem: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). Empty strings stand for null pointers."""
    result = _libc.mount(
        source.encode() or None,
        os.fsencode(target),
        filesystem.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    _check(result, f"mount {filesystem or source} on {target}")


def bind(source: str, target: str) -> None:
    """Bind `source` and all that is mounted below it at `target`."""
    mount(source, target, flags=MS_BIND | MS_REC)


def mount_setattr(target: str, attributes: int) -> None:
    """mount_setattr(2): set MOUNT_ATTR_… on a mount and all below it (Linux 5.12)."""
    request = _MountAttr(attr_set=attributes)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(request),
        ctypes.c_size_t(ctypes.sizeof(request)),
    )
    _check(result, f"mount_setattr {target}")


def umount_detached(target: str) -> None:
    """umount2(2) with MNT_DETACH."""
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def pivot_root_here() -> None:
    """pivot_root(2) to the working directory, which must be a mount, and let go of the old root."""
    number = _SYS_PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(38, f"pivot_root: no system call number known for {os.uname().machine}")
    _check(_libc.syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
    umount_detached(".")
    os.chdir("/")


def prctl(option: int, value: int) -> None:
    """prctl(2) for the options that take one number."""
    _check(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def keep_only_capabilities(kept: frozenset[int]) -> None:
    """Drop every capability but `kept`, from the bounding set too: no later exec can bring one back."""
    last = int(_read("/proc/sys/kernel/cap_last_cap"))
    for capability in range(last + 1):
        # Without CAP_SETPCAP nothing can be dropped; a bounding set matters to root alone, which has it.
        if capability not in kept and os.geteuid() == 0:
            prctl(PR_CAPBSET_DROP, capability)
    mask = sum(1 << capability for capability in kept)
    header = _CapHeader(_LINUX_CAPABILITY_VERSION_3, 0)
    data = (_CapData * 2)()
    for word in range(2):
        bits = (mask >> (32 * word)) & 0xFFFF_FFFF
        data[word] = _CapData(effective=bits, permitted=bits, inheritable=0)
    _check(_libc.capset(ctypes.byref(header), data), "capset")


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()
