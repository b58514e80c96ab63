"""Runs for other tools: what is written is read back, by the tool's own reader where that is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import pytest

import harness
from harness.errors import InputError, MissingExtra
from harness.exports.formats import FORMATS
from harness.exports.lm_eval import compare_folders, forgetting_gate, read_samples
from tests import make
from tests.make.command import command


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> harness.Run:
    """A run on disk with tuned arms, hostile text and every metric."""
    folder = tmp_path_factory.mktemp("reports") / "busy"
    stored = make.run(folder, make.BUSY, make.busy())
    (folder / "report.html").write_text("<html></html>")
    return harness.Run(stored)


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_tables_come_back_as_they_were(run: harness.Run, tmp_path: Path, kind: str) -> None:
    read = {"csv": pandas.read_csv, "parquet": pandas.read_parquet, "json": pandas.read_json}[kind]
    files = run.export(kind, tmp_path / "tables")
    assert [Path(file).stem for file in files] == ["estimates", "cases", "metrics"]
    estimates, cases, metrics = (read(file) for file in files)
    assert estimates["mean"].sum() == pytest.approx(run.estimates()["mean"].sum())
    assert len(cases) == len(run.cases())
    assert metrics["value"].isna().sum() == run.metrics()["value"].isna().sum()
    if kind == "parquet":
        assert list(cases["passages"][0]) == run.cases()["passages"][0]


def test_events_follow_the_semantic_conventions(tmp_path: Path) -> None:
    from google.protobuf.json_format import Parse
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData

    run = harness.Run(make.run(tmp_path / "run", make.script({"hybrid": 3, "rag": 2}, make.World(n=4, unanswerable=1))))
    run.export("otel", tmp_path / "events.json")
    data = Parse((tmp_path / "events.json").read_text(), LogsData())
    events = data.resource_logs[0].scope_logs[0].log_records
    tested = run.record.golden.cluster_of
    assert len(events) == sum(s.applicable and s.case_id in tested for s in run.stored.scores)
    assert {event.event_name for event in events} == {"gen_ai.evaluation.result"}
    rows = [{a.key: a.value for a in event.attributes} for event in events]
    success = [row for row in rows if row["gen_ai.evaluation.name"].string_value == "task_success"]
    unscored = [row for row in rows if "error.type" in row]
    assert {row["gen_ai.evaluation.score.label"].string_value for row in success if row not in unscored} == {
        "pass",
        "fail",
    }
    assert all(
        "gen_ai.evaluation.score.value" not in row and "gen_ai.evaluation.explanation" in row for row in unscored
    )


def test_a_model_card_carries_results_with_their_intervals(run: harness.Run, tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    files = run.export("card", tmp_path)
    assert len(files) == len(run.record.tuning)
    card = ModelCard.load(tmp_path / "hybrid" / "README.md")
    estimate = run.record.estimate("hybrid", "task_success")
    assert estimate is not None
    result = next(row for row in card.data.eval_results or [] if row.metric_type == "task_success")
    assert result.metric_value == pytest.approx(estimate.mean, abs=1e-6)
    assert result.metric_args == {"low": estimate.low, "high": estimate.high, "n": estimate.n, "unscored": 0}
    assert "<script>" not in card.text


def test_an_inspect_log_has_every_sample_with_its_scores(run: harness.Run, tmp_path: Path) -> None:
    files = run.export("inspect", tmp_path)
    logs = [json.loads(Path(file).read_text()) for file in files]
    assert [log["eval"]["model"] for log in logs] == [f"harness/{arm}" for arm in run.record.arm_names]
    log = next(log for log in logs if log["eval"]["model"] == "harness/hybrid")
    assert [row["id"] for row in log["samples"]] == log["eval"]["dataset"]["sample_ids"]
    mean = sum(row["scores"]["task_success"]["value"] for row in log["samples"]) / len(log["samples"])
    scores = {row["name"]: row["metrics"]["mean"]["value"] for row in log["results"]["scores"]}
    assert scores["task_success"] == pytest.approx(mean)


def test_inspects_own_reader_opens_the_log(run: harness.Run, tmp_path: Path) -> None:
    log = pytest.importorskip("inspect_ai.log", reason="Inspect is not installed here")
    (file, *_) = run.export("inspect", tmp_path)
    assert len(log.read_eval_log(file).samples) == len(run.record.golden.cluster_of)


@pytest.mark.parametrize("name", ["mlflow", "wandb"])
def test_a_tracker_that_is_not_installed_is_named_with_its_extra(
    run: harness.Run, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'rag-or-tune-harness\[{name}\]'"):
        run.export(name, tmp_path)


def test_an_unknown_format_names_the_nearest(run: harness.Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'parquet'"):
        run.export("parket", tmp_path)
    assert all(row.title and row.target for row in FORMATS.values())


# --- lm-eval ------------------------------------------------------------------------------------------------------


def write_samples(folder: Path, values: dict[str, list[float]], hash: str = "h") -> Path:
    """Sample files of tasks, as lm-eval writes them."""
    folder.mkdir(parents=True)
    for task, row in values.items():
        lines = [
            json.dumps({"doc_id": i, "doc_hash": f"{hash}{i}", "filter": "none", "metrics": ["acc"], "acc": value})
            for i, value in enumerate(row)
        ]
        (folder / f"samples_{task}_2026-11-28T10-00-00.123456.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_what_is_written_for_lm_eval_is_read_back_and_paired(run: harness.Run, tmp_path: Path) -> None:
    run.export("lm-eval", tmp_path)
    items = compare_folders(tmp_path / "rag", tmp_path / "hybrid").arms["tuned"]
    assert items.items.n == len(read_samples(tmp_path / "rag"))
    success = {arm: run.record.estimate(arm, "task_success") for arm in ("rag", "hybrid")}
    means = {arm: estimate.mean for arm, estimate in success.items() if estimate is not None}
    assert items.items.difference.mean == pytest.approx(100 * (means["hybrid"] - means["rag"]))


@pytest.mark.parametrize(("lost", "status", "code"), [(0, "pass", 0), (20, "not proven", 3), (120, "fail", 1)])
def test_forgetting_is_judged_from_runs_that_people_have(
    tmp_path: Path, lost: int, status: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    base = write_samples(tmp_path / "base", {"arc": [1.0] * 200, "boolq": [1.0, 0.0] * 100})
    tuned = write_samples(tmp_path / "tuned", {"arc": [0.0] * lost + [1.0] * (200 - lost), "boolq": [1.0, 0.0] * 100})
    section = compare_folders(base, tuned)
    items = section.arms["tuned"]
    assert (items.items.n, len(items.lost)) == (400, lost)
    assert items.items.difference.mean == pytest.approx(-lost / 4)
    assert forgetting_gate(section, 5.0).status == status
    assert command("forgetting", str(base), str(tuned), "--margin", "5") == code
    assert capsys.readouterr().out.startswith(f"{status}: ")


def test_documents_that_are_not_the_same_are_refused(tmp_path: Path) -> None:
    base = write_samples(tmp_path / "base", {"arc": [1.0, 0.0]})
    with pytest.raises(InputError, match="share no document"):
        compare_folders(base, write_samples(tmp_path / "other", {"boolq": [1.0]}))
    with pytest.raises(InputError, match="arc, doc_id 0: another document in each run"):
        compare_folders(base, write_samples(tmp_path / "newer", {"arc": [1.0, 0.0]}, hash="x"))
    with pytest.raises(InputError, match=r"acc is 0\.5, expected 0 or 1"):
        read_samples(write_samples(tmp_path / "graded", {"arc": [0.5]}))
    with pytest.raises(InputError, match=r"no samples_TASK_TIME\.jsonl under it; run lm-eval with --log_samples"):
        read_samples(tmp_path / "nowhere")
