"""The command pytest-netlab: what it says of the machine, and how it answers a wrong call."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_netlab
from pytest_netlab.cli import doctor
from pytest_netlab.lab.doctor import Diagnosis
from pytest_netlab.lab.probing import Wall
from pytest_netlab.lab.tiers import Tier
from tests.machines import on_a_machine

COMMAND = [sys.executable, "-m", "pytest_netlab"]


def run(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, *COMMAND, *arguments], capture_output=True, text=True, timeout=60)


def test_doctor_finds_this_machine_well() -> None:
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^  rootless +yes  ", done.stdout, re.MULTILINE)
    assert re.search(r"^  offline +yes  ", done.stdout, re.MULTILINE)
    assert re.search(rf"^  pytest +{re.escape(pytest.__version__)}$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("Grading on this machine uses the tier rootless.\n")
    assert "\x1b" not in done.stdout


def test_doctor_names_the_knob() -> None:
    done = run("doctor", before=tuple(on_a_machine("user/max_user_namespaces")))
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"^  rootless +no   .*No space left on device$", done.stdout, re.MULTILINE)
    assert "remedy: sysctl user.max_user_namespaces=10000\n" in done.stdout
    assert re.search(r"^  loopback +no   this process lacks CAP_NET_RAW$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("uses the tier offline.\n")


@pytest.mark.parametrize(
    ("knobs", "best", "status"), [((), "rootless", 0), (("user/max_user_namespaces",), "offline", 1)]
)
def test_doctor_speaks_json(knobs: tuple[str, ...], best: str, status: int) -> None:
    done = run("doctor", "--json", before=tuple(on_a_machine(*knobs)))
    found = json.loads(done.stdout)
    open_walls = {wall["name"] for wall in found["sandbox"] if not wall["holds"]}
    # Real root's own group, where it is the only one on the machine, sees through hidepid (proc(5), gid=).
    assert open_walls <= ({"other processes"} if os.geteuid() == 0 else set())
    assert done.returncode == (1 if open_walls else status)
    assert (found["schema"], found["tier"]) == ("pytest-netlab/doctor/1", best)
    assert [tier["name"] for tier in found["tiers"]] == ["rootless", "loopback", "offline"]
    assert found["tiers"][0]["available"] == (best == "rootless")
    versions = {part["name"]: part["version"] for part in found["software"]}
    assert versions["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"scapy", "tshark", "pyshark", "libpcap"} <= set(versions)


def test_doctor_attacks_its_own_sandbox() -> None:
    done = run("doctor", "--json")
    walls = json.loads(done.stdout)["sandbox"]
    assert len(walls) == 14
    assert [wall["name"] for wall in walls if not wall["holds"]] == []
    lines = run("doctor").stdout.splitlines()
    assert "  ptrace            yes  it can look into no process" in lines


def test_doctor_says_which_wall_does_not_hold() -> None:
    open_walls = (Wall("ptrace", "it can look into no process", False),)
    found = Diagnosis((Tier("rootless", True), Tier("offline", False)), (), open_walls)
    assert not found.best_tier_works
    said = next(text for _, text in doctor._lines(found) if text.startswith("  ptrace"))
    assert said.startswith("  ptrace            NO   it does not hold here: it can look into no process")


def test_doctor_says_what_does_not_work_without_a_tool(tmp_path: Path) -> None:
    empty = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([*COMMAND, "doctor"], capture_output=True, text=True, timeout=60, env=empty)
    assert re.search(r"^  tshark +not here: Wireshark gives no second opinion$", done.stdout, re.MULTILINE)


def test_doctor_is_coloured_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen([*COMMAND, "doctor"], stdout=theirs, env=environment):
        os.close(theirs)
        printed = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                printed += os.read(ours, 65_536)
            except OSError:  # EIO: nobody holds the other end any more
                break
    os.close(ours)
    assert re.search(rb"\x1b\[32m  rootless +yes", printed)


def test_doctor_may_be_read_in_part() -> None:
    with subprocess.Popen([*COMMAND, "doctor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as doctor:
        assert doctor.stdout is not None
        assert doctor.stderr is not None
        doctor.stdout.close()
        assert doctor.stderr.read() == b""


def test_doctor_imports_nothing_heavy() -> None:
    program = (
        "import sys; from pytest_netlab.cli import main; main(['doctor']); "
        "print({name.split('.')[0] for name in sys.modules} & {'scapy', 'pyshark', 'pyroute2', 'pytest', 'rich'})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("set()\n")


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"pytest-netlab {pytest_netlab.__version__}\n")


@pytest.mark.parametrize("arguments", [("--help",), ("doctor", "--help")])
def test_help(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "which knob is missing" in " ".join(done.stdout.split())


def test_help_has_an_example() -> None:
    assert re.search(r"example:\n  pytest-netlab doctor ", run("--help").stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "required: COMMAND"), (("cure",), "invalid choice: 'cure'"), (("doctor", "--all"), "unrecognized arguments")],
)
def test_a_wrong_call_is_a_usage_error(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_console_script_is_the_same_command() -> None:
    script = Path(sys.executable).parent / "pytest-netlab"
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"pytest-netlab {pytest_netlab.__version__}\n"
