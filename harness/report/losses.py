"""The waterfall of lost questions for display: a row a class, a column an arm; and what a fix could win, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.diagnosis.losses import LOSSES
from harness.record.losses import LossSection, WaterfallRole, WaterfallSection
from harness.record.sections import DiagnosisSection, Record
from harness.stats.numbers import show, show_estimate, show_interval

ROLES: Mapping[WaterfallRole, str] = {"candidate": "candidate", "ceiling": "ceiling", "best": "best arm"}
ASKED, RIGHT = "asked", "right"


@dataclass(frozen=True, slots=True)
class FallCell:
    """Questions of one class in one arm."""

    count: int
    share: str  # of the questions asked, with its interval; empty for the first row
    start: float  # where its bar begins, per cent of the questions asked
    width: float


@dataclass(frozen=True, slots=True)
class FallRow:
    """One class of questions."""

    title: str
    says: str
    cells: tuple[FallCell, ...]
    cases: tuple[str, ...] = ()  # of the candidate


@dataclass(frozen=True, slots=True)
class Falls:
    """The waterfalls beside each other: asked, lost class by class, right."""

    heads: tuple[tuple[str, str], ...]  # arm, what it stands there as
    rows: tuple[FallRow, ...]
    by_answer: int  # lost questions of the candidate placed by an accepted answer, since they name no evidence

    @property
    def losses(self) -> int:
        """Questions that the candidate lost."""
        return sum(row.cells[0].count for row in self.rows[1:-1])

    @property
    def main(self) -> FallRow | None:
        """The largest loss of the candidate; None where it lost nothing."""
        classes = [row for row in self.rows[1:-1] if row.cells[0].count]
        return max(classes, key=lambda row: row.cells[0].count, default=None)


def falls(record: Record) -> Falls | None:
    """None where the record has no waterfall: it is of an earlier version."""
    arms = record.waterfalls
    if not arms:
        return None
    by_name = [{loss.name: loss for loss in arm.losses} for arm in arms]
    names = [row.name for row in LOSSES if any(row.name in losses for losses in by_name)]
    rows = [FallRow(ASKED, "Questions of the test split.", tuple(FallCell(a.questions, "", 0.0, 100.0) for a in arms))]
    rest = [arm.questions for arm in arms]
    for name in names:
        cells = []
        for i, (arm, losses) in enumerate(zip(arms, by_name, strict=True)):
            cell = _cell(arm, losses.get(name), rest[i])
            rest[i] -= cell.count
            cells.append(cell)
        section = next(losses[name] for losses in by_name if name in losses)
        own = by_name[0].get(name)
        rows.append(FallRow(section.title, section.says, tuple(cells), own.cases if own else ()))
    rows.append(FallRow(RIGHT, "Task success.", tuple(map(_right, arms))))
    heads = tuple((arm.arm, ROLES[arm.role]) for arm in arms)
    return Falls(heads, tuple(rows), arms[0].by_answer)


def _cell(arm: WaterfallSection, loss: LossSection | None, rest: int) -> FallCell:
    count = len(loss.cases) if loss else 0
    whole = max(arm.questions, 1)
    share = f"{show(loss.share.mean, 'fraction')} ({show_interval(loss.share)})" if loss and count else ""
    return FallCell(count, share, 100 * (rest - count) / whole, 100 * count / whole)


def _right(arm: WaterfallSection) -> FallCell:
    whole = max(arm.questions, 1)
    return FallCell(arm.successes, show(arm.successes / whole, "fraction"), 0.0, 100 * arm.successes / whole)


def could_win(mode: DiagnosisSection) -> str:
    """What the fix of a failure mode could win at most; empty in a record of an earlier version."""
    share = mode.share
    if share is None or share.mean is None:
        return ""
    if mode.wins is not None and mode.wins == round(share.mean * share.n):
        return f"at most {mode.wins} of {share.n} questions ({show_interval(share)})"
    among = "" if mode.wins is None else f"; {mode.wins or 'none'} of the golden questions that fail"
    return f"{show_estimate(share)} of what it was looked for in{among}"
