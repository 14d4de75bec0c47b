"""What is released: sdist and wheel, built once, and a virtual environment that holds the wheel and nothing of this."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[2]
ACTION: Final = REPOSITORY / ".github" / "actions" / "grade"


@dataclass(frozen=True)
class Built:
    """The two files that are uploaded.

    Attributes:
        sdist: the source distribution.
        wheel: built from the sdist, as `python -m build` does it.
    """

    sdist: Path
    wheel: Path


class CleanEnvironment:
    """A virtual environment with the wheel in it, and calls that nothing of the checkout reaches.

    Args:
        runner_temp: the directory in which the grading action installed it; ordinary users may read it.
    """

    def __init__(self, runner_temp: Path) -> None:
        self.runner_temp = runner_temp
        self.bin = runner_temp / "netlab" / "venv" / "bin"

    def run(self, *command: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, in a fresh directory, with no variable of this process.

        Args:
            command: its first word is looked up in the environment.
            before: stands before it, such as a command that changes the user.
        """
        with tempfile.TemporaryDirectory(prefix="work-", dir=self.runner_temp) as work:
            os.chmod(work, 0o777)
            line = [*before, "/usr/bin/env", "-i", *self._environment(work), f"{self.bin}/{command[0]}", *command[1:]]
            return subprocess.run(line, cwd=work, capture_output=True, text=True, timeout=240)

    def _environment(self, work: str) -> list[str]:
        return [f"PATH={self.bin}:/usr/local/bin:/usr/bin:/bin", f"HOME={work}", "LANG=C.UTF-8", "PYTHONUTF8=1"]


def run(*command: object, where: Path = REPOSITORY) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], cwd=where, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both distributions, made by the command that releases them; the builder is not fetched again for it."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, REPOSITORY)
    (sdist,) = dist.glob("*.tar.gz")
    (wheel,) = dist.glob("*.whl")
    return Built(sdist, wheel)


def _everybodys_python() -> Path:
    """A python3 that ordinary users may run too: this one, or the system's where this one is in a home directory."""
    here = Path(sys.base_prefix, "bin", "python3")
    open_to_all = all(place.stat().st_mode & 0o005 == 0o005 for place in here.parents)
    return here if open_to_all else Path("/usr/bin/python3")


def _named_python(directory: Path) -> Path:
    """A directory for PATH in which that interpreter has the name that GitHub's machines have for theirs."""
    directory.mkdir()
    script = directory / "python"
    script.write_text(f'#!/bin/sh\nexec {_everybodys_python()} "$@"\n', encoding="ascii")
    script.chmod(0o755)
    return directory


@pytest.fixture(scope="session")
def clean(built: Built) -> Iterator[CleanEnvironment]:
    """The wheel, installed with its dependencies from the package index as the grading action does it.

    No editable install, no system packages.
    """
    with tempfile.TemporaryDirectory(prefix="netlab-wheel-", dir="/var/tmp") as made:
        os.chmod(made, 0o755)
        path = f"{_named_python(Path(made, 'bin'))}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "RUNNER_TEMP": made, "NETLAB_REQUIREMENT": str(built.wheel)}
        done = subprocess.run(
            ["bash", ACTION / "install.sh"], cwd=made, env=environment, capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield CleanEnvironment(Path(made))
