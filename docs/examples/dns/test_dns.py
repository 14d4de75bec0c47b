"""A DNS query by hand (RFC 1035).

`dns_query NAME` asks the name server 8.8.8.8 for the IPv4 addresses of NAME, by one datagram to port 53, and prints
every address of the answer. When the server says that there is no such name, the program says so. No library or
command may build the message or read the answer; the packets tell nobody who built them, so that is between us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from socket import inet_aton
from struct import pack

import pytest

from pytest_netlab import Checksum, Evidence, Exercise, Packet, Stage, shows, shows_traceback, told_of_failure

SERVER = "8.8.8.8"
PORT = 53
A, CNAME = 1, 5
POINTER = b"\xc0\x0c"  # to the name in the question, which always begins behind the 12 octets of the header

exercise = Exercise("dns", "A DNS query by hand")
program = exercise.program("dns_query", ground="dns-asks")


def name(text: str) -> bytes:
    """A name as labels."""
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(owner: bytes, rtype: int, rdata: bytes) -> bytes:
    """A resource record of class IN that lives for a minute."""
    return owner + pack("!HHIH", rtype, 1, 60, len(rdata)) + rdata


def reply(query: bytes, *records: bytes, rcode: int = 0, id_xor: int = 0) -> bytes:
    """The answer to a query: its identifier, its question, and these records."""
    identifier = int.from_bytes(query[:2], "big") ^ id_xor
    header = pack("!HHHHHH", identifier, 0x8180 | rcode, 1, len(records), 0, 0)
    question_end = query.find(b"\0", 12) + 5
    return header + query[12:question_end] + b"".join(records)


def converse(stage: Stage, asked: str, *answers: Callable[[bytes], bytes]) -> None:
    """Start the program, send these answers to its query, and wait until it ends."""
    server = stage.udp_socket(SERVER, PORT, host=stage.internet)
    stage.start(asked)
    if (arrived := stage.await_datagram(server)) is not None:
        query, client = arrived
        for answer in answers:
            stage.try_send(server, answer(query), client)
    stage.await_end(limit_s=10)


@program.scenario(loopback=False, net_raw=True)
def two_addresses(stage: Stage) -> None:
    """The name has two addresses; every name of the answer is written out."""
    owner = name("www.example.test")
    first, second = (record(owner, A, inet_aton(address)) for address in ("192.0.2.17", "198.51.100.203"))
    converse(stage, "www.example.test", lambda query: reply(query, first, second))


@program.scenario(loopback=False, net_raw=True)
def compressed(stage: Stage) -> None:
    """The answer points at the question instead of writing the name once more."""
    converse(stage, "ns.example.test", lambda query: reply(query, record(POINTER, A, inet_aton("203.0.113.99"))))


@program.scenario(loopback=False, net_raw=True)
def alias(stage: Stage) -> None:
    """The name is another name for one that has an address."""
    canonical = record(name("mail.example.test"), CNAME, name("mx.a"))
    address = record(name("mx.a"), A, inet_aton("192.0.2.44"))
    converse(stage, "mail.example.test", lambda query: reply(query, canonical, address))


@program.scenario(loopback=False, net_raw=True)
def forged(stage: Stage) -> None:
    """Somebody who does not know the identifier answers first."""
    lie, truth = (record(name("a.test"), A, inet_aton(address)) for address in ("203.0.113.66", "192.0.2.5"))
    converse(stage, "a.test", lambda query: reply(query, lie, id_xor=1), lambda query: reply(query, truth))


@program.scenario(loopback=False, net_raw=True)
def no_such_name(stage: Stage) -> None:
    """The server knows that there is no such name."""
    converse(stage, "nobody.example.test", lambda query: reply(query, rcode=3))


@pytest.fixture
def query(two_addresses: Evidence) -> Packet:
    """The first datagram to the server."""
    return two_addresses.outbound.udp.to(PORT, SERVER).first


@program.must("dns-asks", reference="RFC 1035 §4.2.1", hint="A UDP socket, and sendto() port 53 of 8.8.8.8.")
def test_asks(two_addresses: Evidence) -> None:
    """The program sends a datagram to UDP port 53 of 8.8.8.8."""
    sent = two_addresses.outbound
    assert sent.udp.to(PORT, SERVER), f"on the wire: {sent.overview}; it {two_addresses.ending}"


@program.must("dns-checksum", reference="RFC 768", hint="An ordinary socket gets it right for you.")
def test_checksum(query: Packet) -> None:
    """The datagram's UDP checksum is correct, or absent."""
    assert query.udp.checksum_state in (Checksum.GOOD, Checksum.ABSENT)


