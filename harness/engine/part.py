"""The part of a scenario that is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunPart:
    """The arms and cases that are run: all of a scenario, or a part that can never be GO."""

    arms: tuple[str, ...] | None = None
    limit: int | None = None  # test cases, spread evenly
    cases: tuple[str, ...] = ()  # ids

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
