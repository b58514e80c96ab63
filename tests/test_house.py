"""What the house promises: a new arm, step or command is one row, and is seen wherever its like are seen."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli.main import COMMANDS, make_app
from harness.engine.estimate import forecast
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store
from harness.runs.start import make_ready, perform
from harness.stages.plan import STEPS, make_plan
from tests.make.faq import write_faq

PACKAGE = Path(__file__).resolve().parent.parent / "harness"
PARTICIPLES = set(
    """
    asked begun built chosen counted drawn edited filled folded found given held joined judged kept known left
    listed loaded lost made meant measured moved named needed opened put ranked said scored seen sent shown
    spent stored taken told tried wanted written
    """.split()  # noqa: SIM905
)

TWO_ARMS = """\
from harness.arms import Arm

ARMS = [
    Arm("agree", "Says yes", answers=lambda questions: ["yes"] * len(questions)),
    Arm("deny", "Says no", answers=lambda questions: ["no"] * len(questions), base="agree"),
    Arm("sparse", "RAG with examples, by another name", retriever=True, few_shot=True),
]
"""


@dataclass(frozen=True, slots=True)
class Counted:
    words: int


@dataclass(frozen=True, kw_only=True)
class CountWords(Stage[Counted]):
    """A step of somebody's own: the words of the golden questions, counted."""

    name = "count"
    result = Counted
    questions: tuple[str, ...]

    def size(self) -> str:
        return f"{len(self.questions)} questions to count"

    def seconds(self) -> float:
        return 3.0

    def work(self, store: Store, progress: Progress) -> Counted:
        return Counted(sum(len(question.split()) for question in self.questions))


def count_steps(inputs: Inputs, planned: Planned) -> Iterable[CountWords]:
    yield CountWords(key="1", questions=tuple(case.question for case in inputs.cases))


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))


def test_arms_are_rows_seen_in_the_forecast_the_page_and_beside_each_other(tmp_path: Path) -> None:
    folder = write_faq(tmp_path / "s", ("arms.py",))
    (folder / "arms.py").write_text(TWO_ARMS)
    settings = folder / "scenario.yaml"
    text = settings.read_text().replace("[faq]", "[agree, deny]")
    settings.write_text(text.replace("candidate: faq", "candidate: deny"))
    ready = make_ready(str(folder), allow_code=True)
    assert {"generate agree", "generate deny"} <= {row.label for row in ready.forecast().stages}
    run = perform(ready, lambda *_: None, workers=1)
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert ">agree<" in page
    assert ">deny<" in page
    assert run.record.identical_outputs == {}  # neither has an adapter
    assert any((d.arm, d.against) == ("deny", "agree") for d in run.record.differences)


def test_an_arm_of_known_parts_asks_for_what_its_parts_need(tmp_path: Path) -> None:
    from harness.errors import InputError

    folder = write_faq(tmp_path / "s", ("arms.py",))
    (folder / "arms.py").write_text(TWO_ARMS)
    settings = folder / "scenario.yaml"
    settings.write_text(settings.read_text().replace("faq", "sparse"))
    with pytest.raises(InputError, match="no 'corpus', which these arms need: sparse"):
        make_ready(str(folder), allow_code=True)


def test_a_step_is_a_value_in_the_table_that_engine_and_forecast_go_through(tmp_path: Path) -> None:
    from harness.engine.execute import execute

    ready = make_ready(str(write_faq(tmp_path / "s")), allow_code=True)
    planned = make_plan(ready.inputs, (*STEPS, count_steps))
    rows = {row.label: row for row in forecast(planned, ready.store, 1, "").stages}
    assert (rows["count"].size, rows["count"].seconds) == ("3 questions to count", 3.0)
    step = planned.one(CountWords)
    assert step is not None
    done = execute([step], ready.store, lambda *_: None, workers=1)
    assert done.result(step) == Counted(12)
    assert forecast([step], ready.store, 1, "").stages[0].cached


def test_a_command_is_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    def hello_command() -> int:
        """Say hello."""
        print("hello")
        return 3

    app = make_app({**COMMANDS, "hello": hello_command})
    assert "Say hello." in CliRunner().invoke(app, ["--help"]).output
    assert "hello" in CliRunner().invoke(app, ["hello"]).output


# --- names --------------------------------------------------------------------------------------------------------


def _names(module: ast.Module) -> Iterator[str]:
    """Variables, arguments and functions; the fields of a class are left out, for they may be keys of a file."""
    fields = {id(item.target) for node in ast.walk(module) if isinstance(node, ast.ClassDef)
              for item in node.body if isinstance(item, ast.AnnAssign)}  # fmt: skip
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef):
            yield node.name


def test_no_participle_stands_for_a_noun() -> None:
    places = [
        f"{file.relative_to(PACKAGE)}: {name}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for name in _names(ast.parse(file.read_text(encoding="utf-8")))
        if name.strip("_") in PARTICIPLES
    ]
    assert not places, f"call these by what they are: {places}"


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(file.relative_to(PACKAGE)))
    twice = {name: files for name, files in places.items() if len(files) > 1}
    assert not twice, f"one name, one meaning: {twice}"
