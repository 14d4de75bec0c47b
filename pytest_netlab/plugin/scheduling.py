"""Sending a program's clauses to one xdist worker, also after a worker died.

xdist's own scheduler (3.8) gives the test that a worker died in to the next worker, which dies in it too, and a
worker that replaces another waits for ever when a single test is left for it. Here the test that killed a worker is
not tried again, and a worker always has two tests ahead of it or knows that no more will come.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling


class Scheduling:
    """The pytest hook that chooses the scheduler."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> LoadGroupScheduling | None:
        """Take ours where groups are kept together; the user may have chosen another way of distribution."""
        return _Scheduler(config, log) if config.option.dist == "loadgroup" else None


class _Scheduler(LoadGroupScheduling):  # type: ignore[misc,unused-ignore]
    def remove_node(self, node: Any) -> str | None:
        """Take back what a dead worker left, without the test that it died in; say which that was."""
        workload = self.assigned_work.pop(node)
        pending = [(unit, test) for unit in workload.values() for test, done in unit.items() if not done]
        if not pending:
            return None
        unit, crashed = pending[0]
        unit[crashed] = True
        self.workqueue.update({scope: unit for scope, unit in workload.items() if not all(unit.values())})
        for other in self.assigned_work:
            if other in self.registered_collections:
                self._reschedule(other)
        return str(crashed)

    def _reschedule(self, node: Any) -> None:
        super()._reschedule(node)
        while self.workqueue and not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
            self._assign_work_unit(node)
        if not self.workqueue and not node.shutting_down:
            node.shutdown()
