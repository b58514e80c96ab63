"""The templates, and the policy under which every page stands.

Style and script stand inside a page and are named by their hashes in its content security policy, which forbids
everything else: no request can leave the page, and text that others wrote cannot act in it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from harness.characters import clean
from harness.files.input_file import real
from harness.files.paths import cache_dir
from harness.report.page.terms import TERMS, stacked, term_id, with_terms
from harness.stats import numbers
from harness.verdict.status import STATUSES

TEMPLATES = Path(__file__).resolve().parent / "templates"


def policy(style: str, script: str) -> str:
    """The content security policy: this style, this script, nothing else and no request."""
    allowed = f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def asset(name: str) -> str:
    """A style or script that stands inside the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates, with every text escaped and control characters shown."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    templates.filters["terms"] = with_terms
    templates.filters["stacked"] = stacked
    templates.globals.update(
        term_id=term_id,
        terms=TERMS,
        show=numbers.show,
        show_estimate=numbers.show_estimate,
        show_interval=numbers.show_interval,
        show_seconds=numbers.show_seconds,
        show_count=numbers.show_count,
        show_p=numbers.show_p,
        figure=numbers.figure,
        statuses=STATUSES,
    )
    return templates


def _compiled() -> FileSystemBytecodeCache | None:
    """The cache of compiled templates; None where no folder can be made, and every call compiles them."""
    folder = real(cache_dir()) / "templates"  # whoever calls may work in another folder by the next page
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))
