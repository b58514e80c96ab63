"""The checklist's advice held against what was measured, over many runs: agreed or not, and the named reason.

check = check_advice(records)
check.rows[0].miss     # 'tuning did not earn its cost'
check.says             # '2 of 3 comparable runs agree with the checklist'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.stats.numbers import number
from harness.types import Estimate
from harness.verdict.agreement import ADVISED, TITLES
from harness.verdict.evidence import CEILINGS, estimate_of

NOTHING_SHIPS = "nothing may be shipped"
NOT_RUN = "the advised kind of arm did not run"
NOT_ASKED = "no questionnaire"
IN_PART = "a partial run or a test double"
# (advised uses a retriever or an adapter, the shipped arm does) -> the name of the miss
RETRIEVAL: Mapping[tuple[bool, bool], str] = {
    (True, False): "passages were not needed",
    (False, True): "facts had to be looked up",
}
TUNING: Mapping[tuple[bool, bool], str] = {
    (True, False): "tuning did not earn its cost",
    (False, True): "prompting alone fell behind",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One run's advice beside its measurement."""

    run: str
    scenario: str
    advised: str | None
    word: str  # of the verdict
    winner: str | None  # the arm to ship, else the one with the highest task success
    ships: bool
    success: Estimate | None  # of the winner
    agreement: str  # agrees | disagrees | not comparable
    miss: str | None  # why it does not agree, by name; None where it does
    reason: str  # in full


@dataclass(frozen=True, slots=True)
class Check:
    rows: tuple[Row, ...]
    agreed: int
    comparable: int

    @property
    def says(self) -> str:
        if not self.comparable:
            return "no run can be compared with the checklist yet"
        return f"{self.agreed} of {self.comparable} comparable runs agree with the checklist"


def check_advice(records: Iterable[Mapping[str, Any]]) -> Check:
    """One row for each record that has a verdict, by scenario, the newest run last."""
    judged = [record for record in records if record.get("verdict")]
    rows = tuple(map(_row, sorted(judged, key=lambda r: (r["scenario"]["id"], r.get("created") or ""))))
    comparable = [row for row in rows if row.agreement != "not comparable"]
    return Check(rows, sum(row.agreement == "agrees" for row in comparable), len(comparable))


def _row(record: Mapping[str, Any]) -> Row:
    verdict = record["verdict"]
    best = _best(record)
    winner = verdict["ship"] or best
    agreement = verdict["agreement"]
    success = estimate_of(((record.get("metrics") or {}).get(winner or "") or {}).get("task_success"))
    miss = None if agreement == "agrees" else _miss(record, verdict)
    reason = verdict["agreement_reason"]
    if miss == NOTHING_SHIPS and best is not None and verdict["advised"] in ADVISED:
        reason = f"{reason}; {_leaning(record, best, verdict['advised'], success)}"
    return Row(
        run=record["run_id"],
        scenario=record["scenario"]["id"],
        advised=verdict["advised"],
        word=verdict["word"],
        winner=winner,
        ships=verdict["ship"] is not None,
        success=success,
        agreement=agreement,
        miss=miss,
        reason=reason,
    )


def _best(record: Mapping[str, Any]) -> str | None:
    """The arm with the highest measured task success, ceilings and tried settings aside."""
    metrics = record.get("metrics") or {}
    real = [a["name"] for a in record["arms"] if not (a.get("oracle") or a.get("tried") or a["name"] in CEILINGS)]
    scored = {a: e.mean for a in real if (e := estimate_of((metrics.get(a) or {}).get("task_success"))) is not None}
    known = {arm: mean for arm, mean in scored.items() if mean is not None}
    return max(known, key=lambda arm: known[arm], default=None)


def _kind(record: Mapping[str, Any], arm: str) -> tuple[bool, bool]:
    row = next(row for row in record["arms"] if row["name"] == arm)
    return bool(row.get("retriever")), row.get("adapter") is not None


def _miss(record: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    advised, ship = verdict["advised"], verdict["ship"]
    if advised not in ADVISED:
        return NOT_ASKED
    if record.get("partial") or record.get("test_double"):
        return IN_PART
    if ship is None:
        return NOTHING_SHIPS
    wanted, got = ADVISED[advised], _kind(record, ship)
    if verdict["agreement"] == "not comparable":
        return NOT_RUN
    names = [RETRIEVAL.get((wanted[0], got[0])), TUNING.get((wanted[1], got[1]))]
    return "; ".join(name for name in names if name)


def _leaning(record: Mapping[str, Any], best: str, advised: str, success: Estimate | None) -> str:
    alike = "is" if _kind(record, best) == ADVISED[advised] else "is not"
    shown = f", {number(success.mean, 'fraction')} task success," if success and success.mean is not None else ""
    return f"the best arm measured, {best}{shown} {alike} of the kind '{TITLES[advised]}'"
