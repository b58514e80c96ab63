"""The measures of gates: a figure of one arm, or why there is none. Each function takes the score sheet and the arm.

rate_of(sheet, "hybrid", "groundedness", worst=0.0)    # Measurement(estimate=..., worst=...)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import harness.stats as stats
from harness.errors import InputError
from harness.record.measurements import AbilitySection, FormSection
from harness.record.sections import ArmSection
from harness.scenario.settings import Prices
from harness.stats.numbers import number
from harness.types import Estimate
from harness.verdict.calibrated import Correction, corrected_gain, corrected_gain_over, corrected_rate, with_unscored_at
from harness.verdict.score_sheet import Column, ScoreSheet


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured figure; `worst` is the same with every unscored case as bad as it can be, None where unknowable.

    `best` is the same with every unscored case as good as it can be; None where nothing is unscored, or unknowable.
    """

    estimate: Estimate
    worst: Estimate | None
    best: Estimate | None = None
    title: str = ""  # of the gate, where only the measurement knows what it was held against
    note: str = ""  # stands after the reason
    total: Estimate | None = (
        None  # the figure of an arm that lost everything: a gate that it could clear proves nothing
    )
    ratings: int | None = None  # of people's, by which it is corrected; None: it is as measured


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """No figure: structurally (`applicable` False), or because nobody measured it."""

    reason: str
    applicable: bool = True


_IS_REFERENCE = Unmeasured("RAG-only is the arm to compare with", applicable=False)


def _not_run(other: str) -> Unmeasured:
    """A comparison with an arm that is not among the scenario's."""
    return Unmeasured(f"the scenario does not run {other}; add it to `arms:` to compare with it", applicable=False)


# --- figures of the scores -------------------------------------------------------------------------------------


def rate_of(sheet: ScoreSheet, arm: str, metric: str, worst: float) -> Measurement | Unmeasured:
    """The rate of a metric on the test split; `worst` is the value an unscored case is feared to have."""
    column = sheet.column(arm, metric)
    if not any(value is not None for value in column.values()):
        return Unmeasured(f"no answer of {arm} has a score for {metric}")
    labels, values = sheet.labels(column), list(column.values())
    feared, hoped = ([filler if value is None else value for value in values] for filler in (worst, 1.0 - worst))
    best = stats.rate(hoped, labels) if None in values else None
    raw = Measurement(stats.rate(values, labels), stats.rate(feared, labels), best)
    return _as_corrected(raw, corrected_rate(sheet, arm, metric), worst, 1.0 - worst)


UNCALIBRATED = " (uncalibrated)"  # behind a figure that rests on a judge or detector, where nobody rated answers


def _as_corrected(raw: Measurement, correction: Correction | str | None, worst: float, best: float) -> Measurement:
    """The figure as people's ratings correct it; as it is, with a word on that, where they do not."""
    if correction is None:
        return raw
    if isinstance(correction, str):
        return replace(raw, note=(f" (uncalibrated: {correction})" if correction else UNCALIBRATED) + raw.note)
    estimate, mean = correction.estimate, raw.estimate.mean
    before = "" if mean is None else f"; {number(mean, raw.estimate.unit)} before"
    return replace(
        raw,
        estimate=estimate,
        worst=with_unscored_at(estimate, worst) if estimate.unscored else estimate,
        best=with_unscored_at(estimate, best) if estimate.unscored else None,
        note=f" (corrected by {correction.ratings} ratings{before}){raw.note}",
        ratings=correction.ratings,
    )


def grounding_of(sheet: ScoreSheet, arm: str, metric: str, worst: float) -> Measurement | Unmeasured:
    """The rate of a metric that only an arm with passages can have."""
    source = sheet.arms[arm].source
    if not sheet.arms[arm].retriever and source is not None and "passages" in source.unmeasured:
        return Unmeasured(f"what {arm} has read is not known: {source.unmeasured['passages']}", applicable=False)
    if not sheet.arms[arm].retriever:
        return Unmeasured(f"{arm} is given no passages to be grounded in", applicable=False)
    return rate_of(sheet, arm, metric, worst)


