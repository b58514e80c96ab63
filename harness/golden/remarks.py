"""The remarks of an import as lines: equal ones counted together, so that 300 rows make one line, not 300."""

from __future__ import annotations

from collections.abc import Sequence

from harness.golden.imported import Remark

MOST_PLACES = 3  # rows named of those with one remark


def remark_lines(remarks: Sequence[Remark]) -> list[str]:
    """One line a rule and message, with its count and first places: `unlabelled: 3 rows (x.csv: row 2, ...): ...`."""
    places: dict[tuple[str, str], list[str]] = {}
    for remark in remarks:
        places.setdefault((remark.rule, remark.message), []).append(remark.where)
    return [_line(rule, message, rows) for (rule, message), rows in places.items()]


def rule_counts(remarks: Sequence[Remark]) -> dict[str, int]:
    """Rows by rule: what was left out, repeated, unlabelled."""
    counts: dict[str, int] = {}
    for remark in remarks:
        if remark.where:
            counts[remark.rule] = counts.get(remark.rule, 0) + 1
    return counts


def _line(rule: str, message: str, rows: Sequence[str]) -> str:
    if rows == [""]:
        return f"{rule}: {message}"
    if len(rows) == 1:
        return f"{rows[0]}: {rule}: {message}"
    places = ", ".join(rows[:MOST_PLACES]) + (", ..." if len(rows) > MOST_PLACES else "")
    return f"{rule}: {len(rows)} rows: {message} ({places})"
