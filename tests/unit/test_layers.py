"""The rooms of the package: imports point down only, heavy libraries stay where they belong, the façade is whole."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import pytest_netlab

PACKAGE = Path(pytest_netlab.__file__).parent
SUITES = PACKAGE.parent / "suites"
BELOW = {
    "errors": set[str](),
    "wire": {"errors"},
    "capture": {"errors", "wire"},
    "lab": {"errors", "wire", "capture"},
    "traffic": {"errors", "wire", "capture", "lab"},
    "grading": {"errors", "wire", "capture", "lab", "traffic"},
    "report": {"errors", "wire", "capture", "lab", "traffic", "grading"},
    "classroom": {"errors", "wire", "capture", "lab", "traffic", "grading", "report"},
    "trial": {"errors"},
    "plugin": {"errors", "wire", "capture", "lab", "traffic", "grading", "report"},
    "cli": {"errors", "wire", "capture", "lab", "traffic", "grading", "report", "classroom", "trial"},
    "__main__": {"errors", "cli"},
}
"""Each room and the rooms that it may import from, besides its own."""

NOT_AT_PLUGIN_LOAD = ("scapy", "pyroute2", "pyshark", "rich", "jinja2", "asyncio")


class Import(NamedTuple):
    """One import statement's target: a dotted module name, and where it stands."""

    file: Path
    line: int
    target: str
    name: str

    @property
    def room(self) -> str:
        """The room that the importing file belongs to."""
        return room_of(self.file.relative_to(PACKAGE).parts[0])

    @property
    def imported_room(self) -> str:
        """The room imported from; `"façade"` for the package itself, empty for other distributions."""
        head, *rest = self.target.split(".")
        if head != "pytest_netlab":
            return ""
        if rest:
            return rest[0]
        return self.name if self.name in BELOW else "façade"

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE.parent)}:{self.line} imports {self.target} {self.name}".rstrip()


def room_of(first: str) -> str:
    return first.removesuffix(".py")


def imports(directory: Path) -> Iterator[Import]:
    """Every import below `directory`, wherever in its file it stands."""
    for file in sorted(directory.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            if isinstance(node, ast.Import):
                yield from (Import(file, node.lineno, alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}:{node.lineno}: a relative import"
                yield from (Import(file, node.lineno, node.module or "", alias.name) for alias in node.names)


def of_rooms() -> list[Import]:
    """Imports of the package's own rooms; the façade is looked at on its own."""
    return [found for found in imports(PACKAGE) if found.file != PACKAGE / "__init__.py"]


def test_every_room_is_on_the_map() -> None:
    rooms = {room_of(path.relative_to(PACKAGE).parts[0]) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms - set(BELOW) == set()
    assert {"wire", "capture", "lab", "traffic", "grading", "report", "plugin", "cli"} <= rooms


def test_imports_point_down_only() -> None:
    upward = [
        str(found)
        for found in of_rooms()
        if found.imported_room and found.imported_room not in BELOW[found.room] | {found.room, "façade"}
    ]
    assert upward == []


def test_rooms_take_only_the_version_from_the_facade() -> None:
    taken = [str(found) for found in of_rooms() if found.imported_room == "façade" and found.name != "__version__"]
    assert taken == []


def test_wire_does_no_io() -> None:
    outside = {"socket", "os", "pathlib", "time", "select", "subprocess", "threading", "io", "pytest", "asyncio"}
    doing = [str(found) for found in of_rooms() if found.room == "wire" and found.target.split(".")[0] in outside]
    assert doing == []


def test_only_the_plugin_imports_pytest() -> None:
    heads = {"pytest", "_pytest", "xdist"}
    knowing = [str(found) for found in of_rooms() if found.target.split(".")[0] in heads]
    allowed = ("pytest_netlab/plugin/", "pytest_netlab/classroom/inner.py")  # the latter runs it, once a submission
    assert [line for line in knowing if not line.startswith(allowed)] == []
    assert knowing


def test_only_the_bridge_imports_scapy() -> None:
    importing = {found.file for found in imports(PACKAGE) if found.target.split(".")[0] == "scapy"}
    assert importing == {PACKAGE / "traffic" / "scapy_bridge.py"}


def test_only_the_process_made_for_it_imports_pyshark() -> None:
    importing = {found.file for found in imports(PACKAGE) if found.target.split(".")[0] == "pyshark"}
    assert importing == {PACKAGE / "grading" / "pyshark_child.py"}


def test_facade_imports_nothing_of_its_own_when_it_is_imported() -> None:
    """A name is loaded from its room on first use."""
    program = "import sys, pytest_netlab; print(*[name for name in sys.modules if name.startswith('pytest_netlab.')])"
    assert run_python(program) == ""


def test_facade_exports_what_it_has_homes_for() -> None:
    assert sorted(pytest_netlab.__all__) == sorted({*pytest_netlab._HOMES, "__version__"})
    assert pytest_netlab.__all__ == sorted(pytest_netlab.__all__)
    assert set(pytest_netlab.__all__) <= set(dir(pytest_netlab))


@pytest.mark.parametrize("name", sorted(pytest_netlab._HOMES))
def test_every_export_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(pytest_netlab, name)
    assert value.__name__ == name
    documentation = value.__doc__ or ""
    assert documentation.strip()
    # A dataclass or a named tuple without a docstring gets its signature for one.
    assert not documentation.startswith(f"{name}(")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'pytest_netlab' has no attribute 'Labb'"):
        getattr(pytest_netlab, "Labb")  # noqa: B009  (mypy knows that it is not there)


def test_suites_use_only_the_public_interface() -> None:
    taken = [found for found in imports(SUITES) if found.imported_room and "solutions" not in found.file.parts]
    assert taken
    private = [
        f"{found.file.name}:{found.line}: {found.target}.{found.name}"
        for found in taken
        if found.target != "pytest_netlab" or found.name not in pytest_netlab.__all__
    ]
    assert private == []


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import pytest_netlab.plugin; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    loaded = run_python(program).split()
    assert "pytest_netlab" in loaded
    assert [name for name in NOT_AT_PLUGIN_LOAD if name in loaded] == []


def test_loading_the_plugin_loads_no_room_but_errors() -> None:
    program = (
        "import sys, pytest_netlab.plugin; "
        "print(*sorted({name.split('.')[1] for name in sys.modules if name.startswith('pytest_netlab.')}))"
    )
    assert run_python(program).split() in (["plugin"], ["errors", "plugin"])


def run_python(program: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()
