"""The score sheet of a run: its figures, and the test split's scores by arm and metric. Gates and detectors read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import InputError
from harness.golden.clusters import case_clusters
from harness.record.score_table import tabulate
from harness.record.sections import ArmSection, Figures
from harness.types import Case, Score
from harness.verdict.constant import Constant, best_constant

Column = Mapping[str, float | None]  # value by case id, None where unscored


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """Everything that a verdict stands on."""

    figures: Figures
    arms: Mapping[str, ArmSection]
    cases: tuple[str, ...]  # ids of the test split, in order
    constant: Constant  # what is right without a model
    clusters: Mapping[str, str]  # cluster label by case id
    values: Mapping[tuple[str, str], Column]  # (arm, metric) ->; without the cases that cannot have a value
    inapplicable: frozenset[tuple[str, str, str]]  # (arm, metric, case id) that cannot have a value

    def column(self, arm: str, metric: str) -> dict[str, float | None]:
        """Value by test case: None where it has none, a lost answer included; absent where it cannot have one."""
        values = self.values.get((arm, metric), {})
        return {case: values.get(case) for case in self.cases if (arm, metric, case) not in self.inapplicable}

    def labels(self, cases: Iterable[str]) -> list[str]:
        """The cluster of each of these cases."""
        return [self.clusters[case] for case in cases]


def gather(figures: Figures, scores: Iterable[Score], cases: Sequence[Case]) -> ScoreSheet:
    """Arrange figures, scores and golden cases. Only the test split counts.

    Raises:
        InputError: the golden set has no test case, or the figures have no arms.
    """
    tested = [case for case in cases if case.split == "test"]
    if not tested:
        message = "the golden set has no case of split 'test', and verdicts read no other; mark cases with split: test"
        raise InputError(f"{figures.golden.path or 'golden set'}: {message}")
    if not figures.arms:
        raise InputError("record.json: no arms in it; run the scenario again")
    ids = frozenset(case.id for case in tested)
    rows = [score for score in scores if score.case_id in ids]
    return ScoreSheet(
        figures=figures,
        arms={arm.name: arm for arm in figures.arms},
        cases=tuple(case.id for case in tested),
        constant=best_constant(cases, figures.style),
        clusters={**case_clusters(tested, ()), **figures.golden.cluster_of},
        values=tabulate(rows),
        inapplicable=frozenset((score.arm, score.metric, score.case_id) for score in rows if not score.applicable),
    )
