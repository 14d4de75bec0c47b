"""One grading run: read the submission, choose the tier, and register who judges and who reports."""

from __future__ import annotations

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.grading.grader import Grader
from pytest_netlab.grading.submission import Submission
from pytest_netlab.lab import tiers
from pytest_netlab.lab.client import shared_agent
from pytest_netlab.lab.tiers import Tier
from pytest_netlab.plugin.grading import Clauses
from pytest_netlab.plugin.keys import PERFORM
from pytest_netlab.plugin.options import Options
from pytest_netlab.plugin.reporting import Reporting


def begin(config: pytest.Config, options: Options) -> None:
    """Prepare to grade.

    Raises:
        pytest.UsageError: the submission, its configuration or an option is wrong.
    """
    assert options.solutions is not None
    try:
        submission = Submission(options.solutions)
        tier = _tier(config, options)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    if options.require_certified and not tier.certified:
        raise pytest.UsageError(
            f"--netlab-require-certified: this machine gives the {tier.name} tier, whose evidence a hostile "
            "program could forge; `pytest-netlab doctor` says what is missing"
        )
    clauses = Clauses(options, tier.name, Grader(submission, lambda: shared_agent().lab()))
    config.stash[PERFORM] = clauses.perform
    config.pluginmanager.register(clauses, "netlab-clauses")
    if not _is_worker(config):
        config.pluginmanager.register(Reporting(options, tier), "netlab-reporting")
        _keep_groups_together(config)


def _tier(config: pytest.Config, options: Options) -> Tier:
    """Choose once, in the process that the user started; workers are told."""
    if _is_worker(config):
        return Tier(options.tier, certified=options.tier == "rootless")
    tier = tiers.choose(options.tier)
    config.option.netlab_tier = tier.name
    return tier


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _keep_groups_together(config: pytest.Config) -> None:
    """Have xdist send a program's clauses to one worker, unless the user chose a way of distribution."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadgroup"
