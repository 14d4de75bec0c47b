"""What the process that the user started tells its xdist workers, and how a worker marks what belongs together.

xdist (3.8) gives a worker the words of the command line and nothing else: an option that was changed here is not
changed there. So the tier that was chosen, and that a program's clauses are to stay together, travel beside them.

A worker tells the scheduler of a test's group by writing it behind the test's name. xdist does so with a private
attribute that pytest 9.2 has no more, and then distributes as if there were no groups (pytest-xdist issue 1386).
`Groups` writes them where xdist did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from pytest_netlab.lab.tiers import Tier

_KEY: Final = "netlab"


class Workers:
    """The pytest hook that tells each worker, before it starts.

    Args:
        tier: the tier in force.
    """

    def __init__(self, tier: Tier) -> None:
        self._tier = tier

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Put what was chosen where the worker finds it."""
        groups = node.config.option.dist == "loadgroup"
        node.workerinput[_KEY] = {"tier": self._tier.name, "certified": self._tier.certified, "groups": groups}


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker."""
    return hasattr(config, "workerinput")


def told_tier(config: pytest.Config) -> Tier:
    """In a worker: the tier that was chosen for the whole run."""
    told = config.workerinput[_KEY]  # type: ignore[attr-defined]
    return Tier(told["tier"], certified=told["certified"])


def keep_groups(config: pytest.Config) -> None:
    """In a worker: have each test's group stand behind its name, if the scheduler goes by that."""
    if config.workerinput[_KEY]["groups"]:  # type: ignore[attr-defined]
        config.option.loadgroup = True
        config.pluginmanager.register(Groups(), "netlab-groups")


class Groups:
    """The pytest hook that writes groups behind names."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Go through the tests, after xdist did."""
        for item in items:
            names = {str((mark.args or (mark.kwargs.get("name", "default"),))[0]) for mark in _groups(item)}
            ending = f"@{'_'.join(sorted(names))}"
            if names and not item.nodeid.endswith(ending):
                _rename(item, item.nodeid + ending)


def _groups(item: pytest.Item) -> Iterator[pytest.Mark]:
    return item.iter_markers("xdist_group")


def _rename(item: pytest.Item, name: str) -> None:
    """Change a test's name; since pytest 9.2 it is kept as a value of its own class."""
    if hasattr(item, "_id"):
        from _pytest.nodeid import coerce_node_id

        item._id = coerce_node_id(name)
    else:
        setattr(item, "_nodeid", name)  # noqa: B010  (mypy looks at the newest pytest)
