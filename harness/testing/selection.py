"""The tests of a session that are about a suite: which questions, which gates, whether the whole run is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from harness.testing.suite import Suite
from harness.types import Case

WHOLE_RUN = "harness_trial"  # the fixture behind harness_run and verdict


@dataclass(frozen=True, slots=True)
class About:
    """What one test is about."""

    suite: Suite | None  # of a gate; None: the marker's, or the session's
    marker: Mapping[str, object]
    case: str | None
    gate: str | None
    whole: bool  # it asks for the whole run


@dataclass(slots=True)
class Selection:
    """The tests of one suite that were selected."""

    cases: dict[str, None] = field(default_factory=dict)  # ids, in order
    gates: set[str] = field(default_factory=set)
    whole: bool = False  # a gate, the verdict or the whole run is asked for
    lost_cases: int = 0  # questions of the suite that no test is about, though others have one

    def add(self, about: About) -> None:
        """One more test."""
        if about.case is not None:
            self.cases[about.case] = None
        if about.gate is not None:
            self.gates.add(about.gate)
        self.whole |= about.whole


def about_of(item: pytest.Item) -> About | None:
    """What a test is about; None for one that is no business of ours."""
    suite, gate = getattr(item, "suite", None), getattr(item, "gate", None)
    if isinstance(suite, Suite) and isinstance(gate, str):
        return About(suite, {}, None, gate, whole=True)
    case = getattr(getattr(item, "callspec", None), "params", {}).get("case")
    whole = WHOLE_RUN in getattr(item, "fixturenames", ())
    if not whole and not isinstance(case, Case):
        return None
    marker = item.get_closest_marker("harness")
    return About(None, marker.kwargs if marker else {}, case.id if isinstance(case, Case) else None, None, whole)
