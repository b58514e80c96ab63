"""The three figures beside the level: what was gained, what the answers rest on, how long they take.

Which figure a tile shows follows the arms: against RAG-only where it was run beside the candidate, else against the
baseline, else by itself. A tile that no figure of the run fills is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.record.sections import Record
from harness.report.charts.forest import ShownGate
from harness.report.matrix import UNCALIBRATED, pair_table
from harness.stats.calibrated import METHOD
from harness.stats.numbers import SplitNumber, beside, figure, show, show_interval
from harness.types import Estimate

Rows = Mapping[str, ShownGate]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with its interval and its gate."""

    title: str
    value: SplitNumber
    interval: str
    of: str  # what it was measured on, and n
    gate: ShownGate | None


def tiles(record: Record, rows: Rows) -> tuple[Tile, ...]:
    """The tiles that this run fills, the first figure that is there in each place."""
    places = (GAIN, SUPPORT, TIME)
    firsts = (next((tile for make in place if (tile := make(record, rows)) is not None), None) for place in places)
    return tuple(tile for tile in firsts if tile is not None)


def _gain_over(against: str | None, gate: str, name: str) -> Callable[[Record, Rows], Tile | None]:
    """The gain of the candidate over an arm; `against` None: over the run's reference."""

    def make(record: Record, rows: Rows) -> Tile | None:
        candidate, other = record.verdict.candidate, against or record.reference
        pair = pair_table(record.differences).get(("task_success", candidate, other or ""))
        row = rows.get(gate)
        estimate, words = _as_people(record, "task_success", pair.estimate if pair else None, row)
        return _tile(f"Gain over {name}", estimate, f"{candidate} against {other}{words}", row, signed=True)

    return make


def _gain_over_constant(_: Record, rows: Rows) -> Tile | None:
    row = rows.get("gain_over_constant")
    return None if row is None else _tile("Gain over one fixed answer", row.judged.estimate, "", row, signed=True)


def _rate(metric: str, title: str, what: str) -> Callable[[Record, Rows], Tile | None]:
    """A rate of the candidate that a gate of the same name judges."""

    def make(record: Record, rows: Rows) -> Tile | None:
        candidate, row = record.verdict.candidate, rows.get(metric)
        # What the gate was judged by, beside the gate: form is judged on the probes too.
        basis = row.judged.estimate if row is not None else None
        raw = basis if basis is not None else record.estimate(candidate, metric)
        estimate, words = _as_people(record, metric, raw, row)
        return _tile(title, estimate, f"{what} of {candidate}{words}", row)

    return make


def _ratio(record: Record, rows: Rows) -> Tile | None:
    candidate = record.verdict.candidate
    arm = record.latency.arms.get(candidate)
    if arm is None or candidate == record.reference:
        return None
    of = f"{candidate} {show(arm.total.p95.mean, 'ms')}" if arm.total.p95.mean is not None else candidate
    return _tile("p95 against RAG-only", arm.ratio, of, rows.get("p95_ratio"))


def _p95(record: Record, rows: Rows) -> Tile | None:
    arm = record.latency.arms.get(record.verdict.candidate)
    return _tile("p95 latency", arm.total.p95 if arm else None, record.verdict.candidate, rows.get("p95_ms"))


def _length(record: Record, _: Rows) -> Tile | None:
    candidate = record.verdict.candidate
    return _tile("Answer length", record.estimate(candidate, "completion_tokens"), candidate, None)


Maker = Callable[[Record, Rows], "Tile | None"]
GAIN: tuple[Maker, ...] = (
    _gain_over(None, "task_success_gain", "RAG-only"),
    _gain_over("baseline", "gain_over_baseline", "the baseline"),
    _gain_over_constant,
)
SUPPORT: tuple[Maker, ...] = (
    _rate("groundedness", "Groundedness", "claims"),
    _rate("schema", "Form kept", "answers"),
    _rate("complete", "Completeness", "key points"),
)
TIME: tuple[Maker, ...] = (_ratio, _p95, _length)


def _as_people(
    record: Record, metric: str, raw: Estimate | None, gate: ShownGate | None
) -> tuple[Estimate | None, str]:
    """The estimate that the gate was judged by where people's ratings correct it; and a word on what it rests on."""
    basis = gate.judged.estimate if gate is not None else None
    if basis is not None and basis.method.startswith(METHOD):
        return basis, ", corrected by ratings"
    row = record.metric_row(metric)
    errs = raw is not None and row is not None and record.errs(row, record.verdict.candidate)
    return raw, f", {UNCALIBRATED}" if errs else ""


def _tile(
    title: str, estimate: Estimate | None, of: str, gate: ShownGate | None, *, signed: bool = False
) -> Tile | None:
    if estimate is None or estimate.mean is None:
        return None
    note = ", ".join(filter(None, (of, f"n = {estimate.n:,}")))
    if gate is None or gate.judged.threshold is None:
        value = figure(estimate.mean, estimate.unit, signed=signed)
        return Tile(title, value, show_interval(estimate, signed=signed), note, gate)
    texts = beside(estimate, gate.judged.threshold, gate.judged.direction, signed=signed)
    return None if texts.mean is None else Tile(title, texts.mean, texts.ends, note, gate)