@program.must(
    "dns-labels",
    reference="RFC 1035 §3.1, §4.1",
    hint="3www7example4test0: each label stands behind its length, and there is no dot.",
)
def test_labels(query: Packet) -> None:
    """The datagram is a DNS message: 12 octets of header, and a name made of labels."""
    assert query.dns is not None, f"behind its first 12 octets: {bytes(query.udp.payload)[12:]!r}"


@program.must("dns-is-query", builds_on="dns-labels", reference="RFC 1035 §4.1.1", hint="The first flag: 0 asks.")
def test_is_query(query: Packet) -> None:
    """It is a standard query: QR 0, OPCODE 0."""
    assert query.dns.qr == 0
    assert query.dns.opcode == 0


@program.must("dns-recursion", builds_on="dns-labels", reference="RFC 1035 §4.1.1", hint="RD is 0x0100 of the flags.")
def test_recursion(query: Packet) -> None:
    """Recursion is desired: RD 1."""
    assert query.dns.rd == 1


@program.must("dns-one-question", builds_on="dns-labels", reference="RFC 1035 §4.1.2", hint="QDCOUNT is 1.")
def test_one_question(query: Packet) -> None:
    """There is one question in it, and no answer."""
    assert query.dns.qdcount == 1
    assert query.dns.ancount == 0


@program.must("dns-name", builds_on="dns-labels", reference="RFC 1035 §4.1.2", hint="All of its labels, from the left.")
def test_name(query: Packet, compressed: Evidence) -> None:
    """The question's name is the one on the command line."""
    assert query.dns.questions[0].name == "www.example.test"
    assert compressed.outbound.udp.to(PORT).first.dns.questions[0].name == "ns.example.test"


@program.must("dns-type", builds_on="dns-labels", reference="RFC 1035 §3.2", hint="A is 1, IN is 1.")
def test_type(query: Packet) -> None:
    """The question asks for type A of class IN."""
    assert query.dns.questions[0].qtype == A
    assert query.dns.questions[0].qclass == 1


@program.should("dns-id-differs", builds_on="dns-labels", reference="RFC 5452 §9.2", hint="secrets.randbelow(65536)")
def test_id_differs(query: Packet, compressed: Evidence, alias: Evidence) -> None:
    """The identifier is not always the same: who guesses it can forge the answer."""
    first, second = (each.outbound.udp.to(PORT).first.dns.id for each in (compressed, alias))
    assert not query.dns.id == first == second, f"always {query.dns.id}"


@program.must(
    "dns-prints",
    points=2,
    builds_on=("dns-checksum", "dns-is-query", "dns-one-question", "dns-name", "dns-type"),
    reference="RFC 1035 §4.1.3",
    hint="ANCOUNT says how many records there are. The name, then 10 octets, then RDLENGTH octets of data.",
)
def test_prints(two_addresses: Evidence) -> None:
    """Every address of the answer is printed."""
    assert shows(two_addresses.output, b"192.0.2.17"), f"it prints {two_addresses.text!r}"
    assert shows(two_addresses.output, b"198.51.100.203"), f"it prints {two_addresses.text!r}"


@program.must(
    "dns-compression",
    points=2,
    builds_on="dns-prints",
    reference="RFC 1035 §4.1.4",
    hint="A length of 192 and more is the first octet of a pointer, which is two octets and ends the name.",
)
def test_compression(compressed: Evidence) -> None:
    """An answer whose name is a pointer is understood."""
    assert shows(compressed.output, b"203.0.113.99"), f"it prints {compressed.text!r}"


@program.must(
    "dns-alias", builds_on="dns-prints", reference="RFC 1035 §3.3.1", hint="Look at the TYPE of each record, 1 or 5."
)
def test_alias(alias: Evidence) -> None:
    """Of an alias and its address, the address is printed, and nothing else as an address."""
    assert shows(alias.output, b"192.0.2.44"), f"it prints {alias.text!r}"
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", alias.text)) <= {"192.0.2.44", SERVER}


@program.must(
    "dns-forged",
    points=2,
    builds_on="dns-prints",
    reference="RFC 5452 §9.1",
    hint="Does the identifier of the reply match yours? If not, go on listening.",
)
def test_forged(forged: Evidence) -> None:
    """A reply with another identifier is not believed; the right one is, when it comes."""
    assert not shows(forged.output, b"203.0.113.66"), "it prints what the reply with a wrong identifier says"
    assert shows(forged.output, b"192.0.2.5"), f"it prints {forged.text!r}"


@program.must("dns-nxdomain", builds_on="dns-prints", reference="RFC 1035 §4.1.1", hint="RCODE 3: the last four flags.")
def test_nxdomain(no_such_name: Evidence, two_addresses: Evidence, alias: Evidence) -> None:
    """When there is no such name, the program says so, and does not end with a traceback."""
    told = told_of_failure(no_such_name.output, two_addresses.output, alias.output)
    assert told, f"it prints {no_such_name.text!r}"
    assert not shows_traceback(no_such_name.output), told
