"""The ini options that say what a program under test may use: `netlab_limit_…`. Whoever grades sets them.

A submission cannot: nothing of it is read as configuration of pytest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from pytest_netlab.lab.messages import Limits


class _Limit(NamedTuple):
    default: int
    most: int
    what: str


_MIB: Final = 1 << 20
_LIMITS: Final = {
    "processes": _Limit(256, 32_768, "processes and threads at once"),
    "memory": _Limit(2048, 1 << 20, "MiB of memory, all processes together"),
    "disk": _Limit(256, 1 << 16, "MiB of files in the working directory, and as many in /tmp"),
    "cpu": _Limit(60, 3600, "seconds of processor time, all processes together"),
    "output": _Limit(8, 1024, "MiB of output"),
    "wall": _Limit(120, 3600, "seconds of a run, where its script does not end it sooner"),
}


def add(parser: pytest.Parser) -> None:
    """Register the ini options."""
    for name, limit in _LIMITS.items():
        help = f"what a program may use: {limit.what} (limit:{name})"
        parser.addini(f"netlab_limit_{name}", help, default=str(limit.default))


def programs(config: pytest.Config) -> Limits:
    """What a program may use.

    Raises:
        pytest.UsageError: an option is no number in its range; names it.
    """
    from pytest_netlab.lab.messages import Limits

    return Limits(
        memory_bytes=_number(config, "memory") * _MIB,
        work_bytes=_number(config, "disk") * _MIB,
        processes=_number(config, "processes"),
        cpu_s=_number(config, "cpu"),
        output_bytes=_number(config, "output") * _MIB,
    )


def wall_s(config: pytest.Config) -> float:
    """The longest that a run may take, in seconds."""
    return float(_number(config, "wall"))


def _number(config: pytest.Config, name: str) -> int:
    limit = _LIMITS[name]
    given = str(config.getini(f"netlab_limit_{name}")).strip()
    if given.isascii() and given.isdigit() and 1 <= int(given) <= limit.most:
        return int(given)
    where = config.inipath or "the ini file"
    wanted = f"a whole number from 1 to {limit.most}, such as {limit.default}: {limit.what}"
    raise pytest.UsageError(f"{where}: netlab_limit_{name} = {given!r}: write {wanted}")
