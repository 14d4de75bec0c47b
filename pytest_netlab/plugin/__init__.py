"""The pytest plugin `netlab`: options, fixtures, and grading where there is something to grade.

Loading it costs milliseconds: it imports pytest and the options, and the rest when it is used.

    options     command line and ini
    rootdir     what is graded settles nothing
    fixtures    lab, wire, run_program, servers, sockets, Scapy: for any test
    wired       any test that watches the wire: what it shows when it fails, and its capture
    suite       how exercises, scenarios and clauses are written
    grading     in the process that runs tests: verdicts and explanations
    reporting   in the process that prints: header, failures, summary, result file
    hookspecs   the hooks that others may implement; `hooks` calls them
    pages       likewise: the report for people
    platforms   the files of --netlab-report, from the first moment of a run to its last
    scheduling  under xdist: a program's clauses on one worker, also after a worker died
    workers     under xdist: what workers are told of what was chosen for the run
    session     puts the two together for one run
"""

from __future__ import annotations

import pytest

from pytest_netlab.plugin import hookspecs, limits, options, rootdir
from pytest_netlab.plugin.fixtures import *  # noqa: F403  (fixtures are found by being here)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    options.add(parser)
    limits.add(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make our hooks known, so that a misspelt one is refused."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Keep pytest's root directory and settings out of what is graded."""
    rootdir.keep_out(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options, and prepare grading where there is a directory to grade."""
    config.addinivalue_line("markers", "netlab_clause(clause): this test is a clause of an exercise")
    chosen = options.read(config)
    if chosen.solutions is not None or chosen.replay is not None:
        from pytest_netlab.plugin import session

        session.begin(config, chosen)
    elif chosen.html is not None:
        raise pytest.UsageError("--netlab-html: nothing to grade; say --netlab-solutions DIR")
    elif chosen.reports:
        raise pytest.UsageError("--netlab-report: nothing to grade; say --netlab-solutions DIR")
