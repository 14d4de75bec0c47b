"""What a program says when it cannot go on: that a privilege is missing, or the trace of an error nobody caught.

`speaks_of_privilege` knows stems of the words, in the languages that students print; the names and numbers that
systems give the error count too, so a traceback of a PermissionError speaks of it.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_netlab.grading.output import plain

_PRIVILEGE_STEMS: Final = (
    r"permi(?:ss|t)|privil|cap_net_raw|capabilit|sudo|super-?user|administrator|admin\b",
    r"\beperm\b|\beacces\b|errno 1\b|errno 13\b",
    r"not allowed|access (?:is )?denied|unauthori[sz]ed|elevated|(?<![/\w.-])root\b(?![/\w.-]*/)",
    r"berechtig|privileg|erlaubnis|nicht erlaubt|nicht gestattet|zugriff verweigert|rechte\b",  # German
    r"autoris|\bdroits\b|permise?\b|acc[èe]s refus",  # French
    r"permis[oi]|permitid|autoriza|derechos|acceso denegado",  # Spanish
    r"permess|consentit|autorizza|diritti",  # Italian
    r"permiss|privil[ée]g|autoriza|acesso negado",  # Portuguese
    r"rechten|bevoegd|toestemming|toegang geweigerd",  # Dutch
    r"uprawni|dozwolon|zezwol",  # Polish
    r"oprávn|povolen|práva",  # Czech
    r"behörig|rättighet|tillåt",  # Swedish
    r"\byetki|\bizin\b|\bizni\b",  # Turkish
    r"прав[ао]?\b|привилег|разреш|дозвол|привіле",  # Russian, Ukrainian
    r"权限|特权|管理员|许可|權限|特權|許可|権限|管理者|권한|허가",  # Chinese, Japanese, Korean
)
_PRIVILEGE: Final = re.compile("|".join(_PRIVILEGE_STEMS), re.IGNORECASE)
_TRACEBACK: Final = re.compile(
    r"^Traceback \(most recent call last\)"  # Python
    r"|^\s+at .+:\d+(?::\d+)?\)?$|^\s+at [\w.$<>]+\(.*\)$"  # Node, Java
    r"|^Exception in thread "
    r"|^panic: |^goroutine \d+ \["  # Go
    r"|^thread '.*' .*panicked at"  # Rust
    r"|^terminate called after throwing"  # C++
    r"|^Unhandled exception"  # .NET
    r"|^\s*from .+:\d+:in [`'‘]",  # Ruby
    re.MULTILINE | re.IGNORECASE,
)


def speaks_of_privilege(output: bytes) -> bool:
    """Whether the output says that a permission or a privilege is missing."""
    return _PRIVILEGE.search(_text(output)) is not None


def shows_traceback(output: bytes) -> bool:
    """Whether the output shows the trace of an error that nobody caught."""
    return _TRACEBACK.search(_text(output)) is not None


def _text(output: bytes) -> str:
    return plain(output).decode("utf-8", "replace")
