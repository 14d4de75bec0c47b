"""Names of the folders that captures are kept in."""

from __future__ import annotations

import pytest

from pytest_netlab.plugin.naming import folder_name, name_of


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("suites/test_1_1_udp.py::test_binds", "suites-test-1-1-udp-py-test-binds"),
        ("test_x.py::TestThem::test_it[a/b-../c]", "test-x-py-testthem-test-it-a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("t.py::test[\u202e\x1b[31m naïve]", "t-py-test-31m-na-ve"),
    ],
)
def test_words_and_dashes(nodeid: str, expected: str) -> None:
    assert folder_name(nodeid) == expected


def test_long_names_are_cut_and_stay_apart() -> None:
    one, other = (folder_name(f"test.py::test[{'long' * 60}{last}]") for last in "ab")
    assert len(one) == len(other) == 200
    assert one[:190] == other[:190]
    assert one != other


def test_a_name_of_200_characters_is_whole() -> None:
    assert folder_name("a" * 200) == "a" * 200
    assert folder_name("a" * 201) != "a" * 201


def test_the_group_that_xdist_appends_is_no_part_of_a_name() -> None:
    assert name_of("suites/test_a.py::test_b[c]@0.1-server") == name_of("suites/test_a.py::test_b[c]")
