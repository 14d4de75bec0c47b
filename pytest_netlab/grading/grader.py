"""Performs scenarios: a fresh lab, an armed capture, the program, the script, and what is left of it.
Before the first one the capture engine is tried; where it fails, nothing is graded.
Performs readings, too: the submission's files, the script, and what it noted.

Owns the agent and the built submission of one test process. A scenario that fails on our side gives evidence
with a fault in it, never an exception: one broken run must not end a class.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import traceback
from collections.abc import Callable

from msgspec.structs import replace

from pytest_netlab.capture import Capture, Recording
from pytest_netlab.capture.recording import LIMIT_CAPTURE
from pytest_netlab.capture.self_test import self_test
from pytest_netlab.errors import HarnessFault, LabUnavailable, NetlabError, UsageError
from pytest_netlab.grading import flood
from pytest_netlab.grading.desk import Desk
from pytest_netlab.grading.evidence import Evidence, Halt
from pytest_netlab.grading.foreign import held_ports, without
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.scenario import Reading, Scenario
from pytest_netlab.grading.sidecar import as_saved
from pytest_netlab.grading.stage import Halted, Stage
from pytest_netlab.grading.submission import ProgramMissing, Submission
from pytest_netlab.grading.warmth import modules_of
from pytest_netlab.lab.client import Lab
from pytest_netlab.lab.messages import Limits
from pytest_netlab.lab.program import Program
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.lab.taps import follow, taps

BUILD_LIMIT_S = 120.0


class BuildFailed(Exception):
    """The submission's build command did not succeed. Carries the halt and what the build printed."""

    def __init__(self, expected: str, actual: str, output: bytes) -> None:
        super().__init__(actual)
        self.expected = expected
        self.actual = actual
        self.output = output


