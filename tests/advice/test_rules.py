"""Single rules with their reason: conflicts, the guide's two contradictions, signals, facts against answers."""

from __future__ import annotations

import pytest

from harness.advice.architectures import architectures
from harness.advice.facts import Facts
from harness.advice.profile import profile
from harness.advice.questions import QUESTIONS, AnswerValue
from harness.advice.recommend import Advice, advise
from harness.advice.signals import SignalTally, tally
from harness.advice.tuning_needs import tuning_needs
from harness.advice.walk import literal_walk, tiers, walk_outcome

WORDS = {"y": AnswerValue.YES, "n": AnswerValue.NO, "u": AnswerValue.UNSURE}


def advice_for(letters: str, **facts: float) -> Advice:
    """Advice for nine letters y, n or u."""
    return advise({n: WORDS[c] for n, c in enumerate(letters, start=1)}, Facts(**facts))  # type: ignore[arg-type]


def names(advice: Advice) -> set[str]:
    return {c.name for c in advice.conflicts}


@pytest.mark.parametrize(
    ("letters", "outcome", "at"),
    [
        ("ynnyyynnn", "rag", 1),
        ("nynyyynnn", "rag", 2),
        ("nnyyyynnn", "fine_tune", 3),
        ("nnnnyynnn", "rag", 4),
        ("nnnynynnn", "fine_tune", 5),
        ("nnnyynnnn", "rag", 6),
        ("nnnyyyynn", "fine_tune", 7),
        ("nnnyyynyn", "both", 8),
        ("nnnyyynny", "both", 9),
        ("nnnyyynnn", "rag", 9),
    ],
)
def test_walk_follows_every_arrow_of_the_guide(letters: str, outcome: str, at: int) -> None:
    walk = literal_walk(advice_for(letters).answers)
    assert (walk_outcome(walk), walk[-1].question, len(walk)) == (outcome, at, at)


def test_all_questions_explain_themselves() -> None:
    assert [q.number for q in QUESTIONS] == list(range(1, 10))
    for q in QUESTIONS:
        assert q.text.endswith("?")
        assert min(map(len, (q.help, q.example_yes, q.example_no))) > 20


def test_question_five_is_answered_twice_by_the_guide() -> None:
    advice = advice_for("nnnynynnn")
    assert advice.tiers["rag"].triggered_by == (5,)
    assert walk_outcome(advice.walk) == "fine_tune"
    assert "guide_question_5" in names(advice)


def test_question_nine_is_answered_twice_by_the_guide() -> None:
    advice = advice_for("nnnyyynnn")
    assert advice.tiers["both"].applies
    assert not advice.tiers["both"].triggered_by
    assert walk_outcome(advice.walk) == "rag"
    assert "guide_question_9" in names(advice)


def test_fine_tuning_tier_is_blocked_by_a_need_for_documents() -> None:
    tier = tiers(advice_for("ynyyyynnn").answers)["fine_tune"]
    assert (tier.triggered_by, tier.blocked_by, tier.applies) == ((3,), (1,), False)


def test_walk_that_differs_is_named() -> None:
    assert "walk_differs" in names(advice_for("ynyyyynyn"))
    assert "walk_differs" not in names(advice_for("ynnyyynnn"))


@pytest.mark.parametrize(
    ("letters", "facts", "name"),
    [
        ("ynynyynyn", {"labelled_examples": 600}, "fact_labelled_examples"),
        ("ynyyyynyn", {"labelled_examples": 500}, "fact_labelled_examples"),
        ("nnyyyynnn", {"updates_per_month": 40}, "fact_updates_per_month"),
        ("ynyyyynyn", {"updates_per_month": 1}, "fact_updates_per_month"),
        ("ynnyyynnn", {"latency_budget_ms": 120}, "fact_latency_budget_ms"),
        ("ynnynynnn", {"latency_budget_ms": 900}, "fact_latency_budget_ms"),
        ("ynyyyynyn", {"gpu_memory_gb": 0}, "fact_gpu_memory_gb"),
        ("ynyyynnyn", {"gpu_memory_gb": 24}, "fact_gpu_memory_gb"),
        ("ynyyyynyn", {"gpu_memory_gb": 24, "model_billions": 70}, "fact_gpu_memory_gb"),
        ("ynyyyynyn", {"citation_duty": True}, "fact_citation_duty"),
        ("yyyyyynyn", {"citation_duty": False}, "fact_citation_duty"),
        ("yuyyyynyn", {"citation_duty": True}, "fact_citation_duty"),
    ],
)
def test_facts_that_contradict_are_named_and_change_nothing(letters: str, facts: dict[str, float], name: str) -> None:
    advice, silent = advice_for(letters, **facts), advice_for(letters)
    assert name in names(advice)
    assert advice.recommendation == silent.recommendation


