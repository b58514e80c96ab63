"""A made-up run on disk beside its scenario, to be rated: five arms, every outcome, hostile text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.files.hashing import file_hash
from harness.golden.imported import case_row
from harness.record.codec import write_rows
from harness.record.files import StoredRun, save_run
from harness.record.sections import ScenarioSection
from tests.make.answers import Script, scores, traces
from tests.make.runs import BUSY, busy, figures, record

SETTINGS = """\
title: Help desk answers in the house format
golden: golden.jsonl
arms: [{arms}]
candidate: hybrid
"""


def write_rated(folder: Path, of: Script = BUSY) -> StoredRun:
    """Write `folder/scenario` and `folder/reports/made-up`; the run that stands there."""
    scenario = folder / "scenario"
    scenario.mkdir(parents=True)
    (scenario / "scenario.yaml").write_text(SETTINGS.format(arms=", ".join(of.arms)), encoding="utf-8")
    write_rows(scenario / "golden.jsonl", map(case_row, of.cases))
    of_run = busy() if of is BUSY else figures(of)
    hashes = replace(of_run.hashes, golden=file_hash(scenario / "golden.jsonl"), corpus=None)
    section = ScenarioSection("scenario", "Help desk answers in the house format", "0", str(scenario))
    measured = replace(of_run, hashes=hashes, scenario=section)
    run = StoredRun(folder / "reports" / "made-up", record(measured, of), traces(of), scores(of))
    save_run(run)
    return run
