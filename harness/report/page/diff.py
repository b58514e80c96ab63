"""Two runs beside each other as one self-contained page: what was set otherwise, what flipped, what moved.

The page has the report's style and its policy: no request, nothing that others wrote is markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from harness.history.diff import Changes
from harness.record.files import StoredRun
from harness.report.charts.vega import slots
from harness.report.first.level import SUCCESS, LevelBar, level_bar
from harness.report.headline import WORDS
from harness.report.matrix import is_real
from harness.report.page.environment import asset, environment, policy
from harness.stats.numbers import show_estimate, show_p
from harness.types import Estimate

MOST = 200  # flipped answers that are shown in full; the rest is counted


@dataclass(frozen=True, slots=True)
class Flipped:
    """One case whose task success changed in one arm."""

    case: str
    question: str
    arm: str
    gained: bool
    before: str
    after: str


def render_diff(before: StoredRun, after: StoredRun, changes: Changes, questions: Mapping[str, str]) -> str:
    """The page.

    Args:
        changes: what `diff_runs(before, after)` found.
        questions: question by case id; a case that is not in it is shown by its id.
    """
    style = asset("report.css")
    flipped = list(_flipped(before, after, changes, questions))
    page = environment().get_template("diff.html.jinja")
    return page.render(
        style=Markup(style),
        policy=policy(style, ""),
        bars=[bar for arm in changes.flips for bar in _bars(arm, before, after)],
        slots=slots(after.record.arm_names),
        tone=WORDS[after.record.verdict.word].css,
        symbol=WORDS[after.record.verdict.word].symbol,
        outcomes=(),
        gained=sum(len(flips.gained) for flips in changes.flips.values()),
        lost=sum(len(flips.lost) for flips in changes.flips.values()),
        before=before.folder.name,
        after=after.folder.name,
        words=[before.record.verdict.word, after.record.verdict.word],
        shared=changes.shared_cases,
        settings=[(name, _text(was), _text(now)) for name, (was, now) in changes.settings.items()],
        counts=[(arm, len(f.gained), len(f.lost), len(f.reworded)) for arm, f in changes.flips.items()],
        unknown=changes.unknown,
        moved=_moves(changes, after),
        figures=[
            (row.arm or "", row.title, _text_of(row.before), _text_of(row.after), "yes" if row.apart else "")
            for row in changes.figures
        ],
        flipped=flipped[:MOST],
        left_out=max(0, len(flipped) - MOST),
    )


def _bars(arm: str, before: StoredRun, after: StoredRun) -> list[LevelBar]:
    """The task success of one arm in both runs."""
    runs = (("before", before), ("after", after))
    return [level_bar(arm, role, run.record.estimate(arm, SUCCESS)) for role, run in runs]


def _moves(changes: Changes, after: StoredRun) -> list[tuple[str, str, str, str]]:
    return [
        (d.arm, after.record.title(d.metric), show_estimate(d.estimate, signed=True), show_p(d.p_holm))
        for d in changes.differences
        if is_real(d)
    ]


def _text_of(estimate: Estimate | None) -> str:
    return "not measured" if estimate is None else show_estimate(estimate)


def _flipped(before: StoredRun, after: StoredRun, changes: Changes, questions: Mapping[str, str]) -> Iterator[Flipped]:
    was, now = _texts(before), _texts(after)
    for arm, flips in changes.flips.items():
        for won, cases in ((False, flips.lost), (True, flips.gained)):
            for case in cases:
                texts = was.get((arm, case), ""), now.get((arm, case), "")
                yield Flipped(case, questions.get(case, ""), arm, won, *texts)


def _texts(run: StoredRun) -> dict[tuple[str, str], str]:
    return {(t.arm, t.case_id): t.answer.text for t in run.traces if t.answer and not t.probe}


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    return "not set" if value is None else str(value)
