"""Builds the town wiki's golden set and tuning examples: `python scenarios/wiki/build.py [--out DIR]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder import Plan, build, out_folder

REFUSAL = "The wiki does not say."


def plain(answer: str | None) -> str:
    """One plain sentence: the wiki demands no format."""
    return answer or REFUSAL


PLAN = Plan(
    name="wiki",
    prefix="wk",
    output=plain,
    open_answered=280,
    open_refused=60,
    closed_answered=300,
    closed_refused=64,
)

if __name__ == "__main__":
    build(PLAN, out_folder())
