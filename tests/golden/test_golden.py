"""Saved runs of the reference solutions: each reads back, and each is judged offline as it was live."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_netlab.grading import archive
from pytest_netlab.grading.sidecar import SIDECAR
from pytest_netlab.wire import Checksum
from tests.golden.remake import ARTICLE, GOLDEN
from tests.matrix.grade import replay

FOLDERS = sorted(sidecar.parent for sidecar in GOLDEN.glob(f"*/*/{SIDECAR}"))
FILES_ALONE = ("packet_observation",)  # what is graded there is a capture that was handed in: no program runs
TOO_LARGE_TO_KEEP = {"http-large"}
EXERCISES = sorted({folder.parent.name for folder in FOLDERS})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_capture_reads_back(folder: Path) -> None:
    evidence = archive.load(folder)
    assert evidence.fault == ""
    assert [packet.error for packet in evidence.packets if packet.error] == []
    assert evidence.ending.status is not None or evidence.program in FILES_ALONE


@pytest.mark.parametrize("exercise", EXERCISES)
def test_judged_offline_as_live(exercise: str, tmp_path: Path) -> None:
    graded = replay(GOLDEN, exercise, tmp_path, "--netlab-strict")
    undecided = graded.with_outcome("failed", "blocked", "unsupported", "broken")
    assert undecided <= TOO_LARGE_TO_KEEP, graded.printed
    assert graded.with_outcome("passed")


def test_article_field_by_field() -> None:
    """The article's request, read as the article reads it."""
    request, response = archive.load(ARTICLE).packets
    ip, udp = request.ipv4, request.udp
    assert (ip.version, ip.ihl, ip.tos, ip.total_length) == (4, 5, 0, 29)
    assert (ip.more_fragments, ip.fragment_offset, ip.ttl, ip.protocol) == (0, 0, 64, 0x11)
    assert ip.checksum_state is Checksum.GOOD
    assert (str(ip.source), str(ip.destination)) == ("127.0.0.1", "127.0.0.1")
    assert (udp.src_port, udp.dst_port, udp.length, udp.checksum) == (0xF432, 0x4E20, 0x0009, 0xFE1C)
    assert udp.checksum_state is Checksum.UNFINISHED
    assert (request.payload, response.payload) == (b"A", b"ABCD")


def test_article_passes_and_says_that_its_checksum_is_unfinished(tmp_path: Path) -> None:
    graded = replay(ARTICLE, "0.2", tmp_path)
    assert graded.with_outcome("failed", "broken", programs=("abcd_client",)) == set(), graded.printed
    assert "0xfe1c" in graded.clauses["request-udp-checksum"]["remark"]
