"""The part of a scenario that is run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.scenario.arm_entries import ArmEntry
from harness.scenario.settings import Scenario


@dataclass(frozen=True, slots=True)
class RunPart:
    """The arms and cases that are run: all of a scenario, or a part that can never be GO."""

    arms: tuple[str, ...] | None = None
    limit: int | None = None  # test cases, spread evenly
    cases: tuple[str, ...] = ()  # ids
    entries: tuple[ArmEntry, ...] = ()  # arms from elsewhere, beside those of the scenario
    cycle: tuple[tuple[str, ...], tuple[ArmEntry, ...]] | None = None  # of a refresh: arms that stay, adapters to judge
    curve: tuple[int, ...] = ()  # numbers of examples for a learning curve, in place of the scenario's

    def onto(self, scenario: Scenario) -> Scenario:
        """The scenario with the arms from elsewhere and the learning curve that this part brings along."""
        if self.curve:
            scenario = replace(scenario, tuning=replace(scenario.tuning, curve=self.curve))
        if self.cycle is not None:
            stay, adapters = self.cycle
            names = (*stay, *(entry.name for entry in adapters))
            scenario = replace(scenario, entries=(*scenario.entries, *adapters), arms=names, candidate=names[-1])
        if not self.entries:
            return scenario
        names = tuple(entry.name for entry in self.entries)
        return replace(scenario, entries=(*scenario.entries, *self.entries), arms=(*scenario.arms, *names))

    @property
    def reason(self) -> str | None:
        """Why this is a part, in words; None for a whole run."""
        reasons = []
        if self.arms is not None:
            reasons.append(f"only the arms {', '.join(self.arms)}")
        if self.limit is not None:
            reasons.append(f"at most {self.limit} cases a split")
        if self.cases:
            reasons.append(f"only {len(self.cases)} named cases")
        return "; ".join(reasons) or None


WHOLE = RunPart()
