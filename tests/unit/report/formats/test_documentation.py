"""`docs/formats.md` says what every outcome becomes in every format."""

from __future__ import annotations

from pathlib import Path

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import FORMATS

PAGE = (Path(__file__).parents[4] / "docs" / "formats.md").read_text(encoding="utf-8")


def test_every_outcome_has_a_row_and_every_format_a_column() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert table[0].count("|") == 2 + 1 + len(FORMATS)  # the outcome, JUnit XML, and the formats
    assert {line.count("|") for line in table} == {table[0].count("|")}
    for outcome in Outcome:
        assert any(line.startswith(f"| `{outcome.value}`") for line in table)


def test_every_format_has_a_command() -> None:
    assert [name for name in FORMATS if f"{name}=" not in PAGE] == []
