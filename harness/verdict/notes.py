"""Notes beside a verdict: why a run cannot be GO at all, and what a reader must know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.golden.verified import UNTOLD, share_by_people, unread_drafts
from harness.record.measurements import AdapterItems
from harness.record.sections import Figures
from harness.record.unanswered import Unanswered
from harness.stats.numbers import beside, percent, show, show_count, show_estimate
from harness.verdict.gates import Thresholds
from harness.verdict.score_sheet import ScoreSheet

FEW_CLUSTERS = 10  # independent documents below which intervals rest on little


def blockers(figures: Figures) -> tuple[str, ...]:
    """Reasons for which this run cannot be GO, however its gates stand."""
    reasons = []
    if figures.test_double:
        what = "answers" if any(arm.test_double for arm in figures.arms) else "judgements"
        reasons.append(f"The {what} come from a test double, so this run can never be GO.")
    if figures.partial:
        reasons.append(f"This run is partial ({figures.partial}), so it cannot be GO.")
    if drafts := unread_drafts(figures.golden.verified_by):
        of = sum(figures.golden.verified_by.values())
        reasons.append(
            f"{drafts:,} of the {of:,} golden cases are drafts that nobody has read, so this run cannot be GO: "
            "harness golden review."
        )
    return tuple(reasons)


def notes(sheet: ScoreSheet, thresholds: Thresholds, candidate: str) -> tuple[str, ...]:
    """Limits of this verdict, most important first."""
    return (
        *_unanswered(sheet),
        *_unanswered_elsewhere(sheet.figures),
        *_judge(sheet.figures),
        *_policy(thresholds),
        *_alone(sheet, candidate),
        *_golden(sheet),
        *_ratings(sheet.figures),
        *(f"{line[0].upper()}{line[1:]}." for line in sheet.figures.corpus.languages),
        *_seed(sheet, candidate),
        *_safety(sheet.figures, thresholds, candidate),
        *_latency(sheet.figures),
    )


def _unanswered(sheet: ScoreSheet) -> Iterator[str]:
    """Questions without an answer: they are unscored, and a gate takes each at its worst."""
    for arm in sheet.arms.values():
        for error in arm.errors:
            yield f"{arm.name}: {error.says}. Gates count each at its worst."
        if arm.asked is not None and len(arm.asked.served) > 1:
            yield f"{arm.name} was answered by several models: {'; '.join(arm.asked.served)}."
        if arm.asked is not None and arm.asked.estimated:
            yield f"{arm.name}: tokens of {arm.asked.estimated} answers are estimates: the server did not count them."


def _unanswered_elsewhere(figures: Figures) -> Iterator[str]:
    """Questions of the other steps without an answer, a line a step; the page names each."""
    by_step: dict[str, list[Unanswered]] = {}
    for row in figures.unanswered:
        by_step.setdefault(row.step, []).append(row)
    for step, rows in by_step.items():
        silent = sum(row.asked - row.answered for row in rows)
        have = "1 question has" if silent == 1 else f"{silent} questions have"
        yield f"{step}: {have} no answer and no score there; first {rows[0].place}: {rows[0].reasons}."


def _judge(figures: Figures) -> Iterator[str]:
    """What the judge was asked, what could not be had, and why it may favour what it judges."""
    judge = figures.judge
    if judge is None:
        return
    yield f"Judge {judge.model}: {judge.says}."
    if judge.kin is not None:
        yield f"Judge {judge.model} {judge.kin}: judges favour their own kind."
    if judge.again:
        yield f"{judge.again:,} judgements are asked for again by the next run: the judge's server did not answer."


def _policy(thresholds: Thresholds) -> Iterator[str]:
    if thresholds.policy == "point":
        yield "Gates were judged by point estimates (policy: point); chance alone can carry one over its threshold."
    for name in thresholds.switched_off:
        yield f"The scenario turns the gate {name} off."
    for key, name in thresholds.read_as.items():
        yield f"The scenario's gate {key} was read as {name}."


def _alone(sheet: ScoreSheet, candidate: str) -> Iterator[str]:
    if all(arm.beside or arm.name == candidate for arm in sheet.arms.values()):
        yield f"The scenario runs no arm beside {candidate}: nothing here says whether a simpler one would do."


def _golden(sheet: ScoreSheet) -> Iterator[str]:
    golden = sheet.figures.golden
    if golden.verified_by.keys() - {UNTOLD}:
        verifiers = "; ".join(f"{who} ({show_count(count, 'case')})" for who, count in golden.verified_by.items())
        people, share = share_by_people(golden.verified_by, cases := sum(golden.cases.values()))
        yield f"People verified {people:,} of the {cases:,} golden cases ({percent(share)}). Verified by {verifiers}."
    else:
        yield "Nothing says who verified the golden set."
    runs = golden.runs_on_this_set
    if runs > 1:
        yield f"This golden set has now judged {runs} runs; the more often one is tried, the likelier a lucky pass."
    clusters = len(set(sheet.labels(sheet.cases)))
    if clusters < FEW_CLUSTERS:
        yield f"The {show_count(len(sheet.cases), 'case')} rest on only {show_count(clusters, 'independent document')}."


def _ratings(figures: Figures) -> Iterator[str]:
    """What judged figures rest on, where people rated answers; where nobody did, each figure says so itself."""
    section = figures.calibration
    if section is None:
        return
    raters = ", ".join(section.raters)
    yield f"People's ratings: {section.ratings} of this run's answers by {raters or 'nobody'}; judged figures of " + (
        f"{', '.join(section.corrected)} are corrected by them."
        if section.corrected
        else "no arm are corrected: too few."
    )
    if section.elsewhere:
        yield f"{section.elsewhere} ratings are of answers that this run does not have; rate its own."
    if section.doubted:
        yield f"People doubt the golden labels of {', '.join(section.doubted)}."


def _seed(sheet: ScoreSheet, candidate: str) -> Iterator[str]:
    if sheet.arms[candidate].adapter is None:
        return
    tuning = sheet.figures.tuning.get(candidate)
    which = f" ({tuning.adapter.seed})" if tuning else ""
    spread = sheet.figures.seeds.get(candidate)
    if spread is not None and spread.low is not None and spread.high is not None:
        low, high = show(spread.low, "fraction"), show(spread.high, "fraction")
        count, first = len(spread.outcomes), spread.outcomes[0].seed
        yield f"Trained with {count} seeds, task success lies from {low} to {high}; gates judge that of seed {first}."
        return
    yield f"The adapter was trained with one seed{which}; another seed may move its figures beyond these intervals."


def _safety(figures: Figures, thresholds: Thresholds, candidate: str) -> Iterator[str]:
    """Notes on what candidate and base decline: a gate beside a base that declines nothing says little by itself."""
    unsafe, safe = (section.arms.get(candidate) for section in (figures.safety, figures.over_refusal))
    if unsafe is None:
        return
    yield f"Unsafe prompts refused: {_beside(unsafe, candidate)}."
    if safe is not None:
        yield f"Safe look-alikes refused (needlessly, or out of scope): {_beside(safe, candidate)}."
    high = unsafe.items.base.high
    counts = figures.safety.status == "measured" and "safety" not in thresholds.switched_off
    if counts and high is not None and high < 0.5:
        yield "The base model itself answers most unsafe prompts: the safety gate says only that tuning cost nothing."


def _beside(adapter: AdapterItems, arm: str) -> str:
    items = adapter.items
    return f"the base {show_estimate(items.base)}, {arm} {show_estimate(items.adapter)}"


def _latency(figures: Figures) -> Iterator[str]:
    control = figures.latency.control
    if control is None or control.low is None or control.high is None:
        return
    if not control.low <= 1 <= control.high:
        texts = beside(control, 1.0, "<=")
        text = f"{texts.value} ({texts.interval})"
        yield f"The same arm timed twice differs from itself by {text}: this machine's latency gates are doubtful."
