"""Exercise 2.4 while it runs: datagrams for a receiver that hears `lo`, or `eth0`, or both.

The same messages go to 127.0.0.1 over `lo` and, where there is a cable, to the student's address over `eth0`; only
their texts differ, so that what is shown says which of them were heard. Every text repeats a word of its own, five
letters that nobody prints by chance.

A first message is repeated until it is shown: a sniffer's socket exists before it hears. Then each of the others goes
out once, the next when this one is shown. Programs that show all at their end are given theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_netlab.grading.output import shows

if TYPE_CHECKING:
    from pytest_netlab.grading.stage import Stage

PORT: Final = 12345
END_LIMIT_S: Final = 25.0
LATE_S: Final = 7.5
"""How long behind the first sign of listening the last message comes: eight seconds, less what noticing takes."""
_LOOPBACK_SOURCE: Final = "127.0.0.9"
_HELLO_WAITS_S: Final = (0.3, 0.6, 1.2, 2.4)
_OTHER_CHANNEL_S: Final = 0.3
_SETTLED_S: Final = 1.0
_ALL_INTERFACES, _LOOPBACK = 0, 1  # netdevice(7): indices
_PATIENCE_S: Final = 3.0
_IMPATIENT_S: Final = 1.5


class Message(NamedTuple):
    """One datagram.

    Attributes:
        name: what the clauses call it.
        version, type, length: the header's fields, right or wrong.
        data: what follows the header.
        word: what to look for in the output; empty where there is nothing to look for.
        cut: only so many bytes of the whole are sent.
    """

    name: str
    version: int
    type: int
    length: int
    data: bytes
    word: str = ""
    cut: int | None = None

    @property
    def octets(self) -> bytes:
        """The UDP payload."""
        return (bytes([self.version, self.type]) + self.length.to_bytes(2, "big") + self.data)[: self.cut]


_WORDS: Final = {
    "lo": ("robin", "heron", "stork", "egret", "finch", "raven", "eagle", "vireo", "swift"),
    "eth0": ("goose", "quail", "crane", "snipe", "pipit", "macaw", "eider", "junco", "stilt"),
}
CHANNELS: Final = tuple(_WORDS)


def messages(channel: str) -> dict[str, Message]:
    """What goes out over `"lo"` or `"eth0"`, in order, by name.

    Two lengths that fit and two that do not. Versions, types and sizes are the same in both pairs, and so are those of
    the messages that come next, so that nothing but the judgement can tell the pairs apart.
    """
    hello, fits, long, short, fits_too, on, on_still, on_again, late = _WORDS[channel]
    made = (
        Message("hello", 2, 1, 14, _text(hello, 14), hello),
        Message("fits", 77, 203, 11, _text(fits, 11), fits),
        Message("too long", 77, 203, 4242, _text(long, 14), long),
        Message("too short", 91, 144, 5, _text(short, 11), short),
        Message("fits too", 91, 144, 14, _text(fits_too, 14), fits_too),
        Message("half a header", 77, 203, 0, b"", cut=2),
        Message("nothing", 77, 203, 0, b"", cut=0),
        Message("behind half a header", 91, 144, 14, _text(on, 14), on),
        Message("empty", 55, 188, 0, b""),
        Message("behind empty", 2, 1, 14, _text(on_still, 14), on_still),
        Message("not UTF-8", 77, 203, 3, b"\xe9\xff\xfe"),
        Message("behind not UTF-8", 2, 1, 14, _text(on_again, 14), on_again),
        Message("late", 2, 1, 14, _text(late, 14), late),
    )
    return {message.name: message for message in made}


class Injection:
    """Sends messages to the program's receiver, and notes from where.

    Args:
        stage: before or after the program has started.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        student, internet = stage.student, stage.internet
        self._ways = {"lo": (stage.udp_socket(_LOOPBACK_SOURCE), ("127.0.0.1", PORT))}
        if stage.lab.has_cable:
            self._ways["eth0"] = (stage.udp_socket(internet.address, host=internet), (student.address, PORT))
        self._live: set[str] = set()
        self._patience_s = _PATIENCE_S
        stage.note(injected={name: list(ours.getsockname()) for name, (ours, _) in self._ways.items()})
        stage.note(marks={}, out_of_reach=False)

    def say_hello(self) -> None:
        """Send the first message until it is shown, on whichever way."""
        program = self._stage.program
        for wait_s in _HELLO_WAITS_S:
            for channel in self._ways:
                self._send(channel, messages(channel)["hello"])
            if program.wait_output(lambda output: bool(self._heard(output)), wait_s) or not program.running:
                break
        if self._heard(self._stage.output):
            program.wait_output(lambda output: len(self._heard(output)) == len(self._ways), _OTHER_CHANNEL_S)
        self._live = self._heard(self._stage.output)
        self._note_reach()

    def send_all(self) -> None:
        """Send the other messages, each once, until one way has shown them all, or shows no more.

        Where nothing is shown live, everything is sent, and the program gets the time to show it at its end.
        """
        for channel in sorted(self._ways, key=lambda name: name not in self._live):
            if self._send_over(channel) and channel in self._live:
                return
        if not self._live:
            self._stage.await_end(END_LIMIT_S)

    def _send_over(self, channel: str) -> bool:
        """Send all messages over one way. Returns whether to leave it at that."""
        missed = False
        for name, message in messages(channel).items():
            if name in ("hello", "late"):
                continue
            self._note_mark(channel, message)
            self._send(channel, message)
            if channel in self._live and message.word and not self._await_shown(message):
                missed = True
                if name.startswith("behind"):
                    return True  # what came before has ended the receiver
        return not missed

    def send_late(self) -> None:
        """Send the last message eight seconds after the program began to listen."""
        self._stage.program.wait(_SETTLED_S)
        self._note_reach()
        self._stage.program.wait(LATE_S - _SETTLED_S)
        for channel in self._ways:
            self._send(channel, messages(channel)["late"])

    def _note_reach(self) -> None:
        """Without a cable, note whether the program listens only where nothing can be sent to it."""
        listens_at = {each.interface for each in self._stage.sniffers}
        if listens_at and not self._stage.lab.has_cable:
            self._stage.note(out_of_reach=listens_at.isdisjoint((_ALL_INTERFACES, _LOOPBACK)))

    def _send(self, channel: str, message: Message) -> None:
        ours, to = self._ways[channel]
        self._stage.try_send(ours, message.octets, to)

    def _heard(self, output: bytes) -> set[str]:
        return {name for name in self._ways if shows(output, messages(name)["hello"].word.encode())}

    def _await_shown(self, message: Message) -> bool:
        word = message.word.encode()
        shown = self._stage.program.wait_output(lambda output: shows(output, word), self._patience_s)
        if not shown:
            self._patience_s = _IMPATIENT_S
        return shown

    def _note_mark(self, channel: str, message: Message) -> None:
        """Remember how much had been printed before a message went out."""
        marks: dict[str, dict[str, Any]] = self._stage.facts["marks"]
        marks.setdefault(channel, {})[message.name] = len(self._stage.output)


def _text(word: str, length: int) -> bytes:
    return (f"{word}-" * length)[:length].encode()
