"""A classifier reads the golden answers and those in the drills, by stages of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.drills.questions import FRESH, DrillQuestion, drill_question
from harness.engine.planned import Planned
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.errors import InputError
from harness.metrics.reading import Grounds
from harness.stages.detect import ClaimsDetected, DetectInDrills, claims_step, detected_grounds
from harness.types import Answer, Case, Failure, Form, Hit, Passage
from tests import make
from tests.judges.test_classifiers import build

HIT = Hit(Passage("p", "plans.md", "Plans", "The orchid plan costs nine euros a month."), 1.0)


@dataclass(frozen=True)
class Drill:
    """A stage that asked, with what it was answered."""

    rows: tuple[tuple[DrillQuestion, Answer | Failure], ...]

    def answers(self, store: Store) -> list[tuple[DrillQuestion, Answer | Failure]]:
        return list(self.rows)

    @property
    def count(self) -> int:
        return len(self.rows)


def answered(text: str, **more: Any) -> Answer:
    return replace(Answer(text, text, None, Form(False, True, True, False), False, (), (HIT,), ("p",)), **more)


def asked(drill: str, name: str) -> DrillQuestion:
    return drill_question(drill, Case(name, "What does the orchid plan cost?", ("nine euros",)), (HIT,))


def test_claims_in_drills_are_read_and_found_by_the_name_of_their_question(tmp_path: Path) -> None:
    rows = (
        (asked("shuffled", "q0"), answered("The orchid plan costs nine euros. Storage is twelve gigabytes.")),
        (asked("shuffled", "q1"), answered("The passages do not say.", refused=True)),
        (asked("injected", "q0"), Failure("HTTP 500")),
        (asked(FRESH, "q0"), answered("It costs nine euros.")),
    )
    stage = DetectInDrills(
        key="k",
        arm="rag",
        drill=Drill(rows),
        classifier=str(build(tmp_path / "model", "nli")),
        bytes=1,  # type: ignore[arg-type]
    )
    store = Store(tmp_path / "store")
    store.folder(stage).mkdir(parents=True, exist_ok=True)
    assert stage.work(store, silent) == ClaimsDetected(answers=1, unread=0)
    found = detected_grounds(Planned((stage,)), store)
    assert set(found) == {("rag", "shuffled/q0")}
    assert isinstance(found["rag", "shuffled/q0"], Grounds)


def test_a_classifier_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    scenario = make.scenario(make.script())
    named = replace(scenario, models=replace(scenario.models, grounding=str(tmp_path / "none")))
    with pytest.raises(InputError, match=r"^models\.grounding: .*no such folder"):
        next(claims_step(SimpleNamespace(scenario=named), SimpleNamespace(key="k"), SimpleNamespace(label="l")))
