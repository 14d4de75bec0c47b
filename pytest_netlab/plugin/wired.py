"""Any test that watches the wire: where it fails, it shows the octets and the conversation, and its capture is kept.

For tests that are no clauses; those have `grading`. Registered when the first test asks for `wire`, in every process
that runs tests. pytest's own explanation of the assertion stays as it is; what the wire showed stands below it, as a
section of the report. The capture is kept as the option `--netlab-capture` and the ini option `netlab_capture` say,
in a folder named after the test.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import pytest

from pytest_netlab.capture import Capture, Recording, Remarks, write_pcapng
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.grading.compare import Comparison, compare
from pytest_netlab.grading.explain import Stated, explain
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.sidecar import CAPTURE
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.plugin import options
from pytest_netlab.plugin.artefacts import not_kept
from pytest_netlab.plugin.grading import packets_given_to
from pytest_netlab.plugin.naming import folder_name, name_of
from pytest_netlab.plugin.reporting import ascii_only
from pytest_netlab.report.printable import printable
from pytest_netlab.report.terminal import render_wire

_NAME: Final = "netlab-wired"
_TITLE: Final = "netlab: what was on the wire"
_WATCHED: Final = pytest.StashKey["_Watched"]()


@dataclass(slots=True)
class _Watched:
    """What is known of a test that watches the wire.

    Attributes:
        capture: that it watches by.
        failure: in one line, empty as long as it has not failed.
        frame: number of the frame at fault, or 0.
    """

    capture: Capture
    failure: str = ""
    frame: int = 0


@dataclass(frozen=True, slots=True)
class _Assertion:
    """A test as `explain` wants a clause: there is nothing to say of it."""

    id: str = ""
    requirement: str = ""
    sentence: str = ""
    reference: str = ""
    hint: str = ""


def watch(item: pytest.Item, capture: Capture) -> None:
    """Note that a test watches the wire by `capture`."""
    item.stash[_WATCHED] = _Watched(capture)
    if not item.config.pluginmanager.hasplugin(_NAME):
        item.config.pluginmanager.register(Wired(options.read(item.config)), _NAME)


def keep(item: pytest.Item) -> None:
    """Save the test's capture, if it is to be kept. The capture must not have been closed.

    Raises:
        HarnessFault: it is not complete.
        UsageError: it cannot be written.
    """
    wired = item.config.pluginmanager.get_plugin(_NAME)
    if isinstance(wired, Wired):
        wired.keep(item, item.stash[_WATCHED])


class Wired:
    """pytest hooks around tests that watch the wire.

    Args:
        chosen: options of this run.
    """

    def __init__(self, chosen: options.Options) -> None:
        self._options = chosen
        self._comparison: Comparison | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """Forget what the test before compared."""
        self._comparison = None

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Remember the comparison that failed last: it knows the value at fault and its place in the frame."""
        self._comparison = compare(op, left, right)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what the wire showed below a failure."""
        report = yield
        watched = item.stash.get(_WATCHED, None)
        if watched is None or call.when != "call" or not report.failed:
            return report
        watched.failure = call.excinfo.exconly().partition("\n")[0] if call.excinfo else "failed"
        try:
            explanation = self._explain(item, watched)
        except (HarnessFault, UsageError) as error:  # it was stopped by the test, or it lost a frame
            report.sections.append((_TITLE, f"the capture cannot be read: {error}"))
            return report
        watched.frame = explanation.excerpt.frame if explanation.excerpt else 0
        report.sections.append(
            (_TITLE, render_wire(explanation, ascii_only=ascii_only(item.config.get_terminal_writer())))
        )
        return report

    def keep(self, item: pytest.Item, watched: _Watched) -> None:
        """Save the capture of a test, if it is to be kept."""
        mode = self._options.capture
        if mode == "off" or (mode == "retain-on-failure" and not watched.failure):
            return
        recording = watched.capture.stop()
        path = self._options.capture_directory / folder_name(name_of(item.nodeid)) / CAPTURE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_pcapng(path, recording.frames, recording.interfaces, _remarks(item, watched, recording))
        except OSError as error:
            raise UsageError(not_kept(self._options.capture_directory, error)) from error

    def _explain(self, item: pytest.Item, watched: _Watched) -> Explanation:
        folder = self._options.capture_directory / folder_name(name_of(item.nodeid))
        return explain(
            _Assertion(),
            self._comparison or Stated("", ""),
            watched.capture.packets,
            about=packets_given_to(item),
            capture="" if self._options.capture == "off" else str(folder / CAPTURE),
            names=host_names(),
        )


def _remarks(item: pytest.Item, watched: _Watched, recording: Recording) -> Remarks:
    """What the file says of itself: which test recorded it, and on the frame at fault why it failed."""
    told = f"{name_of(item.nodeid)}: {watched.failure or 'passed'}"
    here = 0 < watched.frame <= len(recording.frames)
    frames = {watched.frame: (printable(watched.failure),)} if here else {}
    return Remarks(section=printable(told), frames=frames, names=host_names())
