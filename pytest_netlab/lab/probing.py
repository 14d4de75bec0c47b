"""What a hostile program would try first, tried from inside the sandbox of this machine.

A small program runs as a submission would and attempts what must be refused. It says what became of each attempt; an
attempt that succeeds, or was not even made, is a wall that this machine does not have.
"""

from __future__ import annotations

import json
import sys
from typing import Final, NamedTuple

from pytest_netlab.lab.client import Lab
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.snapshot import Entry, Snapshot

_PATIENCE_S: Final = 20.0
_LIMITS: Final = Limits(processes=32, memory_bytes=256 << 20, work_bytes=1 << 20, descriptors=64, cpu_s=10)

_CHECKS: Final = {
    "other processes": "no process but its own can be seen",
    "grader's files": "the package that grades cannot be read",
    "read-only system": "nothing outside its own directories can be written",
    "capabilities": "it has none, and cannot get any",
    "namespaces": "it can make no user or network namespace",
    "mounts": "it can mount nothing",
    "ptrace": "it can look into no process",
    "other networks": "AF_VSOCK and io_uring, which know no namespace, are refused",
    "memory of nobody": "memfd_create and System V shared memory are refused",
    "terminal": "it cannot type into a terminal (TIOCSTI)",
    "way out": "no address outside the lab can be reached",
    "disk": "writing stops at the limit",
    "descriptors": "they stop at the limit",
    "processes": "they stop at the limit",
}

_PROGRAM: Final = b"""\
import ctypes, errno, fcntl, json, os, platform, select, socket

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"


def called(*arguments):
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "")


def refused(*calls):
    for call in calls:
        try:
            call()
        except OSError:
            continue
        return False
    return True


def status(name):
    with open("/proc/self/status") as file:
        return next(line.split()[1] for line in file if line.startswith(name + ":"))


def reach():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(0.2)
        client.connect(("192.0.2.1", 80))


def fill():
    for number in range(3):
        with open(f"/tmp/{number}", "wb", buffering=0) as file:
            for _ in range(15):
                file.write(bytes(1 << 16))


def fork():
    for _ in range(64):
        if os.fork() == 0:
            os.read(reading, 1)
            os._exit(0)


room = ctypes.create_string_buffer(256)
print(json.dumps({
    "other processes": [name for name in os.listdir("/proc") if name.isdigit()] == [str(os.getpid())],
    "grader's files": refused(lambda: os.stat(PACKAGE)),
    "read-only system": refused(*(lambda path=path: open(path, "ab") for path in ("/x", "/usr/x", "/etc/x"))),
    "capabilities": (status("CapEff"), status("CapBnd"), status("NoNewPrivs")) == ("0" * 16, "0" * 16, "1"),
    "namespaces": refused(*(lambda flag=flag: called(272 if X86 else 97, flag) for flag in (1 << 28, 1 << 30))),
    "mounts": refused(lambda: called(165 if X86 else 40, b"none", b"/tmp", b"tmpfs", 0, None)),
    "ptrace": refused(lambda: called(101 if X86 else 117, 0, 0, 0, 0)),
    "other networks": refused(lambda: socket.socket(40, socket.SOCK_STREAM), lambda: called(425, 1, room)),
    "memory of nobody": refused(
        lambda: called(319 if X86 else 279, b"x", 0), lambda: called(29 if X86 else 194, 0, 4096, 0o1600)
    ),
    "terminal": refused(lambda: fcntl.ioctl(0, 0x5412, b"x")),
    "way out": refused(reach),
    "disk": refused(fill),
    "descriptors": refused(lambda: [os.dup(0) for _ in range(100)]),
}), flush=True)
os.closerange(3, 100)
reading, _ = os.pipe()
fork()
select.select([reading], [], [], 5)  # where the kernel's own limit does not bind, the supervisor has this long to look
"""


class Wall(NamedTuple):
    """One thing that a program must not be able to do.

    Attributes:
        name: in a word or two.
        says: what holds, as a phrase.
        holds: whether it does on this machine.
    """

    name: str
    says: str
    holds: bool


def probe(lab: Lab, package: str) -> list[Wall]:
    """Run the program in the sandbox of `lab` and return what held, in a fixed order.

    Args:
        lab: where.
        package: a path of the grader's own, which must not be there.
    """
    files = Snapshot((Entry(b"probe.py", "file", data=f"PACKAGE = {package!r}\n".encode() + _PROGRAM),))
    with lab.launch([sys.executable, "probe.py"], files, limits=_LIMITS) as it:
        it.wait(_PATIENCE_S)
    try:
        found = json.loads(it.output.split(b"\n")[0])
    except ValueError:
        found = {}
    found["processes"] = it.limit.startswith("limit:processes") or b"BlockingIOError" in it.output
    return [Wall(name, says, found.get(name) is True) for name, says in _CHECKS.items()]
