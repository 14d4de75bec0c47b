"""How Sphinx builds the documentation: `sphinx-build -W docs docs/_build/html`.

The reference is written by `docs/reference.py` from the code itself, before the pages are read. Nothing is fetched
from the network, here or by the pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import reference  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

from pytest_netlab import __version__  # noqa: E402

project = "pytest-netlab"
author = "The pytest-netlab maintainers"
copyright = author
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "examples", "howto/*.py"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_use_ivar = True  # attributes are fields of their class, and not described twice
default_role = "code"
smartquotes = False  # `b'ABCD'` in a hint is code
highlight_language = "python"
suppress_warnings = [
    "misc.highlighting_failure",  # `…` in an example is meant
    "ref.python",  # `arp`, `udp` and the like are properties of several classes
]

html_theme = "furo"
html_title = f"pytest-netlab {release}"
html_static_path = ["_static"]
html_show_sphinx = False
html_copy_source = False


def setup(app: Sphinx) -> None:
    """Write the reference before the pages are read."""
    app.connect("builder-inited", lambda app: reference.write(HERE / "_generated"))
