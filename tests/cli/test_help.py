"""`--help` of every command: whole sentences, sections, examples that could be typed; within 80 columns."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from harness.cli.main import make_app
from harness.cli.usage import EXAMPLES, REST, SECTIONS

APP = make_app()
ROOT: Any = typer.main.get_command(APP)
PATHS = [
    path
    for name, command in ROOT.commands.items()
    for path in ([f"{name} {inner}" for inner in command.commands] if hasattr(command, "commands") else [name])
]
WIDTH = 80


def help_of(path: str) -> list[str]:
    runner = CliRunner(env={"COLUMNS": str(WIDTH), "TERMINAL_WIDTH": str(WIDTH)})
    done = runner.invoke(APP, [*path.split(), "--help"], prog_name="harness")
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def command_of(path: str) -> Any:
    command: Any = ROOT
    for word in path.split():
        command = command.commands[word]
    return command


@pytest.mark.parametrize(
    "path", ["", *(name for name in ROOT.commands if hasattr(ROOT.commands[name], "commands")), *PATHS]
)
def test_no_line_is_cut_or_wider_than_80_columns(path: str) -> None:
    lines = help_of(path)
    wide = [line for line in lines if len(line) > WIDTH]
    cut = [line for line in lines if line.rstrip().endswith(("...", "…")) and not line.startswith("Usage")]
    assert not wide
    assert not cut


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_two_examples_whose_options_it_knows(path: str) -> None:
    assert len(EXAMPLES.get(path, ())) >= 2, f"give '{path}' two examples in harness/cli/usage.py"
    text = "\n".join(help_of(path))
    options = {name for parameter in command_of(path).params for name in (*parameter.opts, *parameter.secondary_opts)}
    for example in EXAMPLES[path]:
        assert example in text
        words = shlex.split(example.partition(" | ")[0])
        assert words[: 1 + len(path.split())] == ["harness", *path.split()]
        assert {word for word in words if word.startswith("--")} <= options, example


def test_examples_are_of_commands_that_are_there() -> None:
    assert set(EXAMPLES) <= set(PATHS)


def test_every_command_stands_in_a_section_of_the_first_help_with_its_whole_sentence() -> None:
    placed = [name for names in SECTIONS.values() for name in names]
    assert sorted(placed) == sorted(ROOT.commands)
    text = " ".join(" ".join(help_of("")).split())
    for name, command in ROOT.commands.items():
        assert " ".join(command.get_short_help_str(10_000).split()) in text, name
    assert f" {REST}: " not in text
    assert all(f" {title}: " in text for title in SECTIONS)
