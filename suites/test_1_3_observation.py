"""Exercise 1.3: packet observation.

A capture holds the runs of 1.1 and 1.2, and the notes beside it say which frames are what. Both are read; nothing
runs. The files are `packet_observation.pcapng` (or `.pcap`) and `packet_observation.toml`:

    [udp]
    display_filter = "udp.port == 8000"
    frames = [1]                    # frame numbers as Wireshark shows them, from 1
    [tcp]
    display_filter = "tcp.port == 80 and ip.addr == 10.77.0.80"
    handshake = [2, 3, 4]           # SYN, SYN-ACK, ACK
    request = 5                     # the first frame that carries the GET
    teardown = [9, 10, 11]          # every frame from the first FIN to the last ACK
"""

from __future__ import annotations

import pytest

from pytest_netlab import (
    Datagrams,
    Desk,
    Evidence,
    Exercise,
    Observation,
    Packet,
    TcpStream,
    octets_missing,
    sent_request,
    teardown,
)

PORT = 8000
HELLO = b"Hello, World!"
TARGET = b"/get"
CAPTURES = ("packet_observation.pcapng", "packet_observation.pcap")
NOTES = "packet_observation.toml"
KEYS = {
    "udp.display_filter": str,
    "udp.frames": list,
    "tcp.display_filter": str,
    "tcp.handshake": list,
    "tcp.request": int,
    "tcp.teardown": list,
}

exercise = Exercise("1.3", "Packet observation")
files = exercise.artefact("packet_observation", ground="observation-capture")


@files.reading
def captured(desk: Desk) -> None:
    """The capture."""
    desk.read_capture(*CAPTURES)


@files.reading
def notes(desk: Desk) -> None:
    """The capture, and what the notes say of it."""
    desk.read_capture(*CAPTURES)
    desk.read_toml(NOTES, KEYS, clause="observation-notes")


@files.reading
def udp_selected(desk: Desk) -> None:
    """What Wireshark shows with the display filter of [udp]."""
    desk.read_capture(*CAPTURES)
    desk.read_toml(NOTES, KEYS, clause="observation-notes")
    desk.select(desk.facts["udp_display_filter"])


@files.reading
def tcp_selected(desk: Desk) -> None:
    """What Wireshark shows with the display filter of [tcp]."""
    desk.read_capture(*CAPTURES)
    desk.read_toml(NOTES, KEYS, clause="observation-notes")
    desk.select(desk.facts["tcp_display_filter"])


@pytest.fixture(scope="module")
def seen(captured: Evidence) -> Observation:
    """The packets of the capture, each once."""
    return Observation(captured.packets)


@pytest.fixture
def on_port(seen: Observation) -> Datagrams:
    """The datagrams from and to port 8000."""
    return seen.packets.udp.where(lambda packet: PORT in (packet.udp.src_port, packet.udp.dst_port), "at port 8000")


@pytest.fixture
def datagram(on_port: Datagrams) -> Packet:
    """The datagram of exercise 1.1."""
    return on_port.to(PORT).where(lambda packet: packet.payload == HELLO, "with Hello, World!").first


@pytest.fixture(scope="module")
def conversations(seen: Observation) -> list[TcpStream]:
    """The conversations with web servers, first the one that shows most of exercise 1.2."""
    return seen.fetches(TARGET)


@pytest.fixture(scope="module")
def fetch(seen: Observation) -> TcpStream:
    """The conversation of exercise 1.2."""
    return seen.fetch(TARGET)


@pytest.fixture(scope="module")
def meant(seen: Observation, notes: Evidence) -> TcpStream:
    """The conversation of exercise 1.2 that the notes are about, where the capture has several."""
    named = [notes.facts.get("tcp_request", 0), *notes.facts.get("tcp_handshake", ())]
    return seen.fetch(TARGET, named)


@files.must(
    "observation-capture",
    reference="pcapng (draft-ietf-opsawg-pcapng), pcap (draft-ietf-opsawg-pcap)",
    hint="Save the capture in Wireshark's own format, and hand in the whole file.",
)
def test_capture(captured: Evidence) -> None:
    """The capture is there, as packet_observation.pcapng or .pcap, and can be read to its end."""
    assert len(captured.packets) > 0, "the capture holds no frame"


