"""The parts of a capture that need no kernel: counters, their comparison, the block store, barrier frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_netlab.capture import barrier
from pytest_netlab.capture.counters import Counters, Offset, read_counters
from pytest_netlab.capture.store import BlockStore
from pytest_netlab.errors import HarnessFault

DEV = b"""Inter-|   Receive                                   |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier ...
    lo: 100 2 0 3 0 0 0 0 100 2 0 4 0 0 0 0
  eth0:12345678 10 0 0 0 0 0 0 900 9 0 1 0 0 0 0
"""


def test_counters_of_an_interface() -> None:
    assert read_counters(DEV, "lo") == Counters(received=2, received_dropped=3, sent=2, sent_dropped=4)
    assert read_counters(DEV, "eth0") == Counters(10, 0, 9, 1), "no blank behind the colon"
    assert read_counters(DEV, "eth0").since(Counters(1, 0, 2, 1)) == Counters(9, 0, 7, 0)


def test_absent_interface() -> None:
    with pytest.raises(HarnessFault, match="no interface eth1"):
        read_counters(DEV, "eth1")


@given(
    counted=st.integers(0, 1000),
    shown=st.integers(0, 1000),
    around=st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
    passed=st.integers(0, 500),
    lost=st.integers(0, 30),
)
def test_what_is_called_missing_is_missing(
    counted: int, shown: int, around: tuple[int, int, int, int], passed: int, lost: int
) -> None:
    """Frames before and behind either barrier blur the comparison, and never make it accuse wrongly."""
    first = Offset.bracket(counted, shown + around[0] + 1, counted + around[0] + 1 + around[1])
    counted += around[0] + 1 + around[1] + passed
    shown += around[0] + 1 + around[1] + passed - min(lost, passed)
    last = Offset.bracket(counted, shown + around[2] + 1, counted + around[2] + 1 + around[3])
    lost = min(lost, passed)
    assert lost - first.slack - last.slack <= last.missing_since(first) <= lost
    assert last.surplus_since(first) == 0
    assert first.slack == around[0] + around[1]


def test_surplus_is_noticed() -> None:
    assert Offset(-3, -3).surplus_since(Offset(0, 0)) == 3
    assert Offset(-3, -3).missing_since(Offset(0, 0)) == 0


def test_store_keeps_in_memory_then_in_a_file_then_nothing() -> None:
    store = BlockStore(limit_bytes=50, memory_bytes=20)
    blocks = [bytes([number]) * 10 for number in range(6)]
    kept = [store.keep(block) for block in blocks]
    assert kept[:2] == blocks[:2]
    assert [item if item is None else store.load(item) for item in kept] == [*blocks[:5], None]
    assert store.limited
    assert store.keep(b"") is None, "nothing is kept after a hole"
    store.close()
    store.close()


def test_barrier_frames() -> None:
    nonce = barrier.new_nonce()
    frame = barrier.build(nonce)
    assert len(frame) == 60
    assert frame[12:14] == bytes.fromhex("88b5")
    assert barrier.nonce_of(frame) == nonce
    assert barrier.nonce_of(frame + b"\0") is None
    assert barrier.nonce_of(frame[:12] + b"\x08\x00" + frame[14:]) is None
    assert barrier.new_nonce() != nonce
