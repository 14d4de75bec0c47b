"""What a receiver showed is read whatever its words, and a judgement is one only if it depends on the length."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_netlab.grading.injection import CHANNELS, Message, messages
from pytest_netlab.grading.received import Received

INJECTED = {"lo": ["127.0.0.9", 40000], "eth0": ["10.77.0.1", 50000]}
Show = Callable[[Message], str]


def fits(message: Message) -> bool:
    return message.length == len(message.data)


def text(message: Message) -> str:
    return message.data.decode("latin-1")


def fields(message: Message) -> str:
    return f"from 127.0.0.9: version {message.version} type {message.type} length {message.length}"


def dump(message: Message) -> str:
    octets = message.octets.hex(" ").upper()
    return f"{fields(message)}\n0000  {octets}  {''.join(chr(o) if 32 <= o < 127 else '.' for o in message.octets)}"


JUDGING: dict[str, Show] = {
    "behind the text": lambda m: f"{fields(m)} {text(m)} {'correct' if fits(m) else 'wrong'}",
    "before the text": lambda m: f"{fields(m)} ({'ok' if fits(m) else 'BAD'}) {m.data!r}",
    "text twice": lambda m: f"{text(m)}: {fields(m)} {'valid' if fits(m) else 'INVALID'} {m.data.hex()}",
    "json": lambda m: f'{{"v": {m.version}, "payload": "{text(m)}", "length_ok": {str(fits(m)).lower()}}}',
    "one or zero": lambda m: f"{fields(m)} fits={int(fits(m))} {text(m)}",
    "a sign": lambda m: f"{fields(m)} {'✓' if fits(m) else '✗'} {text(m)}",
    "an equation": lambda m: f"{text(m)} {m.length} {'==' if fits(m) else '!='} {len(m.data)}",
    "only where wrong": lambda m: f"{fields(m)} {text(m)}" + ("" if fits(m) else "\nAchtung: Länge stimmt nicht"),
    "only where right": lambda m: f"{fields(m)} {text(m)}" + ("\n(checked)" if fits(m) else ""),
    "too long or too short": lambda m: f"{text(m)} length {('fits', 'too short', 'too long')[_sign(m)]}",
    "refuses the wrong": lambda m: f"{fields(m)} {text(m)}" if fits(m) else f"dropped: length {m.length} is a lie",
    "a difference": lambda m: f"{fields(m)} {text(m)} differs by {m.length - len(m.data)}",
    "a dump": lambda m: f"{dump(m)}\n{'PASSED' if fits(m) else 'FAILED'}",
}
NOT_JUDGING: dict[str, Show] = {
    "values alone": lambda m: f"{fields(m)} {text(m)}",
    "both numbers": lambda m: f"{fields(m)} {text(m)} has {len(m.data)} bytes",
    "always right": lambda m: f"{fields(m)} {text(m)} correct",
    "always wrong": lambda m: f"{fields(m)} wrong {text(m)}",
    "only too long": lambda m: f"{fields(m)} {text(m)} {'wrong' if m.length > len(m.data) else 'right'}",
    "a dump": dump,
    "ignores the wrong": lambda m: f"{fields(m)} {text(m)}" if fits(m) else "",
    "a clock": lambda m: f"12:00:0{2 if m.length in (4242, 5) else 1} {fields(m)} {text(m)}",
}


def _sign(message: Message) -> int:
    return (message.length > len(message.data)) - (message.length < len(message.data))


def shown(show: Show, channel: str = "lo", times: int = 1) -> Received:
    """What a receiver has shown that shows each message so many times."""
    output, marks = "Listening\n", {}
    for name, message in messages(channel).items():
        marks[name] = len(output.encode())
        if len(message.octets) >= 4:
            output += f"{show(message)}\n" * times
    return Received(output.encode(), INJECTED, {channel: marks})


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("show", JUDGING.values(), ids=JUDGING)
def test_a_judgement_in_any_words_is_one(show: Show, times: int) -> None:
    assert shown(show, times=times).tells_lengths_apart


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("show", NOT_JUDGING.values(), ids=NOT_JUDGING)
def test_values_are_no_judgement(show: Show, times: int, channel: str) -> None:
    assert not shown(show, channel, times).tells_lengths_apart


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_way_that_was_heard_is_judged(channel: str) -> None:
    received = shown(JUDGING["json"], channel)
    assert received.channel == channel
    assert received.heard_over(channel)
    assert not any(received.heard_over(other) for other in CHANNELS if other != channel)
    assert all(received.shows(name) and received.shows_whole(name) for name in ("fits", "too long", "fits too"))


def test_nothing_heard() -> None:
    received = Received(b"Listening\n", INJECTED, {})
    assert (received.channel, received.heard, received.tells_lengths_apart) == ("lo", False, False)
    assert not received.shows("fits")


def test_a_cut_text_is_shown_but_not_whole() -> None:
    received = shown(lambda message: text(message)[:10])
    assert received.shows("fits")
    assert not received.shows_whole("fits")


@pytest.mark.parametrize("output", [b"v 77", b"v=77,", b"0x4d", b"0X4D", b"0x004d", b"(77)", b"77."])
def test_number_is_shown(output: bytes) -> None:
    assert Received(output, INJECTED, {}).shows_number(77)


@pytest.mark.parametrize("output", [b"10.77.0.1", b"177", b"770", b"0.77", b"77.5", b"v77", b"0x4d2", b"02:4d:00", b""])
def test_number_is_not_shown(output: bytes) -> None:
    assert not Received(output, INJECTED, {}).shows_number(77)


@pytest.mark.parametrize(
    "output",
    [b"version 77", b"Version:\t0x4D", b'{"version": 77, "type": 203}', b"VERSION ........ = 77", b"| version | 77 |"],
)
def test_number_behind_its_label(output: bytes) -> None:
    assert Received(output, INJECTED, {}).calls("version", [91, 77])


@pytest.mark.parametrize(
    "output",
    [b"version 770", b"version 1.77", b"version/type: 77/203", b"version, type = 77", b"subversion 77", b"version77"],
)
def test_number_that_no_label_names(output: bytes) -> None:
    assert not Received(output, INJECTED, {}).calls("version", [91, 77])


@pytest.mark.parametrize(
    ("output", "is_shown"), [(b"127.0.0.9:4", True), (b"127.0.0.91", False), (b"7127.0.0.9", False)]
)
def test_source(output: bytes, is_shown: bool) -> None:
    assert Received(output, INJECTED, {}).shows_source == is_shown


@pytest.mark.parametrize("channel", CHANNELS)
def test_messages_are_what_their_names_say(channel: str) -> None:
    sent = messages(channel)
    right = [name for name, message in sent.items() if len(message.octets) >= 4 and fits(message)]
    assert set(sent) - set(right) == {"too long", "too short", "half a header", "nothing"}
    assert [len(sent[name].octets) for name in ("half a header", "nothing", "empty")] == [2, 0, 4]
    with pytest.raises(UnicodeDecodeError):
        sent["not UTF-8"].data.decode()


def test_words_are_their_own() -> None:
    words = [message.word for channel in CHANNELS for message in messages(channel).values() if message.word]
    assert len(set(words)) == len(words) == 18
    assert {len(word) for word in words} == {5}
