"""Make `captures/golden/` again: one folder a run of the reference solutions, and the article's own frame.

    python -m tests.golden.remake

Ports, times and identifications differ from one making to the next; what the clauses assert does not.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from pytest_netlab.capture import Recording, Remarks
from pytest_netlab.grading import archive
from pytest_netlab.grading.evidence import Ending, Evidence
from pytest_netlab.grading.sidecar import SIDECAR
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.wire import Frame
from pytest_netlab.wire.checksum import internet_checksum

REPOSITORY = Path(__file__).parent.parent.parent
GOLDEN = REPOSITORY / "captures" / "golden"
ARTICLE = GOLDEN / "article"
LARGEST_RUN = 256 << 10
"""Bytes of frames in a run that is kept: the response of 1 MiB in exercise 1.2 is not."""


def remake() -> None:
    """Run the reference solutions and keep each run once."""
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--netlab-capture", f"--netlab-capture-dir={scratch}", "-q", "-p", "no:cacheprovider"]
        if subprocess.run([sys.executable, "-m", "pytest", "suites", *options], cwd=REPOSITORY).returncode:
            sys.exit("the reference solutions do not pass; nothing was changed")
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for sidecar in sorted(Path(scratch).rglob(SIDECAR)):
            _keep(archive.load(sidecar.parent))
    archive.save(ARTICLE, article(), Remarks(section="The frame that the article of exercise 0.2 takes apart"))


def _keep(evidence: Evidence) -> None:
    if sum(len(frame.data) for frame in evidence.recording.frames) > LARGEST_RUN:
        return
    folder = GOLDEN / evidence.exercise / f"{evidence.program}-{evidence.scenario}".replace("_", "-")
    if not folder.exists():
        archive.save(folder, evidence, Remarks(section=f"{evidence.program}: {evidence.scenario}", names=host_names()))


def article() -> Evidence:
    """The article's exchange: source port 0xf432, and 0xfe1c where a checksum should stand."""
    request = _on_loopback(0xF432, 0x4E20, 0xFE1C, b"A")
    response = _on_loopback(0x4E20, 0xF432, 0xFE1F, b"ABCD")
    frames = (
        Frame(request, number=1, time_ns=1_000_000_000, interface="lo", checksum_unfinished=None),
        Frame(response, number=2, time_ns=1_000_120_000, interface="lo", checksum_unfinished=None),
    )
    ending = Ending(status=0, after_s=0.1)
    return Evidence("one_request", "abcd_client", "0.2", recording=Recording(frames), ending=ending)


def _on_loopback(source: int, destination: int, checksum: int, data: bytes) -> bytes:
    """A datagram from 127.0.0.1 to itself in an Ethernet frame without addresses, as Linux shows loopback."""
    local = bytes([127, 0, 0, 1])
    datagram = struct.pack("!4H", source, destination, 8 + len(data), checksum) + data
    header = struct.pack("!2B3H2BH", 0x45, 0, 20 + len(datagram), 0x2A1B, 0x4000, 64, 17, 0) + local + local
    header = header[:10] + struct.pack("!H", internet_checksum(header)) + header[12:]
    return bytes(12) + b"\x08\x00" + header + datagram


if __name__ == "__main__":
    remake()
