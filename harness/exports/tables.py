"""The tables of a run as pandas data frames and as files: estimates, cases, metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.files.output_path import check_output
from harness.record.files import StoredRun

if TYPE_CHECKING:
    from pandas import DataFrame

ESTIMATES = ("arm", "metric", "mean", "low", "high", "n", "unscored", "unit")
CASES = ("case", "arm", "answer", "refused", "form_valid", "cited", "passages", "error")
METRICS = ("case", "arm", "metric", "value", "reason", "applicable")
TableFile = Literal["csv", "parquet", "json"]


def estimates(run: StoredRun) -> DataFrame:
    """A row an arm and metric, test split: mean, low, high, n, unscored, unit."""
    rows = [
        {"arm": arm, "metric": metric, "mean": e.mean, "low": e.low, "high": e.high, "n": e.n,
         "unscored": e.unscored, "unit": e.unit}
        for arm, row in run.record.metrics.items() for metric, e in row.items()
    ]  # fmt: skip
    return _frame(rows, ESTIMATES)


def cases(run: StoredRun) -> DataFrame:
    """A row an arm and golden question: the answer, or the error in its place; probes left out."""
    rows = []
    for trace in run.traces:
        answer = trace.answer
        if trace.probe:
            continue
        row: dict[str, object] = {"case": trace.case_id, "arm": trace.arm, "error": trace.error}
        if answer is not None:
            row |= {"answer": answer.text, "refused": answer.refused, "form_valid": answer.form.valid,
                    "cited": list(answer.cited), "passages": [hit.passage.id for hit in answer.hits]}  # fmt: skip
        rows.append(row)
    return _frame(rows, CASES)


def metrics(run: StoredRun) -> DataFrame:
    """A row an arm, golden question and metric: the value, or why there is none; every split."""
    rows = [
        {"case": s.case_id, "arm": s.arm, "metric": s.metric, "value": s.value, "reason": s.reason,
         "applicable": s.applicable}
        for s in run.scores
    ]  # fmt: skip
    return _frame(rows, METRICS)


def _frame(rows: Sequence[Mapping[str, object]], columns: Iterable[str]) -> DataFrame:
    from pandas import DataFrame

    return DataFrame([dict(row) for row in rows], columns=list(columns))


def write(kind: TableFile, run: StoredRun, target: str) -> list[str]:
    """The three tables into a folder; lists stay lists in Parquet and JSON, and are JSON text in CSV."""
    folder = folder_for(target)
    frames = {"estimates": estimates(run), "cases": cases(run), "metrics": metrics(run)}
    files = []
    for name, frame in frames.items():
        file = folder / f"{name}.{kind}"
        check_output(file)
        _write(kind, frame, file)
        files.append(file.as_posix())
    return files


def _write(kind: TableFile, frame: DataFrame, file: Path) -> None:
    if kind == "csv":
        from harness.record.codec import to_json

        flat = frame.map(lambda value: to_json(value) if isinstance(value, list) else value)
        flat.to_csv(file, index=False, lineterminator="\n")
    elif kind == "parquet":
        frame.to_parquet(file, index=False)
    else:
        frame.to_json(file, orient="records", indent=1, force_ascii=False)


def folder_for(target: str) -> Path:
    """The folder, made where it is not there yet."""
    folder = Path(target)
    check_output(folder / "file")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
