"""Waits end with data, with a program, or in time; and say which it was."""

from __future__ import annotations

import socket
import threading
import time

from pytest_netlab.traffic.waiting import Bell, Wakeup, wait_readable, wait_writable


def test_data_the_end_and_time_are_told_apart() -> None:
    ours, theirs = socket.socketpair()
    program, end = socket.socketpair()
    with ours, theirs, program, end:
        assert wait_readable([ours], timeout_s=0.01, until_ended=program).timed_out
        theirs.send(b"x")
        assert wait_readable([ours], timeout_s=5, until_ended=program) == Wakeup((ours,), False)
        end.close()
        assert wait_readable([ours], timeout_s=5, until_ended=program) == Wakeup((ours,), True)
        ours.recv(1)
        assert wait_readable([ours], timeout_s=5, until_ended=program) == Wakeup((), True)


def test_closed_program_has_ended_and_data_is_still_seen() -> None:
    ours, theirs = socket.socketpair()
    program, end = socket.socketpair()
    with ours, theirs:
        program.close()
        end.close()
        theirs.send(b"x")
        assert wait_readable([ours], timeout_s=5, until_ended=program) == Wakeup((ours,), True)


def test_full_queue_is_not_writable() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert wait_writable(ours, timeout_s=5).ready == (ours,)
        ours.setblocking(False)
        try:
            while True:
                ours.send(bytes(65536))
        except BlockingIOError:
            assert wait_writable(ours, timeout_s=0.01).timed_out


def test_bell_wakes_everybody_who_waits() -> None:
    bell = Bell()
    facts: list[int] = []
    woken: list[bool] = []

    def wait() -> None:
        woken.append(bell.wait_until(lambda: len(facts) == 2, 10))

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    for fact in (1, 2):
        facts.append(fact)
        bell.ring()
    for thread in threads:
        thread.join(10)
    assert woken == [True] * 4


def test_bell_that_does_not_ring_ends_in_time_and_with_the_program() -> None:
    bell = Bell()
    assert not bell.wait_until(lambda: False, 0.01)
    program, end = socket.socketpair()
    with program, end:
        end.close()
        before = time.monotonic()
        assert not bell.wait_until(lambda: False, 30, until_ended=program)
        assert time.monotonic() - before < 10
