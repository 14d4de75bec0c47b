"""The exercises over IPv6 are graded by who names them; each of their clauses has a broken solution.

That every submission is judged as it should be is `test_matrix`'s. The same by hand:

    pytest-netlab check-suite suites/ipv6 --submissions tests/submissions
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.matrix.cases import cases
from tests.matrix.grade import REPOSITORY

SUITE = REPOSITORY / "suites" / "ipv6"
FILES = {f"suites/ipv6/{file.name}" for file in SUITE.glob("test_*.py")}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *map(str, arguments), "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def collected(directory: str) -> set[str]:
    """The suites' files that pytest collects below a directory."""
    lines = run(directory, "--collect-only", "-q").stdout.splitlines()
    return {line.partition("::")[0] for line in lines if "::" in line}


def test_collected_only_where_it_is_named() -> None:
    assert len(FILES) == 3
    assert collected("suites/ipv6") == FILES
    curriculum = collected("suites")
    assert curriculum
    assert curriculum & FILES == set()


def test_graded_live_and_from_its_captures_and_no_clause_goes_untried(tmp_path: Path) -> None:
    result, kept = tmp_path / "result.json", tmp_path / "kept"
    common = (SUITE, "--netlab-strict", f"--netlab-json={result}")
    run(*common, "--netlab-capture", f"--netlab-capture-dir={kept}")
    live = json.loads(result.read_text(encoding="utf-8"))
    run(*common, f"--netlab-replay={kept}")
    replayed = json.loads(result.read_text(encoding="utf-8"))
    assert live["score"] == live["max_score"] == replayed["score"] == replayed["max_score"] == 52.0
    clauses = {clause["id"] for exercise in live["exercises"] for clause in exercise["clauses"]}
    failed = {name for case in cases("broken") if case.exercise.endswith("-ipv6") for name in case.fails}
    assert clauses == failed
    for exercise in ("0.1-ipv6", "1.1-ipv6", "2.1-ipv6"):
        assert len([case for case in cases("variants") if case.exercise == exercise]) >= 3
