"""The wheel beside other people's plugins, and under another project's type checker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.release.conftest import REPOSITORY, Built, CleanEnvironment

pytestmark = pytest.mark.xdist_group("release")

PLUGINS: Final = ("pytest-asyncio", "pytest-timeout", "pytest-html", "pytest-rerunfailures")
HELPERS: Final = """
import socket

def sent(lab, wire):
    lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"four", (lab.internet.address, 4444))
    return wire.wait_for(lambda packet: packet.udp, timeout_s=5)
"""
ASYNC: Final = """
import asyncio, socket, pytest

@pytest.mark.asyncio
async def test_a_client_that_waits(lab, wire, udp_server):
    client = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, udp_server.address)
    await loop.sock_sendall(client, b"later")
    assert await asyncio.wait_for(loop.sock_recv(client, 100), 10) == b"later"
    assert wire.udp.payloads == [b"later", b"later"]
"""
HANGS: Final = """
import pytest

@pytest.mark.timeout(2)
def test_hangs(lab, wire, run_program):
    run_program("sleep", "4711").wait(60)

def test_goes_on(lab, wire):
    assert wire.udp.payloads == []
"""
FLAKY: Final = """
from helpers import sent
runs = []

def test_second_time(lab, wire):
    runs.append(1)
    assert sent(lab, wire).udp.length == 10 + len(runs)
"""
SAMPLE: Final = """
import socket
from collections.abc import Callable
from pytest_netlab import Capture, Host, Lab, Link, Program

def test_of_a_user(lab: Lab, wire: Capture, run_program: Callable[..., Program], link: Link) -> None:
    router: Host = lab.host("router", forwards=True)
    lab.connect(lab.student, router, "10.78.1.0/24")
    program = run_program("true")
    assert program.wait(5)
    lab.student.await_port("udp", 53, timeout_s=1.0)
    lost = link.to_internet.drop(1, where=lambda packet: packet.udp is not None)
    assert lost.hits == 0
    for packet in wire.udp:
        length: int = packet.udp.length if packet.udp else 0
        assert length >= 8
"""


@pytest.fixture(scope="module")
def beside(built: Built) -> Iterator[Path]:
    """The commands of an environment that holds the wheel and the other plugins, as an index gives them."""
    with tempfile.TemporaryDirectory(prefix="netlab-beside-", dir="/var/tmp") as made:
        subprocess.run([sys.executable, "-m", "venv", made], check=True)
        install = [f"{made}/bin/pip", "install", "-q", "--disable-pip-version-check", str(built.wheel), *PLUGINS]
        done = subprocess.run(install, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        yield Path(made, "bin")


def run(beside: Path, directory: Path, *options: str, **files: str) -> str:
    """Run these test files; what pytest printed."""
    for name, text in {"helpers": HELPERS, **files}.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    (directory / "pytest.ini").write_text("[pytest]\nasyncio_mode = strict\n", encoding="ascii")
    environment = {"PATH": f"{beside}:/usr/bin:/bin", "HOME": str(directory), "LANG": "C.UTF-8"}
    command = [str(beside / "pytest"), "-p", "no:cacheprovider", "--color=no", *options]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120).stdout


def test_an_asynchronous_test_uses_the_lab(beside: Path, tmp_path: Path) -> None:
    assert "1 passed" in run(beside, tmp_path, test_async=ASYNC)


def test_a_timeout_leaves_nothing_running(beside: Path, tmp_path: Path) -> None:
    printed = run(beside, tmp_path, test_hangs=HANGS)
    assert "1 failed, 1 passed" in printed
    assert "Timeout" in printed
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert b"sleep\x004711\x00" not in commands


def test_a_rerun_keeps_what_the_last_run_recorded(beside: Path, tmp_path: Path) -> None:
    printed = run(beside, tmp_path, "--reruns=2", "--netlab-capture", test_flaky=FLAKY)
    assert "1 passed, 1 rerun" in printed
    (capture,) = (tmp_path / "captures").rglob("capture.pcapng")
    assert b"test_second_time: passed" in capture.read_bytes()


def test_their_page_holds_what_the_wire_showed(beside: Path, tmp_path: Path) -> None:
    wrong = "from helpers import sent\n\ndef test_wrong(lab, wire):\n    assert sent(lab, wire).udp.length == 11\n"
    assert "1 failed" in run(beside, tmp_path, "--html=theirs.html", "--self-contained-html", test_wrong=wrong)
    assert "udp.length: 12 (0x000c)" in (tmp_path / "theirs.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (("", ""), "Success: no issues found"),
        (('"udp", 53', '"sctp", 53'), 'expected "Literal['),
        (("drop(1,", 'drop("one",'), 'incompatible type "str"'),
    ],
)
def test_types_reach_another_project(
    clean: CleanEnvironment, tmp_path: Path, change: tuple[str, str], finding: str
) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE.replace(*change), encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", f"--python-executable={clean.bin}/python", "sample.py"]
    done = subprocess.run(mypy, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert finding in done.stdout, done.stdout
    assert str(REPOSITORY) not in done.stdout
