"""Calling the hooks of `pytest_netlab.plugin.hookspecs`, so that a fault in one of them stays its own.

Each plugin's hook is called by itself: one that raises keeps no other from being called, and is told by the name of
its file. Runs only in the process that the user started.
"""

from __future__ import annotations

import copy
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import msgspec
import pytest

from pytest_netlab.plugin.ledger import reported_by


class Hooks:
    """The pytest hooks that call ours.

    Args:
        config: of this run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._faults: dict[tuple[str, str], str] = {}

    @property
    def faults(self) -> tuple[str, ...]:
        """What was wrong with hooks, a sentence for each hook of each plugin."""
        return tuple(self._faults.values())

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of a verdict."""
        reported = reported_by(report)
        if reported is None or getattr(report, "outcome", "") == "rerun":
            return
        for _ in self._call("pytest_netlab_verdict", verdict=reported.verdict):
            pass

    def result(self, document: dict[str, Any]) -> dict[str, Any]:
        """The result with what hooks have to add to it."""
        extra: dict[str, Any] = {}
        for plugin, added in self._call("pytest_netlab_result", result=document):
            problem = _objection(added, extra)
            if problem:
                self._blame("pytest_netlab_result", plugin, f"returned {problem}")
            else:
                extra.update(added)
        return {**document, "extra": extra} if extra else document

    def _call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook plugin by plugin; each gets a copy of the arguments, and answers with its name."""
        manager = self._config.pluginmanager
        having = [plugin for plugin in manager.get_plugins() if hasattr(plugin, hook)]
        callers = getattr(self._config.hook, hook).get_hookimpls()
        for implementation in reversed(callers):
            others = [plugin for plugin in having if plugin is not implementation.plugin]
            alone = manager.subset_hook_caller(hook, remove_plugins=others)
            try:
                answers = alone(config=self._config, **copy.deepcopy(arguments))
            except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
                place = _line(error.__traceback__, implementation.function.__code__.co_filename)
                self._blame(hook, implementation.plugin_name, f"raised {type(error).__name__}{place}: {error}")
            else:
                yield from ((implementation.plugin_name, answer) for answer in answers)

    def _blame(self, hook: str, plugin: str, what: str) -> None:
        said = f"the hook {hook} of {plugin} {what}; verdicts and points are as without it"
        self._faults.setdefault((hook, plugin), said)


def _objection(added: Any, extra: dict[str, Any]) -> str:
    """Why an answer cannot stand in the result, or nothing."""
    if not isinstance(added, dict):
        return f"{type(added).__name__}, not a dict"
    known = [str(key) for key in added if key in extra]
    if known:
        return f"the key {known[0]!r}, which another hook has given"
    try:
        msgspec.json.encode(added)
    except (TypeError, ValueError, RecursionError) as error:
        return f"what is no JSON: {error}"
    return ""


def _line(trace: TracebackType | None, file: str) -> str:
    """Where in its own file the hook was."""
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == file]
    return f" in line {lines[-1]}" if lines else ""
