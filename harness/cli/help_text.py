"""The text of `--help`: commands in sections, no sentence cut, examples at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

from harness.cli.usage import EXAMPLES, REST, SECTIONS

WHOLE = 10_000  # characters of a command's sentence: it is wrapped, not cut


class HelpfulCommand(TyperCommand):
    """A command whose help ends with examples."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples, then what the command itself ends with."""
        lines = EXAMPLES.get(path_of(ctx), ())
        if lines:
            with formatter.section("Examples"):
                for line in lines:
                    formatter.write(f"  {line}\n")
        super().format_epilog(ctx, formatter)


class HelpfulGroup(TyperGroup):
    """A group whose commands stand in sections, each with its whole sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A section of commands after the other."""
        for title, names in self._sections(ctx):
            rows = [(name, self.commands[name].get_short_help_str(WHOLE)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)

    def _sections(self, ctx: Any) -> Iterator[tuple[str, list[str]]]:
        names = [name for name in self.list_commands(ctx) if not self.commands[name].hidden]
        if path_of(ctx):
            yield "Commands", names
            return
        placed = {name for section in SECTIONS.values() for name in section}
        for title, section in SECTIONS.items():
            yield title, [name for name in section if name in names]
        if rest := [name for name in names if name not in placed]:
            yield REST, rest


def path_of(ctx: Any) -> str:
    """The words of a command without the program's name: `golden check`; empty for the program itself."""
    words: list[str] = []
    while ctx.parent is not None:
        words.insert(0, ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(words)
