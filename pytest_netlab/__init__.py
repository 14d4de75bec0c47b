"""Grade network programs by what they put on the wire."""

from __future__ import annotations

__version__ = "0.1.0"
