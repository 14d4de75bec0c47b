"""The submissions that the grader is graded by."""

from __future__ import annotations

from pathlib import Path

from pytest_netlab.trial.cases import Case, read_cases

__all__ = ["Case", "cases"]

ROOT = Path(__file__).parent.parent / "submissions"


def cases(kind: str) -> list[Case]:
    """All cases of a kind, `"variants"` or `"broken"`."""
    return read_cases(ROOT, kind)
