"""The filter over system calls, put on a real process and asked about real calls."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from typing import cast

import pytest

from pytest_netlab.lab import seccomp

MACHINE = os.uname().machine
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or MACHINE not in ("x86_64", "aarch64"), reason="the filter knows Linux on x86_64, aarch64"
)

COLUMN = 0 if MACHINE == "x86_64" else 1
NEWUSER, NEWNET, SIGCHLD = 0x1000_0000, 0x4000_0000, 17
AF_INET, AF_PACKET, AF_VSOCK = 2, 17, 40
SOCKET, CLONE, GETPID, GETUID = ((41, 198), (56, 220), (39, 172), (102, 174))

ASKED: dict[str, tuple[int, ...]] = {
    "socket AF_VSOCK": (SOCKET[COLUMN], AF_VSOCK, 1, 0),
    "socket AF_VSOCK with a high word": (SOCKET[COLUMN], AF_VSOCK | 1 << 32, 1, 0),
    "socket AF_INET": (SOCKET[COLUMN], AF_INET, 2, 0),
    "clone NEWUSER": (CLONE[COLUMN], NEWUSER | SIGCHLD, 0, 0, 0, 0),
    "clone NEWNET": (CLONE[COLUMN], NEWNET | SIGCHLD, 0, 0, 0, 0),
    "unshare NEWUSER": (seccomp._REFUSED["unshare"][COLUMN], NEWUSER),
    "setuid": (seccomp._HARMLESS["setuid"][COLUMN], 12345),
    "setgroups": (seccomp._HARMLESS["setgroups"][COLUMN], 0, 0),
    "getpid": (GETPID[COLUMN],),
    **{f"refused {name}": (numbers[COLUMN], 0, 0, 0, 0, 0) for name, numbers in seccomp._REFUSED.items()},
    **{f"missing {name}": (numbers[COLUMN], 0, 0, 0, 0, 0) for name, numbers in seccomp._MISSING.items()},
}

BEHIND_THE_FILTER = """
import ctypes, json, os, sys
from pytest_netlab.lab import linux, seccomp
asked = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install()
answers = {}
for name, numbers in asked.items():
    ctypes.set_errno(0)
    result = libc.syscall(*[ctypes.c_long(number) for number in numbers])
    if result == 0 and name.startswith("clone"):
        os._exit(99)
    answers[name] = ctypes.get_errno() if result == -1 else 0
forked = os.waitpid(os.posix_spawnp("true", ["true"], os.environ), 0)[1]
print(json.dumps({"answers": answers, "uid": os.getuid(), "forked": forked}))
"""

BY_THE_OLD_GATE = """
import ctypes, mmap
from pytest_netlab.lab import linux, seccomp
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid in the i386 table); int 0x80; ret
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
seccomp.install()
print("returned", call(), flush=True)
"""


@pytest.fixture(scope="module")
def behind() -> dict[str, object]:
    """What a process behind the filter is answered, by name."""
    done = subprocess.run(
        [sys.executable, "-c", BEHIND_THE_FILTER, json.dumps(ASKED)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return cast(dict[str, object], json.loads(done.stdout))


@pytest.fixture(scope="module")
def answers(behind: dict[str, object]) -> dict[str, int]:
    return cast(dict[str, int], behind["answers"])


@pytest.mark.parametrize("name", sorted(seccomp._REFUSED))
def test_way_out_is_refused(answers: dict[str, int], name: str) -> None:
    assert answers[f"refused {name}"] == errno.EPERM


@pytest.mark.parametrize("name", sorted(seccomp._MISSING))
def test_call_that_could_open_one_is_missing(answers: dict[str, int], name: str) -> None:
    assert answers[f"missing {name}"] == errno.ENOSYS


def test_sockets_that_know_no_network_namespace_are_refused(answers: dict[str, int]) -> None:
    assert answers["socket AF_VSOCK"] == errno.EAFNOSUPPORT
    assert answers["socket AF_VSOCK with a high word"] == errno.EAFNOSUPPORT
    assert answers["socket AF_INET"] == 0


def test_new_namespaces_are_refused(answers: dict[str, int]) -> None:
    assert answers["unshare NEWUSER"] == answers["clone NEWUSER"] == answers["clone NEWNET"] == errno.EPERM


def test_dropping_privileges_succeeds_and_does_nothing(behind: dict[str, object], answers: dict[str, int]) -> None:
    assert answers["setuid"] == answers["setgroups"] == 0
    assert behind["uid"] == os.getuid()


def test_ordinary_life_goes_on(behind: dict[str, object], answers: dict[str, int]) -> None:
    assert answers["getpid"] == 0
    assert behind["forked"] == 0


@pytest.mark.skipif(MACHINE != "x86_64", reason="other machines have one table")
def test_x32_numbers_are_no_way_round() -> None:
    asked = {"x32 getpid": (0x4000_0000 | GETPID[0],), "x32 unshare": (0x4000_0000 | 272, NEWUSER)}
    done = subprocess.run(
        [sys.executable, "-c", BEHIND_THE_FILTER, json.dumps(asked)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["answers"] == dict.fromkeys(asked, errno.ENOSYS)


@pytest.mark.skipif(MACHINE != "x86_64", reason="other machines have no second gate")
def test_the_gate_of_32_bit_programs_is_no_way_round() -> None:
    """SIGSYS from the filter; SIGSEGV where the kernel has no such gate at all."""
    done = subprocess.run([sys.executable, "-c", BY_THE_OLD_GATE], capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    assert -done.returncode in (signal.SIGSYS, signal.SIGSEGV), done.stderr


def test_unknown_machine_is_an_error() -> None:
    with pytest.raises(OSError, match="no table of system calls for vax"):
        seccomp.filter_code("vax")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_is_whole_instructions_and_ends_in_a_return(machine: str) -> None:
    code = seccomp.filter_code(machine)
    assert len(code) % 8 == 0
    assert 0 < len(code) // 8 <= 4096
    assert code[-8:-6] == b"\x06\x00"
