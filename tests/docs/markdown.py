"""What the documents hold that can be checked: links, headings, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
MARKS = ("needs a GPU", "needs a key", "needs a server", "minutes")  # why a command is shown and not run by a test
SHELLS = ("sh", "bash", "console", "")  # languages of a block in which a line may be a command

_SYNOPSIS = re.compile(r"\s{3,}")  # what stands behind a gap is said of the command


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a document that runs the tool."""

    document: Path
    line: int
    words: tuple[str, ...]  # behind `harness`
    mark: str | None  # one of MARKS, in the line's comment

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}: harness {' '.join(self.words)}"


def tokens_of(document: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(document.read_text(encoding="utf-8"))


def links_of(document: Path) -> Iterator[str]:
    """The targets of links and pictures."""
    for token in tokens_of(document):
        for inner in token.children or ():
            target = inner.attrs.get("href") or inner.attrs.get("src")
            if target:
                yield str(target)


def anchors_of(document: Path) -> set[str]:
    """The anchors of its headings, as GitHub and the site make them."""
    tokens = tokens_of(document)
    headings = [tokens[i + 1].children or [] for i, token in enumerate(tokens) if token.type == "heading_open"]
    return {_slug("".join(inner.content for inner in heading)) for heading in headings}


def commands_of(document: Path) -> Iterator[Command]:
    """The commands of its blocks, a line each; `a | b` and `[--option]` of a synopsis are read as one call."""
    for token in tokens_of(document):
        if token.type == "fence" and token.info.strip() in SHELLS:
            first = (token.map or [0])[0] + 2  # behind the fence, counted from 1
            for line, text in enumerate(token.content.splitlines(), start=first):
                if text.startswith("harness "):
                    yield _command(document, line, text)


def inline_commands(document: Path) -> Iterator[str]:
    """Calls of the tool between the words of a text."""
    for token in tokens_of(document):
        for inner in token.children or ():
            if inner.type == "code_inline" and inner.content.startswith("harness "):
                yield inner.content


def _command(document: Path, line: int, text: str) -> Command:
    said, _, comment = text.partition(" #")
    said = _SYNOPSIS.split(said.split(" | ")[0].strip())[0]
    words = [word.strip("[]") for word in shlex.split(said)[1:]]
    return Command(document, line, tuple(words), next((mark for mark in MARKS if mark in comment), None))


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
