"""DNS messages (RFC 1035, 4.1), over UDP and with the two-octet length of TCP (RFC 1035, 4.2.2).

Rules:
* A compression pointer must point before the name it stands in, each one further back, and at most
  `MAX_POINTERS` are followed; a name has at most 255 octets. So every name ends.
* Each question and record takes octets of its own, so the counts in the header cannot make the loops
  longer than the message.
* Names are text with dots and without the final one; the root is `"."`. Octets outside printable ASCII,
  and dots and backslashes within a label, are escaped as in zone files (RFC 4343, 2.1).

Refuses: counts that the message does not fill, names and records that run over its end. Octets behind the
last record are left alone.
"""

from __future__ import annotations

from typing import NamedTuple

from pytest_netlab.errors import WireError
from pytest_netlab.wire.field import Address4, Address6, Bytes, Int, Span, Text
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Bits, Header, Unsigned, require

MAX_POINTERS = 32
TYPE_A, TYPE_NS, TYPE_CNAME, TYPE_PTR, TYPE_AAAA = 1, 2, 5, 12, 28


class Question(NamedTuple):
    """One question; `qtype` and `qclass` as numbers."""

    name: Text
    qtype: Int
    qclass: Int


class Record(NamedTuple):
    """One resource record; `ttl` in seconds.

    `value` is an address for A and AAAA, a name for NS, CNAME and PTR, and `rdata` otherwise.
    """

    name: Text
    rtype: Int
    rclass: Int
    ttl: Int
    rdata: Bytes
    value: Address4 | Address6 | Text | Bytes


class Dns(Header):
    """A DNS message; its header is the fixed 12 octets."""

    __slots__ = ("additionals", "answers", "authorities", "questions")
    layer = "dns"
    id = Unsigned(0, 2)
    qr = Bits(2, 1, 0, 1)
    opcode = Bits(2, 1, 1, 4)
    aa = Bits(2, 1, 5, 1)
    tc = Bits(2, 1, 6, 1)
    rd = Bits(2, 1, 7, 1)
    ra = Bits(3, 1, 0, 1)
    z = Bits(3, 1, 1, 3)
    rcode = Bits(3, 1, 4, 4)
    qdcount = Unsigned(4, 2)
    ancount = Unsigned(6, 2)
    nscount = Unsigned(8, 2)
    arcount = Unsigned(10, 2)

    def __init__(self, frame: Frame, offset: int, end: int) -> None:
        super().__init__(frame, offset, 12, end)
        at = offset + 12
        questions = []
        for _ in range(self.qdcount):
            question, at = _question(self, at)
            questions.append(question)
        self.questions = tuple(questions)
        self.answers, at = _records(self, at, self.ancount)
        self.authorities, at = _records(self, at, self.nscount)
        self.additionals, at = _records(self, at, self.arcount)


def parse_dns(frame: Frame, offset: int, end: int | None = None) -> Dns:
    """Read a DNS message that starts at `offset` and ends before `end` (the frame's end by default).

    Raises:
        WireError: what the module's text refuses.
    """
    stop = min(frame.length if end is None else end, len(frame.data))
    require(frame, offset, 12, stop, "dns")
    return Dns(frame, offset, stop)


def parse_dns_over_tcp(frame: Frame, offset: int, end: int | None = None) -> Dns:
    """Read a DNS message behind its two-octet length; all of it must be there.

    Raises:
        WireError: as `parse_dns`, and when the length says more than is there.
    """
    stop = frame.length if end is None else end
    require(frame, offset, 2, stop, "dns.length")
    told = int.from_bytes(frame.data[offset : offset + 2], "big")
    require(frame, offset + 2, told, stop, "dns.length")
    return parse_dns(frame, offset + 2, offset + 2 + told)


def _question(message: Dns, at: int) -> tuple[Question, int]:
    name, at = _name(message, at, "dns.question.name")
    require(message.frame, at, 4, message.end, "dns.question")
    return Question(
        name, _number(message, "question.type", at, 2), _number(message, "question.class", at + 2, 2)
    ), at + 4


def _records(message: Dns, at: int, count: int) -> tuple[tuple[Record, ...], int]:
    found = []
    for _ in range(count):
        name, at = _name(message, at, "dns.record.name")
        require(message.frame, at, 10, message.end, "dns.record")
        rtype = _number(message, "record.type", at, 2)
        length = _number(message, "record.rdlength", at + 8, 2)
        require(message.frame, at + 10, length, message.end, "dns.record.rdata")
        rdata = message.octets("record.rdata", at + 10 - message.offset, length)
        value = _value(message, rtype, rdata)
        rclass, ttl = _number(message, "record.class", at + 2, 2), _number(message, "record.ttl", at + 4, 4)
        found.append(Record(name, rtype, rclass, ttl, rdata, value))
        at += 10 + length
    return tuple(found), at


def _value(message: Dns, rtype: int, rdata: Bytes) -> Address4 | Address6 | Text | Bytes:
    if rtype == TYPE_A and len(rdata) == 4:
        return Address4(bytes(rdata), message.frame, rdata.span)
    if rtype == TYPE_AAAA and len(rdata) == 16:
        return Address6(bytes(rdata), message.frame, rdata.span)
    if rtype in (TYPE_NS, TYPE_CNAME, TYPE_PTR):
        return _name(message, rdata.span.offset, "dns.record.rdata")[0]
    return rdata


def _number(message: Dns, name: str, at: int, width: int) -> Int:
    return message.unsigned(name, at - message.offset, width)


def _name(message: Dns, start: int, field: str) -> tuple[Text, int]:
    """Read a name; return it and the offset behind its own octets."""
    data = message.frame.data
    labels: list[str] = []
    at = limit = start
    behind = 0
    octets = pointers = 0
    while True:
        require(message.frame, at, 1, message.end, field)
        size = data[at]
        if size >= 0xC0:
            require(message.frame, at, 2, message.end, field)
            target = message.offset + ((size & 0x3F) << 8 | data[at + 1])
            pointers += 1
            if target >= limit or pointers > MAX_POINTERS:
                raise WireError("compression pointer does not lead back to an earlier name", field, at)
            behind = behind or at + 2
            at = limit = target
            continue
        if size >= 0x40:
            raise WireError(f"label type {size >> 6} is not defined", field, at)
        octets += size + 1
        if octets > 255:
            raise WireError("name is longer than 255 bytes", field, start)
        require(message.frame, at, 1 + size, message.end, field)
        if size == 0:
            break
        labels.append(_label(data[at + 1 : at + 1 + size]))
        at += 1 + size
    behind = behind or at + 1
    return Text(".".join(labels) or ".", message.frame, Span(field, start, behind - start)), behind


def _label(raw: bytes) -> str:
    if raw.isalnum():
        return raw.decode("ascii")
    shown = (chr(octet) if 33 <= octet <= 126 else f"\\{octet:03d}" for octet in raw)
    return "".join("\\" + letter if letter in (".", "\\") else letter for letter in shown)
