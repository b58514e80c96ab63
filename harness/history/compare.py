"""Candidates beside what they may replace: a word on each, and which to release.

    comparison = compare([gentle, harsh], reference=base)
    comparison.release                  # 'gentle'
    comparison.judgements[1].word       # 'worse'

Task success decides, on the test split, paired question by question; the other aspects can only speak against a
candidate. With several candidates the one that is released was picked among them, so that the intervals of its task
success are those of a family (Bonferroni). Every metric is shown with its paired interval, Holm over the metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import harness.stats as stats
from harness.errors import InputError
from harness.history.aspects import SUCCESS, AspectFinding, Margins, Word, findings, margins_of, overall
from harness.history.contestants import Contestant
from harness.record.measurements import AdapterItems, ArmLatency, CostSection
from harness.record.sections import Setting
from harness.stats.sample import ALPHA
from harness.types import Difference, Estimate


@dataclass(frozen=True, slots=True)
class LostOrWon:
    """A question that one of two gets right and the other does not."""

    case: str
    candidate: str  # both answers, as they are read
    reference: str


@dataclass(frozen=True, slots=True)
class SameTexts:
    """The answers of two that are the same text."""

    same: int
    of: int  # questions that both answered


@dataclass(frozen=True, slots=True)
class Judgement:
    """A candidate beside one other."""

    candidate: str
    against: str
    word: Word
    findings: tuple[AspectFinding, ...]
    same_adapter: bool  # both carry the adapter of one content id
    identical: SameTexts
    metrics: tuple[Difference, ...]  # candidate minus the other; Holm over the metrics that arms are compared on
    lost: tuple[LostOrWon, ...]
    won: tuple[LostOrWon, ...]

    @property
    def unmeasured(self) -> tuple[AspectFinding, ...]:
        return tuple(row for row in self.findings if row.word == "not measured")


@dataclass(frozen=True, slots=True)
class Standing:
    """One contestant by itself."""

    name: str
    run: str
    arm: str
    adapter: str | None
    success: Estimate | None
    form: Estimate | None  # probes included
    ability: AdapterItems | None  # beside the base
    safety: AdapterItems | None
    latency: ArmLatency | None
    cost: CostSection | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidates beside a reference, and beside each other."""

    reference: str
    questions: int  # of the test split
    facts: tuple[Standing, ...]  # the reference first
    judgements: tuple[Judgement, ...]  # each candidate beside the reference
    pairs: tuple[Judgement, ...]  # each candidate beside those named before it
    confidence: float  # of the intervals of task success, fraction
    control: Estimate | None  # A/A: the ratio of p95s of the same arm, timed twice
    settings: Mapping[str, tuple[Setting, ...]]  # name -> value of each contestant, where they differ
    release: str  # the reference, where no candidate is to take its place
    because: str
    margins: Mapping[str, float]  # aspect -> points that may be lost, or the ratio that may be reached
    titles: Mapping[str, str]  # metric -> as a reader knows it
    notes: tuple[str, ...] = ()


def compare(candidates: Sequence[Contestant], reference: Contestant, notes: Sequence[str] = ()) -> Comparison:
    """Judge each candidate beside the reference, and beside each other.

    Args:
        candidates: in the order in which they were named; where nothing else speaks for one, the first is released.
        reference: what stands now: the base model, the arm in use, a pinned run.
        notes: what a reader has to know beside the figures.

    Raises:
        InputError: nothing to compare, or two were asked other questions.
    """
    everyone = (reference, *candidates)
    _check(everyone)
    margins, alpha = margins_of(reference.record), ALPHA / max(1, len(candidates))
    control = reference.record.latency.control
    judgements = tuple(_judge(one, reference, margins, alpha, control) for one in candidates)
    pairs = tuple(
        _judge(later, earlier, margins, alpha, control)
        for place, later in enumerate(candidates)
        for earlier in candidates[:place]
    )
    release, because = _release(judgements, pairs, reference.name)
    return Comparison(
        reference=reference.name,
        questions=len(reference.record.golden.cluster_of),
        facts=tuple(_facts(one) for one in everyone),
        judgements=judgements,
        pairs=pairs,
        confidence=1 - alpha,
        control=control,
        settings=_settings(everyone),
        release=release,
        because=because,
        margins=margins.of,
        titles={row.name: row.title for one in everyone for row in one.record.metric_rows},
        notes=tuple(notes),
    )


def _check(everyone: Sequence[Contestant]) -> None:
    first = everyone[0]
    if len(everyone) < 2:
        raise InputError("nothing to compare: name at least two adapters, arms or runs")
    names = [one.name for one in everyone]
    if (twice := next((name for name in names if names.count(name) > 1), None)) is not None:
        raise InputError(f"'{twice}' stands twice in this comparison; name each once")
    for other in everyone[1:]:
        if other.record.golden.hash != first.record.golden.hash:
            raise InputError(
                f"{first.name} ({first.run.folder.name}) and {other.name} ({other.run.folder.name}) were asked other "
                "questions; compare runs of one golden set, whole or in the same part"
            )


# --- one beside another -------------------------------------------------------------------------------------------


