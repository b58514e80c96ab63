"""Diagnosis: the failure modes that the run shows, the fixes that were tried, the questions that every arm misses."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from harness.record.sections import DiagnosisSection, Figures, FixSection
from harness.report.losses import Falls, could_win, falls
from harness.report.page.view import RunView
from harness.stats.numbers import show_estimate, show_p
from harness.types import Case, Difference

MOST_EVIDENCE = 12  # questions that are linked


@dataclass(frozen=True, slots=True)
class ShownMode:
    """One failure mode."""

    title: str
    arm: str | None
    facts: tuple[tuple[str, str, bool], ...]  # label, text, whether it is a setting
    evidence: tuple[str, ...]  # ids of cases that show it
    more: int  # others that are not linked


@dataclass(frozen=True, slots=True)
class TriedFix:
    """A fix that was run as one more arm."""

    fix: FixSection
    rows: tuple[tuple[str, ...], ...]  # metric, split, change, p after Holm or that the row informs only


@dataclass(frozen=True, slots=True)
class DiagnosisPart:
    falls: Falls | None  # None: a record of an earlier version
    modes: tuple[ShownMode, ...]
    fixes: tuple[TriedFix, ...]
    suspects: tuple[Case, ...]  # missed by every arm: their labels may be wrong


def diagnosis(run: RunView) -> DiagnosisPart:
    record = run.record
    by_id = {case.id: case for case in run.test_cases}
    return DiagnosisPart(
        falls=falls(record),
        modes=tuple(_mode(mode) for mode in record.diagnosis),
        fixes=tuple(TriedFix(fix, _changes(fix, record)) for fix in record.fixes),
        suspects=tuple(by_id[name] for name in run.grid.missed_by_all()),
    )


def _mode(mode: DiagnosisSection) -> ShownMode:
    facts = (
        ("Could win", could_win(mode), False),
        ("Symptom", mode.symptom, False),
        ("Likely cause", mode.cause, False),
        ("Fix", mode.fix, False),
        ("Setting", mode.setting, True),
        ("When tried", mode.tried or "", False),
        ("Other arms", mode.beside or "", False),
    )
    return ShownMode(
        title=mode.title,
        arm=mode.arm,
        facts=tuple(fact for fact in facts if fact[1]),
        evidence=mode.evidence[:MOST_EVIDENCE],
        more=max(0, len(mode.evidence) - MOST_EVIDENCE),
    )


def _changes(fix: FixSection, figures: Figures) -> tuple[tuple[str, ...], ...]:
    compared = {row.name for row in figures.metric_rows if row.compared}
    return tuple(
        (figures.title(d.metric), split, show_estimate(d.estimate, signed=True), _tested(d, compared))
        for split, differences in fix.differences.items()
        for d in differences
    )


def _tested(row: Difference, compared: Set[str]) -> str:
    return show_p(row.p_holm) if row.metric in compared else "informative"
