"""The site of these documents (`make site`): Sphinx with MyST, nothing fetched when it is built or read."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

project = "harness"
author = "the authors of harness"
extensions = ["myst_parser"]
myst_heading_anchors = 4  # the anchors that GitHub gives to headings
html_theme = "furo"
html_title = "harness"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
exclude_patterns = ["conf.py"]


def _with_contents(_: Sphinx, page: str, source: list[str]) -> None:
    """The list of pages at the side, in the order in which the index names them; notes stand at its end."""
    if page == "index":
        named = dict.fromkeys(re.findall(r"\]\(([\w/-]+)\.md\)", source[0]))
        notes = sorted({f"notes/{path.stem}" for path in (Path(__file__).parent / "notes").glob("*.md")} - {*named})
        source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join([*named, *notes]) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _with_contents)
