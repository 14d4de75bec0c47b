"""What a machine can give, asked on real machines: this one, and this one with a knob turned off."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import tiers
from pytest_netlab.lab.tiers import Tier
from tests.machines import on_a_machine

ROOTLESS = Tier("rootless", True)
NO_ROOTLESS = Tier("rootless", True, "unshare: refused", "sysctl x=1")
LOOPBACK = Tier("loopback", False)
NO_LOOPBACK = Tier("loopback", False, "no CAP_NET_RAW")
OFFLINE = Tier("offline", False)

ASK = """
import json
from pytest_netlab.lab import tiers
print(json.dumps([[*tier] for tier in tiers.probe()]))
"""


def probe_on(*knobs: str) -> dict[str, Tier]:
    done = subprocess.run(
        [*on_a_machine(*knobs), sys.executable, "-c", ASK], capture_output=True, text=True, timeout=60, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return {name: Tier(name, *rest) for name, *rest in found}


def test_this_machine_gives_a_certified_tier() -> None:
    best = tiers.choose("auto")
    if best.name != "rootless":
        pytest.skip(f"no lab on this machine: {tiers.probe_tier('rootless').reason}")
    assert best == ROOTLESS
    assert tiers.choose("rootless") == ROOTLESS


def test_offline_is_always_there() -> None:
    assert tiers.choose("offline") == OFFLINE
    assert [tier.name for tier in tiers.probe()] == ["rootless", "loopback", "offline"]


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((ROOTLESS, LOOPBACK), ROOTLESS),
        ((ROOTLESS, NO_LOOPBACK), ROOTLESS),
        ((NO_ROOTLESS, LOOPBACK), LOOPBACK),
        ((NO_ROOTLESS, NO_LOOPBACK), OFFLINE),
    ],
)
def test_auto_takes_the_best(there: tuple[Tier, ...], expected: Tier) -> None:
    by_name = {tier.name: tier for tier in (*there, OFFLINE)}
    assert tiers.choose("auto", probe_one=by_name.__getitem__) == expected


def test_a_tier_that_is_not_there_is_never_replaced() -> None:
    with pytest.raises(UsageError) as refused:
        tiers.choose("rootless", probe_one=lambda _: NO_ROOTLESS)
    assert str(refused.value) == (
        "--netlab-tier rootless: not available on this machine: unshare: refused; remedy: sysctl x=1"
    )


def test_a_machine_without_user_namespaces_names_the_knob() -> None:
    tier = probe_on("user/max_user_namespaces")["rootless"]
    assert not tier.available
    assert "No space left on device" in tier.reason
    assert tier.knob == "sysctl user.max_user_namespaces=10000"


@pytest.mark.parametrize("knob", ["user/max_net_namespaces", "user/max_pid_namespaces", "user/max_mnt_namespaces"])
def test_a_machine_without_one_kind_of_namespace_says_so(knob: str) -> None:
    """The whole chain is tried: the last step may be the one that fails."""
    tier = probe_on(knob)["rootless"]
    assert not tier.available
    assert "No space left on device" in tier.reason
    assert tier.knob == f"sysctl {knob.replace('/', '.')}=10000"


def test_a_machine_like_this_one_gives_what_this_one_gives() -> None:
    assert probe_on()["rootless"].available == tiers.probe_tier("rootless").available
