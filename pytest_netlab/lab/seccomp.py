"""The filter that every program under test runs behind: a classic BPF program over its system calls.

Refused: ways out of the network namespace (AF_VSOCK knows none; io_uring could open one), ways into the
grader (ptrace, process_vm_*), and kernel surface that no exercise needs (mounts, namespaces, keyrings, bpf,
perf). Answered with a quiet success: the calls with which honest tools drop to an account that does not
exist here (tcpdump does); the program keeps the one identity it has.

Source: seccomp(2), Linux Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Final

_AF_VSOCK: Final = 40
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_RET_ALLOW: Final = 0x7FFF_0000
_RET_ERRNO: Final = 0x0005_0000
_RET_KILL: Final = 0x8000_0000
_CLONE_NAMESPACES: Final = 0x7E02_0000  # every CLONE_NEW… but NEWTIME, which clone(2) cannot take

_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_ABOVE, _RETURN = 0x20, 0x15, 0x45, 0x25, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENT_0 = 0, 4, 16

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
}  # fmt: skip
_MISSING: Final = {
    "clone3": (435, 435), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}  # fmt: skip
_HARMLESS: Final = {
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
}  # fmt: skip
_SOCKET: Final = (41, 198)
_CLONE: Final = (56, 220)


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
    code += _when_argument(_SOCKET[column], _step(_JUMP_EQUAL, _AF_VSOCK, 0, 1), errno.EAFNOSUPPORT)
    code += _when_argument(_CLONE[column], _step(_JUMP_SET, _CLONE_NAMESPACES, 0, 1), errno.EPERM)
    code.append(_step(_RETURN, _RET_ALLOW))
    return b"".join(code)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _answer_when(test: bytes, error: int) -> list[bytes]:
    return [test, _step(_RETURN, _RET_ERRNO | error)]


def _when_argument(number: int, test: bytes, error: int) -> list[bytes]:
    """Answer `error` where system call `number` has a first argument that passes `test`."""
    body = [_step(_LOAD, _OFFSET_ARGUMENT_0), *_answer_when(test, error), _step(_RETURN, _RET_ALLOW)]
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]
