"""What a passage carries of an evidence item: whole quotes, and parts of quotes that no passage holds as a whole."""

from __future__ import annotations

import pytest

from harness.evidence.carry import WHOLE, carries, covered, cut_cases, item_shares, mark_cut, quote_places, shares_of
from harness.metrics.retrieval import scores
from harness.types import Case, Evidence, Passage

SENTENCES = [f"Lamp {n} is lit by the {who} before the gate opens." for n, who in enumerate(["cook", "clerk", "pilot"])]
QUOTE = " ".join(SENTENCES)


def passage(name: str, text: str, doc: str = "lamps.md") -> Passage:
    return Passage(name, doc, "Lamps", text)


HEAD = passage("a", f"All lamps are listed here. {SENTENCES[0]}")
MIDDLE = passage("b", SENTENCES[1])
TAIL = passage("c", f"{SENTENCES[2]} Nobody else has a key.")
OTHER = passage("d", "Lamp 7 is lit by nobody. The gate opens at dawn.")


def case(*evidence: Evidence) -> Case:
    return Case("l", "Who lights the lamps?", ("the cook",), evidence=evidence)


def test_a_quote_over_three_passages_is_carried_by_all_of_them() -> None:
    (cut,) = cut_cases([case(Evidence("lamps.md", QUOTE))], [HEAD, MIDDLE, TAIL, OTHER])
    (item,) = cut.evidence
    assert item.cut
    assert [carries(item, p) for p in (HEAD, MIDDLE, TAIL, OTHER)] == [True, True, True, False]
    assert covered(item_shares([item], p) for p in (HEAD, MIDDLE, TAIL)) == 1.0
    assert covered([item_shares([item], MIDDLE)]) == pytest.approx(1 / 3, abs=0.02)


def test_recall_counts_the_shares() -> None:
    (cut,) = cut_cases([case(Evidence("lamps.md", QUOTE))], [HEAD, MIDDLE, TAIL, OTHER])
    best = scores(cut.evidence, [HEAD, MIDDLE, TAIL], 3)
    assert best is not None
    assert best["recall"] == 1.0
    assert best["precision"] == 1.0
    assert best["ndcg"] > 0.98
    one = scores(cut.evidence, [OTHER, HEAD], 2)
    assert one is not None
    assert one["recall"] == pytest.approx(1 / 3, abs=0.02)
    assert one["mrr"] == 0.5


def test_where_a_passage_holds_the_whole_quote_no_part_counts() -> None:
    """Neighbouring passages overlap: the beginning of the second is no evidence of its own."""
    whole, overlap = passage("a", f"Before. {SENTENCES[0]}"), passage("b", f"{SENTENCES[0][12:]} After.")
    (same,) = cut_cases([case(Evidence("lamps.md", SENTENCES[0]))], [whole, overlap])
    assert same.evidence == (Evidence("lamps.md", SENTENCES[0]),)
    assert [carries(same.evidence[0], p) for p in (whole, overlap)] == [True, False]


def test_a_part_that_is_too_short_is_none() -> None:
    item = Evidence("lamps.md", QUOTE, cut=True)
    assert shares_of(item, passage("a", "Something else. Lamp 0 is lit by")) == ()
    assert not shares_of(item, passage("a", HEAD.text, "other.md"))
    assert shares_of(Evidence("lamps.md"), HEAD) == shares_of(Evidence(id="lamps.md"), HEAD) == WHOLE


def test_places_of_a_part_are_those_in_the_passage() -> None:
    item = Evidence("lamps.md", QUOTE, cut=True)
    marked = passage("a", HEAD.text.replace("the cook", "**the cook**"))
    (span,) = quote_places(item, marked)
    assert marked.text[slice(*span)] == SENTENCES[0].replace("the cook", "**the cook**")
    assert quote_places(Evidence("lamps.md"), HEAD) == ()


def test_cut_evidence_is_marked_again_from_a_record() -> None:
    again = mark_cut([case(Evidence("lamps.md", QUOTE), Evidence(id="x"))], {"l": (0,)})
    assert [item.cut for item in again[0].evidence] == [True, False]
