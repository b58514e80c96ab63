"""The one sentence that a manager reads: what to ship, and the figure that decides it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.stats.numbers import against, in_a_row, interval, number
from harness.types import Estimate, Gate, VerdictWord
from harness.verdict.measures import UNCALIBRATED
from harness.verdict.ship import Fitness

NAMED = 3  # open gates that are named before the rest is only counted


def sentence(
    word: VerdictWord,
    candidate: str,
    gates: Sequence[Gate],
    pick: Fitness | None,
    order: Sequence[Fitness],
    blocking: Sequence[str],
) -> str:
    """Candidate first, then the arm to ship and why it is that one."""
    head = {"GO": _gates_passed, "NO-GO": _failed, "NOT PROVEN": _open}[word](candidate, gates)
    if blocking:
        return f"{head} {blocking[0]}"
    return f"{head} {_ship(pick, order, candidate, proven=word == 'GO')}"


def _gates_passed(candidate: str, gates: Sequence[Gate]) -> str:
    count = sum(gate.status == "pass" for gate in gates)
    gain = next((gate.estimate for gate in gates if gate.name == "task_success_gain" and gate.status == "pass"), None)
    beats = f", and beats RAG-only by {number(gain.mean, 'points')} ({interval(gain)})" if gain else ""
    return f"{candidate} holds all {count} gates{beats}."


def _failed(candidate: str, gates: Sequence[Gate]) -> str:
    failed = [gate for gate in gates if gate.status == "fail"]
    more = f", and {len(failed) - 1} more failed" if len(failed) > 1 else ""
    first = failed[0]
    figure = first.reason.removesuffix(UNCALIBRATED)  # the figure itself says so beside the sentence
    return f"Not {candidate}: {_lower(first.title)} ({first.name}): {figure}{more}."


def _open(candidate: str, gates: Sequence[Gate]) -> str:
    unsettled = [gate for gate in gates if gate.status in ("not proven", "not measured")]
    if not unsettled:
        return f"No gate stands against {candidate}."
    titles = _titles(unsettled)
    rest = len(unsettled) - NAMED
    return f"{candidate} is not proven: {in_a_row([*titles, f'{rest} more'] if rest > 0 else titles)}."


def _ship(pick: Fitness | None, order: Sequence[Fitness], candidate: str, proven: bool) -> str:
    if pick is None:
        return f"Ship nothing yet: {_why_none(order)}."
    ship = f"Ship {pick.arm}{' instead' if pick.arm != candidate else ''}"
    if pick.arm == candidate and not proven:
        ship = f"If one has to be shipped before that is settled, ship {pick.arm}"
    if pick.deficit is None:
        return f"{ship}: it has the highest task success, and no simpler arm that holds its gates keeps up with it."
    return f"{ship}: the simplest arm that holds its own gates{_near(pick.deficit)}."


def _near(deficit: Estimate) -> str:
    """The distance of the arm to the best, in words: at most so far behind, or not proven to be behind at all."""
    low, high = deficit.low, deficit.high
    if high is None or high <= 0:
        return ""
    if low is not None and low <= 0:
        return f", and no arm is proven better (the best by {number(deficit.mean, 'points')}, {interval(deficit)})"
    return f" and is at most {against(high, 0.0, 'points', '>')[0]} behind the best"


def _why_none(order: Sequence[Fitness]) -> str:
    """The arm that comes nearest to being shipped, and what it lacks; the page has the others."""
    near = [row for row in order if row.near_best]
    if not near:
        return "no arm has a measured task success"
    unshown = [row for row in near if row.open_gates]
    if not unshown:
        return "the only arm near the best failed a gate against another arm"
    nearest = min(unshown, key=lambda row: len(row.open_gates))  # the simplest of equals
    others = len(unshown) - 1
    more = f" and {len(nearest.open_gates) - 1} more" if len(nearest.open_gates) > 1 else ""
    beside = f"; {others} other {'arms have' if others > 1 else 'arm has'} as much open, or more" if others else ""
    return f"{nearest.arm} has not shown {_titles(nearest.open_gates[:1])[0]}{more}{beside}"


def _titles(gates: Sequence[Gate]) -> list[str]:
    """The first few gates, each with its key and status."""
    return [f"{_lower(gate.title)} ({gate.name}, {gate.status})" for gate in gates[:NAMED]]


def _lower(title: str) -> str:
    """A title inside a sentence; names such as p95 and RAG keep their case."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
