"""What a golden set of a given size can prove, in plain words, and how many questions would be enough.

provable_lines(scenario, read_thresholds({}), Sizes(25, 13, 25), cases)
# ['25 test questions about 13 groups of documents.', 'Better than RAG-only by at least 5 points: ...']

A number beyond ten times the set is no advice: then the difference is too small to be proven with such a set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import harness.stats as stats
from harness.references import references
from harness.scenario.settings import Scenario
from harness.stats.numbers import show_count, show_threshold
from harness.types import Case
from harness.verdict.gates import MOST_MORE, GateRow, Thresholds
from harness.verdict.reach import LIKE_ARMS, Sizes, applies, out_of_reach

# of two arms much alike, and of two of which one has no passages:
CLEAR = {True: 10.0, False: 20.0}  # points above a margin: a difference that somebody would act on
DIFFER = {True: 0.3, False: 0.7}  # share of the cases on which they differ


def provable_lines(scenario: Scenario, thresholds: Thresholds, sizes: Sizes, cases: Sequence[Case]) -> Iterator[str]:
    """A line on the set, one on the gates that apply and are settled alike, one on what stays open in any case."""
    groups = show_count(sizes.groups, "group")
    yield f"{show_count(sizes.tested, 'test question')} about {groups} of documents. What they can prove:"
    beyond = dict(out_of_reach(scenario, thresholds, sizes))
    titles: dict[str, list[str]] = {}
    for row, threshold in thresholds.rows:
        if applies(row, scenario) and (words := _words(row, threshold, sizes)) is not None:
            titles.setdefault(f"{_limit(row, threshold)}: {words}", []).append(row.title)
            if row.unit == "fraction" or row.name in LIKE_ARMS:
                beyond.pop(row.name, None)
    for words, names in titles.items():
        yield f"{'; '.join(names)} ({words}"
    for name, why in beyond.items():
        yield f"gate {name}: {why}"
    undecided = references(cases).says
    if undecided:
        yield f"{undecided}."


def _limit(row: GateRow, threshold: float) -> str:
    words = {">=": "at least", ">": "more than", "<=": "at most"}[row.direction]
    return f"{words} {show_threshold(threshold, row.unit)})"


def _words(row: GateRow, threshold: float, sizes: Sizes) -> str | None:
    """What the set can show of one gate; None where its size says nothing of it."""
    if not sizes.tested or row.exact:
        return None
    if row.unit == "fraction":
        return _rate(row, threshold, sizes)
    if row.unit == "points" and row.counts == "questions":
        return _gain(row, threshold, sizes)
    return None


def _rate(row: GateRow, threshold: float, sizes: Sizes) -> str:
    of_form = row.counts == "answers"
    n, effect = (sizes.answers, 1.0) if of_form else (sizes.tested, sizes.effect)
    noun = "answer" if of_form else "question"
    rate = 1 - threshold if row.direction == "<=" else threshold
    allowed = stats.failures_allowed(int(n / effect), rate)
    if allowed is not None:
        worth = "" if effect == 1 else f" (worth {n / effect:.0f} independent ones)"
        return f"proven if at most {allowed} of {show_count(n, noun)}{worth} fail" if allowed else (
            f"proven only if none of {show_count(n, noun)}{worth} fails"
        )  # fmt: skip
    least = ceil(_fewest(rate) * effect)
    return f"not even {show_count(n, noun)} without a fault would prove it; {_enough(least, n, noun, least=True)}"


def _fewest(rate: float) -> int:
    """Independent answers, all of them good, that prove a rate."""
    n = 1
    while stats.failures_allowed(n, rate) is None:
        n = n * 2
    low = n // 2
    while n - low > 1:
        middle = (low + n) // 2
        low, n = (low, middle) if stats.failures_allowed(middle, rate) is not None else (middle, n)
    return n


def _gain(row: GateRow, margin: float, sizes: Sizes) -> str:
    alike = row.name in LIKE_ARMS
    share, n, effect = DIFFER[alike], sizes.tested, sizes.effect
    least = stats.detectable_gain(n, margin, share, effect)
    clear = margin + CLEAR[alike]
    if least is not None and least <= clear:
        return f"a true difference of {least:.0f} points is enough"
    first = "no difference is large enough" if least is None else f"a true difference of {least:.0f} points is needed"
    return f"{first}; for one of {clear:.0f} points {_enough(_cases_for(clear, margin, share, effect), n, 'question')}"


def _cases_for(gain: float, margin: float, share: float, effect: float) -> int:
    """Cases that prove a true gain to exceed the margin in 80 % of runs."""
    n, top = 2, 1 << 24
    while n < top and not _shows(n, gain, margin, share, effect):
        n = ceil(n * 1.1) + 1
    return n


def _shows(n: int, gain: float, margin: float, share: float, effect: float) -> bool:
    least = stats.detectable_gain(n, margin, share, effect)
    return least is not None and least <= gain


def _enough(least_count: int, n: int, noun: str, least: bool = False) -> str:
    """How many would be enough, as far as that is advice."""
    if least_count > MOST_MORE * n:
        return f"more than ten times these {noun}s would be needed: too small to prove with such a set"
    return f"about {_round(least_count):,} {noun}s {'are the least that could' if least else 'would be enough'}"


def _round(count: int) -> int:
    """A number to plan with: two figures of it."""
    unit: int = 10 ** max(0, len(str(count)) - 2)
    return ceil(count / unit) * unit