class Grader:
    """Runs the programs of one submission.

    Args:
        submission: whose programs.
        new_lab: makes a fresh lab for each scenario.
        capture_limit_bytes: the most that the capture of one scenario keeps.
        limits: what a program may use.
        wall_s: the longest that a run may take, where its script has more patience than that.
        warm: programs for the grading interpreter may be run by a warm one, where the lab's agent keeps one.
    """

    def __init__(
        self,
        submission: Submission,
        new_lab: Callable[[], Lab],
        capture_limit_bytes: int,
        limits: Limits | None = None,
        wall_s: float = math.inf,
        *,
        warm: bool = False,
    ) -> None:
        self._limits = limits or Limits()
        self._wall_s = wall_s
        self._warm = warm
        self._submission = submission
        self._new_lab = new_lab
        self._capture_limit_bytes = capture_limit_bytes
        self._built: Snapshot | BuildFailed | None = None
        self._engine_fault: str | None = None
        self._captures: dict[str, Recording] = {}

    def perform(self, scenario: Scenario | Reading) -> Evidence:
        """Run a scenario, or read files, once, and return what it left."""
        evidence = Evidence(scenario.name, scenario.program, scenario.exercise)
        evidence.run_id = secrets.token_hex(8)
        evidence.ground = scenario.ground
        try:
            if isinstance(scenario, Reading):
                self._read(scenario, evidence)
                return evidence
            files = self._files()
            argv = self._submission.command(scenario.program, files)
            self._run(scenario, argv, files, evidence)
        except ProgramMissing as missing:
            looked_for = ", ".join(missing.looked_for)
            evidence.halt = Halt(scenario.ground, f"a program {missing.name}", f"none found; looked for {looked_for}")
        except BuildFailed as failure:
            evidence.halt = Halt(scenario.ground, failure.expected, failure.actual)
            evidence.output = failure.output
        except (UsageError, LabUnavailable, NotJudged):
            raise
        except HarnessFault as fault:
            evidence.fault = str(fault)
        except (NetlabError, OSError) as error:
            evidence.fault = f"{type(error).__name__}: {error}"
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            evidence.fault = f"{type(error).__name__}: {error} ({where.filename}, line {where.lineno})"
        return evidence

    def _run(self, scenario: Scenario, argv: tuple[str, ...], files: Snapshot, evidence: Evidence) -> None:
        with self._new_lab() as lab:
            self._try_engine(lab)
            self._record(scenario, argv, files, lab, evidence)

    def _try_engine(self, lab: Lab) -> None:
        """Before the first run: find out whether the capture engine can be believed. What it says stands."""
        if self._engine_fault is None:
            try:
                self_test(taps(lab))
                self._engine_fault = ""
            except HarnessFault as fault:
                self._engine_fault = str(fault)
        if self._engine_fault:
            raise HarnessFault(self._engine_fault)

    def _record(self, scenario: Scenario, argv: tuple[str, ...], files: Snapshot, lab: Lab, evidence: Evidence) -> None:
        with self._capture(lab) as capture:
            follow(lab, capture)
            foreign = set() if lab.has_cable else held_ports(lab.student)
            try:
                self._play(scenario, argv, files, lab, capture, evidence)
            except (NetlabError, OSError):
                # A peer that goes down in a flood is no fault of ours; the flood is what has to be said.
                if not capture.limited:
                    raise
            evidence.recording = without(capture.stop(), foreign)
        if evidence.recording.truncated_by:
            flood.convict(evidence, scenario.ground, self._capture_limit_bytes, shared=not lab.has_cable)
        elif evidence.ending.stopped_by.startswith("limit:"):
            told = f"{evidence.ending.limit}; the program was ended"
            evidence.halt = Halt(scenario.ground, "a program that keeps within its limits", told)

    def _capture(self, lab: Lab) -> Capture:
        """A capture that ends the lab's programs as soon as more is on the wire than it may keep."""

        def end() -> None:
            lab.end_programs(LIMIT_CAPTURE)

        return Capture(taps(lab), limit_bytes=self._capture_limit_bytes, on_limit=end)

    def _play(
        self,
        scenario: Scenario,
        argv: tuple[str, ...],
        files: Snapshot,
        lab: Lab,
        capture: Capture,
        evidence: Evidence,
    ) -> None:
        if not scenario.kernel_resets:
            lab.suppress_kernel_resets()

        warm = self._begins_with(scenario.program, files)

        def launch(arguments: tuple[str, ...], environment: dict[str, str]) -> Program:
            command = (*argv, *arguments)
            return lab.launch(
                command, files, net_raw=scenario.net_raw, environment=environment, limits=self._limits, warm=warm
            )

        stage = Stage(lab, launch, scenario.ground, capture.frames_so_far, self._wall_s)
        with contextlib.closing(stage):
            try:
                scenario.script(stage)
            except Halted as halted:
                evidence.halt = halted.reason
            finally:
                stage.finish()
                evidence.output = stage.output
                evidence.ending = stage.ending
                evidence.facts = as_saved(stage.facts)
            capture.stop()

    def _begins_with(self, program: str, files: Snapshot) -> tuple[str, ...] | None:
        """What a warm interpreter may have imported for a program; None where it has to be a fresh one."""
        file = self._submission.plain_python(program, files) if self._warm else ""
        return modules_of(files, file) if file else None

    def _read(self, reading: Reading, evidence: Evidence) -> None:
        desk = Desk(self._submission.files, reading.ground, self._captures)
        try:
            reading.script(desk)
        except Halted as halted:
            evidence.halt = halted.reason
        finally:
            evidence.recording = desk.recording
            evidence.facts = as_saved(desk.facts)

    def _files(self) -> Snapshot:
        """The submission as its build left it. The build runs once."""
        if self._built is None:
            try:
                self._built = self._build()
            except BuildFailed as failure:
                self._built = failure
        if isinstance(self._built, BuildFailed):
            raise self._built
        return self._built

    def _build(self) -> Snapshot:
        command = self._submission.build_command
        if command is None:
            return self._submission.files
        expected = f"the build command {' '.join(command)!r} succeeds"
        files, limits = self._submission.files, replace(self._limits, cpu_s=2 * int(BUILD_LIMIT_S))
        with self._new_lab() as lab, lab.launch(command, files, collect=True, limits=limits) as build:
            ended = build.wait(BUILD_LIMIT_S)
            build.kill()
            if build.limit:
                raise BuildFailed(expected, f"{build.limit}; the build was ended", build.output)
            if build.not_started:
                raise BuildFailed(expected, f"it could not be started: {build.not_started}", b"")
            if not ended:
                told = f"limit:wall: still running after {BUILD_LIMIT_S:.0f} s"
                raise BuildFailed(expected, told, build.output)
            if build.status != 0:
                raise BuildFailed(expected, f"it ended with status {build.status}", build.output)
            if build.not_collected:
                raise BuildFailed("the build leaves what can be graded", build.not_collected, build.output)
            if build.left is None:
                raise HarnessFault("what the build left could not be collected")
            return build.left
