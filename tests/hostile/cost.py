"""What the walls cost a program run: `true` behind all of them, and plainly forked and executed.

python -m tests.hostile.cost [TIMES]
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

from pytest_netlab.lab.client import shared_agent
from pytest_netlab.lab.snapshot import Snapshot


def plain() -> None:
    """Fork and execute `true` with a channel to wait on, and nothing around it."""
    pid = os.posix_spawnp("true", ["true"], os.environ)
    os.waitpid(pid, 0)


def measured_ms(run: Callable[[], None], times: int) -> list[float]:
    """So many runs, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append((time.perf_counter() - began) * 1000)
    return took


def main(times: int) -> None:
    """Measure and print."""
    with shared_agent(walls=True).lab() as lab, shared_agent(walls=False).lab() as open_lab:

        def behind_walls() -> None:
            with lab.launch(["true"], Snapshot()) as program:
                program.wait(10)

        def supervised() -> None:
            with open_lab.launch(["true"], Snapshot()) as program:
                program.wait(10)

        for name, run in (("fork and exec", plain), ("supervised, no walls", supervised), ("all walls", behind_walls)):
            run()
            took = measured_ms(run, times)
            print(f"{name:<22} median {statistics.median(took):6.1f} ms   least {min(took):6.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
