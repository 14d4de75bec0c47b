"""What this machine can do, found out by doing it.

    rootless   namespaces: a lab of its own for every run; certified
    loopback   no namespaces, but CAP_NET_RAW: programs run beside everything else on 127.0.0.1; uncertified
    offline    neither: saved captures can be judged, no program is run

A tier is never lowered in silence: what was asked for is given, or refused with the knob that would allow it.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pytest_netlab.errors import LabUnavailable, UsageError

_APPARMOR: Final = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_NAMESPACES: Final = tuple(f"user.max_{kind}_namespaces" for kind in ("user", "mnt", "net", "pid", "ipc", "uts"))
_CLONE_SYSCTL: Final = "/proc/sys/kernel/unprivileged_userns_clone"


class Tier(NamedTuple):
    """One tier on this machine.

    Attributes:
        name: of the tier.
        certified: whether evidence produced in it can be trusted against a hostile program.
        reason: why it is not available here; empty where it is.
        knob: what would make it available.
    """

    name: str
    certified: bool
    reason: str = ""
    knob: str = ""

    @property
    def available(self) -> bool:
        """Whether this machine gives it."""
        return not self.reason


def probe() -> list[Tier]:
    """Try all tiers, best first. Takes about 0.3 s, for it builds a lab and runs a program in it."""
    return [_probe_rootless(), _probe_loopback(), Tier("offline", certified=False)]


def choose(asked: str, *, probe_one: Callable[[str], Tier] | None = None) -> Tier:
    """The tier to run in.

    Args:
        asked: `"auto"` or a tier's name.
        probe_one: how a tier is tried, by name.

    Raises:
        UsageError: the tier that was asked for is not available here; names the knob.
    """
    look = probe_one or probe_tier
    if asked != "auto":
        tier = look(asked)
        if not tier.available:
            remedy = f"; remedy: {tier.knob}" if tier.knob else ""
            raise UsageError(f"--netlab-tier {asked}: not available on this machine: {tier.reason}{remedy}")
        return tier
    for name in ("rootless", "loopback"):
        tier = look(name)
        if tier.available:
            return tier
    return look("offline")


def probe_tier(name: str) -> Tier:
    """Try one tier."""
    probes: dict[str, Callable[[], Tier]] = {"rootless": _probe_rootless, "loopback": _probe_loopback}
    return probes[name]() if name in probes else Tier("offline", certified=False)


def _probe_rootless() -> Tier:
    if sys.platform != "linux":
        return Tier("rootless", True, f"it needs Linux, and this is {sys.platform}")
    try:
        _run_a_program_in_a_lab()
    except (LabUnavailable, OSError) as error:
        reason = error.reason if isinstance(error, LabUnavailable) else str(error)
        return Tier("rootless", True, reason, knob_for(reason))
    return Tier("rootless", True)


def _run_a_program_in_a_lab() -> None:
    """The whole chain: agent, namespaces, cable, capture socket, sandbox, exec."""
    from pytest_netlab.lab.client import shared_agent
    from pytest_netlab.lab.snapshot import Snapshot

    with shared_agent().lab() as lab:
        lab.internet.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
        with lab.launch(["true"], Snapshot(), net_raw=True) as program:
            if not program.wait(10) or program.status != 0:
                said = program.not_started or f"status {program.status}"
                raise LabUnavailable(f"`true` did not run in the sandbox: {said}")


def knob_for(reason: str) -> str:
    """The setting that most likely stands behind a refusal, by what this machine says of itself."""
    settings: tuple[tuple[str, Callable[[str], bool], str], ...] = (
        (_APPARMOR, lambda value: value == "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
        (_CLONE_SYSCTL, lambda value: value == "0", "sysctl kernel.unprivileged_userns_clone=1"),
        *((_path(name), lambda value: value == "0", f"sysctl {name}=10000") for name in _NAMESPACES),
    )
    for path, refuses, knob in settings:
        value = _setting(path)
        if value is not None and refuses(value):
            return knob
    if "proc on" in reason:
        return "a container that does not mask /proc: docker run --security-opt systempaths=unconfined"
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return (
            "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined"
        )
    return ""


def _path(sysctl: str) -> str:
    return "/proc/sys/" + sysctl.replace(".", "/")


def _setting(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _probe_loopback() -> Tier:
    family: Any = getattr(socket, "AF_PACKET", None)
    if family is None:
        return Tier("loopback", False, f"it needs Linux, and this is {sys.platform}")
    try:
        socket.socket(family, socket.SOCK_RAW, 0).close()
    except OSError as error:
        if error.errno != errno.EPERM:
            return Tier("loopback", False, f"a packet socket: {error.strerror}")
        return Tier("loopback", False, "this process lacks CAP_NET_RAW", "run as root, or with CAP_NET_RAW")
    return Tier("loopback", False)