@files.must(
    "observation-notes",
    builds_on="",
    reference="TOML 1.0; exercise 1.3",
    hint="The message names line and key: compare them with the example of the exercise.",
)
def test_notes(notes: Evidence) -> None:
    """The notes in packet_observation.toml can be read, and name frames and filters for [udp] and [tcp]."""
    assert notes.facts.keys() >= {"udp_frames", "tcp_handshake", "tcp_request", "tcp_teardown"}


@files.must(
    "observation-udp-datagram",
    reference="RFC 768; exercise 1.1",
    hint="Was the capture running, and on the loopback interface, when the client sent?",
)
def test_holds_the_datagram(on_port: Datagrams, captured: Evidence) -> None:
    """The capture holds the datagram of exercise 1.1: to port 8000, with the 13 bytes of Hello, World!"""
    assert on_port.to(PORT), f"no UDP datagram to port 8000; the capture holds {captured.packets.overview}"
    assert HELLO in on_port.to(PORT).payloads


@files.must(
    "observation-udp-alone",
    builds_on="observation-udp-datagram",
    reference="Exercise 1.1",
    hint="A frame that loopback recorded twice counts once. What else came to, or from, port 8000?",
)
def test_datagram_is_alone(on_port: Datagrams, datagram: Packet, seen: Observation) -> None:
    """The datagram stands alone: there is no second one and no answer at port 8000."""
    assert on_port == [datagram]
    refusals = seen.packets.icmp.where(lambda packet: packet.icmp.quoted_ports == (datagram.udp.src_port, PORT))
    assert refusals == []


@files.must(
    "observation-udp-frames",
    builds_on=("observation-udp-alone", "observation-notes"),
    reference="Exercise 1.3",
    hint="The number is in Wireshark's first column. It is counted from 1, and display filters do not change it.",
)
def test_udp_frames(notes: Evidence, seen: Observation, datagram: Packet) -> None:
    """The frames named for [udp] are those of the datagram, and no others."""
    assert seen.frames(notes.udp_frames) == [datagram]


@files.must(
    "observation-udp-filter",
    builds_on=("observation-udp-alone", "observation-notes"),
    reference="wireshark-filter(4)",
    hint="Type it into Wireshark: which frames remain that do not belong, and which are missing?",
)
def test_udp_filter(udp_selected: Evidence, seen: Observation, datagram: Packet) -> None:
    """The display filter of [udp] selects exactly the datagram."""
    told = f"the filter `{udp_selected.udp_display_filter}`"
    assert not udp_selected.complaint, f"{told}: {udp_selected.complaint}"
    wrong = seen.difference(udp_selected.frames, [datagram])
    assert not wrong, f"{told} {wrong}"


@files.must(
    "observation-tcp-handshake",
    points=2,
    reference="RFC 9293 §3.5",
    hint="Start the capture before the client, on the interface that leads to the server.",
)
def test_holds_the_handshake(captured: Evidence, conversations: list[TcpStream]) -> None:
    """The capture holds the handshake of a TCP connection to port 80: SYN, SYN-ACK, ACK."""
    assert conversations, f"no TCP connection to port 80; the capture holds {captured.packets.overview}"
    told = f"the connection of frame {conversations[0].packets[0].number} begins {' '.join(conversations[0].flags[:4])}"
    assert conversations[0].handshake, told
    assert conversations[0].handshake.problems == []


@files.must(
    "observation-tcp-request",
    builds_on="observation-tcp-handshake",
    reference="RFC 9112 §3",
    hint="The frames that carry the request must be in the file, with their bytes: mind the snap length.",
)
def test_holds_the_request(fetch: TcpStream) -> None:
    """The capture holds the client's request on that connection: GET, /get."""
    assert octets_missing(fetch.from_client) == 0, "frames of the client are missing between others"
    request = sent_request(fetch)
    told = bytes(request.data[:40]).decode("latin-1")
    assert request.ends, f"of the client's bytes the capture has {told!r}, and no whole line"
    assert request.method == b"GET"
    assert request.target in (TARGET, b"http://httpbin.org/get", b"http://httpbin.org:80/get")