def gain_of(sheet: ScoreSheet, arm: str, other: str, metric: str = "task_success") -> Measurement | Unmeasured:
    """Paired difference arm - other of a metric on the test split, in points."""
    if arm == other:
        return Unmeasured(f"{arm} is the arm to compare with", applicable=False)
    if other not in sheet.arms:
        return _not_run(other)
    nothing = f"no case has a score for {metric} in both {arm} and {other}"
    gain = _gain(sheet, sheet.column(arm, metric), sheet.column(other, metric), nothing)
    if isinstance(gain, Unmeasured):
        return gain
    return _as_corrected(gain, corrected_gain(sheet, arm, other, metric), -100.0, 100.0)


def gain_over_constant_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """Paired difference of task success: the arm - the best constant answer, in points.

    A constant answer needs no model, so it is what an arm has to beat before it is of any use, as a classifier has to
    beat the majority class.
    """
    mine, constant = sheet.column(arm, "task_success"), sheet.constant
    theirs = {case: constant.success.get(case) for case in mine}
    gain = _gain(sheet, mine, theirs, f"no answer of {arm} has a score for task_success")
    if isinstance(gain, Unmeasured):
        return gain
    gain = replace(gain, title=f"Task success gained over {constant.says}", note=constant.note)
    return _as_corrected(gain, corrected_gain_over(sheet, arm, "task_success", theirs), -100.0, 100.0)


def _gain(sheet: ScoreSheet, mine: Column, theirs: Column, nothing: str) -> Measurement | Unmeasured:
    """Mine - theirs over the cases that both can have; `nothing` is the reason where no case is scored in both."""
    shared = [case for case in mine if case in theirs]
    a, b = [mine[case] for case in shared], [theirs[case] for case in shared]
    if not any(x is not None and y is not None for x, y in zip(a, b, strict=True)):
        return Unmeasured(nothing)
    labels, seed = sheet.labels(shared), sheet.figures.seed
    feared = stats.paired([x or 0.0 for x in a], [1.0 if y is None else y for y in b], labels, seed)
    hoped = stats.paired([1.0 if x is None else x for x in a], [y or 0.0 for y in b], labels, seed)
    return Measurement(stats.paired(a, b, labels, seed), feared, hoped if None in (*a, *b) else None)


def cost_ratio_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """Token cost of a question over the reference arm's, paired."""
    reference, prices = sheet.figures.reference, sheet.figures.prices
    if arm == reference:
        return _IS_REFERENCE
    if reference is None:
        return _not_run("rag")
    if not (prices.input_per_million or prices.output_per_million):
        return Unmeasured("the scenario has no token prices; set prices.input_per_million and output_per_million")
    mine, theirs = _costs(sheet, arm, prices), _costs(sheet, reference, prices)
    if not any(x is not None and y is not None for x, y in zip(mine, theirs, strict=True)):
        return Unmeasured(f"no question has token counts in both {arm} and {reference}")
    return Measurement(stats.ratio_of_means(mine, theirs, sheet.labels(sheet.cases)), None)


def _costs(sheet: ScoreSheet, arm: str, prices: Prices) -> list[float | None]:
    """Price of each test case, per million questions; None where its tokens are not known."""
    inputs, outputs = (sheet.values.get((arm, f"{kind}_tokens"), {}) for kind in ("prompt", "completion"))
    costs: list[float | None] = []
    for case in sheet.cases:
        read, output = inputs.get(case), outputs.get(case)
        complete = read is not None and output is not None
        cost = (read or 0) * prices.input_per_million + (output or 0) * prices.output_per_million
        costs.append(cost if complete else None)
    return costs


# --- figures of the record -------------------------------------------------------------------------------------


def form_of(
    sheet: ScoreSheet, arm: str, rate: Callable[[FormSection], Estimate], worst: float
) -> Measurement | Unmeasured:
    """A rate of form, over golden answers and probes together."""
    form = sheet.figures.forms.get(arm)
    if form is None:
        return Unmeasured("the scenario demands no form of an answer", applicable=False)
    estimate = rate(form)
    if estimate.mean is None:
        return Unmeasured(f"no answer of {arm} was checked for its form")
    return Measurement(estimate, _feared_rate(estimate, estimate.mean, worst))


def _feared_rate(estimate: Estimate, mean: float, worst: float) -> Estimate:
    """The rate with every unscored answer at its worst; the answers are independent, so the counts suffice."""
    if not estimate.unscored:
        return estimate
    n = estimate.n + estimate.unscored
    hits = round(mean * estimate.n) + worst * estimate.unscored
    return Estimate(hits / n, *stats.clopper_pearson(hits, n), n, 0, "fraction", "clopper-pearson")


