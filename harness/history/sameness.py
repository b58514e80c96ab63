"""Whether what is served is what was measured: greedy answers of one adapter in two forms, and those of its base.

    sameness(questions, tokens).word       # 'as the base'

An adapter whose keys have another prefix is loaded by servers without a word, and answers byte for byte as its base. On
the questions in which the adapter differs from its base this is seen at once; the others cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import harness.stats as stats
from harness.types import Estimate

SamenessWord = Literal["as measured", "as the base", "otherwise", "not proven"]
FLOOR = 0.9  # share of identical answers from which on a form is taken for the one that was measured

Tokens = Callable[[str], Sequence[object]]  # a text as tokens


@dataclass(frozen=True, slots=True)
class AskedTwice:
    """One question, as it was measured, as it is served, and as the base answers it; None where there is no answer."""

    case: str
    reference: str | None
    served: str | None
    base: str | None


@dataclass(frozen=True, slots=True)
class Departure:
    """A question whose served answer is another one."""

    case: str
    token: int  # the first that differs, from 1
    reference: str
    served: str
    as_base: bool  # the served answer is the base's


@dataclass(frozen=True, slots=True)
class Sameness:
    """What became of the questions."""

    word: SamenessWord
    says: str
    questions: int  # that were answered in all three
    unanswered: int
    same: Estimate  # served as measured, fraction
    as_base: Estimate  # served as the base answers, fraction
    telling: int  # questions in which the adapter differs from its base
    telling_as_base: int  # of them, served as the base answers
    departures: tuple[Departure, ...]  # the earliest token first

    @property
    def exit_code(self) -> int:
        return {"as measured": 0, "not proven": 3}.get(self.word, 1)


def sameness(rows: Sequence[AskedTwice], tokens: Tokens, floor: float = FLOOR) -> Sameness:
    """Compare the forms question by question.

    Args:
        tokens: of the base's tokenizer, where that is here; else words.
        floor: share of identical answers that is enough; other processors and number formats round otherwise.
    """
    whole = [(row.case, row.reference, row.served, row.base) for row in rows]
    texts = [(case, a, b, c) for case, a, b, c in whole if a is not None and b is not None and c is not None]
    same = [float(served == reference) for _, reference, served, _ in texts]
    as_base = [float(served == base) for _, _, served, base in texts]
    telling = [(reference, served, base) for _, reference, served, base in texts if reference != base]
    like_base = sum(served == base for _, served, base in telling)
    departures = [
        Departure(case, first_difference(tokens(reference), tokens(served)), reference, served, served == base)
        for case, reference, served, base in texts
        if served != reference
    ]
    word, says = _word(same, len(telling), like_base, floor)
    return Sameness(
        word=word,
        says=says,
        questions=len(texts),
        unanswered=len(rows) - len(texts),
        same=stats.rate(same),
        as_base=stats.rate(as_base),
        telling=len(telling),
        telling_as_base=like_base,
        departures=tuple(sorted(departures, key=lambda row: row.token)),
    )


def _word(same: Sequence[float], telling: int, like_base: int, floor: float) -> tuple[SamenessWord, str]:
    n, equal = len(same), int(sum(same))
    if not n:
        return "not proven", "no question was answered by all three"
    if not telling:
        return "not proven", (
            f"the adapter answers all {n} questions as its base does: nothing here could tell them apart; ask more"
        )
    if like_base == telling:
        return "as the base", (
            f"NOT what was measured: all {telling} answers in which the adapter differs from its base are the base's, "
            "byte for byte; the adapter is not applied (keys with another prefix, or the base served under its name)"
        )
    if equal >= floor * n:
        return (
            "as measured",
            f"{equal} of {n} answers are those that were measured, {telling} of which the base answers otherwise",
        )
    return "otherwise", (
        f"NOT what was measured: {equal} of {n} answers are those that were measured ({like_base} of {telling} telling "
        "ones are the base's); another adapter, other weights, or another number format is served"
    )


def first_difference(a: Sequence[object], b: Sequence[object]) -> int:
    """The first place, from 1, at which two differ; one behind the shorter where that is all of it."""
    pairs = zip(a, b, strict=False)
    return next((place for place, (x, y) in enumerate(pairs, start=1) if x != y), min(len(a), len(b)) + 1)
