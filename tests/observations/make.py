"""Make the submissions of exercise 1.3 again: `tests/submissions/{variants,broken}/1.3/`.

    python -m tests.observations.make

All come from the reference's capture, `suites/solutions/packet_observation.pcapng`, in one way only: a test holds
the files to it. Where that was recorded anew (`tests.observations.record`), they have to be made anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from pytest_netlab.capture import read_capture
from tests.observations.broken import broken
from tests.observations.case import Case
from tests.observations.record import CAPTURE
from tests.observations.variants import variants

SUBMISSIONS: Final = Path(__file__).parent.parent / "submissions"


def cases() -> list[Case]:
    """Every case."""
    reference = list(read_capture(CAPTURE))
    return [*variants(reference), *broken(reference)]


def main() -> None:
    for kind in ("variants", "broken"):
        shutil.rmtree(SUBMISSIONS / kind / "1.3", ignore_errors=True)
    for case in cases():
        case.save(SUBMISSIONS)


if __name__ == "__main__":
    main()
