"""Whatever the words of a command line are, the answer is lines and an exit code."""

from __future__ import annotations

import pytest

from tests.make.command import command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", ""), "argument 2 is empty"),
        (("gate", " "), "argument 2 is empty"),
        (("gate", "a\0b"), "argument 2, 'a\\x00b', holds a null byte"),
        (("gate", "a\udcff"), "argument 2, 'a\\udcff', is not UTF-8"),
        (("gate", "x" * 5000), "argument 2 has 5,000 characters, expected at most 4,000"),
        (("gate", "x" * 3000), "no finished run there"),
        (("run", "a/" * 1500), "no scenario.yaml there"),
        (("gate", "a", "b\u2028c"), "unexpected extra argument"),
        (("run", "/dev/zero"), "is a device"),
        (("init", "/dev/null/x"), "cannot be written"),
    ],
)
def test_a_word_that_cannot_be_is_refused(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*arguments) == 2
    lines = capsys.readouterr().err.rstrip("\n").split("\n")
    assert words in lines[-1]
    assert all(line.isprintable() for line in lines)
