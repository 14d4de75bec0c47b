"""How a suite is written: an exercise, its programs, their scenarios (fixtures) and clauses (tests).

    exercise = Exercise("0.1", "One character out, four back")
    server = exercise.program("abcd_server", ground="abcd-server-listens")

    @server.scenario
    def one_client(stage):
        stage.start()
        stage.await_udp_port(20000)
        …

    @server.must("abcd-server-listens", reference="RFC 768", hint="bind((\\"\\", 20000))")
    def test_listens(one_client):
        \"\"\"The server binds UDP port 20000.\"\"\"
        assert …

A scenario runs once; every test that names it judges the same evidence. A clause builds on its program's
ground unless it says otherwise, and is blocked when that failed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar, overload

import pytest

from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.outcome import Clause, Requirement
from pytest_netlab.grading.scenario import Reading, ReadingScript, Scenario, Script
from pytest_netlab.plugin.keys import PERFORM

Test = TypeVar("Test", bound=Callable[..., None])
Grounds = str | tuple[str, ...]

CLAUSE_MARK = "netlab_clause"


class Exercise:
    """One exercise of a curriculum.

    Args:
        id: such as `"0.1"`.
        title: what the exercise is called.
    """

    def __init__(self, id: str, title: str) -> None:
        self.id = id
        self.title = title

    def program(self, name: str, *, ground: str) -> ProgramSuite:
        """A program that the exercise asks for.

        Args:
            name: what it is looked up by in a submission.
            ground: id of the clause that fails when it is missing, does not start, or never gets ready.
        """
        return ProgramSuite(self, name, ground)

    def artefact(self, name: str, *, ground: str) -> ArtefactSuite:
        """Files that the exercise asks for, and that are read instead of run.

        Args:
            name: what they are called, without their endings.
            ground: id of the clause that fails when they are missing or cannot be read.
        """
        return ArtefactSuite(self, name, ground)


class ClauseSuite:
    """The clauses about one thing that an exercise asks for."""

    def __init__(self, exercise: Exercise, name: str, ground: str) -> None:
        self.exercise = exercise
        self.name = name
        self.ground = ground

    def must(
        self, id: str, *, reference: str, hint: str, points: float = 1.0, builds_on: Grounds | None = None
    ) -> Callable[[Test], Test]:
        """Make a MUST clause of a test; the first paragraph of its docstring is the sentence.

        Args:
            id: words, stable for ever, unique in the suite.
            reference: where the rule stands, such as `"RFC 768"`.
            hint: the next thing to look at.
            points: what it is worth.
            builds_on: the clause, or the clauses, without which this one means nothing; "" for none. Default: the
                program's ground.
        """
        return self._clause("MUST", id, reference, hint, points, builds_on)

    def should(
        self, id: str, *, reference: str, hint: str, points: float = 1.0, builds_on: Grounds | None = None
    ) -> Callable[[Test], Test]:
        """Make a SHOULD clause of a test: advice, which counts only under `--netlab-strict`."""
        return self._clause("SHOULD", id, reference, hint, points, builds_on)

    def _clause(
        self,
        requirement: Requirement,
        id: str,
        reference: str,
        hint: str,
        points: float,
        builds_on: Grounds | None,
    ) -> Callable[[Test], Test]:
        def decorate(test: Test) -> Test:
            sentence = " ".join((inspect.getdoc(test) or "").split("\n\n")[0].split())
            if not sentence:
                raise TypeError(f"{test.__name__}: a clause needs a docstring, the sentence that the student reads")
            grounds = self.ground if builds_on is None else builds_on
            named = (grounds,) if isinstance(grounds, str) else grounds
            clause = Clause(
                id=id,
                requirement=requirement,
                sentence=sentence,
                points=points,
                reference=reference,
                hint=hint,
                builds_on=tuple(ground for ground in named if ground not in ("", id)),
                exercise=self.exercise.id,
                title=self.exercise.title,
                program=self.name,
            )
            mark: pytest.MarkDecorator = getattr(pytest.mark, CLAUSE_MARK)
            marked: Test = mark(clause)(test)
            return marked

        return decorate


class ProgramSuite(ClauseSuite):
    """The scenarios and clauses of one program."""

    @overload
    def scenario(self, script: Script) -> Callable[..., Evidence]: ...
    @overload
    def scenario(
        self, *, loopback: bool = True, net_raw: bool = False, kernel_resets: bool = True, ground: str = ""
    ) -> Callable[[Script], Callable[..., Evidence]]: ...
    def scenario(
        self,
        script: Script | None = None,
        *,
        loopback: bool = True,
        net_raw: bool = False,
        kernel_resets: bool = True,
        ground: str = "",
    ) -> Callable[..., Evidence] | Callable[[Script], Callable[..., Evidence]]:
        """Make a fixture of a script: it runs the program once and returns the `Evidence`.

        Args:
            script: what the grader does; its name becomes the fixture's.
            loopback: everything stays on 127.0.0.1; other scenarios never run without a lab of their own.
            net_raw: the program holds CAP_NET_RAW.
            kernel_resets: False drops the resets that the student's kernel sends by itself.
            ground: a clause other than the program's own ground.
        """

        def decorate(script: Script) -> Callable[..., Evidence]:
            return _fixture(
                Scenario(
                    name=script.__name__,
                    exercise=self.exercise.id,
                    program=self.name,
                    ground=ground or self.ground,
                    script=script,
                    loopback=loopback,
                    net_raw=net_raw,
                    kernel_resets=kernel_resets,
                )
            )

        return decorate(script) if script else decorate


class ArtefactSuite(ClauseSuite):
    """The readings and clauses of files that are handed in, and of which nothing runs."""

    @overload
    def reading(self, script: ReadingScript) -> Callable[..., Evidence]: ...
    @overload
    def reading(self, *, ground: str = "") -> Callable[[ReadingScript], Callable[..., Evidence]]: ...
    def reading(
        self, script: ReadingScript | None = None, *, ground: str = ""
    ) -> Callable[..., Evidence] | Callable[[ReadingScript], Callable[..., Evidence]]:
        """Make a fixture of a script: it reads the files once and returns the `Evidence`, in every tier.

        Args:
            script: what is read; its name becomes the fixture's.
            ground: a clause other than the artefact's own ground.
        """

        def decorate(script: ReadingScript) -> Callable[..., Evidence]:
            return _fixture(Reading(script.__name__, self.exercise.id, self.name, ground or self.ground, script))

        return decorate(script) if script else decorate


def _fixture(scenario: Scenario | Reading) -> Callable[..., Evidence]:
    """The fixture that performs `scenario` once a module."""

    def perform(request: pytest.FixtureRequest) -> Evidence:
        source = request.config.stash.get(PERFORM, None)
        if source is None:
            pytest.fail("nothing to grade: say --netlab-solutions DIR (or netlab_solutions in the ini file)", False)
        return source(scenario)

    perform.__doc__ = scenario.script.__doc__
    return pytest.fixture(scope="module", name=scenario.name)(perform)


def clause_of(item: pytest.Item) -> Clause | None:
    """The clause that a test is, or None for any other test."""
    mark = item.get_closest_marker(CLAUSE_MARK)
    return mark.args[0] if mark else None
