"""Command-line options and ini options, and what they come to for one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pytest

CaptureMode = Literal["off", "retain-on-failure", "on"]
_CAPTURE_MODES: Final = ("off", "retain-on-failure", "on")
_OPINION_MODES: Final = ("auto", "off")
_INSTALLED_SOLUTIONS: Final = Path(__file__).parent.parent / "suites" / "solutions"
"""The reference solutions, where the suites are installed with the package."""
_CAPTURE_LIMIT_MIB: Final = 16
"""Holds 10,000 full frames, or 130,000 of the shortest: ten times what the largest run of the suites sends."""
_MOST_CAPTURE_MIB: Final = 4096
_TIERS: Final = ("auto", "rootless", "loopback", "offline")


def add(parser: pytest.Parser) -> None:
    """Register all options; the plugin's `pytest_addoption`."""
    _add_to_the_command(parser)
    _add_to_the_ini_file(parser)


def _add_to_the_command(parser: pytest.Parser) -> None:
    group = parser.getgroup("netlab", "grading network programs by what they put on the wire")
    group.addoption("--netlab-solutions", metavar="DIR", help="grade the programs in DIR")
    group.addoption(
        "--netlab-exercise",
        metavar="ID",
        action="append",
        default=[],
        help="only this exercise, such as 1.1; may be repeated",
    )
    group.addoption("--netlab-strict", action="store_true", help="SHOULD clauses count too")
    group.addoption(
        "--netlab-capture",
        action="store_true",
        help="keep the capture of every test (without it the ini option netlab_capture decides)",
    )
    group.addoption(
        "--netlab-capture-dir", metavar="DIR", default=None, help="where captures are kept (captures/runs/)"
    )
    group.addoption(
        "--netlab-replay",
        metavar="DIR",
        help="judge the captures saved below DIR again, with no network and no privilege",
    )
    group.addoption(
        "--netlab-tier",
        choices=_TIERS,
        default="auto",
        help="how programs are run; auto takes the best that this machine gives",
    )
    group.addoption(
        "--netlab-require-certified",
        action="store_true",
        help="refuse to grade where a hostile program could forge the evidence",
    )
    group.addoption(
        "--netlab-second-opinion",
        choices=_OPINION_MODES,
        default=None,
        help="whether Wireshark reads every recording too, where tshark is installed (default: auto)",
    )
    group.addoption(
        "--netlab-warm",
        action="store_true",
        help="run Python programs in copies of an interpreter that has imported Scapy already: less CPU, same verdicts",
    )
    group.addoption("--netlab-json", metavar="FILE", help="write the result as JSON")
    group.addoption("--netlab-html", metavar="FILE", help="write the report for people: one self-contained page")
    group.addoption(
        "--netlab-report",
        metavar="FORMAT=FILE",
        action="append",
        default=[],
        help="write the result as a platform reads it: gradescope, classroom50, check50, ctrf or github; "
        "may be repeated",
    )


