"""Why a clause failed, as a plain value: built where the test ran, rendered wherever somebody reads it.

Everything here survives JSON (octets as base64, by msgspec), because an xdist worker builds it and the
controller, an HTML page or a later run renders it. Nothing here renders, and no text in it is made safe for a
terminal: that is the reader's business (`report.printable`).
"""

from __future__ import annotations

import msgspec


class FieldRow(msgspec.Struct, frozen=True):
    """One field of a header, decoded.

    Attributes:
        name: dotted, such as `"udp.length"`.
        offset: first octet, counted from the start of the frame.
        width: octets; 0 for a field that should hold something and is empty.
        value: as a person reads it, such as `"9 (0x0009)"`.
        wrong: whether this is the field at fault.
    """

    name: str
    offset: int
    width: int
    value: str
    wrong: bool


class Excerpt(msgspec.Struct, frozen=True):
    """The frame at fault, as far as it helps.

    Attributes:
        frame: its number in the capture.
        title: its addresses, ports and protocol in one line.
        data: its octets, or a window on them where it is long.
        marks: the places at fault.
        header: name and extent of the header that holds them, empty for none.
        fields: that header, field by field.
        start: offset in the frame of the first octet of `data`.
        length: octets of the whole frame.
    """

    frame: int
    title: str
    data: bytes
    marks: tuple[FieldRow, ...]
    header: str
    fields: tuple[FieldRow, ...]
    start: int = 0
    length: int = 0


class Step(msgspec.Struct, frozen=True):
    """One packet of a conversation.

    Attributes:
        frame: its number in the capture.
        time_s: seconds since the first packet of the recording.
        source: the sender, as named in `Ladder.hosts`.
        destination: the receiver, likewise.
        label: what it is.
        marked: whether this is the packet at fault.
        note: what it means, where that is not obvious: a reset, an error, a near miss.
        fate: `"reset"` where it ends a connection, `"dropped"` where its receiver discards it because a checksum is
            bad, or empty.
    """

    frame: int
    time_s: float
    source: str
    destination: str
    label: str
    marked: bool
    note: str = ""
    fate: str = ""


class Ladder(msgspec.Struct, frozen=True):
    """A conversation, as much of it as a reader can take in.

    Attributes:
        hosts: who talks, from left to right.
        steps: in the order of the capture.
        omitted: packets of the conversation that are left out.
        omitted_before: how many of those came before the first step.
    """

    hosts: tuple[str, ...]
    steps: tuple[Step, ...]
    omitted: int = 0
    omitted_before: int = 0


class Explanation(msgspec.Struct, frozen=True):
    """One clause's failure.

    Attributes:
        clause: its id.
        requirement: MUST or SHOULD.
        sentence: what it asks.
        reference: where the rule stands.
        hint: the next thing to look at.
        expected: what the wire had to show.
        actual: what it showed.
        excerpt: the frame at fault, None where there is none.
        ladder: the conversation around it, None where nothing was recorded.
        output: the last of what the program printed.
        output_omitted: octets it printed before that.
        ending: how it ended, such as `"ended by itself, exit status 0"`.
        capture: path of the saved capture, or empty.
        assertion: the source line that failed, or empty.
    """

    clause: str
    requirement: str
    sentence: str
    reference: str
    hint: str
    expected: str
    actual: str
    excerpt: Excerpt | None = None
    ladder: Ladder | None = None
    output: bytes = b""
    output_omitted: int = 0
    ending: str = ""
    capture: str = ""
    assertion: str = ""
