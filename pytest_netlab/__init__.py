"""Grade network programs by what they put on the wire. This page is the map.

A test gets a *lab*: two hosts and a cable, built without privilege, alone in the world. Programs run in it, peers
act in it over sockets that the lab hands out, and a *capture* sees every frame. A *clause* is a pytest test over
what one run left, its `Evidence`; it asserts on packets whose fields know their own bytes.

The rooms, from the ground up; a room imports only from rooms below it:

    wire/        bytes in, values out: headers, checksums, datagrams, streams. No sockets, files, clocks
    capture/     frames from the kernel's ring, proved complete; recordings, pcapng
    lab/         namespaces, the cable, the sandbox, programs, tiers
    traffic/     peers and senders: UDP, TCP, HTTP, raw, the one bridge to Scapy
    grading/     submissions, scenarios, evidence, clauses, outcomes
    report/      verdicts as text and files
    trial/       a suite, tried with what it must pass and fail
    classroom/   many submissions: workers, resume, gradebook, class page
    plugin/      pytest's hooks, options and fixtures
    cli/         the pytest-netlab command

What is exported here is the public interface, with the fixtures; all else is private. Names are loaded when they
are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pytest_netlab.capture import Capture, Recording, read_capture
    from pytest_netlab.errors import HarnessFault, LabUnavailable, NetlabError, UsageError, WireError
    from pytest_netlab.grading.claims import claimed_connection, claimed_reply, told_of_failure, told_of_success
    from pytest_netlab.grading.complaints import shows_traceback, speaks_of_privilege
    from pytest_netlab.grading.counting import Counting
    from pytest_netlab.grading.desk import Desk
    from pytest_netlab.grading.evidence import Evidence
    from pytest_netlab.grading.injection import Injection
    from pytest_netlab.grading.observation import Observation, octets_missing, teardown
    from pytest_netlab.grading.outcome import Clause, Outcome, Verdict
    from pytest_netlab.grading.output import first_not_in_order, shows, shows_despite_progress, shows_number
    from pytest_netlab.grading.received import Received
    from pytest_netlab.grading.sent_request import SentRequest, sent_request
    from pytest_netlab.grading.stage import Stage
    from pytest_netlab.grading.tally import Tally
    from pytest_netlab.lab.cables import Cable, Port
    from pytest_netlab.lab.host import Host
    from pytest_netlab.lab.lab import Lab
    from pytest_netlab.lab.program import Program
    from pytest_netlab.plugin.suite import Exercise
    from pytest_netlab.traffic.frames import FramePeer, arp_reply, echo_reply, time_exceeded, unreachable
    from pytest_netlab.traffic.handshake import HandshakePeer
    from pytest_netlab.traffic.link import Link
    from pytest_netlab.wire import Checksum, Datagrams, Frame, Packet, Packets, Streams, TcpStream, dissect
    from pytest_netlab.wire.custom import CustomProtocol, custom_protocol

_HOMES = {
    "Cable": "lab.cables",
    "Capture": "capture",
    "Checksum": "wire",
    "Clause": "grading.outcome",
    "Counting": "grading.counting",
    "CustomProtocol": "wire.custom",
    "Datagrams": "wire",
    "Desk": "grading.desk",
    "Evidence": "grading.evidence",
    "Exercise": "plugin.suite",
    "Frame": "wire",
    "FramePeer": "traffic.frames",
    "HandshakePeer": "traffic.handshake",
    "HarnessFault": "errors",
    "Host": "lab.host",
    "Injection": "grading.injection",
    "Lab": "lab.lab",
    "LabUnavailable": "errors",
    "Link": "traffic.link",
    "NetlabError": "errors",
    "Observation": "grading.observation",
    "Outcome": "grading.outcome",
    "Packet": "wire",
    "Packets": "wire",
    "Port": "lab.cables",
    "Program": "lab.program",
    "Received": "grading.received",
    "Recording": "capture",
    "SentRequest": "grading.sent_request",
    "Stage": "grading.stage",
    "Streams": "wire",
    "Tally": "grading.tally",
    "TcpStream": "wire",
    "UsageError": "errors",
    "Verdict": "grading.outcome",
    "WireError": "errors",
    "arp_reply": "traffic.frames",
    "claimed_connection": "grading.claims",
    "claimed_reply": "grading.claims",
    "custom_protocol": "wire.custom",
    "dissect": "wire",
    "echo_reply": "traffic.frames",
    "first_not_in_order": "grading.output",
    "octets_missing": "grading.observation",
    "read_capture": "capture",
    "sent_request": "grading.sent_request",
    "shows": "grading.output",
    "shows_despite_progress": "grading.output",
    "shows_number": "grading.output",
    "shows_traceback": "grading.complaints",
    "speaks_of_privilege": "grading.complaints",
    "teardown": "grading.observation",
    "time_exceeded": "traffic.frames",
    "told_of_failure": "grading.claims",
    "told_of_success": "grading.claims",
    "unreachable": "traffic.frames",
}

__all__ = [
    "Cable",
    "Capture",
    "Checksum",
    "Clause",
    "Counting",
    "CustomProtocol",
    "Datagrams",
    "Desk",
    "Evidence",
    "Exercise",
    "Frame",
    "FramePeer",
    "HandshakePeer",
    "HarnessFault",
    "Host",
    "Injection",
    "Lab",
    "LabUnavailable",
    "Link",
    "NetlabError",
    "Observation",
    "Outcome",
    "Packet",
    "Packets",
    "Port",
    "Program",
    "Received",
    "Recording",
    "SentRequest",
    "Stage",
    "Streams",
    "Tally",
    "TcpStream",
    "UsageError",
    "Verdict",
    "WireError",
    "__version__",
    "arp_reply",
    "claimed_connection",
    "claimed_reply",
    "custom_protocol",
    "dissect",
    "echo_reply",
    "first_not_in_order",
    "octets_missing",
    "read_capture",
    "sent_request",
    "shows",
    "shows_despite_progress",
    "shows_number",
    "shows_traceback",
    "speaks_of_privilege",
    "teardown",
    "time_exceeded",
    "told_of_failure",
    "told_of_success",
    "unreachable",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