def _add_to_the_ini_file(parser: pytest.Parser) -> None:
    parser.addini("netlab_solutions", "directory of the programs to grade", default="")
    parser.addini("netlab_warm", "the same as --netlab-warm", type="bool", default=False)
    parser.addini(
        "netlab_capture",
        "which captures to keep: off, retain-on-failure or on",
        default="retain-on-failure",
    )
    parser.addini(
        "netlab_capture_limit",
        "MiB of frames that the capture of one run may hold; a program that sends more fails (limit:capture)",
        default=str(_CAPTURE_LIMIT_MIB),
    )
    parser.addini("netlab_second_opinion", "whether Wireshark reads every recording too: auto or off", default="auto")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run, checked.

    Attributes:
        solutions: directory to grade, or None where nothing is to be graded.
        exercises: ids to grade; empty means all.
        strict: SHOULD clauses count.
        warm: Python programs may be run by a warm interpreter.
        capture: which captures are kept.
        capture_directory: where.
        capture_limit_bytes: the most that the capture of one run holds.
        replay: directory of saved evidence to judge instead, or None.
        tier: the tier asked for.
        require_certified: refuse a tier whose evidence could be forged.
        json: where the result goes, or None.
        second_opinion: Wireshark is asked about every recording, where tshark is installed.
        html: where the report for people goes, or None.
        reports: platform formats by name, and where each goes.
    """

    solutions: Path | None
    exercises: frozenset[str]
    strict: bool
    warm: bool
    capture: CaptureMode
    capture_directory: Path
    capture_limit_bytes: int
    replay: Path | None
    tier: str
    require_certified: bool
    json: Path | None
    second_opinion: bool
    html: Path | None
    reports: tuple[tuple[str, Path], ...] = ()


def read(config: pytest.Config) -> Options:
    """Check and collect the options.

    Raises:
        pytest.UsageError: one of them is wrong; names it and the remedy.
    """
    option = config.option
    invoked = config.invocation_params.dir
    given = option.netlab_capture_dir
    return Options(
        solutions=_solutions(config),
        exercises=frozenset(option.netlab_exercise),
        strict=option.netlab_strict,
        warm=option.netlab_warm or config.getini("netlab_warm"),
        capture=_capture_mode(config),
        capture_directory=invoked / given if given else config.rootpath / "captures" / "runs",
        capture_limit_bytes=_capture_limit(config) << 20,
        replay=invoked / option.netlab_replay if option.netlab_replay else None,
        tier=option.netlab_tier,
        require_certified=option.netlab_require_certified,
        json=invoked / option.netlab_json if option.netlab_json else None,
        second_opinion=_opinion_mode(config) == "auto",
        html=invoked / option.netlab_html if option.netlab_html else None,
        reports=_reports(option.netlab_report, invoked),
    )


def _reports(given: list[str], invoked: Path) -> tuple[tuple[str, Path], ...]:
    """The `FORMAT=FILE` of each --netlab-report."""
    if not given:
        return ()
    from pytest_netlab.report.formats import FORMATS

    reports: list[tuple[str, Path]] = []
    for each in given:
        name, _, file = each.partition("=")
        if name not in FORMATS:
            raise pytest.UsageError(f"--netlab-report {each}: no such format; write one of {_examples(FORMATS)}")
        if not file:
            raise pytest.UsageError(f"--netlab-report {each}: no file; write {name}=FILE")
        if invoked / file in (path for _, path in reports):
            raise pytest.UsageError(f"--netlab-report {each}: another report goes to that file")
        reports.append((name, invoked / file))
    return tuple(reports)


def _examples(names: Iterable[str]) -> str:
    return ", ".join(f"{name}=FILE" for name in names)


def _solutions(config: pytest.Config) -> Path | None:
    given = config.option.netlab_solutions
    if given:
        return Path(config.invocation_params.dir, given)
    configured = str(config.getini("netlab_solutions"))
    if configured:
        return Path(config.rootpath, configured)
    return _INSTALLED_SOLUTIONS if _grades_installed_suites(config) else None


def _grades_installed_suites(config: pytest.Config) -> bool:
    """Whether the run names the suites that came with the package: `--pyargs pytest_netlab.suites`."""
    named = [str(argument).split("::")[0] for argument in config.invocation_params.args]
    return any(name == "pytest_netlab.suites" or name.startswith("pytest_netlab.suites.") for name in named)


def _capture_mode(config: pytest.Config) -> CaptureMode:
    if config.option.netlab_capture:
        return "on"
    mode = config.getini("netlab_capture")
    if mode == "off" or mode == "retain-on-failure" or mode == "on":
        chosen: CaptureMode = mode
        return chosen
    where = config.inipath or "the ini file"
    raise pytest.UsageError(f"{where}: netlab_capture = {mode!r}: choose one of {', '.join(_CAPTURE_MODES)}")


def _capture_limit(config: pytest.Config) -> int:
    given = str(config.getini("netlab_capture_limit")).strip()
    if given.isascii() and given.isdigit() and 1 <= int(given) <= _MOST_CAPTURE_MIB:
        return int(given)
    where = config.inipath or "the ini file"
    wanted = f"a whole number of MiB from 1 to {_MOST_CAPTURE_MIB}, such as {_CAPTURE_LIMIT_MIB}"
    raise pytest.UsageError(f"{where}: netlab_capture_limit = {given!r}: write {wanted}")


def _opinion_mode(config: pytest.Config) -> str:
    mode = str(config.option.netlab_second_opinion or config.getini("netlab_second_opinion"))
    if mode in _OPINION_MODES:
        return mode
    where = config.inipath or "the ini file"
    raise pytest.UsageError(f"{where}: netlab_second_opinion = {mode!r}: choose one of {', '.join(_OPINION_MODES)}")
