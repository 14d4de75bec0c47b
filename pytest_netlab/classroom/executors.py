"""Who runs the jobs: worker processes of this machine, or a Dask cluster. Neither knows what a submission is.

Both are executors as `concurrent.futures` has them, so that the loop over a class is the same. Scheduling, transport
and the replacement of lost workers on a cluster are Dask's.
"""

from __future__ import annotations

import contextlib
import os
import socket
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

from pytest_netlab.classroom.job import Graded, Settings
from pytest_netlab.classroom.stable import grade_one, stable
from pytest_netlab.errors import UsageError
from pytest_netlab.lab import tiers

_CONNECT_S: Final = 20
_RETRIES: Final = 3


class Crew(Protocol):
    """Takes jobs.

    Attributes:
        hands: how many jobs it does at a time.
    """

    hands: int

    def submit(self, submission: bytes, settings: Settings, avoid: str = "") -> Future[Graded]:
        """Have `grade_one` called, not by the process `avoid` where there is another."""
        ...

    def tier(self, asked: str) -> str:
        """The tier that those who do the work have."""
        ...

    def close(self) -> None:
        """Give back what it holds; what is running is given up."""
        ...


class Local:
    """Threads that each wait for a worker process of this machine.

    Args:
        hands: how many.
    """

    def __init__(self, hands: int) -> None:
        self.hands = hands
        self._threads: Executor = ThreadPoolExecutor(hands, thread_name_prefix="grade")

    def submit(self, submission: bytes, settings: Settings, avoid: str = "") -> Future[Graded]:
        """See `Crew`. A worker without a verdict is not used again, so any other will do."""
        return self._threads.submit(grade_one, submission, settings)

    def tier(self, asked: str) -> str:
        """See `Crew`."""
        return tiers.choose(asked).name

    def close(self) -> None:
        """See `Crew`."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        stable.close()
        self._threads.shutdown(wait=True)


class Dask:
    """A cluster; one job at a time for each thread of its workers.

    Args:
        address: of its scheduler, such as `"tcp://10.0.0.1:8786"`.

    Raises:
        UsageError: Dask is not installed, or nobody answers at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
            from distributed.comm.registry import get_backend
        except ImportError as error:
            raise UsageError("--dask needs Dask: pip install 'pytest-netlab[distributed]'") from error
        try:
            get_backend(address.partition("://")[0] if "://" in address else "tcp")  # Client() says more than it should
            self._client: Any = Client(address, timeout=_CONNECT_S, set_as_default=False)
            self.hands = max(1, sum(self._client.nthreads().values()))
        except (OSError, ValueError) as error:
            raise UsageError(f"--dask {address}: no scheduler answers there ({error})") from error
        self._executor: Any = self._client.get_executor(pure=False, retries=_RETRIES)

    def submit(self, submission: bytes, settings: Settings, avoid: str = "") -> Future[Graded]:
        """See `Crew`."""
        others = self._others(avoid) if avoid else []
        executor = self._client.get_executor(pure=False, retries=_RETRIES, workers=others) if others else self._executor
        future: Future[Graded] = executor.submit(grade_one, submission, settings)
        return future

    def tier(self, asked: str) -> str:
        """See `Crew`. Asked of one worker; one that has less says so when its turn comes."""
        found: str = self._client.submit(_tier_here, asked, pure=False).result()
        return found

    def close(self) -> None:
        """See `Crew`."""
        with contextlib.suppress(Exception):  # the cluster may be gone: there is nothing to give back then
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _others(self, avoid: str) -> list[str]:
        """Addresses of the workers that are not `avoid`."""
        hosts: dict[str, str] = self._client.run(_who)
        host = avoid.rpartition("/")[0]
        return [address for address, who in hosts.items() if who != host]


def _tier_here(asked: str) -> str:
    return tiers.choose(asked).name


def _who() -> str:
    """The name of this process; a worker's name begins with that of the process that lent it."""
    return f"{socket.gethostname()}:{os.getpid()}"
