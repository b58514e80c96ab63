"""The word of a verdict in colour, where colours show and are wanted; text as wide as the window."""

from __future__ import annotations

import io
import sys

import pytest

from harness.cli.console import show_verdict, window
from harness.report.text.layout import WIDTH


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in the place of standard output; set within a test, since pytest puts its own there before each."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


@pytest.mark.parametrize(("word", "colour"), [("GO", "32"), ("NO-GO", "31"), ("NOT PROVEN", "33")])
def test_the_word_alone_has_a_colour(monkeypatch: pytest.MonkeyPatch, word: str, colour: str) -> None:
    terminal = screen(monkeypatch)
    show_verdict(f"{word}: a sentence with [brackets]\nnext: a line that is {'very ' * 40}long", word)
    text = terminal.getvalue()
    assert text.startswith(f"\x1b[1;{colour}m{word}\x1b[0m: a sentence with [brackets]\n")
    assert text.count("\x1b[") == 2
    assert text.count("\n") == 2, "laid out before, not wrapped again"


def test_no_colour_where_none_is_wanted_and_none_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    show_verdict("GO: ship it", "GO")
    assert "32m" not in terminal.getvalue()
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    show_verdict("GO: ship it", "GO")
    assert pipe.getvalue() == "GO: ship it\n"


def test_a_pipe_is_as_wide_as_it_is_told_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.delenv("COLUMNS", raising=False)
    assert window() == WIDTH
    monkeypatch.setenv("COLUMNS", "72")
    assert window() == 72
