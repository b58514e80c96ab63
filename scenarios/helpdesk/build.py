"""Builds the help desk's golden set, tuning examples and probes: `python scenarios/helpdesk/build.py [--out DIR]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder import Plan, build, out_folder

REFUSAL = "The help desk pages do not say."


def house_format(answer: str | None) -> dict[str, Any]:
    """The house format; citations are filled in by whoever retrieves the passages."""
    status = "refused" if answer is None else "ok"
    return {"status": status, "answer": answer or REFUSAL, "citations": []}


PLAN = Plan(
    name="helpdesk",
    prefix="hd",
    output=house_format,
    open_answered=580,
    open_refused=120,
    closed_answered=600,
    closed_refused=126,
    probes_answered=352,
    probes_refused=48,
)

if __name__ == "__main__":
    build(PLAN, out_folder())
