"""A run in a tracker: MLflow's store, or an offline run of Weights & Biases, to be sent by `wandb sync`.

Names: `hybrid.task_success` with `.low`, `.high`, `.n`; gates as `gate.schema`; losses as `tune.train_loss` by step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.errors import MissingExtra
from harness.exports import tables
from harness.exports.tables import folder_for
from harness.record.codec import plain
from harness.record.files import StoredRun
from harness.record.sections import Record

if TYPE_CHECKING:
    from harness.types import Estimate

BATCH = 100  # settings of one call of MLflow
LONGEST = 5_000  # characters of one setting


def to_mlflow(run: StoredRun, target: str) -> list[str]:
    """One MLflow run in the experiment named like the scenario. Raises MissingExtra without MLflow."""
    try:
        import mlflow
        from mlflow.entities import Metric, Param
    except ImportError as error:
        raise MissingExtra("mlflow", "mlflow") from error
    record = run.record
    client = mlflow.MlflowClient(tracking_uri=target)
    before = client.get_experiment_by_name(record.scenario.id)
    experiment = before.experiment_id if before else client.create_experiment(record.scenario.id)
    tags = {"verdict": record.verdict.word, "candidate": record.candidate, "ship": record.verdict.ship or "none"}
    id = client.create_run(experiment, run_name=record.run_id, tags=tags).info.run_id
    now = int(time.time() * 1000)
    metrics = [Metric(name, figure, now, 0) for name, figure in figures_of(record)]
    metrics += [Metric(name, loss, now, step) for name, loss, step in losses_of(record)]
    params = [Param(name, value) for name, value in settings_of(record).items()]
    for start in range(0, max(len(metrics), len(params)), BATCH):
        client.log_batch(id, metrics[start : start + BATCH], params[start : start + BATCH])
    for file in ("report.html", "record.json"):
        client.log_artifact(id, str(run.folder / file))
    client.set_terminated(id)
    return [f"run {id} of experiment {record.scenario.id} in {target}"]


def to_wandb(run: StoredRun, target: str) -> list[str]:
    """One offline run. Raises MissingExtra without wandb."""
    try:
        import wandb
    except ImportError as error:
        raise MissingExtra("wandb", "wandb") from error
    record, folder = run.record, folder_for(target)
    tracker = wandb.init(
        project=record.scenario.id, name=record.run_id, dir=folder.as_posix(), mode="offline",
        config=settings_of(record), tags=[record.verdict.word],
        settings=wandb.Settings(silent=True, console="off"),
    )  # fmt: skip
    for name, value, step in losses_of(record):
        tracker.log({name: value, "step": step})
    tracker.summary.update(dict(figures_of(record)))
    cases = tables.cases(run).drop(columns=["cited", "passages"])
    tracker.log({"cases": wandb.Table(dataframe=cases.astype(str))})
    place = str(tracker.dir)
    tracker.finish()
    return [place]


def settings_of(record: Record) -> dict[str, str]:
    """Dotted names and values of every setting, models and seed among them."""
    rows = {
        **(record.settings or {}),
        "seed": record.seed,
        "models": plain(record.models),
        "golden": record.golden.hash,
    }
    return {name: str(value)[:LONGEST] for name, value in rows.items()}


def figures_of(record: Record) -> Iterator[tuple[str, float]]:
    """Every estimate of every arm, and the gates, as names and numbers; what is unknown is left out."""
    for arm, metrics in record.metrics.items():
        for metric, estimate in metrics.items():
            yield from _estimate(_name(f"{arm}.{metric}"), estimate)
    for gate in record.verdict.gates:
        if gate.estimate is not None:
            yield from _estimate(f"gate.{gate.name}", gate.estimate)
            yield f"gate.{gate.name}.passed", float(gate.status == "pass")


def losses_of(record: Record) -> Iterator[tuple[str, float, int]]:
    """(name, loss, step) of every point of the training curves."""
    for arm, section in record.tuning.items():
        for point in section.adapter.curve:
            for kind, loss in (("train_loss", point.train_loss), ("eval_loss", point.eval_loss)):
                if loss is not None:
                    yield _name(f"{arm}.{kind}"), loss, point.step


def _estimate(name: str, estimate: Estimate) -> Iterator[tuple[str, float]]:
    for suffix, value in (("", estimate.mean), (".low", estimate.low), (".high", estimate.high), (".n", estimate.n),
                          (".unscored", estimate.unscored)):  # fmt: skip
        if value is not None:
            yield f"{name}{suffix}", float(value)


def _name(text: str) -> str:
    """MLflow takes letters, digits, `_-. /` alone in a name."""
    return text.replace("@", "_at_").replace("+", "_")
