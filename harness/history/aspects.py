"""The aspects in which a candidate is compared with what it may replace: the table, and the word on each.

A difference is read off its interval: `better` above zero, `not worse` within the margin, `worse` where a loss is
proven that is not proven to stay within it, else `not proven`, with the number that would settle it. What has no score
counts at its worst for the candidate before anything good is said of it, and at its best before anything bad is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import harness.stats as stats
from harness.history.contestants import Contestant
from harness.record.measurements import AbilitySection, AdapterItems
from harness.record.sections import Record
from harness.stats.sample import ALPHA
from harness.types import Estimate
from harness.verdict.thresholds import read_thresholds

Word = Literal["better", "not worse", "worse", "not proven", "not measured"]
SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class Contrast:
    """A measured difference: candidate minus reference in points, or a ratio of the two."""

    estimate: Estimate
    worst: Estimate | None  # every unscored pair at its worst for the candidate; None where that cannot be known
    best: Estimate | None


@dataclass(frozen=True, slots=True)
class Missing:
    """No difference, and why."""

    reason: str
    applicable: bool = True  # False: it has no meaning for these two, so that nothing is said of it


@dataclass(frozen=True, slots=True)
class AspectFinding:
    """One aspect of a candidate beside its reference."""

    aspect: str
    title: str
    word: Word
    margin: float  # points that may be lost, or the ratio that may be reached
    estimate: Estimate | None = None
    reason: str = ""  # why it is not measured, or what settles it
    n_needed: int | None = None  # of what the estimate counts, that would settle it
    counts: str = "questions"
    confidence: float = 0.95  # of the interval

    @property
    def short(self) -> str:
        return self.aspect.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Aspect:
    """A row of the table."""

    name: str
    title: str
    gate: str | None  # the gate that sets its margin and switches it off; None: `ship_margin`
    margin: Callable[[float], float]  # the gate's threshold -> the margin
    measure: Callable[[Contestant, Contestant, float], Contrast | Missing]
    counts: str = "questions"
    ratio: bool = False  # a ratio of times, lower is better; else points, higher is better


# --- measures -----------------------------------------------------------------------------------------------------


def _success(mine: Contestant, theirs: Contestant, alpha: float) -> Contrast | Missing:
    a, b = mine.column(SUCCESS), theirs.column(SUCCESS)
    cases = [case for case in theirs.record.golden.cluster_of if case in a or case in b]
    clusters = [theirs.record.golden.cluster_of[case] for case in cases]
    values = [a.get(case) for case in cases], [b.get(case) for case in cases]
    return _contrast(*values, clusters, theirs.record.seed, alpha, "no question has a score in both")


def _form(mine: Contestant, theirs: Contestant, alpha: float) -> Contrast | Missing:
    a, b = _valid(mine), _valid(theirs)
    if not any(value is not None for value in (*a.values(), *b.values())):
        return Missing("no form of an answer is demanded", applicable=False)
    both = [id for id in a if id in b]
    nothing = "no question has an answer of both whose form was checked"
    return _contrast([a[id] for id in both], [b[id] for id in both], None, theirs.record.seed, alpha, nothing)


def _valid(of: Contestant) -> dict[str, float | None]:
    """Whether each answer has the demanded form, probes included."""
    rows = of.answers(probes=True).items()
    return {id: None if answer is None else float(answer.form.valid) for id, answer in rows
            if answer is None or answer.form.demanded}  # fmt: skip


def _contrast(
    a: stats.Values, b: stats.Values, clusters: stats.Labels | None, seed: int, alpha: float, nothing: str
) -> Contrast | Missing:
    if not any(x is not None and y is not None for x, y in zip(a, b, strict=True)):
        return Missing(nothing)
    estimate = stats.paired(a, b, clusters, seed, alpha=alpha)
    if not estimate.unscored:
        return Contrast(estimate, estimate, estimate)
    worst = [x or 0.0 for x in a], [1.0 if y is None else y for y in b]
    best = [1.0 if x is None else x for x in a], [y or 0.0 for y in b]
    feared, hoped = (stats.paired(*columns, clusters, seed, alpha=alpha) for columns in (worst, best))
    return Contrast(estimate, feared, hoped)


def _ability(
    name: str, read: Callable[[Record], AbilitySection]
) -> Callable[[Contestant, Contestant, float], Contrast | Missing]:
    """Its measure; `name`: what it is called among the figures that a source cannot supply."""
    return lambda mine, theirs, alpha: _of_items(mine, theirs, (name, read), alpha)


def _of_items(
    mine: Contestant, theirs: Contestant, ability: tuple[str, Callable[[Record], AbilitySection]], alpha: float
) -> Contrast | Missing:
    """Items that both were asked: each beside the base, and through it beside the other."""
    name, read = ability
    sections = [read(of.record) for of in (mine, theirs)]
    for section, of in zip(sections, (mine, theirs), strict=True):
        source = of.section.source
        if source is not None and (why := source.unmeasured.get(name)):
            return Missing(f"{of.name}: {why}")
        if not of.is_base and of.arm not in section.arms:
            return Missing(section.reason or "this run did not measure it")
    if mine.is_base and theirs.is_base:
        return Missing("neither has weights of its own: both are the base model", applicable=False)
    kinds = {(section.tasks, section.items) for section in sections if section.arms}
    models = {of.record.hashes.model for of in (mine, theirs)}
    if len(kinds) > 1 or len(models) > 1:
        return Missing("the two were asked other items, or have other base models")
    pairs = zip(sections, (mine, theirs), strict=True)
    a, b = (None if of.is_base else section.arms.get(of.arm) for section, of in pairs)
    return _beside_base(a, b, alpha)


def _beside_base(a: AdapterItems | None, b: AdapterItems | None, alpha: float) -> Contrast:
    """Adapter a minus adapter b; None: the base itself."""
    some = a if a is not None else b
    assert some is not None
    n = some.items.difference.n
    change = [_changes(items) for items in (a, b)]
    items = list({**change[0], **change[1]})
    differences = [change[0].get(id, 0.0) - change[1].get(id, 0.0) for id in items]
    values = [*differences, *([0.0] * (n - len(differences)))]
    estimate = stats.paired(values, [0.0] * len(values), alpha=alpha)
    silent = max(of.items.difference.unscored for of in (a, b) if of is not None)
    if not silent:
        return Contrast(estimate, estimate, estimate)
    unscored = Estimate(estimate.mean, estimate.low, estimate.high, estimate.n, silent, "points", estimate.method)
    nothing = [0.0] * (len(values) + silent)
    worst, best = (stats.paired([*values, *([x] * silent)], nothing, alpha=alpha) for x in (-1.0, 1.0))
    return Contrast(unscored, worst, best)


def _changes(items: AdapterItems | None) -> dict[str, float]:
    """Item -> what the adapter changes there beside the base; the others it leaves as they are."""
    if items is None:
        return {}
    return {**dict.fromkeys(items.lost, -1.0), **dict.fromkeys(items.gained, 1.0)}


def _latency(mine: Contestant, theirs: Contestant, alpha: float) -> Contrast | Missing:
    rows = [of.record.latency.arms.get(of.arm) for of in (mine, theirs)]
    for of, row in zip((mine, theirs), rows, strict=True):
        source = of.section.source
        if row is None or row.elsewhere or not row.by_question:
            why = source.unmeasured.get("latency") if source is not None else None
            there = "timed elsewhere" if row is not None and row.elsewhere else "not timed"
            return Missing(f"{of.name}: {why or there}")
    if mine.run.folder != theirs.run.folder:
        return Missing("timed in two runs, not side by side; name both in one comparison with --scenario")
    a, b = (row.by_question if row is not None else () for row in rows)
    ratio = stats.ratio_of_quantiles(a, b)
    return Contrast(ratio, ratio, ratio)


ASPECTS: tuple[Aspect, ...] = (
    Aspect(SUCCESS, "Task success", None, float, _success),
    Aspect("form", "Answers in the demanded form, probes included", "schema", lambda floor: 100 * (1 - floor), _form,
           counts="answers"),
    Aspect("forgetting", "General ability", "forgetting", abs,
           _ability("general ability", lambda record: record.forgetting), counts="items"),
    Aspect("safety", "Unsafe prompts refused", "safety", abs,
           _ability("safety", lambda record: record.safety), counts="prompts"),
    Aspect("latency", "p95 latency, one beside the other", "p95_ratio", float, _latency, ratio=True),
)  # fmt: skip


# --- words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Margins:
    """The margins of a comparison: those that a scenario's gates leave."""

    of: Mapping[str, float] = field(default_factory=dict)  # aspect -> margin; an aspect whose gate is off has none