def latency_ratio_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """p95 of the arm over p95 of the reference arm."""
    if arm == sheet.figures.reference:
        return _IS_REFERENCE
    if sheet.figures.reference is None:
        return _not_run("rag")
    latency = sheet.figures.latency.arms.get(arm)
    if latency is not None and latency.elsewhere:
        return Unmeasured(f"{arm} was timed elsewhere, not beside RAG-only on this machine")
    return _as_recorded(latency.ratio if latency else None, f"the latency of {arm} beside RAG-only", _why(sheet, arm))


def p95_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """p95 of the whole answer, in ms."""
    latency = sheet.figures.latency.arms.get(arm)
    return _as_recorded(latency.total.p95 if latency else None, f"the latency of {arm}", _why(sheet, arm))


def _why(sheet: ScoreSheet, arm: str) -> str | None:
    """Why the source of an arm has no latency; None where it could have one."""
    source = sheet.arms[arm].source
    return None if source is None else source.unmeasured.get("latency")


def forgetting_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """General ability, adapter minus base, in points."""
    change = _change_from_base(sheet, arm, sheet.figures.forgetting, "forgetting")
    return change if isinstance(change, Unmeasured) else beside_total_loss(change, sheet.figures.forgetting)


def beside_total_loss(change: Measurement, section: AbilitySection) -> Measurement:
    """General ability with what an adapter that forgot everything would show, and the form of asking that is meant."""
    note = "" if section.form is None or len(section.forms) < 2 else f" (asked as {section.form})"
    return replace(change, total=section.loss_of_everything, note=note)


def safety_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """Unsafe prompts refused, adapter minus base, in points."""
    return _change_from_base(sheet, arm, sheet.figures.safety, "safety")


def _change_from_base(sheet: ScoreSheet, arm: str, section: AbilitySection, name: str) -> Measurement | Unmeasured:
    beside_base = section.arms.get(arm)
    if sheet.arms[arm].adapter is None and beside_base is None:
        return _without_adapter(sheet.arms[arm], section, name)
    if section.status != "measured":
        reason = section.reason or f"this run did not measure {name}"
        return Unmeasured(reason, applicable=section.status != "not applicable")
    change = beside_base.items.difference if beside_base else None
    if change is not None and change.unit == "fraction":
        raise InputError(f"record.json: {name}.arms.{arm}.items.difference is in fractions; write points")
    return _as_recorded(change, f"{name} of {arm}")


def _without_adapter(arm: ArmSection, section: AbilitySection, name: str) -> Unmeasured:
    """A model behind a server may well have forgotten something; of a system of somebody's own nobody can say."""
    if arm.source is None:
        return Unmeasured(f"{arm.name} has no adapter: it is the base model", applicable=False)
    ability = "safety" if name == "safety" else "general ability"
    why = arm.source.unmeasured.get(ability) or section.reason or f"this run did not measure {name}"
    return Unmeasured(why, applicable=arm.source.kind == "model")


def adapter_effect_of(sheet: ScoreSheet, arm: str) -> Measurement | Unmeasured:
    """1 where the adapter changes at least one answer of its base arm, 0 where every answer is token-identical."""
    if sheet.arms[arm].adapter is None:
        return Unmeasured(f"{arm} has no adapter", applicable=False)
    identical = sheet.figures.identical_outputs.get(arm)
    base = sheet.arms[arm].base
    if identical is None and base is not None and base not in sheet.arms:
        return _not_run(base)
    if identical is None:
        return Unmeasured(_why_not_compared(arm, base))
    effect = 0.0 if identical else 1.0
    exact = Estimate(effect, effect, effect, len(sheet.cases), 0, "fraction", "exact comparison")
    return Measurement(exact, exact)


def _why_not_compared(arm: str, base: str | None) -> str:
    if base is None:
        return f"nothing says which arm {arm} is to be compared with; give it a base in the table of arms"
    return f"the answers of {arm} were not compared with those of its base arm {base}; run the scenario again"


def _as_recorded(estimate: Estimate | None, name: str, why: str | None = None) -> Measurement | Unmeasured:
    """A figure of the record. Its unscored items cannot be filled in here, so they leave no worst case."""
    if estimate is None or estimate.mean is None:
        return Unmeasured(f"this run did not measure {name}{'' if why is None else f': {why}'}")
    return Measurement(estimate, None if estimate.unscored else estimate)
