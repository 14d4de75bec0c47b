"""Facts about this machine: its tiers, tried for real, and the software that the parts of a grading need.

Says; changes nothing. Nothing heavy is imported: versions come from the metadata of what is installed.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_netlab.lab import tiers
from pytest_netlab.lab.tiers import Tier

if TYPE_CHECKING:
    from pytest_netlab.lab.probing import Wall

SCHEMA: Final = "pytest-netlab/doctor/1"

_DISTRIBUTIONS: Final = ("pytest", "pytest-xdist", "scapy", "msgspec")
_LIBPCAP: Final = ("libpcap.so.1", "libpcap.so.0.8", "libpcap.dylib")
_PATIENCE_S: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of software.

    Attributes:
        name: what people call it.
        version: as it says itself; empty where it is not here.
        without: what does not work without it.
        optional: whether grading goes on without it.
    """

    name: str
    version: str
    without: str = "it belongs to pytest-netlab; install it again"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Attributes:
        tiers: all of them, best first.
        parts: software, present or not.
        walls: what a hostile program was refused in the sandbox; empty where there is none.
    """

    tiers: tuple[Tier, ...]
    parts: tuple[Part, ...]
    walls: tuple[Wall, ...] = ()

    @property
    def best_tier_works(self) -> bool:
        """Whether certified grading is possible here: the sandbox can be built, and it holds."""
        return self.tiers[0].available and all(wall.holds for wall in self.walls)

    @property
    def chosen(self) -> Tier:
        """The tier that `auto` stands for on this machine."""
        return next(tier for tier in self.tiers if tier.available)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; later versions of the schema only add keys."""
        return {
            "schema": SCHEMA,
            "tier": self.chosen.name,
            "tiers": [{**tier._asdict(), "available": tier.available} for tier in self.tiers],
            "software": [asdict(part) for part in self.parts],
            "sandbox": [wall._asdict() for wall in self.walls],
        }


def examine() -> Diagnosis:
    """Look at this machine. Builds labs, and attacks the sandbox of one; takes about a second."""
    found = tuple(tiers.probe())
    return Diagnosis(found, tuple(_parts()), tuple(_walls()) if found[0].available else ())


def _walls() -> list[Wall]:
    from pytest_netlab.lab import probing
    from pytest_netlab.lab.client import shared_agent

    with shared_agent().lab() as lab:
        return probing.probe(lab, str(Path(__file__).resolve()))


def _parts() -> list[Part]:
    return [
        Part("kernel", f"{platform.system()} {platform.release()} {platform.machine()}"),
        Part("Python", platform.python_version()),
        *(Part(name, _installed(name)) for name in _DISTRIBUTIONS),
        Part("tshark", _tshark(), "Wireshark gives no second opinion", optional=True),
        Part("pyshark", _installed("pyshark"), "Wireshark gives no second opinion", optional=True),
        Part("libpcap", _libpcap(), "Scapy cannot compile a capture filter, as in sniff(filter=…)", optional=True),
    ]


def _installed(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _tshark() -> str:
    path = shutil.which("tshark")
    if path is None:
        return ""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    words = said.stdout.split()
    return next((word.rstrip(".") for word in words if word[:1].isdigit()), "")


def _libpcap() -> str:
    for name in _LIBPCAP:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.pcap_lib_version.restype = ctypes.c_char_p
        said: bytes = library.pcap_lib_version()
        return said.decode("ascii", "replace").removeprefix("libpcap version ")
    return ""
