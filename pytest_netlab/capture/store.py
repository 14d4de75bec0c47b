"""Where copied blocks wait until somebody parses them: memory first, then a nameless file, then nowhere.

Rules: `limit_bytes` bounds both together, for all taps of a capture. The first block that does not fit sets
`limited` for good, and nothing is kept after it: a recording has a beginning without holes or says so.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

Kept = bytes | tuple[int, int]
"""A block in memory, or offset and length of one in the file."""


class BlockStore:
    """Keeps blocks up to a limit.

    Args:
        limit_bytes: the most that is kept altogether.
        memory_bytes: the most of it that is kept in memory; the rest goes to a temporary file.
        on_limit: called once, by whoever brings the first block that does not fit.
    """

    def __init__(self, limit_bytes: int, memory_bytes: int, on_limit: Callable[[], None] | None = None) -> None:
        self.limit_bytes = limit_bytes
        self._on_limit = on_limit
        self.memory_bytes = memory_bytes
        self.limited = False
        self.kept_bytes = 0
        self._file = -1
        self._file_bytes = 0

    def keep(self, block: bytes) -> Kept | None:
        """Keep a block; None when the limit has been reached.

        Raises:
            OSError: the temporary directory is full.
        """
        if self.limited:
            return None
        if self.kept_bytes + len(block) > self.limit_bytes:
            self.limited = True
            if self._on_limit is not None:
                self._on_limit()
            return None
        self.kept_bytes += len(block)
        if self.kept_bytes <= self.memory_bytes:
            return block
        return self._spill(block)

    def load(self, kept: Kept) -> bytes:
        """The block again."""
        if isinstance(kept, bytes):
            return kept
        offset, length = kept
        return os.pread(self._file, length, offset)

    def close(self) -> None:
        """Forget the file. Blocks in memory stay as long as somebody holds them."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _spill(self, block: bytes) -> Kept:
        if self._file < 0:
            with tempfile.TemporaryFile(prefix="pytest-netlab-") as file:
                self._file = os.dup(file.fileno())
        offset = self._file_bytes
        view = memoryview(block)
        while view:
            written = os.pwrite(self._file, view, self._file_bytes)
            self._file_bytes += written
            view = view[written:]
        return offset, len(block)
