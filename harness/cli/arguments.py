"""The words of a command line, checked whatever they mean: none empty, none with what no path or terminal takes.

check_arguments(["run", ""])     # InputError: argument 2 is empty; ...
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.characters import spelled, without_halves
from harness.errors import InputError
from harness.files.input_file import legible

LEFT_OUT = "-"  # stands for the value of an option that may have none
OPTIONAL_VALUES = ("--markdown",)  # options whose value may be left out; the library of the options knows no such
LONGEST = 4000  # characters; a question may be long, and no path is longer


def with_left_out_values(arguments: Sequence[str]) -> list[str]:
    """The words with LEFT_OUT behind each option that has no value, at the end or before another option."""
    words: list[str] = []
    for place, argument in enumerate(arguments):
        words.append(argument)
        following = arguments[place + 1] if place + 1 < len(arguments) else "--"
        if argument in OPTIONAL_VALUES and following.startswith("-") and following != LEFT_OUT:
            words.append(LEFT_OUT)
    return words


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuse an argument that is empty, holds a null byte or bytes that are not UTF-8, or is longer than any is."""
    for place, argument in enumerate(arguments, start=1):
        if not argument.strip():
            raise InputError(f"argument {place} is empty; is a variable of the shell not set?")
        if "\0" in argument:
            raise InputError(f"argument {place}, '{legible(argument)}', holds a null byte; take it out")
        if without_halves(argument) != argument:
            raise InputError(
                f"argument {place}, '{legible(spelled(argument))}', is not UTF-8; rename the file or retype it"
            )
        if len(argument) > LONGEST:
            raise InputError(f"argument {place} has {len(argument):,} characters, expected at most {LONGEST:,}")
