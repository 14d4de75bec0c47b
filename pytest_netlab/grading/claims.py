"""What a program claims, read by comparing the outputs of its runs.

One run met success (a reply came, a connection was made), others did not. A program may say so in any words and
any language; so what it says is not understood here, it is compared:

* Lines are compared with the numbers blanked that differ from run to run: times, identifiers, ports, sums.
  Addresses and single digits stay: a type 0 is no type 3, and 0 received is not 1 received, in bytes neither.
* Of a run that met success, what counts is what it does not say in the other runs as well.
* A line that begins as one of the run with success did, and ends in another single word, tells the two apart
  ("connected: no").
* A ping that says in silence what it says when a reply comes, nothing else, and in the past tense that one was
  received, claims it.
* A run without success claims it when it says the same as the run with it; or, for the words that people use in
  English and German, when a line begins as one did there, names the success, and has nothing that takes it back.

Where none of this is certain, nothing is claimed: a clause fails on certainties.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_netlab.grading.output import plain

_GROUPS: Final = r"[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*"
_ADDRESS: Final = (  # of IPv6 those with "::", which no time and no dump of octets holds
    r"(?:(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|"
    rf"(?<![\w:])(?:{_GROUPS})?::(?:{_GROUPS})?(?![\w:]|\.\d))"
)
_TOKEN: Final = re.compile(
    rf"""(?P<address>{_ADDRESS})
    | (?P<time>\b(?:time|zeit|rtt)\s*[=:<]?\s*\d+(?:[.,]\d+)? | \d+(?:[.,]\d+)?\s*(?:ms|s|sec\w*|msec\w*|us|µs|ns)\b)
    | \bb(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")          # the repr of bytes
    | \b[0-9a-f]{{2}}(?:[ :][0-9a-f]{{2}}){{3,}}\b        # octets of a dump
    | \b0x[0-9a-f]+\b
    | \b(?:ttl|id|ident\w*|len|length|bytes|size|pid|chksum|checksum)\s*[=:]?\s*\d+
    | \d+\s*(?:bytes?|octets?)\b
    | \d+[.,]\d+ | \d\d+""",
    re.IGNORECASE | re.VERBOSE,
)
_CHATTER: Final = re.compile(  # of Scapy's senders, and of progress shown by dots
    r"[.*\s]*$|[.*\s]*Received \d+ packets?, got \d+ answers?|"
    r"Begin emission|Finished sending \d+|Sent \d+ packets?\.$|WARNING: "
)
_RETRACTION: Final = re.compile(
    r"\b(?:no|not|never|none|nothing|without|false|nobody|un\w*reach\w*|fail\w*|error|refus\w*|reset|closed|denied|"
    r"time(?:d\s*|-|\s+)?out|lost|expect\w*|instead|wait\w*|try\w*|attempt\w*|if|whether|kein\w*|nein|nicht|nie|fehl\w*|"
    r"warte\w*|statt|non|pas|нет|не)\b|n't\b|[=:]\s*0\b|[?✗✘❌×]|没|未|不|否|无",
    re.IGNORECASE,
)
_REPLY: Final = re.compile(
    rf"echo[\s_-]*(?:repl(?:y|ies)|response|answer|antwort)\b.*?{_ADDRESS}|"
    rf"{_ADDRESS}.*?\b(?:echo[\s_-]*repl(?:y|ies)|is alive|is up|is reachable|is online|ist erreichbar|lebt)\b",
    re.IGNORECASE,
)
_RECEIVED: Final = re.compile(
    r"\brepl(?:y|ies)\s+(?:was\s+|has been\s+)?received\b|"
    r"\b(?:received|got)\s+(?:an?\s+|the\s+)?(?:echo[\s_-]*)?reply\b|"
    rf"\breply\s+from\s+{_ADDRESS}|\bantwort\s+(?:erhalten|empfangen|von\s+{_ADDRESS})",
    re.IGNORECASE,
)
_CONNECTION: Final = re.compile(
    r"\bestablished\b|\bsuccess(?!\w*\s*[=:])\w*|\bconnected\b|\bhandshake\s+(?:is\s+|was\s+)?(?:complete[d]?|done|ok)\b|"
    r"\berfolgreich|\bhergestellt\b|\bverbunden\b",
    re.IGNORECASE,
)

_Lines = dict[str, str]


def told_of_success(success: bytes, *others: bytes) -> str:
    """What a run says of its success: the lines that do not stand in every other run as well.

    A program that says the same in all of its runs says all of it of its success.
    """
    mine, rest = _lines(success), [_lines(other) for other in others]
    own = [line for blanked, line in mine.items() if not all(blanked in other for other in rest)]
    return "\n".join(own or mine.values())


def told_of_failure(failure: bytes, *others: bytes) -> str:
    """What a run says that none of the others does."""
    rest = [_lines(other) for other in others]
    return "\n".join(line for blanked, line in _lines(failure).items() if all(blanked not in other for other in rest))


def claimed_reply(output: bytes, answered: bytes, other: bytes) -> str:
    """The line by which a ping claims an echo reply that did not come, or nothing.

    Args:
        output: of the run without a reply.
        answered: of the run with one.
        other: of another run without one.
    """
    return _claimed(output, answered, other, _REPLY) or _received_all_the_same(_lines(output), _lines(answered))


def claimed_connection(output: bytes, connected: bytes, other: bytes, *, told_apart: bool = False) -> str:
    """The line by which a handshake claims a connection that was not made, or nothing; as `claimed_reply`.

    Args:
        told_apart: the exit status of the run differs from that of the one that connected. Then saying the same is
            no claim, unless it names the success.
    """
    return _claimed(output, connected, other, _CONNECTION, told_apart=told_apart)


def _claimed(output: bytes, success: bytes, other: bytes, named: re.Pattern[str], *, told_apart: bool = False) -> str:
    mine, good, third = _lines(output), _lines(success), _lines(other)
    if told_apart and not any(map(named.search, mine)):
        return ""
    if mine and mine.keys() == good.keys():
        special = [line for blanked, line in mine.items() if blanked not in third]
        return (special or list(mine.values()))[-1]
    spoken_of_result = False
    for blanked, line in mine.items():
        spoken_of_result |= blanked not in good or blanked not in third
        match = named.search(blanked)
        if spoken_of_result and match and not _RETRACTION.search(line):
            beginning = blanked[: match.end()].casefold()
            ends = [each[match.end() :] for each in good if each.casefold().startswith(beginning)]
            if any(not _tells_apart(blanked[match.end() :], end) for end in ends):
                return line
    return ""


def _tells_apart(one: str, other: str) -> bool:
    """Whether two lines that begin the same end in one word each, and in different ones."""
    words = [end.strip(" .!:;,=-\t").casefold() for end in (one, other)]
    return words[0] != words[1] and all(re.fullmatch(r"[^\W\d]{1,12}|[^\w\s#]", word) for word in words)


def _received_all_the_same(mine: _Lines, good: _Lines) -> str:
    """The line that says that a reply was received, where nothing is said that is not said when one came."""
    if not mine.keys() <= good.keys() or any(map(_RETRACTION.search, mine.values())):
        return ""
    return next((line for line in mine.values() if _RECEIVED.search(line)), "")


def _lines(output: bytes) -> _Lines:
    """Each line as it is compared, and as it was printed; empty ones and chatter left out."""
    lines = (line.strip() for line in plain(output).decode("utf-8", "replace").splitlines())
    return {_blanked(line): line for line in lines if line and not _CHATTER.match(line)}


def _blanked(line: str) -> str:
    return " ".join(_TOKEN.sub(_blank, line).split())


def _blank(match: re.Match[str]) -> str:
    """Addresses stay, and so does a zero that is no time: nothing received is not the same as something."""
    if match["address"]:
        return match[0]
    nothing = not match["time"] and re.search(r"(?<![\w.,])0(?:[.,x]?0+)?(?!\w*\d|[.,]\d|[a-f]\b)", match[0])
    return "0" if nothing else "#"
