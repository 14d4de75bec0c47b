"""One grading run: read the submission, choose the tier, and register who judges and who reports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.grading.archive import Archive
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.grader import Grader
from pytest_netlab.grading.isolation import tshark
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.grading.scenario import Reading, Scenario
from pytest_netlab.grading.second_opinion import shared_second_opinion
from pytest_netlab.grading.submission import Submission
from pytest_netlab.lab import tiers
from pytest_netlab.lab.client import Lab, shared_agent
from pytest_netlab.lab.tiers import Tier
from pytest_netlab.plugin import limits
from pytest_netlab.plugin.grading import Clauses
from pytest_netlab.plugin.hooks import Hooks
from pytest_netlab.plugin.keys import PERFORM
from pytest_netlab.plugin.ledger import Ledger
from pytest_netlab.plugin.options import Options
from pytest_netlab.plugin.platforms import Platforms
from pytest_netlab.plugin.reporting import Reporting
from pytest_netlab.plugin.workers import Workers, is_worker, keep_groups, told_tier


def begin(config: pytest.Config, options: Options) -> None:
    """Prepare to grade.

    Raises:
        pytest.UsageError: the submission, its configuration or an option is wrong.
    """
    ledger = Ledger(options)
    platforms = None if is_worker(config) or not options.reports else _first_reports(config, options, ledger)
    try:
        tier = _prepare(config, options)
    except (UsageError, pytest.UsageError) as error:
        if platforms is not None:
            platforms.refuse(str(error))
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Clauses(options, tier.name), "netlab-clauses")
    if not is_worker(config):
        ledger.tier = tier
        config.pluginmanager.register(ledger, "netlab-ledger")
        if options.html is not None:
            from pytest_netlab.plugin.pages import Pages

            config.pluginmanager.register(Pages(options, options.html, ledger), "netlab-pages")
        hooks = Hooks(config)
        config.pluginmanager.register(hooks, "netlab-hooks")
        config.pluginmanager.register(Reporting(options, ledger, hooks), "netlab-reporting")
        _keep_groups_together(config)
        config.pluginmanager.register(Workers(tier), "netlab-workers")
    else:
        keep_groups(config)


def _first_reports(config: pytest.Config, options: Options, ledger: Ledger) -> Platforms:
    """Leave a file in every format asked for, whatever becomes of the run."""
    platforms = Platforms(options, ledger)
    platforms.begin()
    config.pluginmanager.register(platforms, "netlab-platforms")
    return platforms


def _prepare(config: pytest.Config, options: Options) -> Tier:
    """Choose the tier, and check that this run can be carried through."""
    tier = _tier(config, options)
    config.stash[PERFORM] = _with_second_opinion(_source(config, options, tier), config, options)
    if options.require_certified and not tier.certified:
        raise pytest.UsageError(
            f"--netlab-require-certified: this run has the {tier.name} tier, whose evidence a hostile "
            "program could forge; `pytest-netlab doctor` says what is missing"
        )
    if not is_worker(config):
        _check_writable(options)
    return tier


def _check_writable(options: Options) -> None:
    """Find out before the work that its result can be kept."""
    for name, path in (("--netlab-json", options.json), ("--netlab-html", options.html)):
        problem = _obstacle(path) if path is not None else ""
        if problem:
            raise pytest.UsageError(f"{name} {path}: cannot be written: {problem}")


def _obstacle(path: Path) -> str:
    """What stands in the way of writing a file; makes its directory where it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return error.strerror or str(error)
    return "is a directory" if path.is_dir() else "" if os.access(path.parent, os.W_OK) else "permission denied"


def _source(config: pytest.Config, options: Options, tier: Tier) -> Callable[[Scenario | Reading], Evidence]:
    """Where evidence comes from: saved runs, or programs that run now."""
    if options.replay is not None:
        archive = Archive(options.replay)
        return lambda scenario: _found(archive.find(scenario), scenario)
    assert options.solutions is not None
    walls = tier.name != "loopback"

    def new_lab() -> Lab:
        agent = shared_agent(walls=walls)
        if options.warm:
            agent.keep_warm()
        return agent.lab()

    grader = Grader(
        Submission(options.solutions),
        new_lab,
        options.capture_limit_bytes,
        limits.programs(config),
        limits.wall_s(config),
        warm=options.warm,
    )
    return lambda scenario: grader.perform(_allowed(scenario, tier))


def _with_second_opinion(
    source: Callable[[Scenario | Reading], Evidence], config: pytest.Config, options: Options
) -> Callable[[Scenario | Reading], Evidence]:
    """Have Wireshark read each recording before anybody judges it. tshark starts while the first program runs."""
    if not options.second_opinion or tshark() is None:
        return source
    second = shared_second_opinion()
    if is_worker(config):
        config.add_cleanup(second.close)

    def perform(scenario: Scenario | Reading) -> Evidence:
        second.prepare()
        evidence = source(scenario)
        if not evidence.fault:
            evidence.opinion = second.on(evidence.recording)
        return evidence

    return perform


def _found(evidence: Evidence | None, scenario: Scenario | Reading) -> Evidence:
    if evidence is None:
        raise NotJudged(Outcome.UNSUPPORTED, f"no saved evidence of the run {scenario.name} of {scenario.program}")
    return evidence


def _allowed(scenario: Scenario | Reading, tier: Tier) -> Scenario | Reading:
    """No program runs where a frame of it could leave the machine. Files may be read anywhere."""
    if isinstance(scenario, Reading):
        return scenario
    if tier.name == "offline" or (tier.name == "loopback" and not scenario.loopback):
        raise NotJudged(Outcome.UNSUPPORTED, f"the {tier.name} tier does not run {scenario.program} here")
    return scenario


def _tier(config: pytest.Config, options: Options) -> Tier:
    """Choose once, in the process that the user started; workers are told."""
    if options.replay is not None:
        return Tier("offline", certified=False)
    return told_tier(config) if is_worker(config) else tiers.choose(options.tier)


def _keep_groups_together(config: pytest.Config) -> None:
    """Have xdist send a program's clauses to one worker, unless the user chose a way of distribution."""
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadgroup"
    if getattr(config.option, "dist", "no") == "loadgroup":
        from pytest_netlab.plugin.scheduling import Scheduling

        config.pluginmanager.register(Scheduling(), "netlab-scheduling")
