"""Figures -> a finished run folder: advice, verdict, record, report. No model, no library that loads one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from harness.advice.section import advice_section
from harness.diagnosis.diagnose import diagnose, diagnosed_run, present
from harness.diagnosis.losses import waterfalls
from harness.errors import InputError
from harness.extensions import BUILT_IN, Tables
from harness.history.diff import flipped_cases
from harness.record.codec import write_atomic
from harness.record.files import RunHead, StoredRun, finished_runs, load_head, load_scores, save_run
from harness.record.sections import ChangedSection, DiagnosisSection, Figures, FixSection, Record
from harness.report.page.heads import prompt_heads
from harness.report.page.render import render_html
from harness.results.measure import RunResult
from harness.scenario.settings import Scenario
from harness.types import Case, Score
from harness.verdict.decide import decide
from harness.verdict.flips import flips
from harness.verdict.score_sheet import gather
from harness.verdict.thresholds import read_thresholds


def conclude(
    folder: Path,
    result: RunResult,
    cases: Sequence[Case],
    scenario: Scenario,
    command: str,
    *,
    fixes: Sequence[FixSection] = (),
    tables: Tables = BUILT_IN,
    copies: Path | None = None,
) -> StoredRun:
    """Decide on measured figures and write the run folder: traces, scores, record and report.

    Args:
        folder: the run folder; its name is the run id.
        cases: the golden cases that were asked.
        command: the line that makes the run again.
        fixes: fixes that were tried beside it.
        tables: gates and failure modes to judge by.
        copies: a folder where these traces and scores are written already.
    """
    traces, scores = tuple(result.traces), tuple(result.scores)
    others = _others(folder)
    figures = _with_run_count(result.figures, others)
    advice = advice_section(scenario)
    advised = None if advice is None else advice.recommendation
    thresholds = read_thresholds(scenario.gates, table=tables.gates)
    record = Record(
        **{field.name: getattr(figures, field.name) for field in fields(Figures)},
        run_id=folder.name,
        created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        command=command,
        advice=advice,
        gates=scenario.gates,
        changed=_changed_since_last(folder.parent, others, figures, scores),
        flips=flips(gather(figures, scores, cases), thresholds, scenario.candidate),
        diagnosis=_with_fixes(present(diagnose(figures, traces, scores, cases, scenario, tables.modes)), fixes),
        verdict=decide(figures, scores, cases, scenario.gates, scenario.candidate, advised, tables.gates),
        fixes=tuple(fixes),
        waterfalls=waterfalls(diagnosed_run(figures, traces, scores, cases)),
    )
    run = StoredRun(folder, record, traces, scores)
    page = render_html(record, traces, scores, cases, prompt_heads(scenario, record.arms))
    write_atomic(folder / "report.html", page)
    save_run(run, copies)
    return run


def _with_run_count(figures: Figures, others: Sequence[RunHead]) -> Figures:
    """The figures with the number of runs that were asked the same golden set: the more, the likelier a lucky pass."""
    runs = 1 + sum(other.golden.hash == figures.golden.hash for other in others)
    return replace(figures, golden=replace(figures.golden, runs_on_this_set=runs))


def _others(folder: Path) -> list[RunHead]:
    """Heads of the finished runs beside this one, newest first; a foreign, older or broken one is no run of ours."""
    heads = []
    for path in reversed(finished_runs(folder.parent)):
        if path.parent != folder:
            try:
                heads.append(load_head(path.parent))
            except InputError:
                continue
    return heads


def _changed_since_last(
    reports: Path, others: Sequence[RunHead], figures: Figures, scores: Sequence[Score]
) -> ChangedSection | None:
    """Cases whose task success flipped in some arm since the newest other run of this scenario; None without one."""
    for other in others:
        if other.scenario.id == figures.scenario.id:
            try:
                before = load_scores(reports / other.run_id)
                return ChangedSection(other.run_id, tuple(flipped_cases(before, scores)))
            except InputError:  # its scores are cut or gone, or it shares no case
                continue
    return None


def _with_fixes(diagnoses: Sequence[DiagnosisSection], fixes: Sequence[FixSection]) -> tuple[DiagnosisSection, ...]:
    """Each failure mode with what its fix did, where it was tried."""
    effects = {fix.mode: fix.says for fix in fixes}
    return tuple(replace(row, tried=effects.get(row.mode, row.tried)) for row in diagnoses)
