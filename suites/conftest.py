"""What belongs to the curriculum, and what is graded only where it is named."""

from __future__ import annotations

collect_ignore = ["ipv6"]
"""`pytest suites/ipv6`, or `--pyargs pytest_netlab.suites.ipv6`, collects it: pytest ignores nothing that is named."""
