"""What is in the wheel and in the sdist, and what must not be."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

import pytest_netlab
from tests.release.conftest import REPOSITORY, Built, run

pytestmark = pytest.mark.xdist_group("release")

FORBIDDEN = re.compile(
    r"(^|/)(__pycache__|\.venv|\.tox|\.git|\.(pytest|mypy|ruff)_cache|\.hypothesis|runs|findings|\.env[^/]*)(/|$)"
    r"|\.(pyc|pyo|pem|key|p12|orig|rej|swp|log)$|(^|/)(id_rsa|\.pypirc|\.netrc|\.coverage)[^/]*$"
)
SECRET = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|\bpypi-AgEI|\bgh[pousr]_[A-Za-z0-9]{36}|\bAKIA[0-9A-Z]{16}")


def in_wheel(built: Built) -> dict[str, bytes]:
    with zipfile.ZipFile(built.wheel) as wheel:
        assert wheel.testzip() is None
        return {name: wheel.read(name) for name in wheel.namelist()}


def in_sdist(built: Built) -> dict[str, bytes]:
    """The files by their path below the one directory that an sdist holds."""
    found: dict[str, bytes] = {}
    with tarfile.open(built.sdist) as sdist:
        for member in sdist.getmembers():
            assert member.isfile(), f"{member.name}: neither links nor devices belong into an sdist"
            content = sdist.extractfile(member)
            assert content is not None
            found["/".join(PurePosixPath(member.name).parts[1:])] = content.read()
    return found


def tracked(*directories: str) -> set[str]:
    """The files that the repository holds, or where this is no repository, those that lie there."""
    listed = subprocess.run(["git", "ls-files", "-z", *directories], cwd=REPOSITORY, capture_output=True)
    if listed.returncode == 0 and listed.stdout:
        return {name for name in listed.stdout.decode().split("\0") if (REPOSITORY / name).is_file()}
    there = (path for each in directories for path in (REPOSITORY / each).rglob("*") if path.is_file())
    names = {path.relative_to(REPOSITORY).as_posix() for path in there}
    return {name for name in names if not FORBIDDEN.search(name)}


def metadata(text: bytes) -> Message:
    return Parser().parsestr(text.decode())


def test_wheel_holds_the_package_and_the_suites_and_nothing_else(built: Built) -> None:
    info = f"pytest_netlab-{pytest_netlab.__version__}.dist-info"
    files = {"METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE", "RECORD"}
    suites = {f"pytest_netlab/{name}" for name in tracked("suites")}
    wanted = tracked("pytest_netlab") | suites | {f"{info}/{name}" for name in files}
    assert set(in_wheel(built)) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "pytest_netlab/py.typed",
        "pytest_netlab/report/html/templates/report.html.j2",
        "pytest_netlab/classroom/templates/class.html.j2",
        "pytest_netlab/cli/completions/pytest-netlab.bash",
        "pytest_netlab/grading/stubs/netlab.toml",
        "pytest_netlab/suites/test_2_2_handshake.py",
        "pytest_netlab/suites/ipv6/test_2_1_ping_ipv6.py",
        "pytest_netlab/suites/solutions/manual_handshake.py",
        "pytest_netlab/suites/solutions/packet_observation.pcapng",
    ],
)
def test_wheel_holds_what_is_no_code_too(built: Built, name: str) -> None:
    assert in_wheel(built)[name] or name.endswith("py.typed")


def test_sdist_holds_the_repository(built: Built) -> None:
    missing = tracked("pytest_netlab", "suites", "tests", "docs", "captures/golden") - set(in_sdist(built))
    assert missing == set()
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "PKG-INFO"} <= set(in_sdist(built))


def test_nothing_private_in_either(built: Built) -> None:
    for found in (in_wheel(built), in_sdist(built)):
        assert [name for name in found if FORBIDDEN.search(name)] == []
        assert [name for name, content in found.items() if SECRET.search(content)] == []
    assert not any(name.startswith(("tests/", "captures/", "benchmarks/")) for name in in_wheel(built))


def test_sdist_and_checkout_build_the_same_wheel(built: Built, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, REPOSITORY)
    (again,) = tmp_path.glob("*.whl")
    assert in_wheel(Built(built.sdist, again)) == in_wheel(built)
    assert again.read_bytes() == built.wheel.read_bytes()


def test_twine_has_nothing_to_object(built: Built) -> None:
    said = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", built.wheel, built.sdist)
    assert said.count("PASSED") == 2


def test_metadata_says_the_version_and_the_licence(built: Built) -> None:
    wheel, sdist = in_wheel(built), in_sdist(built)
    (name,) = (name for name in wheel if name.endswith("/METADATA"))
    for found in (metadata(wheel[name]), metadata(sdist["PKG-INFO"])):
        assert found["Version"] == pytest_netlab.__version__
        assert found["License-Expression"] == "GPL-2.0-or-later"
        assert found["Requires-Python"] == ">=3.11"
        extras = found.get_all("Provides-Extra") or []
        assert "distributed" in extras
    licence = (REPOSITORY / "LICENSE").read_bytes()
    assert wheel[name.replace("METADATA", "licenses/LICENSE")] == sdist["LICENSE"] == licence
    assert b"GNU GENERAL PUBLIC LICENSE" in licence


def test_the_version_stands_in_one_place() -> None:
    """Elsewhere it is read from `pytest_netlab.__version__`, or it is the changelog's heading."""
    version = pytest_netlab.__version__
    stated = re.compile(rf"(?<![\w.]){re.escape(version)}(?![\w.])")
    code = [name for name in tracked("pytest_netlab", "suites") if name.endswith((".py", ".toml", ".j2"))]
    lines = [
        f"{name}: {line.strip()}"
        for name in sorted([*code, "pyproject.toml", "tox.ini"])
        for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
        if stated.search(line) and "==" not in line
    ]
    assert lines == [f'pytest_netlab/__init__.py: __version__ = "{version}"']
