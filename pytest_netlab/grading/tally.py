"""The counts that a program shows, set against the frames that passed (exercise 2.3).

Two truths are accepted: with the start of HTTP responses counted as HTTP, or with requests alone. The one whose HTTP is
nearer to what is shown is taken, as a whole.

*Warm-up* datagrams are sent until a program shows that it listens. How many of them it heard is known from
below by what it showed, and from above by how many were sent; any number between is right. All else is exact.

First match wins, so whatever an earlier class misses or takes too much of shows up in a later one. That is one
mistake, and it is the earlier class's: `fault` excuses a class for what is explained by those before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pytest_netlab.grading import classes
from pytest_netlab.grading.classes import class_of, count_classes
from pytest_netlab.grading.counts import CLASSES, Counts
from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.lab.taps import CABLE
from pytest_netlab.wire import Packet, Packets
from pytest_netlab.wire.frame import Direction
from pytest_netlab.wire.http import HttpRequest


class Tally:
    """What was shown, and what passed on the cable from the first warm-up datagram on.

    Args:
        packets: what was recorded.
        shown: counts by class.
        warm_up: `port`: where warm-up datagrams went; `least`, `most`: how many of them may count.

    Attributes:
        shown: counts by class; what is not shown is missing.
        passed: the frames that must have been counted, warm-up aside.
    """

    def __init__(self, packets: Packets, shown: Counts, warm_up: Mapping[str, int]) -> None:
        self.shown = shown
        self._least, self._most = warm_up["least"], warm_up["most"]
        on_cable = [packet for packet in packets if packet.interface == CABLE]
        first = next((at for at, packet in enumerate(on_cable) if _is_to(packet, warm_up["port"])), 0)
        self.passed = [packet for packet in on_cable[first:] if not _is_to(packet, warm_up["port"])]
        self._both, self._requests = (count_classes(self.passed, responses=both) for both in (True, False))

    @classmethod
    def of(cls, evidence: Evidence) -> Tally:
        """The last counts of a run, and its recording."""
        return cls(evidence.packets, evidence.shown, evidence.warm_up)

    @property
    def responses(self) -> bool:
        """Whether the start of a response counts as HTTP, as the program seems to see it."""
        return self._distance(self._both) < self._distance(self._requests)

    @property
    def truth(self) -> Counter[str]:
        """What must be shown, the fewest warm-up datagrams included."""
        truth = Counter(self._both if self.responses else self._requests)
        truth[classes.UDP] += self._least
        return truth

    @property
    def agrees(self) -> bool:
        """Whether all six counts are shown and right."""
        return not self.missing and not any(self._errors().values())

    @property
    def missing(self) -> list[str]:
        """Classes of which no count is shown."""
        return [name for name in CLASSES if name not in self.shown]

    @property
    def total(self) -> int:
        """How many packets the program says that it counted."""
        return sum(self.shown.values())

    @property
    def one_direction(self) -> str:
        """`"received"` or `"sent"` when it counted what went that way alone; else empty."""
        sent = count_classes((each for each in self.passed if _is_sent(each)), responses=self.responses)
        received = count_classes((each for each in self.passed if not _is_sent(each)), responses=self.responses)
        for name, left_out in (("received", sent), ("sent", received)):
            errors = self._errors()
            if all(errors[each] == -left_out[each] for each in (classes.ICMP, classes.TCP)):
                return name
        return ""

    def fault(self, name: str) -> str:
        """What is wrong with the count of a class, in words; empty where nothing is, or where it is not shown."""
        if name not in self.shown or not self._unexplained(name):
            return ""
        return f"{name}: {self.shown[name]} shown, where {self._expected(name)} passed ({self._made_of(name)})"

    def _errors(self) -> dict[str, int]:
        """By how much each count is too large; negative where it is too small."""
        return self._errors_to(self._both if self.responses else self._requests)

    def _errors_to(self, truth: Counter[str]) -> dict[str, int]:
        errors = {name: self.shown.get(name, 0) - truth[name] for name in CLASSES}
        too_many = errors[classes.UDP]
        errors[classes.UDP] = too_many - min(max(too_many, self._least), self._most)
        return errors

    def _distance(self, truth: Counter[str]) -> tuple[int, int]:
        """How far the counts are from a truth: that of HTTP decides, then all together."""
        errors = self._errors_to(truth)
        return abs(errors[classes.HTTP]), sum(map(abs, errors.values()))

    def _unexplained(self, name: str) -> bool:
        """Whether the error of a class is more than what earlier classes missed or took."""
        errors, moved = self._errors(), 0
        for each in CLASSES[: CLASSES.index(name)]:
            moved += errors[each]
        error = errors[name]
        return error != 0 and not (moved * error < 0 and abs(error) <= abs(moved))

    def _expected(self, name: str) -> str:
        number = self.truth[name]
        more = self._most - self._least if name == classes.UDP else 0
        return f"{number} to {number + more}" if more else str(number)

    def _made_of(self, name: str) -> str:
        """The frames of a class in words: `6 requests to port 80, 6 to port 8080`."""
        kinds = Counter(_kind(packet) for packet in self.passed if class_of(packet, responses=self.responses) == name)
        if name == classes.UDP:
            kinds["to see whether it listens"] = self._least
        told = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common() if number)
        strangers = Counter(_stranger(packet) for packet in self.passed if packet.ip is None)
        beside = ", ".join(f"{number} {kind}" for kind, number in strangers.items())
        return f"{told}; and {beside}, which is no IP" if name == classes.OTHER and beside else told


def _is_to(packet: Packet, port: int) -> bool:
    return packet.udp is not None and packet.udp.dst_port == port


def _is_sent(packet: Packet) -> bool:
    """Whether the student's host sent it: it comes in at the other end of the cable."""
    return packet.direction is Direction.INCOMING


def _kind(packet: Packet) -> str:
    """What a frame is, as far as it may be mistaken for something else."""
    if packet.icmp is not None:
        names = {0: "echo replies of this host", 8: "echo requests", 3: "destination unreachable, quoting UDP"}
        return names.get(packet.icmp.type, f"of type {packet.icmp.type}")
    carrier = packet.transport
    if carrier is None or packet.ip is None:
        return f"of protocol {packet.ip.protocol}" if packet.ip else "without IP"
    if packet.dns is not None:
        return f"over {'UDP' if packet.udp is not None else 'TCP'} port 53"
    port = next((port for port in (80, 8080) if port in (carrier.src_port, carrier.dst_port)), None)
    if packet.tcp is not None and packet.http is not None:
        return f"{'requests' if isinstance(packet.http, HttpRequest) else 'responses'} on port {port}"
    if packet.tcp is not None and packet.tcp.rst:
        return "resets of this host"
    return f"on port {port} without HTTP" if packet.tcp is not None and port else "on other ports"


def _stranger(packet: Packet) -> str:
    return "ARP" if packet.arp is not None else "of another EtherType"
