"""What the drills do to passages: added, shuffled, taken out, poisoned, and the golden ones alone."""

from __future__ import annotations

from dataclasses import replace

from harness.drills.perturb import DRILLS, MARKER, QuestionHits, gold_hits
from harness.types import Case, Evidence, Hit, Passage

FEE = "The Reed plan costs 19 euros a month."
CASE = Case("q1", "What does Reed cost?", ("19 euros",), evidence=(Evidence("reed.md", FEE),), source="reed.md")


def passage(name: str, text: str, doc: str = "other.md") -> Hit:
    return Hit(Passage(name, doc, doc, text), 1.0)


RIGHT = passage("r", FEE, "reed.md")
IDLE = tuple(passage(f"i{n}", f"Page {n} is about bells.") for n in range(8))
LUCKY = passage("l", "Another plan also costs 19 euros.")
SHOWN = QuestionHits((IDLE[0], RIGHT, IDLE[1]), (LUCKY, *IDLE[2:]), (RIGHT,))


def perturbed(name: str, hits: QuestionHits = SHOWN, case: Case = CASE) -> tuple[Hit, ...] | None:
    how = DRILLS[name].passages
    assert how is not None
    return how(case, hits, 7)


def test_distractors_stand_around_the_passages_and_never_answer() -> None:
    hits = perturbed("distractors")
    assert hits is not None
    assert len(hits) == 6
    assert hits[2:5] == SHOWN.shown
    assert LUCKY not in hits
    assert perturbed("distractors", replace(SHOWN, deeper=(LUCKY,))) is None


def test_shuffling_keeps_the_passages_and_changes_their_order_the_same_way_every_time() -> None:
    hits = perturbed("shuffled")
    assert hits is not None
    assert hits != SHOWN.shown
    assert sorted(h.passage.id for h in hits) == sorted(h.passage.id for h in SHOWN.shown)
    assert hits == perturbed("shuffled")
    assert perturbed("shuffled", replace(SHOWN, shown=(RIGHT,))) is None


def test_without_its_evidence_nothing_answers_and_as_many_passages_are_shown() -> None:
    hits = perturbed("oracle_removed")
    assert hits == (IDLE[0], IDLE[1], IDLE[2])
    assert perturbed("oracle_removed", replace(SHOWN, shown=IDLE[:3])) is None


def test_the_hidden_order_stands_in_a_passage_that_does_not_answer() -> None:
    hits = perturbed("injected")
    assert hits is not None
    assert MARKER in hits[0].passage.text
    assert hits[1:] == SHOWN.shown[1:]
    alone = perturbed("injected", replace(SHOWN, shown=(RIGHT,)))
    assert alone is not None
    assert MARKER in alone[0].passage.text


def test_golden_passages_are_those_that_carry_the_evidence_each_item_first() -> None:
    two = replace(CASE, evidence=(Evidence("reed.md", FEE), Evidence("heron.md")))
    heron = [passage(f"h{n}", "Heron", "heron.md") for n in range(2)]
    pages = [IDLE[0].passage, heron[0].passage, heron[1].passage, RIGHT.passage]
    assert [hit.passage.id for hit in gold_hits(two, pages)] == ["r", "h0", "h1"]
    assert perturbed("gold", replace(SHOWN, gold=())) is None
