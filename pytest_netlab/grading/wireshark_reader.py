"""Wireshark, kept running: recordings go in one after the other, what it reads in their frames comes out.

One tshark serves a whole session, through pyshark and in a process of its own (`pyshark_child`), run as `isolation`
says. Its start takes 0.3 s, which pass while the first program runs; a recording is read within milliseconds.

Rules:
* Each recording is a section of one pcapng file that never ends. tshark reads such a file in pieces of some
  kilobytes, so a block that everybody skips follows each recording and pushes it through.
* Nothing waits without a deadline, and threads do all reading and writing: a tshark that hangs is ended, with
  everything it started.
* Whoever ends this process ends the pipe, and with it tshark.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import msgspec

from pytest_netlab.capture.pcapng import Remarks, pcapng_blocks
from pytest_netlab.grading.isolation import alone, limited
from pytest_netlab.wire.frame import Frame

LIMIT_S: Final = 20.0
"""How long a recording may take, in seconds; and a fiftieth of a second for each of its frames."""
_S_PER_FRAME: Final = 0.02
_NUDGE_S: Final = 0.05
_CPU_S: Final = 300
_NOWHERE: Final = Path("/nonexistent")  # no directory has this name, so no configuration is there to be found
_CHILD: Final = Path(__file__).with_name("pyshark_child.py")
_SKIPPED: Final = 0x8000_0BAD  # block types from 0x80000000 on are for local use
_PUSH: Final = struct.pack("=2I", _SKIPPED, 8192) + bytes(8192 - 12) + struct.pack("=I", 8192)


class ReaderFault(Exception):
    """Wireshark could not be asked, or gave no answer; the text says why."""


class Reading(msgspec.Struct, frozen=True):
    """What Wireshark reads in one frame.

    Attributes:
        length: octets on the wire.
        captured: octets in the file.
        layers: name of each protocol, outermost first, and its fields as Wireshark shows them.
    """

    length: int = 0
    captured: int = 0
    layers: tuple[tuple[str, dict[str, str]], ...] = ()
    fault: str = ""


class WiresharkReader:
    """One running tshark.

    Args:
        tshark: its path.
        protocols: what tshark prints.
        fields: what is told of it, by layer.

    Attributes:
        frames_read: by it so far.
    """

    def __init__(self, tshark: str, protocols: Sequence[str], fields: Mapping[str, Sequence[str]]) -> None:
        self.frames_read = 0
        wanted = json.dumps({"protocols": list(protocols), "fields": {name: list(fields[name]) for name in fields}})
        command = limited([sys.executable, "-I", str(_CHILD), tshark, wanted], _CPU_S)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                **(alone(_NOWHERE) | {"cwd": os.sep}),
            )
        except OSError as error:
            raise ReaderFault(f"pyshark's process could not be started: {error}") from error
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._written: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for work, stream in ((self._hear, self._process.stdout), (self._feed, self._process.stdin)):
            assert stream is not None  # both are pipes
            threading.Thread(target=work, args=(stream,), daemon=True).start()

    def read(self, frames: Sequence[Frame]) -> list[Reading]:
        """What Wireshark reads in each of these frames.

        Raises:
            ReaderFault: tshark or pyshark failed, or took too long. The reader is of no use any more.
        """
        uncommented = [replace(frame, comment="") for frame in frames]  # a comment would be one more layer
        blocks = pcapng_blocks(uncommented, (), Remarks())
        self._written.put(b"".join(blocks) + _PUSH)
        deadline = time.monotonic() + LIMIT_S + _S_PER_FRAME * len(frames)
        found = [self._next(deadline, number, len(frames)) for number in range(1, len(frames) + 1)]
        self.frames_read += len(found)
        return found

    def close(self) -> None:
        """End it, and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._written.put(None)
        self._process.wait()

    def _next(self, deadline: float, number: int, of: int) -> Reading:
        """The next answer; pushes while none comes."""
        where = f"at frame {number} of {of}"
        while True:
            try:
                line = self._lines.get(timeout=_NUDGE_S)
                break
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise ReaderFault(f"tshark gave no answer in time, {where}") from None
                if self._written.empty():
                    self._written.put(_PUSH)
        if not line.endswith(b"\n"):
            raise ReaderFault(f"tshark ended {where}")
        try:
            reading = msgspec.json.decode(line, type=Reading)
        except msgspec.DecodeError as error:
            raise ReaderFault(f"pyshark's process said something else than a reading {where}: {error}") from error
        if reading.fault:
            raise ReaderFault(f"{reading.fault}, {where}")
        return reading

    def _hear(self, stream: IO[bytes]) -> None:
        """Collect lines; an incomplete one says that no more will come."""
        with stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")

    def _feed(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stream:
            while (data := self._written.get()) is not None:
                stream.write(data)
                stream.flush()
