"""The check before a release: tag, version and changelog say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pytest_netlab
from tests.release.conftest import REPOSITORY

READY = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-01-31\n\n### Added\n\n- A thing.\n\n## 1.2.2 - 2025-12-01\n"


def check(tag: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(REPOSITORY / ".ci" / "release_ready.py"), tag, str(checkout)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("tag", "changes", "words"),
    [
        ("v1.2.3", READY, ""),
        ("v1.2.3", READY.replace("## Unreleased\n\n", ""), ""),
        ("v1.2.4", READY, "the tag is v1.2.4 and the version 1.2.3: tag v1.2.3, or change the version\n"),
        ("1.2.3", READY, "the tag is 1.2.3 and the version 1.2.3: tag v1.2.3, or change the version\n"),
        (
            "v1.2.3",
            READY.replace(" - 2026-01-31", ""),
            "CHANGELOG.md: there is no heading `## 1.2.3 - YYYY-MM-DD`: give Unreleased this name\n",
        ),
        (
            "v1.2.3",
            READY.replace("Unreleased\n", "Unreleased\n\n- More.\n"),
            "CHANGELOG.md: there are entries under Unreleased: move them below the version's heading\n",
        ),
    ],
)
def test_tag_version_and_changelog(tmp_path: Path, tag: str, changes: str, words: str) -> None:
    (tmp_path / "pytest_netlab").mkdir()
    (tmp_path / "pytest_netlab" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(changes)
    done = check(tag, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1 if words else 0, words, "")


def test_this_checkout_is_understood() -> None:
    """Whether or not it is ready: its version is found, and a tag of another one refused."""
    done = check("v0.0.0", REPOSITORY)
    assert f"the tag is v0.0.0 and the version {pytest_netlab.__version__}: " in done.stdout
