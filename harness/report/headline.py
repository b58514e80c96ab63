"""The first screen: the verdict, three numbers, advice beside measurement, and what would settle what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.advice.recommendations import row_of
from harness.record.sections import Record
from harness.report.charts.forest import Forest, ShownGate, forest
from harness.report.matrix import UNCALIBRATED, pair_table
from harness.stats.calibrated import METHOD
from harness.stats.numbers import SplitNumber, beside, figure, show, show_interval, show_n
from harness.types import Estimate, VerdictWord

ROOM = 5  # gates that the first screen lists
ROOM_FAILED = 3  # of them failed ones, so that what is open has a place too
AGREEMENT = {"agrees": "They agree", "disagrees": "They disagree"}
P95 = "p95 latency against RAG-only"
ITSELF = "the candidate is RAG-only itself"


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
class Key:
    """One of the three numbers."""

    title: str
    value: SplitNumber | None
    interval: str
    against: str  # what it is compared with, and n
    gate: ShownGate | None
    missing: str  # why there is no value


@dataclass(frozen=True, slots=True)
class Headline:
    """The first screen's words and numbers."""

    word: VerdictWord
    row: WordRow
    candidate: str
    sentence: str
    keys: tuple[Key, ...]
    advised: str
    measured: str
    agreement: str
    agreement_reason: str
    failed: tuple[ShownGate, ...]
    unsettled: tuple[ShownGate, ...]
    left_out: int  # failed or unsettled gates that this screen has no room for
    notes: tuple[str, ...]
    warnings: tuple[str, ...]  # what keeps this run from counting: partial, test double
    forest: Forest


def headline(record: Record) -> Headline:
    """The first screen's content from the record alone."""
    verdict, plot = record.verdict, forest(record.verdict.gates)
    rows = {row.name: row for row in plot.rows}
    failed = [row for row in plot.rows if row.status == "fail"]
    unsettled = [row for row in plot.rows if row.status in ("not proven", "not measured")]
    shown_failed = failed[:ROOM_FAILED]
    shown_unsettled = unsettled[: ROOM - len(shown_failed)]
    return Headline(
        word=verdict.word,
        row=WORDS[verdict.word],
        candidate=verdict.candidate,
        sentence=verdict.sentence,
        keys=(_gain(record, rows), _grounded(record, rows), _latency(record, rows)),
        advised=advised(verdict.advised) or "nothing: this scenario has no answers to the nine questions",
        measured=f"ship {verdict.ship}" if verdict.ship else "ship none of these arms",
        agreement=AGREEMENT.get(verdict.agreement, "They cannot be compared"),
        agreement_reason=verdict.agreement_reason,
        failed=tuple(shown_failed),
        unsettled=tuple(shown_unsettled),
        left_out=len(failed) - len(shown_failed) + len(unsettled) - len(shown_unsettled),
        notes=verdict.notes,
        warnings=warnings(record),
        forest=plot,
    )


def advised(recommendation: str | None) -> str | None:
    """A recommendation as it stands beside a measurement; None where nothing was advised."""
    row = row_of(recommendation)
    return row.full_name if row else recommendation


def warnings(record: Record) -> tuple[str, ...]:
    """Why this run may not count, in words."""
    words = []
    if record.test_double:
        words.append(
            "Made with a test double instead of a model: the numbers mean nothing, and this run can never be GO."
        )
    if record.partial:
        words.append(f"Only a part of the run: {record.partial}. It can't be GO.")
    return tuple(words)


def _gain(record: Record, rows: Mapping[str, ShownGate]) -> Key:
    candidate, reference, gate = record.verdict.candidate, record.reference, rows.get("task_success_gain")
    title = "Task success gained"
    if candidate == reference:
        return Key(title, None, "", "", gate, ITSELF)
    pair = pair_table(record.differences).get(("task_success", candidate, reference or ""))
    estimate, words = _as_people(record, "task_success", pair.estimate if pair else None, gate)
    against = f"{candidate} against {reference}{words}"
    return _key(title, estimate, against, gate, "RAG-only was not run beside it", signed=True)


def _as_people(
    record: Record, metric: str, raw: Estimate | None, gate: ShownGate | None
) -> tuple[Estimate | None, str]:
    """The estimate that the gate was judged by where people's ratings correct it; and a word on what it rests on."""
    basis = gate.judged.estimate if gate is not None else None
    if basis is not None and basis.method.startswith(METHOD):
        return basis, ", corrected by ratings"
    row, arm = record.metric_row(metric), record.arm(record.verdict.candidate)
    errs = raw is not None and row is not None and arm is not None and row.errs(arm.retriever)
    return raw, f", {UNCALIBRATED}" if errs else ""


def _grounded(record: Record, rows: Mapping[str, ShownGate]) -> Key:
    candidate = record.verdict.candidate
    gate = rows.get("groundedness")
    estimate, words = _as_people(record, "groundedness", record.estimate(candidate, "groundedness"), gate)
    return _key("Groundedness", estimate, f"{candidate}: claims{words}", gate, "this arm is given no passages")


def _latency(record: Record, rows: Mapping[str, ShownGate]) -> Key:
    candidate, gate = record.verdict.candidate, rows.get("p95_ratio")
    if candidate == record.reference:
        return Key(P95, None, "", "", gate, ITSELF)
    arm = record.latency.arms.get(candidate)
    p95 = arm.total.p95.mean if arm else None
    against = f"{candidate} p95 {show(p95, 'ms')}" if p95 is not None else candidate
    return _key(P95, arm.ratio if arm else None, against, gate, "latency was not measured")


def _key(
    title: str,
    estimate: Estimate | None,
    against: str,
    gate: ShownGate | None,
    missing: str,
    *,
    signed: bool = False,
) -> Key:
    if estimate is None or estimate.mean is None:
        return Key(title, None, "", "", gate, gate.reason if gate and gate.reason else missing)
    note = f"{against}, {show_n(estimate)}"
    if gate is None or gate.judged.threshold is None:
        value = figure(estimate.mean, estimate.unit, signed=signed)
        return Key(title, value, show_interval(estimate, signed=signed), note, gate, "")
    texts = beside(estimate, gate.judged.threshold, gate.judged.direction, signed=signed)
    return Key(title, texts.mean, texts.ends, note, gate, "")
