"""Every command of README and docs is one that the command line takes, and is run: here, by a test named below, or it
says beside it why not (`# needs a GPU`, `# needs a key`, `# needs a server`, `# minutes`)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from harness.cli.arguments import with_left_out_values
from harness.cli.main import make_app
from tests.docs.markdown import DOCUMENTS, ROOT, Command, commands_of, inline_commands
from tests.make.command import command

COMMANDS = tuple(found for document in DOCUMENTS for found in commands_of(document))
IDS = [found.place for found in COMMANDS]

# first words of a command -> the exit codes with which it has done what it says
RUN_HERE: Mapping[str, frozenset[int]] = {
    "doctor": frozenset({0, 2}),  # 2: this machine lacks the demo's model
    "index": frozenset({0}),
    "retrieval": frozenset({0}),
    "ask": frozenset({0}),
    "schema": frozenset({0}),
    "score": frozenset({0}),
    "gate": frozenset({0, 1, 3}),
    "report": frozenset({0}),
    "diff": frozenset({0}),
    "export": frozenset({0}),
    "golden check": frozenset({0}),
    "golden split": frozenset({0}),
    "golden formats": frozenset({0}),
    "golden review --sheet": frozenset({0}),
    "golden import": frozenset({0}),
    "judge sheet": frozenset({0}),
    "adapters list": frozenset({0}),
    "run --dry-run": frozenset({0}),
    "run --limit": frozenset({0}),
    "init --questions": frozenset({0}),
    "init --from": frozenset({0}),
}
# first words of a command -> the test that runs its like, where more is needed than stands in the workshop
RUN_BY: Mapping[str, str] = {
    "init --questions --base-url": "tests/new_scenario/test_first_hour.py",
    "init": "tests/cli/test_init.py",
    "run": "tests/new_scenario/test_first_hour.py",
    "run --only": "tests/stages/test_whole_run.py",
    "run --try-fix": "tests/diagnosis/test_try_fix.py",
    "run --drills": "tests/stages/test_drill_run.py",
    "run --fresh": "tests/stages/test_server_run.py",
    "advise": "tests/advice/test_terminal.py",
    "advise --check": "tests/cli/test_advice_check.py",
    "compare": "tests/runs/test_comparison.py",
    "parity": "tests/runs/test_comparison.py",
    "refresh": "tests/runs/test_refresh.py",
    "forgetting": "tests/test_forgetting.py",
    "golden review": "tests/ratings/test_review.py",
    "golden export": "tests/golden/test_exports.py",
    "examples import": "tests/cli/test_golden_import.py",
    "examples import --since": "tests/tuning/test_feedback.py",
    "examples make": "tests/cli/test_golden_synth.py",
    "examples raft": "tests/cli/test_examples_made.py",
    "examples check": "tests/cli/test_examples_made.py",
    "examples pairs": "tests/stages/test_methods_run.py",
    "golden synth": "tests/cli/test_golden_synth.py",
    "judge read": "tests/ratings/test_calibration.py",
    "golden import FORMAT": "tests/cli/test_golden_import.py",
    "tune": "tests/cli/test_tune.py",
}


def parsed(words: tuple[str, ...]) -> None:
    """Hold a call against the command line without running it. It raises what a user would be told."""
    node, rest = meant(words)
    assert not getattr(node, "commands", None), f"no such command: {' '.join(words)}; it lacks its second word"
    node.make_context(" ".join(words[:2]), with_left_out_values(rest))


def meant(words: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    """The command of the command line that a call names, and the words behind its name."""
    node: Any = _tool()
    while words and not words[0].startswith("-") and (commands := getattr(node, "commands", None)):
        assert words[0] in commands, f"no such command: {words[0]}; known: {', '.join(commands)}"
        node, words = commands[words[0]], words[1:]
    return node, words


@cache
def _tool() -> Any:
    return typer.main.get_command(make_app())


def row_of(words: tuple[str, ...], rows: Mapping[str, Any]) -> str | None:
    """The row that says most of a call: all of its words stand in it."""
    fits = [row for row in rows if words[: len(_plain(row))] == _plain(row) and set(row.split()) <= set(words)]
    return max(fits, key=len, default=None)


def _plain(row: str) -> tuple[str, ...]:
    return tuple(word for word in row.split() if not word.startswith("-"))


@pytest.mark.parametrize("shown", COMMANDS, ids=IDS)
def test_the_command_line_takes_it(shown: Command) -> None:
    parsed(shown.words)


@pytest.mark.parametrize("shown", COMMANDS, ids=IDS)
def test_it_is_run_by_a_test_or_says_why_not(shown: Command) -> None:
    assert shown.mark or row_of(shown.words, {**RUN_HERE, **RUN_BY}), (
        f"{shown.place}: no test runs it; add a row to {Path(__file__).name}, or a mark to the line"
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_the_text_names_is_there(document: Path) -> None:
    """Commands between the words of a text may leave out what they are given: their names and options are held."""
    for text in inline_commands(document):
        node, words = meant(tuple(word for word in re.split(r"[\s=]+", text)[1:] if word))
        known = {option for parameter in node.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [word for word in words if word.startswith("--") and word not in known | {"--help", "--version"}]
        assert not unknown, f"{document.name}: `{text}`: {unknown}"


@pytest.mark.parametrize("row", RUN_BY)
def test_the_test_that_runs_it_is_there_and_names_it(row: str) -> None:
    text = (ROOT / RUN_BY[row]).read_text(encoding="utf-8")
    words = [word.lstrip("-").replace("-", "[-_]") for word in row.split() if not word.isupper()]
    missing = [word for word in words if not re.search(word, text)]
    assert not missing, f"{RUN_BY[row]} says nothing of {missing}"


@pytest.mark.parametrize(
    ("words", "said"),
    [(("run", "x", "--nope"), "--nope"), (("fly",), "no such command"), (("run",), "scenario"), (("golden", "x"), "x")],
)
def test_a_command_that_is_none_is_seen(words: tuple[str, ...], said: str) -> None:
    with pytest.raises((AssertionError, typer.TyperException), match=said):
        parsed(words)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the documents' commands name: a scenario, a run of it, documents, a file of questions."""
    from tests.make.small import write_small

    folder = tmp_path_factory.mktemp("workshop")
    write_small(folder / "my-project")
    settings = folder / "my-project" / "scenario.yaml"
    text = settings.read_text().replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[baseline, rag]")
    text = text.replace("forgetting: {tasks: items, limit: 8}", "candidate: rag\nlatency: {questions: 1, repeats: 1}")
    settings.write_text(text)
    shutil.copytree(folder / "my-project" / "corpus", folder / "handbook")
    for name in ("faq.csv", "questions.csv", "new.csv"):
        (folder / name).write_text("question,answer\nWhat does Amber cost?,12 euros\nWhat does Birch cost?,19 euros\n")
    (folder / "more.csv").write_text("question,answer\nWhat does Cedar cost?,31 euros\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("HARNESS_REPORTS", raising=False)
        assert command("run", "my-project") == 0
        assert command("init", "mine", "--docs", "handbook", "--questions", "faq.csv") == 0
    return folder


def _words(shown: Command, folder: Path) -> list[str]:
    """Its words with the names of what stands in the workshop; what `init` makes gets another name."""
    run = next(path.name for path in (folder / "reports").iterdir() if path.is_dir())
    names = {"RUN": run, "RUN_A": run, "RUN_B": run, "OTHER": run}
    words = [names.get(word, word) for word in shown.words]
    return [words[0], f"{words[1]}-new", *words[2:]] if words[0] == "init" else words


def _runnable(document: Path) -> list[Command]:
    shown = [found for found in commands_of(document) if not found.mark]
    return [found for found in shown if row_of(found.words, {**RUN_HERE, **RUN_BY}) in RUN_HERE]


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if _runnable(path)], ids=lambda path: path.name)
def test_the_commands_of_a_page_do_what_they_say_one_after_the_other(
    document: Path,
    workshop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    shutil.copytree(workshop, home, symlinks=True)
    monkeypatch.chdir(home)
    monkeypatch.delenv("HARNESS_REPORTS", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    for shown in _runnable(document):
        code = command(*_words(shown, home))
        said = capsys.readouterr()
        assert code in RUN_HERE[row_of(shown.words, RUN_HERE) or ""], f"{shown.place}: {code}\n{said.err}"
        assert "Traceback" not in said.err, shown.place
