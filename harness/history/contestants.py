"""Contestants of a comparison: one arm of one run each, with what a comparison reads of it.

contestant("june", run, "june").column("task_success")    # value by test case
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import cast

from harness.errors import InputError
from harness.record.files import StoredRun
from harness.record.score_table import tabulate
from harness.record.sections import ArmSection, Record, Setting
from harness.types import Answer

Column = Mapping[str, float | None]  # value by case id; None where it has none


@dataclass(frozen=True, slots=True)
class Contestant:
    """An adapter, an arm or a run, as the arm that it is."""

    name: str  # in this comparison
    run: StoredRun
    arm: str
    values: Mapping[str, Column]  # metric -> value by test case

    @property
    def record(self) -> Record:
        return self.run.record

    @property
    def section(self) -> ArmSection:
        section = self.record.arm(self.arm)
        assert section is not None  # whoever makes a contestant has looked it up
        return section

    @property
    def adapter(self) -> str | None:
        """Content id of its adapter."""
        return self.section.adapter

    @property
    def is_base(self) -> bool:
        """Whether the base model answers for it as it is."""
        return self.adapter is None and self.section.source is None

    def column(self, metric: str) -> Column:
        """Value by test case: None where it has none; absent where it cannot have one."""
        return self.values.get(metric, {})

    def answers(self, probes: bool = False) -> dict[str, Answer | None]:
        """Answer by id of the test case, or of every question with probes; None where there was an error."""
        tested = self.record.golden.cluster_of
        return {
            trace.case_id: trace.answer
            for trace in self.run.traces
            if trace.arm == self.arm and (trace.case_id in tested or (probes and trace.probe))
        }

    def settings(self) -> dict[str, Setting]:
        """What is known of how it was made, by name: rank, learning rate, data, seed, ..."""
        source, tuning = self.section.source, self.record.tuning.get(self.arm)
        own = dict(source.settings) if source is not None else {}
        if tuning is not None:
            trained = tuning.adapter
            own |= {f.name: cast(Setting, getattr(trained.settings, f.name)) for f in fields(trained.settings)}
            own |= {"data": trained.examples_hash, "examples": trained.examples, "seed": trained.seed}
        if self.adapter is not None:
            own["adapter"] = self.adapter
        return own


def contestant(name: str, run: StoredRun, arm: str) -> Contestant:
    """An arm of a run as a contestant. InputError where the run has no such arm."""
    if run.record.arm(arm) is None:
        raise InputError(f"{run.folder}: no arm '{arm}' in it; its arms: {', '.join(run.record.arm_names)}")
    tested = run.record.golden.cluster_of
    rows = tabulate(score for score in run.scores if score.arm == arm and score.case_id in tested)
    return Contestant(name, run, arm, {metric: column for (_, metric), column in rows.items()})
