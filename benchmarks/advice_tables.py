"""Print the advice on every advice-only scenario, and the memory estimate beside published figures.

python -m benchmarks.advice_tables
"""

from __future__ import annotations

from pathlib import Path

from harness.advice.gpu_memory import METHODS
from harness.advice.labels import gigabytes, name_of, signed_percent
from harness.advice.memory_figures import FIGURES, compare_memory
from harness.advice.parse import parse_advice
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
        questionnaire = parse_advice(scenario.advice, f"{file}: advice")
        advice = advise(questionnaire.answers, questionnaire.facts)
        walk = walk_outcome(advice.walk)
        differs = "" if walk == advice.wanted else "  differs"
        print(
            f"{scenario.id:24}{name_of(questionnaire.expect or 'unknown'):12}{name_of(advice.recommendation):12}"
            f"{name_of(advice.wanted):12}{advice.first_step:8}{name_of(walk)} at {advice.walk[-1].question}{differs}"
        )


def memory() -> None:
    """One line a published figure: the estimate and its error."""
    print(f"{'method':24}{'size':>6}{'published':>14}{'estimate':>10}{'error':>9}  source")
    for figure in FIGURES:
        row = compare_memory(figure)
        error = signed_percent(row.error) if row.error is not None else ("holds" if row.holds else "fails")
        limit = "fits " if figure.relation == "fits" else ""
        published, estimate = f"{limit}{gigabytes(figure.gb)} GB", gigabytes(row.estimate_gb)
        print(
            f"{METHODS[figure.method]:24}{figure.billions:>5g}B{published:>14}{estimate:>10}{error:>9}  {figure.source}"
        )


if __name__ == "__main__":
    cases()
    print()
    memory()
