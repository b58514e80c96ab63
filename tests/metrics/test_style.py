"""House style by rule: what each rule finds, what it leaves alone, and how tone cases are scored by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.metrics.reading import Reading
from harness.metrics.style import faults, reading_grade
from harness.metrics.table import METRICS
from harness.scenario.load import load_scenario
from harness.scenario.source import read_keys
from harness.scenario.style import StyleRules
from harness.types import Answer, Case, Unscored
from tests.metrics.cases import answer, case

ROOT = Path(__file__).resolve().parents[2]
STYLE = StyleRules(
    brands=("Halvenbrook", "Cover Full", "DunstryGuest"),
    terms={"bike": ("bicycle", "push bike")},
    codes=("HD-*", "AMBER_HOLD"),
    forbidden=("sorry",),
    avoid_person=("first",),
    most_words=12,
    most_sentences=1,
)


def score(name: str, text: str, style: StyleRules | None = STYLE, of: Case | None = None, **more: Any) -> Any:
    return METRICS[name].read(Reading(of or case(category="tone"), answer(text, **more), style=style))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The halvenbrook hub opens at 9.", "'halvenbrook', the house writes 'Halvenbrook'"),
        ("Theft is in Cover-full.", "'Cover-full', the house writes 'Cover Full'"),
        ("The wifi is Dunstry Guest.", "'Dunstry Guest', the house writes 'DunstryGuest'"),
        ("Two Bicycles fit.", "'Bicycles', the house says 'bike'"),
        ("A push  bike fits.", "'push  bike', the house says 'bike'"),
        ("Use form HX-12.", "'HX-12' is no code of the house"),
        ("Sorry, it is closed.", "'Sorry' is not to be said"),
        ("We're open until 9.", "'We're' speaks in the first person"),
        ("It opens at 9. It closes at 17.", "2 sentences, at most 1 are wanted"),
        ("It " * 13, "13 words, at most 12 are wanted"),
    ],
)
def test_each_rule_names_what_it_finds(text: str, fault: str) -> None:
    assert faults(text, STYLE) == (fault,)


@pytest.mark.parametrize(
    "text",
    [
        "Halvenbrook's bikes are in Cover Full.",
        "Form HD-12 or AMBER_HOLD.",
        "The Westminster bus stops there.",  # no 'we' in it
        "The limit is 5 GB at 9 AM.",
        "A motorbicycles shop.",
        "Write to desk@halvenbrook.example or see halvenbrook.example/bicycle.",
    ],
)
def test_what_only_looks_like_a_fault_is_none(text: str) -> None:
    assert faults(text, STYLE) == ()


def test_greeting_closing_and_required_phrases() -> None:
    style = StyleRules(required=("help desk",), openings=("Hello", "Dear"), closings=("Best regards",), least_words=6)
    assert faults("Hello, the Help Desk opens at 9. Best regards", style) == ()
    assert faults("It opens at 9.", style) == (
        "'help desk' is not said",
        "does not begin with 'Hello' or 'Dear'",
        "does not end with 'Best regards'",
        "4 words, at least 6 are wanted",
    )


def test_the_reading_grade_is_flesch_and_kincaids() -> None:
    assert reading_grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    hard = "Notwithstanding organisational considerations, reimbursement necessitates documentation."
    assert reading_grade(hard) > 20
    assert any(fault.startswith("reading grade") for fault in faults(hard, StyleRules(most_grade=12)))


def test_glossary_is_the_share_of_what_is_said_of_it() -> None:
    assert score("glossary", "The bike and the bicycle.") == 0.5
    nothing = score("glossary", "It opens at 9.")
    assert isinstance(nothing, Unscored)
    assert not nothing.applicable


def test_tone_cases_are_scored_by_style_and_key_points_not_by_an_accepted_value() -> None:
    of = case(category="tone", kind="style", accept=("nine",), key_points=("14 days",), evidence=())
    assert score("task_success", "The trial lasts 14 days.", of=of) == 1.0
    assert score("task_success", "Sorry, the trial lasts 14 days.", of=of) == 0.0
    assert score("task_success", "The trial lasts 30 days.", of=of) == 0.0
    correct = score("correct", "The trial lasts 14 days.", of=of)
    assert isinstance(correct, Unscored)
    assert not correct.applicable
    assert score("task_success", "Nine.", None, of) == 1.0  # without a house style: as ever


def test_no_style_no_category_a_refusal_and_another_language() -> None:
    for value in (
        score("tone", "Sorry.", None),
        score("tone", "Sorry.", StyleRules(forbidden=("sorry",), categories=("factual",))),
        score("tone", "The pages do not say.", refused=True),
        score("tone", "x", StyleRules(brands=("X",))),
    ):
        assert isinstance(value, Unscored)
        assert not value.applicable
    german = score("tone", "Der Verleih öffnet um neun Uhr und schließt am Abend wieder, auch an Feiertagen.")
    assert isinstance(german, Unscored)
    assert german.applicable
    assert "found German" in german.reason


def test_a_wrong_style_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "style.yaml"
    path.write_text("brandz: [A]\nmost_words: many\n", encoding="utf-8")
    with pytest.raises(InputError) as found:
        read_keys(path, StyleRules)
    assert "style.yaml:1" in str(found.value)
    assert "did you mean 'brands'?" in str(found.value)
    assert "style.yaml:2" in str(found.value)


# --- the shipped scenarios ----------------------------------------------------------------------------------------


def shipped(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]


def against(text: str) -> str:
    """The same answer by somebody who ignores the house style."""
    return f"Sorry to hear that! We looked it up for you: {text[0].lower()}{text[1:]}"


def test_the_help_desks_own_answers_keep_its_style_and_a_rivals_do_not() -> None:
    style = load_scenario(ROOT / "scenarios" / "helpdesk").style
    assert style is not None
    rows = shipped("scenarios/helpdesk/train.jsonl")
    texts = sorted({row["output"]["answer"] for row in rows if row["output"]["status"] == "ok"})
    broken = {text: faults(text, style) for text in texts if faults(text, style)}
    assert len(broken) <= 0.01 * len(texts), broken
    assert all(faults(against(text), style) for text in texts)


def test_tone_cases_of_the_help_desk_are_told_apart_by_style() -> None:
    style = load_scenario(ROOT / "scenarios" / "helpdesk").style
    rows = [row for row in shipped("golden_sets/helpdesk.jsonl") if row["category"] == "tone"]
    assert len(rows) == 16
    for row in rows:
        of = Case(
            row["id"], row["question"], tuple(row["accept"]), tuple(row["key_points"]), kind="style", category="tone"
        )
        kept = f"It is {row['key_points'][0]}."
        values = [
            METRICS["task_success"].read(Reading(of, reply, style=style)) for reply in map(plain, (kept, against(kept)))
        ]
        assert values == [1.0, 0.0], row["id"]


def test_ticket_labels_as_codes() -> None:
    schema = json.loads((ROOT / "scenarios" / "tickets" / "answer.schema.json").read_text(encoding="utf-8"))
    style = StyleRules(codes=tuple(schema["properties"]["label"]["enum"]), most_words=1)
    rows = [row for row in shipped("golden_sets/tickets.jsonl") if row["category"] == "tone"]
    assert len(rows) == 160
    assert all(faults(row["accept"][0], style) == () for row in rows)
    assert faults("AMBER_HOLDS", style) == ("'AMBER_HOLDS' is no code of the house",)
    assert faults("It is AMBER_HOLD.", style) == ("3 words, at most 1 are wanted",)


def plain(text: str) -> Answer:
    return answer(text)
