"""The formats that `harness export` writes, as a table.

export("parquet", load_run(folder), "out/")    # [out/estimates.parquet, out/cases.parquet, ...]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from harness.errors import InputError
from harness.exports import card, inspect_log, lm_eval, otel, tables, trackers
from harness.record.files import StoredRun

Write = Callable[[StoredRun, str], list[str]]  # the run, where to; what was written


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format."""

    title: str
    write: Write
    target: str  # what OUT is
    extra: str | None = None  # of this package, which brings the library


FORMATS: Mapping[str, ExportFormat] = {
    "csv": ExportFormat("estimates, cases and metrics as CSV", partial(tables.write, "csv"), "a folder"),
    "parquet": ExportFormat("the same as Parquet", partial(tables.write, "parquet"), "a folder"),
    "json": ExportFormat("the same as JSON, a list of rows each", partial(tables.write, "json"), "a folder"),
    "mlflow": ExportFormat(
        "a run of MLflow: settings, figures, training curves, page", trackers.to_mlflow,
        "a tracking URI, such as sqlite:///mlflow.db", "mlflow",
    ),
    "wandb": ExportFormat(
        "an offline run of Weights & Biases: the same, and the cases as a table", trackers.to_wandb, "a folder", "wandb"
    ),
    "lm-eval": ExportFormat("result and sample files of lm-eval, a folder an arm", lm_eval.write, "a folder"),
    "inspect": ExportFormat("logs that `inspect view` opens, one an arm", inspect_log.write, "a folder"),
    "otel": ExportFormat(
        "OpenTelemetry events gen_ai.evaluation.result, as OTLP in JSON", otel.write, "a file", "otel"
    ),
    "card": ExportFormat("Hugging Face model cards of the adapters, with results", card.write, "a folder"),
}  # fmt: skip


def export(name: str, run: StoredRun, target: str) -> list[str]:
    """Write a run in a format; returns what was written.

    Raises:
        InputError: no such format, a place that cannot be written, or the run has nothing of the kind.
        MissingExtra: the library is not installed.
    """
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(FORMATS)}"
        raise InputError(f"export {name}: no such format; {hint}")
    return FORMATS[name].write(run, target)
