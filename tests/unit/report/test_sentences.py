"""Nothing is said twice."""

from __future__ import annotations

import pytest

from pytest_netlab.report.sentences import difference, repeats
from pytest_netlab.report.terminal import render
from tests.unit.report.failures import FAILURES


@pytest.mark.parametrize(
    ("expected", "sentence", "same"),
    [
        ("The client ends", "The client ends.", True),
        ("It goes to port 80 (0x0050)", "It goes to port 80.", True),
        ("80 (0x0050)", "It goes to port 80.", False),
        ("", "It ends.", False),
    ],
)
def test_an_expected_value_may_be_the_sentence_again(expected: str, sentence: str, same: bool) -> None:
    assert repeats(expected, sentence) is same


def test_a_difference_in_one_sentence() -> None:
    assert difference("80", "81", "It goes to port 80.") == "expected 80; got 81"
    assert difference("It ends", "it did not", "It ends.") == "it did not"
    assert difference("", "no frame", "It ends.") == "no frame"


def test_a_failure_leaves_out_what_its_sentence_says() -> None:
    told = FAILURES["stated"]()
    again = type(told)(
        **{
            **{name: getattr(told, name) for name in told.__struct_fields__},
            "expected": "It ends",
            "sentence": "It ends.",
        }
    )
    assert "expected" not in render(again)
    assert "  expected    " in render(told)
