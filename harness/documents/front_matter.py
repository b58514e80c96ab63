"""Front matter of Markdown: YAML between `---`, TOML between `+++`, a JSON object; its keys leave the text.

    ---
    title: Refunds
    updated: 2026-03-02
    ---

A rule of dashes above ordinary words is no front matter: one of its keys must be one that such files use.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.documents.results import words

_FENCED = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)(?:\n|\A)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_LINE = re.compile(r"^([A-Za-z_][\w-]*):(?:[ \t]+(.*))?$")
_FURTHER = re.compile(r"^(?:[ \t]+\S|-[ \t]|#|$)")  # a line that goes on with the key above it, or is none
_KEY = re.compile(r"[\w][\w .:/-]*")
DATE_KEYS = ("updated", "lastmod", "last_modified", "modified", "date", "timestamp", "published", "created")
SURE_KEYS = frozenset((*DATE_KEYS, *words("title id slug permalink tags draft layout weight aliases")))
# Keys by which front matter is known: of Hugo, Jekyll, Docusaurus, MkDocs, Obsidian, Quarto and others.
KEYS = SURE_KEYS | words(
    "title linktitle subtitle name id slug url permalink author authors owner tags tag categories category "
    "keywords description summary excerpt draft status layout template type weight order version supersedes "
    "source language lang locale aliases alias image cover toc menu nav_order parent has_children sidebar_label "
    "sidebar_position sidebar_class_name pagination_label hide_title redirect_from redirect_to jupyter kernelspec "
    "format bibliography series department audience expires expirydate publishdate uid cssclass cssclasses "
    "publish head hero created_at updated_at reviewed review_date"
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys above a text, and the text."""

    body: str
    values: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def get(self, *names: str) -> str | None:
        """The first of these keys that has a value; case does not count."""
        values = {key.lower(): value for key, value in self.values.items()}
        return next((values[name] for name in names if values.get(name)), None)


def split_front_matter(text: str) -> FrontMatter:
    """The front matter of a text with `\\n` line ends, and what follows it; all is text where there is none."""
    if text.startswith("{"):
        return _json(text)
    match = _FENCED.match(text)
    if match is None:
        return FrontMatter(text)
    body, block = text[match.end() :], match.group(2)
    read = _toml if match.group(1) == "+++" else _yaml
    values, remarks = read(block)
    if values is None or not _is_front(values):
        return FrontMatter(text)
    return FrontMatter(body, _words(values), remarks)


def _is_front(values: Mapping[Any, object]) -> bool:
    """Whether keys are those of front matter; a word such as `status` alone may also begin a sentence."""
    keys = {str(key).lower() for key in values}
    if not all(_KEY.fullmatch(key) for key in keys):
        return False
    sentences = any(str(value).rstrip().endswith(".") and len(str(value).split()) > 4 for value in values.values())
    return bool(keys & SURE_KEYS) or (bool(keys & KEYS) and not sentences)


Values = tuple[Mapping[Any, object] | None, tuple[str, ...]]  # and what is to be said of reading them


def _yaml(block: str) -> Values:
    from harness.files.yaml_text import YamlFault, load_yaml  # here: YAML takes time to load

    try:
        value = load_yaml(block)
    except YamlFault:
        lines = _line_by_line(block)
        return lines, ("front matter that is no valid YAML was read line by line; quote values that hold a colon",)
    return value if isinstance(value, dict) else None, ()


def _line_by_line(block: str) -> Mapping[Any, object] | None:
    """`key: value` lines, where every line is one or goes on with one (`title: Refunds: how they work`)."""
    values: dict[Any, object] = {}
    for line in block.split("\n"):
        match = _LINE.match(line)
        if match:
            values[match.group(1)] = (match.group(2) or "").strip().strip("\"'") or None
        elif not values or not _FURTHER.match(line):
            return None
    return values


def _toml(block: str) -> Values:
    try:
        return {**tomllib.loads(block)}, ()
    except (tomllib.TOMLDecodeError, RecursionError):
        return None, ()


def _json(text: str) -> FrontMatter:
    """A JSON object at the very top with text below it."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return FrontMatter(text)
    rest = text[end:]
    if not isinstance(value, dict) or not _is_front(value) or not rest.startswith("\n"):
        return FrontMatter(text)
    return FrontMatter(rest.lstrip("\n"), _words(value))


def _words(values: Mapping[Any, object]) -> dict[str, str]:
    return {str(key): _as_text(value) for key, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    show: Callable[[object], str] = str
    return ", ".join(map(show, value)) if isinstance(value, list) else str(value)
