"""Keeping captures and the evidence beside them: one folder a test, named as pytest-playwright names its own."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from pytest_netlab.capture import Remarks
from pytest_netlab.grading.archive import save
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.outcome import Outcome, Verdict
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.plugin.options import Options
from pytest_netlab.report.sentences import difference

_LONGEST_NAME: Final = 200


def keep(verdict: Verdict, evidence: Evidence, options: Options) -> Path | None:
    """Save the capture of a clause's run where the options ask for it.

    Returns:
        The file, or None where nothing is kept.
    """
    wanted = options.capture == "on" or (
        options.capture == "retain-on-failure" and verdict.outcome in (Outcome.FAILED, Outcome.BROKEN)
    )
    # A run that sent nothing has no capture to look at, but may be judged again: silence can be what was asked for.
    if not wanted or not (
        evidence.recording.frames or (options.capture == "on" and evidence.ending.status is not None)
    ):
        return None
    folder = options.capture_directory / folder_name(verdict.nodeid)
    remarks = Remarks(
        section=f"{verdict.clause.id}: {verdict.outcome.value}",
        frames={verdict.frame: [_comment(verdict)]} if verdict.frame else {},
        names=host_names(),
    )
    return save(folder, evidence, remarks)


def folder_name(nodeid: str) -> str:
    """A test's name as a folder's: lower case words with dashes, cut where it is too long."""
    slug = re.sub(r"[^a-z0-9]+", "-", nodeid.lower()).strip("-")
    if len(slug) <= _LONGEST_NAME:
        return slug
    digest = hashlib.sha256(nodeid.encode()).hexdigest()[:8]
    return f"{slug[: _LONGEST_NAME - 9]}-{digest}"


def _comment(verdict: Verdict) -> str:
    clause = verdict.clause
    return f"{clause.id} {verdict.outcome.value}: {difference(verdict.expected, verdict.actual, clause.sentence)}"
