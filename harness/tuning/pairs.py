"""A scenario's training questions -> labelled pairs for a re-ranker, hard negatives from the scenario's own index.

    {"question": "When does the depot close?", passage that holds the evidence: 1, passages that look like it: 0}

Golden evidence stays unseen: a passage that carries evidence of a dev or test case is in no pair, right or wrong, and a
training question that is asked in dev or test is left out. What is left out is counted.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import InputError
from harness.evidence.carry import carries, cut_items
from harness.evidence.fold import stands
from harness.golden.load import load_cases, load_examples
from harness.retrieval.analyse import normalise
from harness.retrieval.entries import searched_text
from harness.scenario.settings import Scenario
from harness.types import Case, Evidence, Passage, Retriever


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A training question and what answers it."""

    question: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class RankingPair:
    question: str
    passage: str  # as the re-ranker will read it
    label: float  # 1 the passage holds the evidence, 0 it does not


@dataclass(frozen=True, slots=True)
class Lessons:
    """The questions that a re-ranker may learn from, and the passages that it must not see."""

    questions: tuple[TrainingQuestion, ...]
    dev: tuple[Case, ...]  # cases with evidence that judge it
    golden: frozenset[str]  # ids of passages that carry evidence of dev or test cases
    left_out: Mapping[str, int]  # training questions left out, by reason


def lessons(scenario: Scenario, passages: Sequence[Passage]) -> Lessons:
    """The training questions of a scenario: golden cases of split train, and tuning examples that name their evidence.

    Raises InputError where a file is faulty.
    """
    cases = load_cases(scenario.golden, answers_required=False) if scenario.golden else ()
    examples = load_examples(scenario.examples, scenario.answer.system) if scenario.examples else ()
    exam_cases = [case for case in cases if case.split != "train"]
    passages_of = by_name(passages)
    golden = frozenset(p.id for case in exam_cases for item in case.evidence for p in holders(item, passages_of))
    offered = [TrainingQuestion(case.question, case.evidence) for case in cases if case.split == "train"]
    offered += [TrainingQuestion(e.user, e.evidence) for e in examples if not e.replay]
    exam = {_fold(case.question) for case in exam_cases}
    fit: dict[str, TrainingQuestion] = {}
    left_out = {"no evidence": 0, "asked twice": 0, "asked in dev or test": 0, "golden evidence": 0, "not found": 0}
    for question in offered:
        why = _unfit(question, exam, fit, passages_of, golden)
        if why is not None:
            left_out[why] += 1
        else:
            fit[_fold(question.question)] = question
    dev = tuple(case for case in cases if case.split == "dev" and case.evidence)
    return Lessons(tuple(fit.values()), dev, golden, left_out)


def _unfit(
    question: TrainingQuestion,
    exam: set[str],
    fit: Mapping[str, TrainingQuestion],
    passages_of: Mapping[str, Sequence[Passage]],
    golden: frozenset[str],
) -> str | None:
    """The reason why a training question cannot be learned from; None where it can."""
    if not question.evidence:
        return "no evidence"
    if _fold(question.question) in exam:
        return "asked in dev or test"
    if _fold(question.question) in fit:
        return "asked twice"
    right = [p.id for item in question.evidence for p in holders(item, passages_of)]
    if not right:
        return "not found"
    return "golden evidence" if any(name in golden for name in right) else None


def _fold(question: str) -> str:
    return normalise(question).lower()


def by_name(passages: Iterable[Passage]) -> dict[str, list[Passage]]:
    """Passages by their own id and by their document's."""
    passages_of: dict[str, list[Passage]] = {}
    for passage in passages:
        for name in {passage.id, passage.doc}:
            passages_of.setdefault(name, []).append(passage)
    return passages_of


def holders(item: Evidence, passages_of: Mapping[str, Sequence[Passage]]) -> list[Passage]:
    """The passages that carry an evidence item, or parts of a quote that none holds as a whole."""
    (item,) = cut_items([item], passages_of)
    return [p for p in passages_of.get(str(item.id or item.doc), ()) if carries(item, p)]


def labelled_pairs(
    questions: Sequence[TrainingQuestion],
    material: Lessons,
    passages: Sequence[Passage],
    retriever: Retriever,
    negatives: int,
    seed: int,
) -> list[RankingPair]:
    """Each question with a passage that holds its evidence, and with `negatives` that its own retriever took for one.

    Negatives are drawn by seed from what the retriever ranks highest. A passage that holds the quote of the evidence in
    another document (an older version, a copy) is no negative.
    """
    if not questions:
        raise InputError("no training question to make pairs of")
    passages_of, draw, rows = by_name(passages), random.Random(f"{seed}:pairs"), list[RankingPair]()
    retrievals = retriever.retrieve([question.question for question in questions])
    for question, retrieval in zip(questions, retrievals, strict=True):
        right = list({p.id: p for item in question.evidence for p in holders(item, passages_of)}.values())
        evidence = cut_items(question.evidence, passages_of)
        quotes = [item.quote for item in evidence if item.quote]
        wrong = [
            hit.passage
            for hit in retrieval.hits
            if hit.passage.id not in material.golden
            and not any(carries(item, hit.passage) for item in evidence)
            and not any(stands(quote, hit.passage.text) for quote in quotes)
        ]
        hard = draw.sample(wrong[: 3 * negatives], min(negatives, len(wrong)))
        rows.append(RankingPair(question.question, passage_text(draw.choice(right)), 1.0))
        rows += [RankingPair(question.question, passage_text(passage), 0.0) for passage in hard]
    return rows


def passage_text(passage: Passage) -> str:
    """A passage as a re-ranker reads it: with its title and headings."""
    return searched_text(passage, contextual=True)
