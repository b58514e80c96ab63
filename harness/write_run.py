"""Figures -> a finished run folder: advice, verdict, record, report. No model, no library that loads one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.advice.section import advice_section
from harness.diagnosis.diagnose import diagnose, rows
from harness.errors import InputError
from harness.history.diff import flipped_cases
from harness.record.files import SCHEMA_VERSION, Run, load_record, load_scores, plain, save_run, write_atomic
from harness.report.page.heads import prompt_heads
from harness.report.page.render import render_html
from harness.scenario.settings import Scenario
from harness.types import Case, Score, Trace, Verdict
from harness.verdict import decide, read_thresholds
from harness.verdict.evidence import gather
from harness.verdict.flips import flips


def conclude(
    folder: Path,
    figures: Mapping[str, Any],
    traces: Sequence[Trace],
    scores: Sequence[Score],
    cases: Sequence[Case],
    scenario: Scenario,
    kept: Path | None = None,
) -> tuple[Run, Verdict]:
    """Decide on measured figures and write the run folder: traces, scores, record and report.

    Args:
        folder: the run folder; its name is the run id.
        figures: what `run.assemble.measured` gave, and how and when the run was made.
        kept: a folder where these traces and scores are written already.
    """
    record = plain(
        {
            "schema_version": SCHEMA_VERSION,
            "run_id": folder.name,
            "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "complete": True,
            **figures,
            "advice": advice_section(scenario),
            "gates": scenario.gates,
        }
    )
    record["golden"]["runs_on_this_set"] = 1 + _others(folder, record["golden"]["hash"])
    record["changed"] = changed_since_last(Run(folder, record, tuple(traces), tuple(scores)))
    verdict = decide(record, scores, cases, scenario.gates, scenario.candidate)
    record["flips"] = flips(gather(record, scores, cases), read_thresholds(scenario.gates), scenario.candidate)
    diagnosis = plain(_with_fixes(rows(diagnose(record, traces, scores, cases, scenario)), record))
    run = Run(folder, {**record, "diagnosis": diagnosis, "verdict": plain(verdict)}, tuple(traces), tuple(scores))
    write_atomic(
        folder / "report.html",
        render_html(run.record, traces, scores, cases, prompt_heads(scenario, run.record["arms"])),
    )
    save_run(run, kept)
    return run, verdict


def _with_fixes(found: Sequence[Mapping[str, Any]], record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each failure mode with what its fix did, where it was tried."""
    tried = {fix["mode"]: fix["says"] for fix in record.get("fixes") or ()}
    return [{**row, "tried": tried[row["mode"]]} if row["mode"] in tried else row for row in found]


def changed_since_last(run: Run) -> dict[str, Any] | None:
    """Cases whose task success flipped in some arm since the newest other run of this scenario; None without one."""
    for path in sorted(run.folder.parent.glob("*/record.json"), key=lambda path: -path.stat().st_mtime):
        try:
            if path.parent == run.folder or load_record(path.parent)["scenario"]["id"] != run.record["scenario"]["id"]:
                continue
            cases = flipped_cases(load_scores(path.parent), run.scores)
        except (InputError, KeyError):  # a foreign, older or broken run, or one that shares no case
            continue
        return {"run": path.parent.name, "cases": cases}
    return None


def _others(folder: Path, golden_hash: str) -> int:
    """Finished runs beside this one that were asked the same golden set."""
    count = 0
    for path in folder.parent.glob("*/record.json"):
        if path.parent != folder:
            try:
                count += load_record(path.parent).get("golden", {}).get("hash") == golden_hash
            except InputError:  # a foreign or older record is not a run on this set
                continue
    return count