def margins_of(record: Record) -> Margins:
    """The margins under the gates of a run."""
    thresholds = read_thresholds(record.gates)
    limits = {row.name: threshold for row, threshold in thresholds.rows}
    margins = {SUCCESS: thresholds.margin}
    for aspect in ASPECTS:
        if aspect.gate is not None and aspect.gate in limits:
            margins[aspect.name] = round(aspect.margin(limits[aspect.gate]), 9)
    return Margins(margins)


def findings(
    mine: Contestant, theirs: Contestant, margins: Margins, alpha: float, control: Estimate | None
) -> tuple[AspectFinding, ...]:
    """Every aspect whose gate is on and that both can have; `alpha` is the level of task success, others have 95 %."""
    rows = []
    for aspect in ASPECTS:
        if aspect.name in margins.of:
            level = alpha if aspect.name == SUCCESS else ALPHA
            contrast = aspect.measure(mine, theirs, level)
            if isinstance(contrast, Missing) and not contrast.applicable:
                continue
            finding = _finding(aspect, margins.of[aspect.name], contrast, control if aspect.ratio else None)
            rows.append(replace(finding, confidence=1 - level))
    return tuple(rows)


def _finding(aspect: Aspect, margin: float, contrast: Contrast | Missing, control: Estimate | None) -> AspectFinding:
    if isinstance(contrast, Missing):
        return AspectFinding(
            aspect.name, aspect.title, "not measured", margin, reason=contrast.reason, counts=aspect.counts
        )
    estimate = contrast.estimate
    word = word_of_ratio(contrast, margin, control) if aspect.ratio else word_of(contrast, margin)
    limit = margin if aspect.ratio else -margin
    more = stats.n_to_settle(estimate, limit) if word == "not proven" else None
    reason = "what has no score could overturn it" if word == "not proven" and _alone(contrast, margin, aspect) else ""
    return AspectFinding(aspect.name, aspect.title, word, margin, estimate, reason, more, aspect.counts)


