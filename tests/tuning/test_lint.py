"""Lint of training material: what is found, where, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.golden.check import Finding
from harness.scenario.settings import AnswerFormat, Tuning
from harness.tuning.lint import TrainingMaterial, lint, trained_share
from harness.tuning.preferences import PreferencePair
from harness.types import Case, Document, Evidence, Example

PAGE = Document(
    "loans.md",
    "Loans",
    "A kayak is lent to members of the club for 3 days at most, and to guests for one. It costs 8 euros.",
)
OLD = Document("loans-2024.md", "Loans", "A kayak is lent for 2 days.")
NEW = replace(PAGE, metadata={"supersedes": "loans-2024.md"})
GOLD = Evidence("loans.md", "lent to members of the club")
CASE = Case("c", "How long is a kayak lent?", ("3 days",), evidence=(GOLD,), where="golden.jsonl:1")
CLEAN = Example("When must a tent be back?", "By noon.", "open_book", where="train.jsonl:1")
MATERIAL = TrainingMaterial(
    "scenario.yaml", Tuning(), AnswerFormat(refusal="No."), (CLEAN,), (), (CASE,), (NEW, OLD),
    shapes={"model.layers.0.q_proj.weight": (64, 64), "model.layers.0.v_proj.weight": (64, 64),
            "model.embed_tokens.weight": (10_000, 64)},
)  # fmt: skip


def found(**changes: object) -> list[tuple[str, str, str]]:
    findings: list[Finding] = lint(replace(MATERIAL, **changes))  # type: ignore[arg-type]
    return [(f.where, f.rule, f.level) for f in findings]


def row(**changes: object) -> tuple[Example]:
    return (replace(CLEAN, **changes),)  # type: ignore[arg-type]


def test_clean_material_has_no_finding() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        ("raw text", {"user": "A kayak is lent to members of the club for 3 days at most, and"}),
        (
            "raw text",
            {"user": "The club was founded in spring by rowers who wanted a place for their", "output": "boats."},
        ),
        ("facts", {"use": "closed_book", "evidence": (Evidence("loans-2024.md", "lent for 2 days"),)}),
        ("facts", {"use": "closed_book", "evidence": (Evidence("loans.md", "lent for 5 days"),)}),
        ("leaks", {"user": "How long is the kayak lent?"}),
        ("shared evidence", {"evidence": (Evidence("loans.md", "A kayak is lent to members of the club for 3 days"),)}),
    ],
)
def test_what_teaches_something_else_is_found_with_its_line(rule: str, example: dict[str, object]) -> None:
    assert found(examples=row(**example)) == [("train.jsonl:1", rule, "finding")]


def test_facts_that_change_are_a_finding_where_the_documents_are_said_to_change() -> None:
    examples = row(use="closed_book", output="It costs 8 euros.")
    assert found(examples=examples) == [("train.jsonl:1", "facts", "note")]
    assert found(examples=examples, updates_per_month=4.0) == [("train.jsonl:1", "facts", "finding")]
    assert found(examples=row(output="It costs 8 euros."), updates_per_month=4.0) == [], "passages are shown with it"


def test_pairs_made_of_test_cases_or_of_golden_questions_are_found() -> None:
    pair = PreferencePair("What is lent?", "a", "b", "x", case="c", where="pairs.jsonl:1")
    assert found(pairs=[pair]) == [("pairs.jsonl:1", "leaks", "finding")]
    assert found(pairs=[replace(pair, case=None, question=CASE.question)]) == [("pairs.jsonl:1", "leaks", "finding")]
    dev = replace(CASE, split="dev")
    assert found(pairs=[replace(pair, question=CASE.question)], cases=[dev]) == [], (
        "failures on dev are what pairs are of"
    )
    assert found(examples=row(user=CASE.question), cases=[dev]) == [("train.jsonl:1", "leaks", "finding")]
    long = [replace(pair, case=None, question=f"Q{n}?", chosen="a longer answer") for n in range(20)]
    assert found(pairs=long) == [("pairs.jsonl:1", "pairs", "note")]


@pytest.mark.parametrize(
    ("tuning", "rules"),
    [
        ({"rank": 16, "alpha": 32}, []),
        ({"rank": 16, "alpha": 16}, ["rank"]),
        ({"rank": 128, "alpha": 256}, ["rank", "trained share"]),
        ({"rank": 4, "alpha": 8}, ["rank"]),
        ({"targets": ("k_proj",)}, ["trained share"]),
    ],
)
def test_settings_outside_the_guides_advice_are_notes(tuning: dict[str, object], rules: list[str]) -> None:
    settings = replace(Tuning(), **tuning)  # type: ignore[arg-type]
    assert [(where, rule) for where, rule, _ in found(tuning=settings)] == [("scenario.yaml", rule) for rule in rules]
    assert ("finding" in {level for *_, level in found(tuning=settings)}) == ("k_proj" in settings.targets)


def test_the_trained_share_is_rank_times_both_sides_of_the_targets() -> None:
    shapes = {"a.q_proj.weight": (16, 32), "a.up_proj.weight": (64, 32), "embed_tokens.weight": (100, 32), "n": (32,)}
    total = 16 * 32 + 64 * 32 + 100 * 32 + 32
    settings = replace(Tuning(), rank=4, targets=("q_proj",))
    assert trained_share(settings, shapes) == pytest.approx(4 * (16 + 32) / total)
    every = replace(settings, targets=("all-linear",))
    assert trained_share(every, shapes) == pytest.approx(4 * (16 + 32 + 64 + 32) / total)
    assert trained_share(replace(settings, targets=("o_proj",)), shapes) is None


def test_balance_is_looked_at_from_twenty_examples_on() -> None:
    examples = [replace(CLEAN, user=f"How do I return boat {n}?", where=f"train.jsonl:{n}") for n in range(20)]
    assert {rule for _, rule, _ in found(examples=examples)} == {"balance"}
    assert found(examples=examples[:19]) == []
