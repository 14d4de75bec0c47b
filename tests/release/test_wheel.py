"""The wheel in a clean environment: it is what the checkout is, and grades its own reference solutions without loss."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import pytest_netlab
from tests.release.conftest import REPOSITORY, CleanEnvironment

pytestmark = pytest.mark.xdist_group("release")

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
GRADE = ("pytest", "--pyargs", "pytest_netlab.suites", "-n", "4", "-p", "no:cacheprovider")


def test_nothing_of_the_checkout_is_there(clean: CleanEnvironment) -> None:
    program = "import json, sys, pytest_netlab; print(json.dumps([pytest_netlab.__file__, sys.prefix, *sys.path]))"
    done = clean.run("python", "-c", program)
    file, prefix, *path = json.loads(done.stdout)
    assert Path(file).is_relative_to(prefix)
    assert not any(Path(entry).is_relative_to(REPOSITORY) for entry in path)
    assert not any("dist-packages" in entry for entry in path)


def test_the_command_and_the_distribution_say_one_version(clean: CleanEnvironment) -> None:
    version = pytest_netlab.__version__
    assert clean.run("pytest-netlab", "--version").stdout == f"pytest-netlab {version}\n"
    program = "from importlib.metadata import version; print(version('pytest-netlab'))"
    assert clean.run("python", "-c", program).stdout == f"{version}\n"


@pytest.mark.parametrize("whose", ["root", "ordinary user"] if os.geteuid() == 0 else ["ordinary user"])
def test_installed_suites_are_green(clean: CleanEnvironment, whose: str) -> None:
    before = NOBODY if whose == "ordinary user" and os.geteuid() == 0 else ()
    done = clean.run(*GRADE, "--netlab-json=result.json", "--netlab-require-certified", before=before)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "total 186 of 186 points (tier rootless)" in done.stdout
