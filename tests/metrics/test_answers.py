"""Correctness, completeness, refusals, citations, form, task success: every rule by an example worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.metrics.reading import Reading
from harness.metrics.table import METRICS
from harness.types import Answer, Case, Evidence, Form, Unscored
from tests.metrics.cases import HUBS, PLANS, UNANSWERABLE, answer, case


def score(name: str, of: Case, given: Answer) -> float | None:
    value = METRICS[name].score(Reading(of, given))
    return None if isinstance(value, Unscored) else value


@pytest.mark.parametrize(
    ("text", "accept", "right"),
    [
        ("The trial lasts fourteen days [S1].", "14 days", True),
        ("It is a 14-day trial.", "14 days", True),
        ("No, 14 days.", "14 days", True),
        ("It is 140 days.", "14", False),
        ("The trial lasts 14 days, not 30 days.", "30 days", False),
        ("It no longer lasts 30 days but 14 days.", "30 days", False),
        ("It isn't 14 days.", "14 days", False),
        ("Ana, Bob, Cid, Dan, Eve or Fay", "Eve", False),
        ("10\n20\n30\n40\n50\n60", "30", False),
        ("Red, green and blue", "red, green and blue", True),
        ("On Monday, 2 March 2026, in room 5, at noon.", "2026-03-02", True),
        ("word " * 80 + "14 days", "14 days", False),
        ("", "14 days", False),
        ("days 14", "14 days", False),
        ("not refundable", "not refundable", True),
        ("It is not refundable.", "refundable", False),
    ],
)
def test_correct(text: str, accept: str, right: bool) -> None:
    assert score("correct", case(accept=(accept,)), answer(text)) == float(right)


def test_correct_is_for_answerable_cases() -> None:
    assert score("correct", UNANSWERABLE, answer("x")) is None
    assert score("correct", case(accept=()), answer("x")) is None
    assert score("correct", case(), answer("14 days", refused=True)) == 0.0


def test_complete_counts_key_points_in_text_and_object() -> None:
    points = case(key_points=("19 euros", "closed on all Mondays of the month", "high"))
    given = answer("It costs 19 euros; every Monday of the month it is closed.", parsed={"urgency": "high"})
    assert score("complete", points, given) == pytest.approx(2 / 3)  # "all" missing, yet 4 of 6 words is below 3/4
    more = answer("19 euros. Closed on Mondays, all of the month. High.")
    assert score("complete", points, more) == 1.0
    assert score("complete", case(), given) is None


def test_refusals() -> None:
    refusal, reply = answer("", refused=True), answer("14 days")
    assert [score(f"refusal_{n}", UNANSWERABLE, refusal) for n in ("right", "missed", "needless")] == [1.0, 0.0, None]
    assert [score(f"refusal_{n}", UNANSWERABLE, reply) for n in ("right", "missed", "needless")] == [0.0, 1.0, None]
    assert [score(f"refusal_{n}", case(), refusal) for n in ("right", "missed", "needless")] == [None, None, 1.0]
    assert score("refusal_needless", case(), reply) == 0.0


def test_citations() -> None:
    two = case(evidence=(Evidence("plans.md", "14 days"), Evidence(id="hubs.md")))
    given = answer("14 days", PLANS, HUBS, cited=("S1", "S9"))
    assert score("citation_precision", two, given) == 0.5  # S9 was never shown
    assert score("citation_recall", two, given) == 0.5
    assert score("citation_recall", two, answer("14 days", PLANS, cited=("S1",))) == 1.0  # hubs.md was not shown
    assert score("citation_precision", two, answer("14 days", PLANS)) is None
    assert score("citation_recall", two, answer("14 days", PLANS)) == 0.0
    assert score("citation_recall", two, answer("14 days", PLANS, refused=True)) is None
    assert score("citation_recall", two, answer("14 days", cited=("S1",))) is None
    assert score("citation_recall", UNANSWERABLE, given) is None


def test_form() -> None:
    repaired = Form(demanded=True, first_try=False, valid=True, repaired=True)
    given = answer("14 days", form=repaired)
    assert [score(n, case(), given) for n in ("schema", "schema_first_try", "repair")] == [1.0, 0.0, 1.0]
    plain = answer("14 days", form=Form(demanded=False, first_try=True, valid=True, repaired=False))
    assert [score(n, case(), plain) for n in ("schema", "schema_first_try", "repair")] == [None, None, None]


def test_task_success_needs_all_three() -> None:
    good = answer("The trial lasts 14 days.", PLANS)
    assert score("task_success", case(), good) == 1.0
    broken = replace(good, form=Form(demanded=True, first_try=False, valid=False, repaired=True, error="x"))
    assert score("task_success", case(), broken) == 0.0
    assert score("task_success_without_form", case(), broken) == 1.0
    invented = answer("The trial lasts 14 days. It is sponsored by Borealis Bank.", PLANS)
    assert score("task_success", case(), invented) == 0.0
    assert score("task_success", case(), answer("The trial lasts 14 days. Borealis Bank pays.")) == 1.0  # none given
    assert score("task_success", UNANSWERABLE, answer("", refused=True)) == 1.0
    assert score("task_success", UNANSWERABLE, good) == 0.0


def test_grounding_applies_where_passages_were_given() -> None:
    half = answer("The trial lasts 14 days. Borealis Bank pays for it.", PLANS)
    assert score("groundedness", case(), half) == 0.5
    assert score("hallucination", case(), half) == 1.0
    for name in ("groundedness", "hallucination", "recall@k"):
        value = METRICS[name].score(Reading(case(), answer("14 days")))
        assert isinstance(value, Unscored)
        assert not value.applicable
    assert score("groundedness", case(), answer("", PLANS, refused=True)) is None
    assert score("groundedness", case(kind="style", evidence=()), answer("LABEL_A", PLANS)) is None
    nothing = METRICS["groundedness"].score(Reading(case(), answer("Yes.", PLANS)))
    assert nothing == Unscored("the answer claims nothing that could be checked")
    assert score("hallucination", case(), answer("Yes.", PLANS)) == 0.0


def test_retrieval_over_what_was_shown() -> None:
    given = answer("14 days", HUBS, PLANS)
    assert [score(n, case(), given) for n in ("recall@k", "precision@k", "mrr")] == [1.0, 0.5, 0.5]
    assert score("recall@k", UNANSWERABLE, given) is None


def test_the_table() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())
    assert METRICS["hallucination"].better == "lower"
    assert score("prompt_tokens", case(), answer("x", prompt_tokens=7)) == 7.0
    assert score("completion_tokens", case(), answer("x", completion_tokens=3)) == 3.0


def test_a_row_as_the_record_keeps_it() -> None:
    row = METRICS["groundedness"].section()
    assert (row.name, row.group, row.better, row.needs_passages, row.compared) == (
        "groundedness", "Grounding", "higher", True, True
    )  # fmt: skip
    assert [name for name, metric in METRICS.items() if metric.compared] == [
        "task_success", "task_success_without_form", "correct", "groundedness", "citation_recall", "schema"
    ]  # fmt: skip