@files.must(
    "observation-tcp-response",
    builds_on="observation-tcp-request",
    reference="RFC 9112 §4",
    hint="Stop the capture only when the client has ended; a short snap length cuts bytes away.",
)
def test_holds_the_response(fetch: TcpStream) -> None:
    """The capture holds the bytes of the server's response, from HTTP/1.1 to its end."""
    missing = octets_missing(fetch.from_server)
    assert missing == 0, f"{missing} bytes that the server sent are in no frame"
    assert fetch.server_bytes[:5] == b"HTTP/"


@files.must(
    "observation-tcp-close",
    builds_on="observation-tcp-response",
    points=2,
    reference="RFC 9293 §3.6",
    hint="Stop the capture only when the connection has ended.",
)
def test_holds_the_close(fetch: TcpStream) -> None:
    """The capture holds an orderly close from both sides: the FIN of each, and the ACK for it."""
    end = teardown(fetch)
    missing = end.missing(end.span)
    assert not missing, f"not there: {', '.join(missing)}; the conversation: {' '.join(fetch.flags)}"


@files.must(
    "observation-handshake-frames",
    builds_on=("observation-tcp-handshake", "observation-notes"),
    reference="RFC 9293 §3.5",
    hint="Look at the flags of each frame that you named.",
)
def test_handshake_frames(notes: Evidence, seen: Observation, meant: TcpStream) -> None:
    """The three frames named as the handshake are SYN, SYN-ACK and ACK, in this order."""
    assert seen.handshake(notes.tcp_handshake, meant) == list(meant.handshake or ())


@files.must(
    "observation-request-frame",
    builds_on=("observation-tcp-request", "observation-notes"),
    reference="Exercise 1.3",
    hint="Look for the first frame with data from the client.",
)
def test_request_frame(notes: Evidence, seen: Observation, meant: TcpStream) -> None:
    """The frame named as the request carries the first byte of the GET."""
    assert seen.frames([notes.tcp_request]) == [meant.client_assembly.packet_at(0)]


@files.must(
    "observation-teardown-frames",
    builds_on=("observation-tcp-close", "observation-notes"),
    points=2,
    reference="RFC 9293 §3.6",
    hint="From the first FIN to the last ACK: which of the four steps is missing, or which frame does not belong?",
)
def test_teardown_frames(notes: Evidence, seen: Observation, meant: TcpStream) -> None:
    """The frames named as the teardown hold both FINs and the ACKs for them, and nothing from before."""
    end = teardown(meant)
    named = seen.frames(notes.tcp_teardown)
    assert end.strangers(named) == []
    missing = end.missing(named)
    assert not missing, f"not among frames {', '.join(map(str, notes.tcp_teardown))}: {', '.join(missing)}"


@files.must(
    "observation-tcp-filter",
    builds_on=("observation-tcp-handshake", "observation-notes"),
    reference="wireshark-filter(4)",
    hint="Type it into Wireshark: which frames remain that do not belong, and which are missing?",
)
def test_tcp_filter(tcp_selected: Evidence, seen: Observation, meant: TcpStream) -> None:
    """The display filter of [tcp] selects exactly that connection."""
    told = f"the filter `{tcp_selected.tcp_display_filter}`"
    assert not tcp_selected.complaint, f"{told}: {tcp_selected.complaint}"
    wrong = seen.difference(tcp_selected.frames, meant.packets)
    assert not wrong, f"{told} {wrong}"


@files.should(
    "observation-no-foreign-traffic",
    builds_on=("observation-tcp-handshake", "observation-notes"),
    reference="Exercise 1.3",
    hint="Other connections to the same port at the same time make a flow hard to read.",
)
def test_no_foreign_traffic(seen: Observation, meant: TcpStream) -> None:
    """While the client talks to the server, no other connection to that port of it is in the capture."""
    assert seen.alongside(meant) == []
