"""A comparison before a release as one self-contained page: the words, the figures, what was lost and won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from harness.history.aspects import Word
from harness.history.compare import Comparison, Judgement, Standing
from harness.report.charts.vega import slots
from harness.report.first.level import LevelBar, level_bar
from harness.report.matrix import is_real
from harness.report.page.environment import asset, environment, policy
from harness.report.text.compare import MARKS, control_text, estimates, identical, reasons, says, setting_text
from harness.stats.numbers import show_estimate, show_p
from harness.types import Estimate

TONES: Mapping[Word, str] = {"better": "pass", "not worse": "pass", "worse": "fail"}  # the others are open
MOST = 200  # flipped answers of a candidate that are shown in full; the rest is counted


def render_compare(comparison: Comparison, questions: Mapping[str, str]) -> str:
    """The page.

    Args:
        questions: question by case id; a case that is not in it is shown by its id.
    """
    style = asset("report.css")
    comparison = _with_short_names(comparison)
    return environment().get_template("compare.html.jinja").render(
        style=Markup(style),
        policy=policy(style, ""),
        comparison=comparison,
        bars=[_bar(facts, comparison) for facts in comparison.facts],
        slots=slots([facts.name for facts in comparison.facts]),
        tone="open" if comparison.release == comparison.reference else "go",
        symbol="open" if comparison.release == comparison.reference else "ok",
        outcomes=(),
        columns=["", *(facts.name for facts in comparison.facts)],
        figures=[(title, *map(_figure, row)) for title, row in estimates(comparison)],
        control=control_text(comparison),
        settings=[(name, *map(setting_text, row)) for name, row in comparison.settings.items()],
        words=[_word(row) for row in comparison.judgements],
        judgements=[(row, _findings(row), _metrics(row, comparison.titles)) for row in comparison.judgements],
        pairs=[(row.candidate, row.against, row.word, identical(row)) for row in comparison.pairs],
        identical=identical,
        questions=questions,
        most=MOST,
    )  # fmt: skip


def _bar(facts: Standing, comparison: Comparison) -> LevelBar:
    """The task success of one contestant; the one to release is marked."""
    role = "in use" if facts.name == comparison.reference else ""
    return level_bar(facts.name, "to release" if facts.name == comparison.release else role, facts.success)


def _word(row: Judgement) -> tuple[str, str, str, str]:
    """(candidate, word, class of its colour in the style sheet, aspects that decided it)"""
    return row.candidate, f"{MARKS[row.word]} {row.word}", TONES.get(row.word, "not-proven"), reasons(row)


def _findings(row: Judgement) -> list[tuple[str, str, str]]:
    return [(finding.title, f"{MARKS[finding.word]} {finding.word}", says(finding)) for finding in row.findings]


def _figure(estimate: Estimate | None) -> str:
    if estimate is None or estimate.mean is None:
        return "–"
    return show_estimate(estimate, signed=estimate.unit == "points")


def _metrics(row: Judgement, titles: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The metrics that moved by more than chance may bring."""
    return [
        (titles.get(move.metric, move.metric), show_estimate(move.estimate, signed=True), _tested(move.p_holm))
        for move in row.metrics
        if is_real(move)
    ]


def _tested(p_holm: float | None) -> str:
    return "" if p_holm is None else show_p(p_holm)


def _with_short_names(comparison: Comparison) -> Comparison:
    """Contestants by the last part of their names, `example:tune` for `reports/example:tune`, where that tells them."""
    short = {facts.name: facts.name.rpartition("/")[2] for facts in comparison.facts}
    if len(set(short.values())) < len(short):
        return comparison

    def short_of(row: Judgement) -> Judgement:
        return replace(row, candidate=short[row.candidate], against=short[row.against])

    because = comparison.because
    for name in sorted(short, key=len, reverse=True):
        because = because.replace(name, short[name])
    return replace(
        comparison,
        reference=short[comparison.reference],
        release=short[comparison.release],
        because=because,
        facts=tuple(replace(facts, name=short[facts.name]) for facts in comparison.facts),
        judgements=tuple(map(short_of, comparison.judgements)),
        pairs=tuple(map(short_of, comparison.pairs)),
    )
