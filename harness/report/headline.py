"""The first screen: verdict, one sentence, the level, three figures, what to do next, what it all rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.advice.recommendations import row_of
from harness.golden.verified import UNTOLD, share_by_people
from harness.record.sections import GoldenSection, Record
from harness.report.charts.forest import Forest, forest
from harness.report.first.checklist import Checklist, checklist
from harness.report.first.level import Level, level
from harness.report.first.next_step import Action, next_step
from harness.report.first.sentence import at_most, first_sentence
from harness.report.first.tiles import Tile, tiles
from harness.stats.numbers import percent
from harness.types import Case, VerdictWord


@dataclass(frozen=True, slots=True)
class WordRow:
    """A verdict's word as it is shown."""

    symbol: str  # id of the symbol, on a page
    css: str  # class of the page's first screen
    sign: str  # in Markdown


WORDS: Mapping[VerdictWord, WordRow] = {
    "GO": WordRow("ok", "go", "✅"),
    "NO-GO": WordRow("no", "no-go", "⛔"),
    "NOT PROVEN": WordRow("open", "open", "🔶"),
}


@dataclass(frozen=True, slots=True)
class Headline:
    """The first screen's words and numbers."""

    word: VerdictWord
    row: WordRow
    candidate: str
    sentence: str
    level: Level
    tiles: tuple[Tile, ...]
    step: Action | None
    checklist: Checklist | None  # None: nothing was advised
    golden: str  # who verified the golden set: a sentence
    by_people: float  # share of it
    warnings: tuple[str, ...]  # what keeps this run from counting: partial, test double
    forest: Forest


def headline(record: Record, cases: Sequence[Case] = ()) -> Headline:
    """The first screen's content.

    Args:
        cases: the golden set, for the best constant answer; none where it is not at hand.
    """
    verdict, plot = record.verdict, forest(record.verdict.gates)
    golden, share = golden_words(record.golden)
    return Headline(
        word=verdict.word,
        row=WORDS[verdict.word],
        candidate=verdict.candidate,
        sentence=first_sentence(record),
        level=level(record, cases),
        tiles=tiles(record, {row.name: row for row in plot.rows}),
        step=next_step(record),
        checklist=checklist(record),
        golden=golden,
        by_people=share,
        warnings=warnings(record),
        forest=plot,
    )


def advised(recommendation: str | None) -> str | None:
    """A recommendation as it stands beside a measurement; None where nothing was advised."""
    row = row_of(recommendation)
    return row.full_name if row else recommendation


def golden_words(golden: GoldenSection) -> tuple[str, float]:
    """(how much of the golden set people verified, as a sentence; that share)."""
    cases = sum(golden.cases.values())
    people, share = share_by_people(golden.verified_by, cases)
    if not golden.verified_by.keys() - {UNTOLD}:
        return f"Nothing says who verified the {cases:,} golden questions.", 0.0
    if not people:
        return f"No person has verified the {cases:,} golden questions, so read every figure as provisional.", share
    if people == cases:
        return f"People verified all {cases:,} golden questions.", share
    return f"People verified {people:,} of the {cases:,} golden questions ({percent(share)}).", share


def warnings(record: Record) -> tuple[str, ...]:
    """Why this run may not count, in words."""
    words = []
    if record.test_double:
        words.append("Made with a test double instead of a model: the figures mean nothing. It can never be GO.")
    if record.partial:
        words.append(f"{at_most(f'Only a part of the run: {record.partial}')}. It can't be GO.")
    return tuple(words)
