"""The drill-down's data: every question, answer, passage and score once, as one value that the page's script reads.

Passages are shared by arms, reasons and metric names by traces; an answer's raw text is left out where it is the text
itself. That keeps 120 questions × 5 arms far below the page's 3 MB.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from harness.evidence.carry import carries, mark_cut, quote_places
from harness.ratings.review import shown_hash
from harness.record.codec import plain
from harness.report.charts.vega import slots
from harness.report.outcomes import INDEX, OUTCOMES
from harness.report.page.parts.retrieval import RECALL
from harness.report.page.view import RunView
from harness.stats.numbers import unit_of
from harness.types import Answer, Case, Passage, Score, Trace

Json = dict[str, Any]  # what the script reads: plain JSON, its keys short because they stand there thousands of times


class Interned:
    """Values in order of first use, each once."""

    def __init__(self) -> None:
        self.index: dict[Hashable, int] = {}

    def of(self, value: Hashable) -> int:
        return self.index.setdefault(value, len(self.index))


def payload(run: RunView) -> Json:
    """Everything that the drill-down shows, as plain JSON (probes left out)."""
    record = run.record
    with_scores = {name for row in run.scores.values() for name in row}
    metrics = [row for row in record.metric_rows if row.name in with_scores]
    names = [row.name for row in metrics]
    passages, reasons = Interned(), Interned()
    traces = {(trace.case_id, trace.arm): trace for trace in run.traces}

    def cell(case: str, arm: str) -> Json | None:
        trace = traces.get((case, arm))
        if trace is None:
            return None
        scores = _scores(run.scores.get((case, arm), {}), names, reasons)
        return {"o": INDEX[run.outcomes[case, arm]], **_trace(trace, passages), **scores}

    rows: list[Json] = []
    for case in mark_cut(run.questions, record.golden.cut_evidence):
        cells = [cell(case.id, arm) for arm in run.arms]
        rows.append({**_case(case), "t": cells, "g": _golden_places(case, traces, run.arms, passages)})
    of = slots(run.arms)
    return {
        "arms": [[arm, of[arm]] for arm in run.arms],
        "candidate": record.verdict.candidate,
        "reference": record.reference,
        "outcomes": [[o.key, o.label, o.good, o.says] for o in OUTCOMES],
        "run": record.run_id,
        "metrics": [[row.name, row.title, *_shown_as(row.unit)] for row in metrics],
        "recall": names.index(RECALL) if RECALL in names else -1,
        "reasons": list(reasons.index),
        "passages": list(passages.index),
        "prompts": plain(run.heads),
        "cases": rows,
        "changed": plain(record.changed),
    }


def _shown_as(unit: str) -> tuple[str, int, int]:
    """(suffix, factor, decimals) of a unit: the script shows figures by the one rule."""
    row = unit_of(unit)
    return row.suffix, row.factor, row.decimals


def _case(case: Case) -> Json:
    return {
        "id": case.id,
        "q": case.question,
        "kind": case.kind,
        "category": case.category,
        "split": case.split,
        "accept": list(case.accept),
        "points": list(case.key_points),
        "by": case.verified_by or "",
        "hash": shown_hash(case),
    }


def _golden_places(
    case: Case, traces: Mapping[tuple[str, str], Trace], arms: Sequence[str], passages: Interned
) -> dict[str, list[tuple[int, int]]]:
    """Shown passage that carries evidence -> where its quotes stand in it, as the script counts signs."""
    answers = [trace.answer for arm in arms if (trace := traces.get((case.id, arm))) is not None]
    by_id = {hit.passage.id: hit.passage for answer in answers if answer is not None for hit in answer.hits}
    places: dict[str, list[tuple[int, int]]] = {}
    for passage in by_id.values():
        if any(carries(item, passage) for item in case.evidence):
            spans = [span for item in case.evidence for span in quote_places(item, passage)]
            places[str(passages.of(_interned(passage)))] = [_in_units(passage.text, *span) for span in spans]
    return places


def _in_units(text: str, start: int, end: int) -> tuple[int, int]:
    """The span in UTF-16 units, in which the script counts: a sign beyond the first plane has two."""
    return _units(text[:start]), _units(text[:end])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _interned(passage: Passage) -> Hashable:
    return passage.id, passage.doc, passage.title, passage.text


def _trace(trace: Trace, passages: Interned) -> Json:
    answer = trace.answer
    if answer is None:
        return {"e": trace.error}
    hits = [passages.of(_interned(h.passage)) for h in answer.hits]
    row: Json = {
        "t": answer.text,
        "c": list(answer.cited),
        "h": hits,
        "k": [answer.prompt_tokens, answer.completion_tokens],
    }
    if answer.raw != answer.text:
        row["r"] = answer.raw
    marks = _marks(answer)
    return {**row, "m": marks} if marks else row


def _marks(answer: Answer) -> list[str]:
    """Remarks on the form, in words."""
    trimmed = len(answer.retrieved) - len(answer.hits)
    marks = [
        ("repaired", answer.form.repaired and answer.form.valid),
        (f"form: {answer.form.error}", answer.form.error is not None),
        ("refused", answer.refused),
        ("cut off at the token limit", answer.truncated),
        (f"{trimmed} retrieved passages did not fit", trimmed > 0),
    ]
    return [words for words, holds in marks if holds]


def _scores(scores: Mapping[str, Score], metrics: Sequence[str], reasons: Interned) -> Json:
    """`s`: a value (or null) for each metric; `w`: for the nulls, which reason."""
    row = [scores.get(name) for name in metrics]
    why = {str(i): reasons.of(score.reason) for i, score in enumerate(row) if score and score.reason}
    return {"s": [_short(score.value) if score else None for score in row], "w": why}


def _short(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 4)
