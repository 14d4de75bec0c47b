"""The filter that every program under test runs behind: a classic BPF program over its system calls.

Refused: ways out of the network namespace (address families that know none, as AF_VSOCK; io_uring, which could
open one), ways into the grader (ptrace, process_vm_*), kernel surface that no exercise needs (mounts,
namespaces, keyrings, bpf, perf, modules), typing into a terminal (TIOCSTI), and memory that belongs to no
process and so counts for none (memfd_create, System V shared memory). Only the machine's native system calls
are let in: those of its 32-bit and x32 relatives have other numbers. Answered with a quiet success: the calls
with which honest tools drop to an account that does not exist here (tcpdump does); the program keeps the one
identity it has.

Source: seccomp(2), Linux Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Final

_FAMILIES: Final = (1, 2, 10, 16, 17)
"""Of sockets: Unix, IPv4, IPv6, netlink and packet sockets. All of them keep to their namespaces."""
_TERMINAL_TRICKS: Final = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX put words into somebody's mouth."""
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_RET_ALLOW: Final = 0x7FFF_0000
_RET_ERRNO: Final = 0x0005_0000
_RET_KILL: Final = 0x8000_0000
_CLONE_NAMESPACES: Final = 0x7E02_0000  # every CLONE_NEW… but NEWTIME, which clone(2) cannot take

_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_ABOVE, _RETURN = 0x20, 0x15, 0x45, 0x25, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16

_ARCHITECTURE: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
# Numbers by architecture: x86_64, aarch64 (linux/unistd.h). Those above 424 are the same everywhere.
_REFUSED: Final = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "pidfd_getfd": (438, 438), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "name_to_handle_at": (303, 264), "quotactl": (179, 60), "quotactl_fd": (443, 443),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "syslog": (103, 116), "fanotify_init": (300, 262), "process_madvise": (440, 440),
}  # fmt: skip
_MISSING: Final = {
    "clone3": (435, 435), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
}  # fmt: skip
_HARMLESS: Final = {
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
}  # fmt: skip
_SOCKET: Final = (41, 198)
_SOCKETPAIR: Final = (53, 199)
_CLONE: Final = (56, 220)
_IOCTL: Final = (16, 29)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install() -> None:
    """Put this process and all it will ever start behind the filter. `no_new_privs` must be set."""
    code = filter_code(os.uname().machine)
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def filter_code(machine: str) -> bytes:
    """The filter for `machine` (as in uname), as an array of struct sock_filter.

    Raises:
        OSError: no table of system call numbers for this machine.
    """
    if machine not in _ARCHITECTURE:
        raise OSError(errno.ENOSYS, f"seccomp: no table of system calls for {machine}")
    column = 0 if machine == "x86_64" else 1
    code = [
        _step(_LOAD, _OFFSET_ARCH),
        _step(_JUMP_EQUAL, _ARCHITECTURE[machine], 1, 0),
        _step(_RETURN, _RET_KILL),
        _step(_LOAD, _OFFSET_NUMBER),
    ]
    if machine == "x86_64":  # the x32 numbers are another way to every call
        code += _answer_when(_step(_JUMP_ABOVE, 0x3FFF_FFFF, 0, 1), errno.ENOSYS)
    for table, answer in ((_REFUSED, errno.EPERM), (_MISSING, errno.ENOSYS), (_HARMLESS, 0)):
        for numbers in table.values():
            code += _answer_when(_step(_JUMP_EQUAL, numbers[column], 0, 1), answer)
    for numbers in (_SOCKET, _SOCKETPAIR):
        code += _unless_argument(numbers[column], _FAMILIES, errno.EAFNOSUPPORT)
    namespaces = [_step(_JUMP_SET, _CLONE_NAMESPACES, 0, 1)]
    code += _when_argument(_CLONE[column], 0, namespaces, errno.EPERM)
    tricks = [_step(_JUMP_EQUAL, trick, 0, 1) for trick in _TERMINAL_TRICKS]
    code += _when_argument(_IOCTL[column], 1, tricks, errno.EPERM)
    code.append(_step(_RETURN, _RET_ALLOW))
    return b"".join(code)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _answer_when(test: bytes, error: int) -> list[bytes]:
    return [test, _step(_RETURN, _RET_ERRNO | error)]


def _when_argument(number: int, argument: int, tests: list[bytes], error: int) -> list[bytes]:
    """Answer `error` where system call `number` has an argument, counted from 0, that passes one of the tests."""
    body = [_step(_LOAD, _OFFSET_ARGUMENTS + 8 * argument)]
    for test in tests:
        body += _answer_when(test, error)
    body.append(_step(_RETURN, _RET_ALLOW))
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]


def _unless_argument(number: int, allowed: tuple[int, ...], error: int) -> list[bytes]:
    """Answer `error` where system call `number` has a first argument that is none of those allowed."""
    body = [_step(_LOAD, _OFFSET_ARGUMENTS)]
    for index, value in enumerate(allowed):
        body.append(_step(_JUMP_EQUAL, value, len(allowed) - index, 0))
    body += [_step(_RETURN, _RET_ERRNO | error), _step(_RETURN, _RET_ALLOW)]
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]
