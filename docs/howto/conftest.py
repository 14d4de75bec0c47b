"""Where CI runs, no page goes untried: a skip here is a failure, as it is in tests/."""

from tests.conftest import pytest_runtest_makereport

__all__ = ["pytest_runtest_makereport"]
