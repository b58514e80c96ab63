"""The table of commands, and the one place where an error becomes a message and an exit code.

An error that nobody foresaw has a code of its own, so that CI takes no fault of the tool for a NO-GO (`EXIT_CODES`).
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Mapping

import typer

from harness import __version__
from harness.characters import printable
from harness.cli.adapters import adapters_app
from harness.cli.advise import advise_command
from harness.cli.arguments import check_arguments, with_left_out_values
from harness.cli.ask import ask_command
from harness.cli.compare import bless_command, compare_command
from harness.cli.crash import EXIT_CODE as CRASHED
from harness.cli.crash import crash_message
from harness.cli.diff import diff_command
from harness.cli.doctor import doctor_command
from harness.cli.examples import examples_app
from harness.cli.export import export_command
from harness.cli.forgetting import forgetting_command
from harness.cli.gate import gate_command
from harness.cli.golden import golden_app
from harness.cli.help_text import HelpfulCommand, HelpfulGroup
from harness.cli.index import index_command
from harness.cli.init import init_command
from harness.cli.judge import judge_app
from harness.cli.models import models_app
from harness.cli.parity import parity_command
from harness.cli.refresh import refresh_command
from harness.cli.report import report_command
from harness.cli.retrieval import retrieval_command
from harness.cli.run import run_command
from harness.cli.schema import schema_command
from harness.cli.score import score_command
from harness.cli.streams import robust_streams
from harness.cli.tune import tune_command
from harness.errors import EnvironmentFailure, HarnessError
from harness.files.faults import environment_message
from harness.process.malloc import look_for_garbage_less_often
from harness.process.secrets import masked

LONGEST_LINE = 2000  # characters of a message; a key of a file can have thousands
Command = Callable[..., int | None]  # the exit code; None: 0

COMMANDS: Mapping[str, Command] = {
    "init": init_command,
    "doctor": doctor_command,
    "advise": advise_command,
    "run": run_command,
    "index": index_command,
    "retrieval": retrieval_command,
    "tune": tune_command,
    "refresh": refresh_command,
    "ask": ask_command,
    "score": score_command,
    "gate": gate_command,
    "diff": diff_command,
    "compare": compare_command,
    "bless": bless_command,
    "parity": parity_command,
    "report": report_command,
    "export": export_command,
    "forgetting": forgetting_command,
    "schema": schema_command,
}
GROUPS: Mapping[str, typer.Typer] = {
    "golden": golden_app,
    "judge": judge_app,
    "examples": examples_app,
    "adapters": adapters_app,
    "models": models_app,
}


EXIT_CODES = (
    "Exit codes: 0 done (gate: GO); 1 gate: NO-GO, and nothing else; 2 bad input or use (golden check: findings); "
    "3 gate: NOT PROVEN; 4 the environment failed (disk, memory, server), finished work is kept; 70 a fault of "
    "harness, its traceback in the file that is named; 130 interrupted."
)


def make_app(commands: Mapping[str, Command] = COMMANDS, groups: Mapping[str, typer.Typer] = GROUPS) -> typer.Typer:
    """The command line of these commands."""
    app = typer.Typer(
        name="harness",
        help="Settles 'RAG, fine-tuning, or both?' by building every arm for real and measuring it.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        add_completion=True,  # --install-completion, --show-completion
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        cls=HelpfulGroup,
    )
    app.callback()(_options)
    for name, command in commands.items():
        app.command(name, cls=HelpfulCommand)(command)
    for name, group in groups.items():
        for info in group.registered_commands:
            info.cls = HelpfulCommand
        app.add_typer(group, name=name, cls=HelpfulGroup)
    return app


def _version(value: bool) -> None:
    if value:
        typer.echo(f"harness {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code; every foreseen failure is one message without a traceback."""
    look_for_garbage_less_often()
    sys.exit(_guarded(arguments))


def _guarded(arguments: list[str] | None) -> int:
    code = EnvironmentFailure.exit_code
    try:
        with robust_streams():
            code = _run(arguments)
    except OSError as error:  # what was printed could not be written in the end
        with robust_streams():
            return _say(environment_message(error) or crash_message(error), EnvironmentFailure.exit_code)
    return code


def _run(arguments: list[str] | None) -> int:
    try:
        words = sys.argv[1:] if arguments is None else arguments
        check_arguments(words)
        result = make_app()(with_left_out_values(words), standalone_mode=False)
        return result if isinstance(result, int) else 0
    except (typer.Abort, KeyboardInterrupt):
        return _say("interrupted; finished stages are kept: run the same command again to go on", 130)
    except typer.TyperException as error:  # unknown command or option, missing argument
        return _say_usage(error)
    except HarnessError as error:
        return _say(str(error), error.exit_code)
    except SystemExit as error:  # code of others that ends the process would end it with a code that means a verdict
        return _say(crash_message(error), CRASHED)
    except Exception as error:
        message = environment_message(error)
        return _say(crash_message(error), CRASHED) if message is None else _say(message, EnvironmentFailure.exit_code)


def _say_usage(error: typer.TyperException) -> int:
    """A wrong call, with the usage of its command, in the words of the library; nothing invisible in them."""
    show = getattr(error, "show", None)
    if not callable(show):
        return _say(str(error), 2)
    with contextlib.redirect_stderr(io.StringIO()) as usage:
        show()
    for line in usage.getvalue().rstrip("\n").split("\n"):
        print(_one_line(line), file=sys.stderr)
    return 2


def _say(message: str, code: int) -> int:
    """The message on standard error, each of its lines for itself: several faults of an input are told at once."""
    for line in masked(message).split("\n"):
        print(f"harness: {_one_line(line)}", file=sys.stderr)
    return code


def _one_line(text: str) -> str:
    """Nothing in it moves the cursor, and no reader of lines finds two in it (U+2028 ends one for some)."""
    line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in printable(text))
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
