"""A skip in CI is a failure where the machine is what is being tested."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

SKIPPING = """
import pytest

def test_says_so():
    pytest.skip("no lab on this machine: unshare refused")

@pytest.mark.skipif(True, reason="marked")
def test_marked():
    pass

@pytest.fixture
def wanting():
    pytest.skip("in a fixture")

def test_wanting(wanting):
    pass

@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    assert False
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    for name in ("lab", "unit"):
        pytester.mkpydir(name).joinpath(f"test_{name}.py").write_text(SKIPPING)
    return pytester


def test_skips_fail_in_ci(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1, errors=2, skipped=3, xfailed=2)
    result.stdout.fnmatch_lines_random(
        [
            "lab/test_lab.py::test_says_so was skipped, and in CI * nothing in lab/ may be.",
            "*no lab on this machine: unshare refused",
            "*marked",
            "*in a fixture",
            "Give this machine what is missing*`pytest-netlab doctor` names the knob.",
        ]
    )


def test_skips_are_skips_elsewhere(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    project.runpytest_subprocess().assert_outcomes(skipped=6, xfailed=2)