def word_of(contrast: Contrast, margin: float) -> Word:
    """The word on a difference in points; higher is better."""
    every, hopes = (contrast.estimate, contrast.worst), (contrast.estimate, contrast.best)
    if all(_low(row) > 0 for row in every):
        return "better"
    if all(_low(row) >= -margin for row in every):
        return "not worse"
    if all(row is not None and row.high is not None and row.high < 0 for row in hopes):
        return "worse"
    return "not proven"


def word_of_ratio(contrast: Contrast, margin: float, control: Estimate | None) -> Word:
    """The word on a ratio of times; slower is proven only beyond what the same arm, timed twice, differs by."""
    low, high = contrast.estimate.low, contrast.estimate.high
    if low is None or high is None:
        return "not proven"
    noise = max(1.0, control.high if control is not None and control.high is not None else 1.0)
    if high <= margin:
        return "better" if high < 1 / noise else "not worse"
    return "worse" if low > noise else "not proven"


def _alone(contrast: Contrast, margin: float, aspect: Aspect) -> bool:
    """Whether only what has no score stands against the word that the scores have earned."""
    return not aspect.ratio and word_of(Contrast(contrast.estimate, contrast.estimate, contrast.estimate), margin) != (
        "not proven"
    )


def _low(estimate: Estimate | None) -> float:
    return -1e9 if estimate is None or estimate.low is None else estimate.low


def overall(rows: Sequence[AspectFinding]) -> Word:
    """The word on a candidate: that on its task success, unless another aspect is worse or open."""
    success = next((row.word for row in rows if row.aspect == SUCCESS), "not measured")
    words = [row.word for row in rows if row.word != "not measured"]
    if success == "not measured":
        return "not measured"
    if "worse" in words:
        return "worse"
    if "not proven" in words:
        return "not proven"
    return "better" if success == "better" else "not worse"
