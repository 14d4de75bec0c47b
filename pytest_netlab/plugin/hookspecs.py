"""The hooks that others may implement, in a `conftest.py` or in a plugin.

Both are called in the process that the user started, never in an xdist worker, and where there is something to
grade. They look on: nothing that a hook does or returns changes a verdict or a point. One that raises is named in the
terminal with its file and line, and the run ends with exit status 4; all marks, files and other hooks are as they
would have been without it.

A `conftest.py` is heard where pytest loads it in that process: in the root directory, or in a directory that is named
on the command line. A plugin is heard wherever it is loaded from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from pytest_netlab.grading.outcome import Verdict


def pytest_netlab_verdict(config: pytest.Config, verdict: Verdict) -> None:
    """A clause has been judged. Called once a clause, in the order in which verdicts come in.

    Under xdist that is not the order of the suite. A clause whose test is run again (pytest-rerunfailures) is told
    again: the last time counts. Clauses that were never reached are not told; they stand in the result.

    Args:
        config: of the run.
        verdict: immutable: `clause` (its id, sentence, points, exercise, program), `outcome`, `score`, `expected`,
            `actual`, `capture`, `frame`, `nodeid`.
    """


def pytest_netlab_result(config: pytest.Config, result: dict[str, Any]) -> dict[str, Any] | None:
    """Grading is over. Called once, before the file of `--netlab-json` is written, also where none is asked for.

    Args:
        config: of the run.
        result: the document `pytest-netlab/result/1`, a copy for each hook: what is changed in it goes nowhere.

    Returns:
        What the file is to say besides, under its key `extra`; values that JSON knows. None for nothing. A key that
        another hook has given is refused.
    """
