"""What is said of a failure in one sentence, without saying anything twice.

A clause that asserts a fact in words has no expected value of its own but its sentence, which the reader has just
read. There, only what was found is said.
"""

from __future__ import annotations

import re

_HEXADECIMAL = re.compile(r" \(0x[0-9a-f]+\)")


def repeats(expected: str, sentence: str) -> bool:
    """Whether an expected value is the clause's sentence again."""
    return _HEXADECIMAL.sub("", expected).rstrip(".") == _HEXADECIMAL.sub("", sentence).rstrip(".")


def difference(expected: str, actual: str, sentence: str) -> str:
    """Expected and actual in one sentence, without its full stop; only the actual where expected says nothing new."""
    return actual if not expected or repeats(expected, sentence) else f"expected {expected}; got {actual}"
