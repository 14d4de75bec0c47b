"""The four kinds of trouble, named after whoever has to act.

A wrong solution is none of these: it is a failed clause.

* `UsageError`: yours to mend. An option, a file or a key is wrong; the text names it and the remedy.
* `LabUnavailable`: this machine cannot give what was asked; the text names the knob that would.
* `WireError`: these bytes are not what the protocol says; it knows the offset and the field.
* `HarnessFault`: ours. A frame was lost, a peer died. It makes a clause `broken`, never a mark.

All of them survive pickling, because they cross from xdist workers and from the lab's processes.
"""

from __future__ import annotations


class NetlabError(Exception):
    """Base of every error that pytest-netlab raises on purpose."""


class UsageError(NetlabError):
    """The call, an option, or a configuration file is wrong, and its author can mend it."""


class LabUnavailable(NetlabError):
    """This machine cannot provide a lab.

    Args:
        reason: what was tried and what the kernel answered.
        knob: the setting that would change it, empty where none is known.
    """

    def __init__(self, reason: str, knob: str = "") -> None:
        super().__init__(reason, knob)
        self.reason = reason
        self.knob = knob

    def __str__(self) -> str:
        return f"{self.reason}. Remedy: {self.knob}" if self.knob else self.reason


class WireError(NetlabError):
    """Bytes that do not parse.

    Args:
        problem: what is wrong, in the words of the protocol.
        field: dotted name of the field at fault, such as `"udp.length"`.
        offset: of that field's first byte, counted from the start of the frame or of the buffer parsed.
    """

    def __init__(self, problem: str, field: str = "", offset: int = 0) -> None:
        super().__init__(problem, field, offset)
        self.problem = problem
        self.field = field
        self.offset = offset

    def __str__(self) -> str:
        where = f"{self.field} at byte {self.offset}" if self.field else f"byte {self.offset}"
        return f"{where}: {self.problem}"


class HarnessFault(NetlabError):
    """The grader's own machinery failed: no verdict can rest on what it saw."""
