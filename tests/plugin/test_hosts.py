"""A suite of a teacher's own whose scenario lays cables: what passes on them is evidence, live and from its capture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SUITE = '''
import pytest
from pytest_netlab import Evidence, Exercise, Packets, Stage

exercise = Exercise("H", "One hop")
probe = exercise.program("probe", ground="probe-sends")


@probe.scenario(loopback=False)
def behind_a_router(stage: Stage) -> None:
    """10.78.2.2 is behind a router."""
    router, target = stage.lab.host("router", forwards=True), stage.lab.host("target")
    stage.lab.connect(stage.student, router)
    stage.lab.connect(router, target)
    stage.student.add_route("10.78.2.0/24", via=router)
    stage.start()
    stage.await_end(limit_s=10)


@probe.must("probe-sends", reference="RFC 768", hint="sendto()")
def test_sends(behind_a_router: Evidence) -> None:
    """The probe sends a datagram to 10.78.2.2, with one hop to live."""
    assert behind_a_router.udp.to(33434, "10.78.2.2").on("eth0@router").only.ipv4.ttl == 1


@probe.must("probe-expires", reference="RFC 792", hint="IP_TTL")
def test_expires(behind_a_router: Evidence) -> None:
    """It ends at the router, which says so."""
    assert behind_a_router.packets.icmp.only.icmp.type == 11
    assert not behind_a_router.packets.on("eth0@target")
'''
PROBE = """
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
sock.sendto(b"?", ("10.78.2.2", 33434))
"""


def test_a_scenario_with_a_router(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="ascii")
    (tmp_path / "test_hop.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "probe.py").write_text(PROBE, encoding="ascii")
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_hop.py"]
    for options in (
        ["--netlab-solutions=solutions", "--netlab-capture", "--netlab-capture-dir=kept"],
        ["--netlab-replay=kept"],
    ):
        done = subprocess.run([*call, *options], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "total 2 of 2 points" in " ".join(done.stdout.split())
