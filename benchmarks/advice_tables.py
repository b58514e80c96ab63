"""Print the advice on every advice-only scenario, and the memory estimate beside published figures.

python benchmarks/advice_tables.py
"""

from __future__ import annotations

from pathlib import Path

from harness.advice.labels import SHORT, gigabytes, signed_percent
from harness.advice.memory import METHODS
from harness.advice.parse import parse_advice
from harness.advice.published import FIGURES, compare
from harness.advice.recommend import advise
from harness.advice.walk import walk_outcome
from harness.scenario.load import load_scenario

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def cases() -> None:
    """One line a scenario: what is expected, advised and wanted, and where the guide's arrows end."""
    print(f"{'scenario':24}{'expected':12}{'advised':12}{'wanted':12}{'first':8}{'arrows end at':20}")
    for file in sorted(SCENARIOS.glob("*/scenario.yaml")):
        scenario = load_scenario(file.parent)
        if scenario.advice is None or scenario.corpus is not None:
            continue
        given = parse_advice(scenario.advice, f"{file}: advice")
        found = advise(given.answers, given.facts)
        walk = walk_outcome(found.walk)
        differs = "" if walk == found.wanted else "  differs"
        print(
            f"{scenario.id:24}{SHORT[given.expect or 'unknown']:12}{SHORT[found.recommendation]:12}"
            f"{SHORT[found.wanted]:12}{found.first_step:8}{SHORT[walk]} at {found.walk[-1].question}{differs}"
        )


def memory() -> None:
    """One line a published figure: the estimate and its error."""
    print(f"{'method':24}{'size':>6}{'published':>14}{'estimate':>10}{'error':>9}  source")
    for figure in FIGURES:
        found = compare(figure)
        error = signed_percent(found.error) if found.error is not None else ("holds" if found.holds else "fails")
        limit = "fits " if figure.relation == "fits" else ""
        published, estimate = f"{limit}{gigabytes(figure.gb)} GB", gigabytes(found.estimate_gb)
        print(
            f"{METHODS[figure.method]:24}{figure.billions:>5g}B{published:>14}{estimate:>10}{error:>9}  {figure.source}"
        )


if __name__ == "__main__":
    cases()
    print()
    memory()
