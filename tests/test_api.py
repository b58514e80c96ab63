"""The Python API: values and data frames out, the package's own errors, and nothing loaded before it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import harness
from tests import make
from tests.make.faq import write_faq

HEAVY = ("torch", "transformers", "chromadb", "pandas", "numpy", "scipy", "typer", "rich", "msgspec", "yaml")


def test_importing_the_package_takes_less_than_a_tenth_of_a_second_and_loads_nothing() -> None:
    code = (
        "import sys, time; start = time.process_time(); import harness; spent = time.process_time() - start;"
        f"print(spent, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    spent, loaded = min(run.stdout.split(" ", 1) for run in runs)
    assert float(spent) < 0.1
    assert loaded.strip() == "[]"


def test_every_name_is_there() -> None:
    assert all(getattr(harness, name) is not None for name in harness.__all__)
    with pytest.raises(AttributeError, match="no attribute 'rag'"):
        _ = harness.rag  # type: ignore[attr-defined]


def test_advice_from_words_or_booleans() -> None:
    advice = harness.advise({1: "yes", 3: True, 4: "yes", 6: "yes"}, {"labelled_examples": 640})
    assert advice.recommendation == "both"
    with pytest.raises(harness.InputError, match="10"):
        harness.advise({10: "yes"})
    with pytest.raises(harness.InputError, match="nonsense"):
        harness.advise({1: "yes"}, {"nonsense": 3})


def test_a_stored_run_as_tables(tmp_path: Path) -> None:
    stored = make.run(tmp_path / "reports" / "one")
    run = harness.open_run(stored.folder)
    estimates = run.estimates()
    assert set(estimates["arm"]) == set(stored.record.metrics)
    row = estimates.query("arm == 'rag' and metric == 'task_success'").iloc[0]
    expected = stored.record.metrics["rag"]["task_success"]
    assert (row["mean"], row["low"], row["high"], row["n"]) == (
        expected.mean, expected.low, expected.high, expected.n,
    )  # fmt: skip
    assert len(run.metrics()) == len(stored.scores)
    assert len(run.cases()) == sum(not trace.probe for trace in stored.traces)
    html = run._repr_html_()
    assert run.verdict.word in html
    assert "<table" in html


def test_a_run_is_found_again_and_errors_are_the_packages_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    folder = write_faq(tmp_path / "faq")
    with pytest.raises(harness.InputError, match="--allow-code"):
        harness.run(folder)
    run = harness.run(folder, workers=1, allow_code=True)
    written = (run.folder / "record.json").stat().st_mtime_ns
    assert harness.run(folder, workers=1, allow_code=True).folder == run.folder
    assert (run.folder / "record.json").stat().st_mtime_ns == written
    assert harness.open_run("latest").verdict == run.verdict
    with pytest.raises(harness.InputError, match="no finished run there"):
        harness.open_run("nothing")
