"""Exercise 2.4: what a receiver showed of the messages that were injected, in whatever words.

Judged is one way, `lo` or `eth0`: the one of which more was shown. Numbers may be decimal or hexadecimal with 0x.
Whether a length is called wrong is not read from words: what is printed for two lengths that fit and for two that do
not is compared, before each text, within it and behind it. There must be something that stands at every wrong length
and at no right one, or at every right one and at no wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pytest_netlab.grading.evidence import Evidence
from pytest_netlab.grading.injection import CHANNELS, Message, messages
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.grading.output import find, plain, shows

_RIGHT: Final = ("fits", "fits too")
_WRONG: Final = ("too long", "too short")
_CLOCK: Final = re.compile(r"\d+:\d+(?::\d+)?(?:[.,]\d+)?")
_TOKEN: Final = re.compile(r"[^\W_]+(?:\.\d+)*|[^\w\s]+")
_NUMBER: Final = re.compile(r"\d[\d.]+|0x[0-9a-f]+|[0-9a-f]{2}|(?=.*\d)[0-9a-f]{4}", re.IGNORECASE)


class Received:
    """What was shown of the messages that went over one way.

    Args:
        output: what the program printed.
        injected: address and port that messages came from, by way.
        marks: how much had been printed before each message went out, by way.

    Attributes:
        channel: the way that is judged, `"lo"` or `"eth0"`.
        source: the address that its messages came from.
    """

    def __init__(
        self, output: bytes, injected: Mapping[str, list[Any]], marks: Mapping[str, Mapping[str, int]]
    ) -> None:
        self.output = plain(output)
        self.channel = max(injected, key=lambda channel: (self._shown_over(channel), channel == CHANNELS[0]))
        self.source = str(injected[self.channel][0])
        self._messages = messages(self.channel)
        at = marks.get(self.channel, {})
        self._marks = {name: len(plain(output[:mark])) for name, mark in at.items()}

    @classmethod
    def of(cls, evidence: Evidence) -> Received:
        """What the receiver of one run showed.

        Raises:
            NotJudged: it listened where nothing could be sent to it, for want of a cable.
        """
        facts = evidence.facts  # none of them where the program was never run
        received = cls(evidence.output, facts.get("injected", {CHANNELS[0]: [""]}), facts.get("marks", {}))
        if facts.get("out_of_reach") and not received.heard:
            raise NotJudged(Outcome.UNSUPPORTED, "it listens at another interface than lo, and this tier has no other")
        return received

    @property
    def heard(self) -> bool:
        """Whether any message was shown."""
        return self.heard_over(self.channel)

    def heard_over(self, channel: str) -> bool:
        """Whether any message of one way was shown, whichever is judged."""
        return self._shown_over(channel) > 0

    def shows(self, name: str) -> bool:
        """Whether the message of that name was shown: its own word, however much of its text."""
        return shows(self.output, self._messages[name].word.encode())

    def shows_whole(self, name: str) -> bool:
        """Whether the whole text of the message of that name was shown."""
        return shows(self.output, self._messages[name].data)

    def shows_number(self, number: int) -> bool:
        """Whether a number was shown, decimal or hexadecimal, not as part of a longer one or of an address."""
        return re.search(rb"(?<![\w.])(?:%s)(?!\w|\.\d)" % _spelled(number), self.output) is not None

    def calls(self, label: str, numbers: Iterable[int]) -> bool:
        """Whether one of these numbers stands directly behind a label, with nothing but blanks and signs between."""
        behind = rb"\b%s\W{1,16}(?:%s)\b" % (label.encode(), b"|".join(map(_spelled, numbers)))
        return re.search(behind, self.output, re.IGNORECASE) is not None

    @property
    def shows_source(self) -> bool:
        """Whether the address that the messages came from was shown."""
        return re.search(rb"(?<![\d.])%s(?!\d|\.\d)" % re.escape(self.source.encode()), self.output) is not None

    @property
    def tells_lengths_apart(self) -> bool:
        """Whether something stands at all wrong lengths and no right one, or the other way round.

        A program may refuse what is wrong and not show its text. Then it must say something else at that time.
        """
        if all(map(self.shows, _WRONG)):
            return any(_differ(*places) for places in zip(self._places(_RIGHT), self._places(_WRONG), strict=True))
        right, wrong = ([_tokens(self._meanwhile(name)) for name in names] for names in (_RIGHT, _WRONG))
        return bool(_in_all(wrong) - _in_any(right))

    def about(self, name: str) -> str:
        """The message of that name, in words for a person who reads the capture."""
        message = self._messages[name]
        told = f"version {message.version}, type {message.type}, length {message.length}"
        return f"{told}, {len(message.data)} bytes {message.data.decode('ascii', 'backslashreplace')!r}"

    def _shown_over(self, channel: str) -> int:
        return sum(shows(self.output, each.word.encode()) for each in messages(channel).values() if each.word)

    def _places(self, names: tuple[str, ...]) -> Iterator[list[set[str]]]:
        """What is printed before, within and behind each message's text: three lists of sets of tokens."""
        found = [self._around(name) for name in names]
        for place in range(3):
            yield [_tokens(texts[place]) for texts in found]

    def _around(self, name: str) -> tuple[bytes, bytes, bytes]:
        words = [message for message in self._messages.values() if message.word and self.shows(message.name)]
        index = next((at for at, message in enumerate(words) if message.name == name), None)
        if index is None:
            return b"", b"", b""
        first, last = self._extent(words[index])
        start = self._extent(words[index - 1])[1] if index else 0
        stop = self._extent(words[index + 1])[0] if index + 1 < len(words) else len(self.output)
        return self.output[start:first], self.output[first:last], self.output[last:stop]

    def _meanwhile(self, name: str) -> bytes:
        """What was printed between this message and the next."""
        start = self._marks.get(name, 0)
        later = [mark for mark in self._marks.values() if mark > start]
        return self.output[start : min(later, default=len(self.output))] if name in self._marks else b""

    def _extent(self, message: Message) -> tuple[int, int]:
        """From the first place to behind the last one where a message's word stands."""
        word = message.word.encode()
        first = at = find(self.output, word)
        while (again := find(self.output, word, at + 1)) >= 0:
            at = again
        return first, at + len(word)


def _spelled(number: int) -> bytes:
    """A pattern of the ways to write a number: decimal, or hexadecimal with 0x."""
    return rb"%d|0[xX]0*%x|0[xX]0*%X" % (number, number, number)


def _tokens(text: bytes) -> set[str]:
    """Words, digits and signs of a piece of output. Larger numbers and octets are values: they judge nothing."""
    found = _TOKEN.findall(_CLOCK.sub(" ", text.decode("utf-8", "replace")))
    return {token for token in found if not _NUMBER.fullmatch(token)}


def _differ(right: list[set[str]], wrong: list[set[str]]) -> bool:
    """Whether a token stands in all of one side and in none of the other."""
    return bool(_in_all(right) - _in_any(wrong) or _in_all(wrong) - _in_any(right))


def _in_all(texts: list[set[str]]) -> set[str]:
    return set.intersection(*texts)


def _in_any(texts: list[set[str]]) -> set[str]:
    return set[str]().union(*texts)