def _judge(mine: Contestant, theirs: Contestant, margins: Margins, alpha: float, control: Estimate | None) -> Judgement:
    rows = findings(mine, theirs, margins, alpha, control)
    answers, others = mine.answers(), theirs.answers()
    texts = [(a.raw, b.raw) for id, a in answers.items() if a and (b := others.get(id))]
    same = mine.adapter is not None and mine.adapter == theirs.adapter and mine.section.base == theirs.section.base
    won, losses = _flips(mine, theirs)
    likeness = SameTexts(sum(a == b for a, b in texts), len(texts))
    word: Word = "not worse" if same else overall(rows)
    return Judgement(mine.name, theirs.name, word, rows, same, likeness, _metrics(mine, theirs), losses, won)


def _flips(mine: Contestant, theirs: Contestant) -> tuple[tuple[LostOrWon, ...], tuple[LostOrWon, ...]]:
    """(won, losses)"""
    a, b = mine.column(SUCCESS), theirs.column(SUCCESS)
    texts = [{id: answer.text for id, answer in of.answers().items() if answer} for of in (mine, theirs)]

    def rows(pair: tuple[float, float]) -> tuple[LostOrWon, ...]:
        cases = [case for case in a if (a[case], b.get(case)) == pair]
        return tuple(LostOrWon(case, texts[0].get(case, ""), texts[1].get(case, "")) for case in cases)

    return rows((1.0, 0.0)), rows((0.0, 1.0))


def _metrics(mine: Contestant, theirs: Contestant) -> tuple[Difference, ...]:
    """Every metric that both have: those that arms are compared on with Holm over them, then the others."""
    rows = {row.name: row for row in mine.record.metric_rows}
    changes: list[Difference] = []
    for row in rows.values():
        unit = "points" if row.unit == "fraction" else row.unit
        change = stats.difference_by_case(
            (row.name, mine.name, theirs.name), mine.column(row.name), theirs.column(row.name),
            theirs.record.golden.cluster_of, theirs.record.seed, unit,
        )  # fmt: skip
        if change is not None and change.estimate.mean is not None:
            changes.append(change)
    tested = stats.with_holm(change for change in changes if rows[change.metric].compared)
    return (*tested, *(change for change in changes if not rows[change.metric].compared))


def _facts(of: Contestant) -> Standing:
    record, arm, form = of.record, of.arm, of.record.forms.get(of.arm)
    return Standing(
        name=of.name,
        run=of.run.folder.name,
        arm=arm,
        adapter=of.adapter,
        success=record.estimate(arm, SUCCESS),
        form=None if form is None else form.schema,
        ability=record.forgetting.arms.get(arm),
        safety=record.safety.arms.get(arm),
        latency=record.latency.arms.get(arm),
        cost=record.cost.get(arm),
    )


def _settings(everyone: Sequence[Contestant]) -> dict[str, tuple[Setting, ...]]:
    """Settings in which those that have any differ: of the adapters; and of the runs, where these are several."""
    runs = {one.run.folder for one in everyone}
    rows = [{**(dict(one.record.settings or {}) if len(runs) > 1 else {}), **one.settings()} for one in everyone]
    names = sorted({name for row in rows for name in row})
    values = {name: tuple(row.get(name) for row in rows) for name in names}
    texts = {name: [row[name] for row in rows if row and name in row] for name in names}
    silent = {name: any(row and name not in row for row in rows) for name in names}  # a base model has no settings
    stated = [name for name in names if any(value is not None for value in values[name])]
    return {name: values[name] for name in stated if silent[name] or any(x != texts[name][0] for x in texts[name])}


# --- which to release ---------------------------------------------------------------------------------------------


def _release(judgements: Sequence[Judgement], pairs: Sequence[Judgement], reference: str) -> tuple[str, str]:
    """The first of those that are better than the reference, and that no other of them is proven to be better than."""
    fit = [row for row in judgements if row.word == "better"]
    names = {row.candidate for row in fit}
    beaten = {loser for winner, loser in _wins(pairs) if winner in names}
    pick = next((row for row in fit if row.candidate not in beaten), None)
    if pick is None:
        return (
            reference,
            f"no candidate is proven better than {reference}: {'; '.join(_short(row) for row in judgements)}",
        )
    others = [row.candidate for row in fit if row is not pick]
    beside = f"; of {', '.join(others)} none is proven better than it" if others else ""
    open_rows = [f"{row.short} ({row.reason})" for row in pick.unmeasured]
    missing = f"; not measured, and so not vouched for: {'; '.join(open_rows)}" if open_rows else ""
    return pick.candidate, f"better than {reference} in task success, and in nothing worse{beside}{missing}"


def _wins(pairs: Sequence[Judgement]) -> Iterator[tuple[str, str]]:
    """(winner, loser) of every pair whose task success is proven to differ."""
    for row in pairs:
        success = next((finding for finding in row.findings if finding.aspect == SUCCESS), None)
        if success is not None and success.word == "better":
            yield row.candidate, row.against
        elif success is not None and success.estimate is not None and (success.estimate.high or 0.0) < 0:
            yield row.against, row.candidate


def _short(row: Judgement) -> str:
    worse = [finding.short for finding in row.findings if finding.word == row.word]
    return f"{row.candidate} is {row.word}" + (f" ({', '.join(worse)})" if row.word in ("worse", "not proven") else "")
