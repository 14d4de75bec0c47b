"""The documentation as a site: it builds without a warning, holds every clause, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_netlab

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy of the pages: building writes beside them. A link that leads nowhere is a warning."""
    made = tmp_path_factory.mktemp("site")
    copy = made / "checkout"
    copy.mkdir()
    shutil.copytree(
        REPOSITORY / "docs",
        copy / "docs",
        ignore=shutil.ignore_patterns("_generated", "_build", "__pycache__", "submissions", "solutions", ".*"),
    )
    for name in ("suites", "pytest_netlab"):
        (copy / name).symlink_to(REPOSITORY / name)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(copy / "docs"), str(made / "html")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=copy, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return made / "html"


def pages(site: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each page."""
    for path in sorted(site.rglob("*.html")):
        yield str(path.relative_to(site)), path.read_text(encoding="utf-8")


def test_every_clause_has_its_place(site: Path) -> None:
    sources = [*(REPOSITORY / "suites").glob("test_*.py"), *(REPOSITORY / "suites" / "ipv6").glob("test_*.py")]
    declared = re.compile(r'\.(?:must|should)\(\s*"([a-z0-9-]+)"')
    clauses = {name for path in sources for name in declared.findall(path.read_text(encoding="utf-8"))}
    told = "".join(text for name, text in pages(site) if "exercise-" in name)
    assert len(clauses) > 200
    assert {name for name in clauses if f">{name}<" not in told} == set()


def test_every_export_has_its_place(site: Path) -> None:
    api = (site / "_generated" / "api.html").read_text(encoding="utf-8")
    exports = {name for name in pytest_netlab.__all__ if not name.startswith("__")}
    assert {name for name in exports if f'id="pytest_netlab.{name}"' not in api} == set()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe|source)[^>]+src="(?:https?:)?//|<link[^>]+href="(?:https?:)?//')
    assert {name: loads.findall(text) for name, text in pages(site) if loads.search(text)} == {}
