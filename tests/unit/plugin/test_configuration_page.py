"""docs/configuration.md and the plugin: each item is on the page, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

import pytest_netlab.plugin
from pytest_netlab.plugin import fixtures, hookspecs

PAGE: Final = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")


class Parser:
    """Stands where pytest's parser stands, and remembers what is registered."""

    def __init__(self) -> None:
        self.options: dict[str, dict[str, Any]] = {}
        self.ini: dict[str, Any] = {}

    def getgroup(self, name: str, description: str) -> Parser:
        assert name == "netlab"
        assert description
        return self

    def addoption(self, name: str, **settings: Any) -> None:
        self.options[name] = settings

    def addini(self, name: str, help: str, type: str = "string", default: Any = None) -> None:
        assert help
        self.ini[name] = default


def registered() -> Parser:
    parser = Parser()
    add: Callable[[Any], None] = pytest_netlab.plugin.pytest_addoption
    add(parser)
    return parser


def section(title: str) -> dict[str, str]:
    """The items of a section: what is between the backticks of a heading, and the text below it."""
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    items = re.split(r"^### `(.+)`\n", text, flags=re.MULTILINE)
    return dict(zip(items[1::2], items[2::2], strict=True))


def test_options() -> None:
    wanted = set()
    for name, settings in registered().options.items():
        metavar = settings.get("metavar") or {"--netlab-tier": "TIER", "--netlab-second-opinion": "WHEN"}.get(name, "")
        wanted.add(name if settings.get("action") == "store_true" else f"{name} {metavar}")
    assert set(section("Options")) == wanted


def test_every_choice_of_an_option_is_named() -> None:
    told = {heading.split()[0]: text for heading, text in section("Options").items()}
    with_choices = {name: each["choices"] for name, each in registered().options.items() if "choices" in each}
    assert len(with_choices) >= 2
    for name, choices in with_choices.items():
        assert [choice for choice in choices if f"`{choice}`" not in told[name]] == [], name


def test_ini_options_and_their_defaults() -> None:
    told = section("Ini options")
    ini = registered().ini
    assert set(told) == set(ini)
    for name, default in ini.items():
        said = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else "empty"
        assert f"Default: {said}" in told[name], name


def test_hooks() -> None:
    hooks = {name: value for name, value in vars(hookspecs).items() if name.startswith("pytest_netlab_")}
    assert len(hooks) >= 2
    signatures = {
        f"{name}({', '.join(hook.__code__.co_varnames[: hook.__code__.co_argcount])})" for name, hook in hooks.items()
    }
    assert set(section("Hooks")) == signatures
    assert all("Args:" in str(hook.__doc__) for hook in hooks.values())


def test_markers(request: pytest.FixtureRequest) -> None:
    markers = [str(line).partition(":")[0] for line in request.config.getini("markers")]
    assert set(section("Markers")) == {name for name in markers if name.startswith("netlab")}


def test_fixtures() -> None:
    kind = type(fixtures.lab)
    public = {name for name, value in vars(fixtures).items() if isinstance(value, kind) and not name.startswith("_")}
    assert len(public) > 5
    assert set(section("Fixtures")) == public


def test_the_page_names_only_options_that_there_are() -> None:
    """In running text and examples, of this page and every other."""
    parser = registered()
    known = {*parser.options, *parser.ini, *(name for name in vars(hookspecs) if name.startswith("pytest_netlab_"))}
    for page in sorted((Path(__file__).parents[3] / "docs").rglob("*.md")):
        named = set(re.findall(r"--netlab-[a-z]+(?:-[a-z]+)*|\bpytest_netlab_[a-z]+", page.read_text(encoding="utf-8")))
        assert named <= known, page.name
