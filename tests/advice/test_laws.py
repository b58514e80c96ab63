"""The laws of the advice, held over all 3^9 answer vectors.

1  Total: every vector has a recommendation, a one-sentence reason, supports, a walk that ends, shares that sum to 1.
2  Deterministic: the same answers give an equal advice.
3  Turning 1 or 2 to yes never moves away from retrieval, and leads to it.
4  Turning 3 or 7 to yes never moves away from tuning, and leads to it.
5  Turning 8 or 9 to yes leads to both.
6  Turning 4 or 6 to yes never changes what is wanted; it only ever lifts rag_first to it.
7  Turning 5 to no never adds retrieval to what is wanted.
8  Unsure is read as fixed: replacing it by its reading changes neither what is wanted nor the recommendation.
9  A recommendation is one of the completions of its unsure answers.
10 Flips are exactly the single changes that change the recommendation.
11 First step is RAG exactly where 1, 2, 8 or 9 is yes.
12 Preference pairs act as a yes to question 4 does.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.advice.facts import Facts
from harness.advice.questions import BY_NUMBER, AnswerValue
from harness.advice.recommend import Advice, advise
from harness.advice.recommendations import RECOMMENDATIONS
from tests.advice.conftest import Vector

YES, NO, UNSURE = AnswerValue.YES, AnswerValue.NO, AnswerValue.UNSURE
All = dict[Vector, Advice]


def _with(vector: Vector, question: int, answer: AnswerValue) -> Vector:
    return (*vector[: question - 1], answer, *vector[question:])


def _turned(all_advice: All, question: int, before: AnswerValue, after: AnswerValue) -> list[tuple[Advice, Advice]]:
    """(advice before, advice after) of every vector where one question turns."""
    return [(a, all_advice[_with(v, question, after)]) for v, a in all_advice.items() if v[question - 1] is before]


def _retrieves(advice: Advice) -> bool:
    return advice.wanted in ("rag", "both")


def _tunes(advice: Advice) -> bool:
    return advice.wanted in ("fine_tune", "both")


def test_every_vector_has_a_reasoned_recommendation(all_advice: All) -> None:
    assert len(all_advice) == 3**9
    for vector, advice in all_advice.items():
        assert advice.recommendation in RECOMMENDATIONS, vector
        assert advice.wanted in ("rag", "fine_tune", "both"), vector
        assert len(advice.reason) > 40, vector
        assert advice.reason.endswith("."), vector
        assert ". " not in advice.reason, f"one sentence: {advice.reason}"
        assert all(s.questions and s.text for s in advice.premises), vector
        assert advice.premises, vector
        assert [s.outcome for s in advice.walk[:-1]] == [None] * (len(advice.walk) - 1), vector
        assert advice.walk[-1].outcome, vector
        assert len(advice.signals) == 6, vector
        assert sum(advice.stability.counts.values()) == advice.stability.completions == 2 ** vector.count(UNSURE)
        assert sum(advice.stability.shares.values()) == pytest.approx(1)


def test_same_answers_give_the_same_advice(all_advice: All) -> None:
    for vector in list(all_advice)[::97]:
        assert advise(dict(enumerate(vector, start=1))) == all_advice[vector]


@pytest.mark.parametrize("question", [1, 2])
@pytest.mark.parametrize("before", [NO, UNSURE])
def test_a_need_for_documents_leads_to_retrieval(all_advice: All, question: int, before: AnswerValue) -> None:
    for old, new in _turned(all_advice, question, before, YES):
        assert _retrieves(new)
        assert (
            _tunes(new) >= _tunes(old) or old.wanted == "fine_tune"
        )  # tuning may only give way where 5 alone wanted it
        assert new.first_step == "rag"


@pytest.mark.parametrize("question", [3, 7])
@pytest.mark.parametrize("before", [NO, UNSURE])
def test_a_need_for_behaviour_leads_to_tuning(all_advice: All, question: int, before: AnswerValue) -> None:
    for old, new in _turned(all_advice, question, before, YES):
        assert _tunes(new)
        if any(old.answers[n] is YES for n in (1, 2, 8, 9)):
            assert _retrieves(new) >= _retrieves(old)  # retrieval that documents or production asked for stays


@pytest.mark.parametrize("question", [8, 9])
@pytest.mark.parametrize("before", [NO, UNSURE])
def test_production_leads_to_both(all_advice: All, question: int, before: AnswerValue) -> None:
    assert all(new.wanted == "both" for _, new in _turned(all_advice, question, before, YES))


@pytest.mark.parametrize("question", [4, 6])
def test_means_never_change_what_is_wanted(all_advice: All, question: int) -> None:
    for old, new in _turned(all_advice, question, NO, YES):
        assert new.wanted == old.wanted
        assert new.first_step == old.first_step
        assert new.recommendation in (old.recommendation, new.wanted)


def test_rag_first_exactly_where_wanted_tuning_is_not_feasible(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        infeasible = vector[3] is NO or vector[5] is NO
        assert (advice.recommendation == "rag_first") == (_tunes(advice) and infeasible), vector
        if advice.recommendation != "rag_first":
            assert advice.recommendation == advice.wanted, vector


def test_refusing_latency_never_adds_retrieval(all_advice: All) -> None:
    for old, new in _turned(all_advice, 5, YES, NO):
        assert _retrieves(new) <= _retrieves(old)


def test_retrieval_while_latency_forbids_it_is_always_named(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        named = "retrieval_despite_latency" in {c.name for c in advice.conflicts}
        assert named == (vector[4] is NO and advice.recommendation != "fine_tune"), vector


def test_question_eight_against_the_rest_is_always_named(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        both = YES in (vector[0], vector[1]) and YES in (vector[2], vector[6])
        names = {c.name for c in advice.conflicts}
        assert ("style_and_facts_unsupported" in names) == (vector[7] is YES and not both), vector
        assert ("style_and_facts_denied" in names) == (vector[7] is NO and both), vector


def test_unsure_is_read_as_fixed(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        read = tuple(BY_NUMBER[n].unsure_as if a is UNSURE else a for n, a in enumerate(vector, start=1))
        assert all_advice[read].wanted == advice.wanted, vector
        assert all_advice[read].recommendation == advice.recommendation, vector
        assert advice.stability.counts[advice.recommendation] >= 1, vector


def test_confirmation_is_asked_exactly_where_tuning_rests_on_an_unsure(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        expected = [n for n in (4, 6) if vector[n - 1] is UNSURE]
        if advice.recommendation not in ("fine_tune", "both"):
            expected = []
        assert list(advice.confirm) == expected, vector
        assert ("confirm" in advice.reason) == bool(expected), vector


def test_flips_are_exactly_the_single_changes_that_matter(all_advice: All) -> None:
    for vector in list(all_advice)[::11]:
        advice = all_advice[vector]
        changes = [(n, a) for n in range(1, 10) for a in (YES, NO) if a is not vector[n - 1]]
        moved = {(n, a) for n, a in changes if all_advice[_with(vector, n, a)].recommendation != advice.recommendation}
        assert {(f.question, f.instead) for f in advice.flips} == moved, vector


def test_first_step_follows_documents_or_production(all_advice: All) -> None:
    for vector, advice in all_advice.items():
        asks = any(vector[n - 1] is YES for n in (1, 2, 8, 9))
        assert (advice.first_step == "rag") == asks, vector


def test_preference_pairs_stand_in_for_examples(all_advice: All) -> None:
    for vector in list(all_advice)[::53]:
        answers = dict(enumerate(vector, start=1))
        with_pairs = advise(answers, Facts(preference_pairs=200))
        assert with_pairs.recommendation == all_advice[_with(vector, 4, YES)].recommendation, vector
        assert advise(answers, Facts(preference_pairs=199)).recommendation == all_advice[vector].recommendation


def test_facts_never_overrule_an_answer(all_advice: All) -> None:
    loud = Facts(labelled_examples=0, updates_per_month=99, latency_budget_ms=1, gpu_memory_gb=0, citation_duty=True)
    for vector in list(all_advice)[::53]:
        with_facts = advise(dict(enumerate(vector, start=1)), loud)
        silent = all_advice[vector]
        assert (with_facts.recommendation, with_facts.wanted, with_facts.first_step) == (
            silent.recommendation,
            silent.wanted,
            silent.first_step,
        )


def test_answers_left_out_count_as_unsure(all_advice: All) -> None:
    full = all_advice[(YES, *(UNSURE,) * 8)]
    assert advise({1: YES}) == replace(full)


def test_unknown_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 9"):
        advise({10: YES})
