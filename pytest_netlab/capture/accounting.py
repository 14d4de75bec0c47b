"""Whether a tap's witnesses agree: the ring, the interface's counters, the link between the hosts.

The one place where a loss is put into words, with the numbers that prove it.
"""

from __future__ import annotations

from pytest_netlab.capture.counters import Offset
from pytest_netlab.capture.recording import InterfaceRecord
from pytest_netlab.capture.ring import LINK_ETHERNET
from pytest_netlab.capture.tap import Watch


def account(watch: Watch, baseline: Offset, now: Offset) -> tuple[str, bool]:
    """What is wrong with a tap's numbers, empty if nothing; and whether waiting cannot mend it.

    Args:
        watch: the tap.
        baseline: the comparison of ring and counters when it was armed.
        now: the same comparison, now.
    """
    if drops := watch.statistics().drops:
        return f"the ring dropped {drops} frames ({numbers(watch)})", True
    if lost := watch.lost_on_link():
        return f"the link between the hosts lost {lost} frames ({numbers(watch)})", True
    if missing := now.missing_since(baseline):
        return f"{missing} frames that the interface counted were not captured ({numbers(watch)})", False
    if surplus := now.surplus_since(baseline):
        return f"{surplus} frames more were captured than were counted ({numbers(watch)})", False
    return "", False


def record(watch: Watch) -> InterfaceRecord:
    """What a tap saw altogether."""
    statistics = watch.statistics()
    return InterfaceRecord(
        name=watch.tap.name,
        link_type=LINK_ETHERNET,
        received=watch.frames - watch.barriers_seen,
        dropped=statistics.drops,
        freezes=statistics.freezes,
        counters=watch.counters_since_open(),
    )


def numbers(watch: Watch) -> str:
    """All that the witnesses say, for whoever has to find the loss."""
    statistics = watch.statistics()
    counters = watch.counters_since_open()
    return (
        f"{watch.tap.name}: captured {watch.frames}, dropped by the ring {statistics.drops} "
        f"in {statistics.freezes} freezes; the interface counted {counters.received} received "
        f"({counters.received_dropped} dropped), {counters.sent} sent ({counters.sent_dropped} dropped); "
        f"lost on the link {watch.lost_on_link()}"
    )