@pytest.mark.parametrize(
    "facts", [{"labelled_examples": 501}, {"updates_per_month": 1.5}, {"latency_budget_ms": 500}, {"gpu_memory_gb": 24}]
)
def test_facts_that_agree_are_silent(facts: dict[str, float]) -> None:
    assert not [n for n in names(advice_for("ynyyyynyn", **facts)) if n.startswith("fact_")]


def test_unsure_answer_that_a_fact_would_settle_is_said() -> None:
    text = next(c.text for c in advice_for("ynyuyynyn", labelled_examples=640).conflicts if c.kind == "facts")
    assert text.startswith("640 labelled examples: this would settle question 4, now unsure, as a yes")


def test_signals_are_rated_by_facts_before_answers() -> None:
    advice = advice_for("nnnnyynnn", updates_per_month=30, labelled_examples=900)
    ratings = {key: signal.rating for key, signal in advice.signals.items()}
    assert ratings["data_freshness"] == "rag"
    assert ratings["data_volume"] == "fine_tune"
    assert ratings["knowledge_type"] == "unknown"


def test_signal_without_answer_or_fact_is_unknown_with_its_reason() -> None:
    for signal in advice_for("uuuuuuuuu").signals.values():
        assert signal.rating == "unknown"
        assert signal.basis


def test_tally_counts_both_columns() -> None:
    signals = advice_for("ynyyyynyn").signals.values()
    assert tally(signals) == SignalTally(rag=3, fine_tune=4, unknown=0, leaning="fine_tune")


def test_exactly_one_architecture_fits_for_both_and_none_otherwise() -> None:
    assert [a.fit for a in architectures("both", "both")] == ["fits", "later", "later", "later"]
    for recommendation, wanted in (("rag", "rag"), ("fine_tune", "fine_tune"), ("rag_first", "both")):
        assert "fits" not in [a.fit for a in architectures(recommendation, wanted)]  # type: ignore[arg-type]


def test_profile_shows_what_a_run_measured_beside_the_expectation() -> None:
    rows = {r.key: r for r in profile({"latency": {"rag": "340 ms (p95)"}})}
    assert rows["latency"].measured == {"rag": "340 ms (p95)"}
    assert rows["latency"].expected["rag"] == "100-500 ms"
    assert len(rows) == 7


def test_facts_that_contradict_reach_the_headline_the_needs_and_how_firm_it_is() -> None:
    advice = advice_for("yyyyyyyyy", labelled_examples=90, gpu_memory_gb=0)
    assert advice.recommendation == "both"
    assert "But your facts disagree: 90 labelled examples against the yes to question 4, and 0 GB" in advice.reason
    assert advice.stability.contradicted == (4, 6)
    assert advice.stability.completions == 4
    assert advice.stability.shares["both"] == 0.25
    met = {need.name: need.met for need in tuning_needs(advice.answers, advice.facts)}
    assert (met["examples"], met["gpu"]) == (False, False)


def test_a_fact_that_would_settle_an_unsure_answer_reaches_the_headline() -> None:
    advice = advice_for("yyyuyyyyy", labelled_examples=90)
    assert advice.reason.endswith("Known already: 90 labelled examples would make question 4 a no.")
    needs = tuning_needs(advice.answers, advice.facts)
    assert needs[0].met is False


def test_facts_that_agree_leave_the_headline_alone() -> None:
    assert "disagree" not in advice_for("yyyyyyyyy", labelled_examples=900, gpu_memory_gb=80).reason


# --- wishes that still change -------------------------------------------------------------------------------------


def test_prompts_come_first_while_wishes_still_change() -> None:
    advice = advice_for("nnyyyynnn", requirements_change=True)
    assert (advice.recommendation, advice.wanted, advice.first_step) == ("rag_first", "fine_tune", "prompt")
    assert "what answers should be like still changes, which prompts follow and training does not" in advice.reason
    assert "tuning_before_wishes_settle" in names(advice)
    assert advice_for("nnyyyynnn", requirements_change=False).recommendation == "fine_tune"
    assert advice_for("ynnyyynnn", requirements_change=True).recommendation == "rag"


def test_missing_means_and_changing_wishes_are_both_named() -> None:
    reason = advice_for("ynynynnnn", requirements_change=True).reason
    assert "there are too few labelled examples and no GPU yet, and what answers should be like" in reason


def test_conflicts_that_decide_something_come_first() -> None:
    conflicts = advice_for("nnyyyynnn", labelled_examples=120, updates_per_month=0.5, citation_duty=False).conflicts
    assert conflicts[0].name == "fact_labelled_examples"
    assert conflicts[0].decides
    ranks = [(not row.decides, row.kind == "guide") for row in conflicts]
    assert ranks == sorted(ranks)
