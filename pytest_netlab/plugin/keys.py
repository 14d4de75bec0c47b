"""Where the plugin keeps things on pytest's `config.stash`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.scenario import Reading, Scenario

PERFORM = pytest.StashKey[Callable[[Scenario | Reading], Evidence]]()
"""Runs a scenario, or reads files, or reads what was saved of it."""

PROBLEMS = pytest.StashKey[dict[str, str]]()
"""What this process's user has to mend, where it was found too late to refuse the call."""
