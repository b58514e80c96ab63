"""What a run's record says of the advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.advice.section import advice_section
from harness.errors import InputError
from harness.record.codec import decode, to_json
from harness.record.sections import AdviceSection
from harness.scenario.settings import Scenario

HERE = Path("scenarios/x")


def test_section_holds_the_recommendation_with_answers_and_facts() -> None:
    advice = {"answers": {1: "yes", 3: "no"}, "facts": {"labelled_examples": 640, "citation_duty": True}}
    section = advice_section(Scenario("x", HERE, "X", advice=advice))
    assert section is not None
    assert section.recommendation == "rag"
    assert section.answers == {"1": "yes", "2": "unsure", "3": "no", **{str(n): "unsure" for n in range(4, 10)}}
    assert section.facts == {"labelled_examples": 640, "citation_duty": True}
    assert decode(to_json(section), AdviceSection, "record.json") == section


def test_scenario_without_questionnaire_has_none() -> None:
    assert advice_section(Scenario("x", HERE, "X")) is None


def test_broken_questionnaire_names_its_file() -> None:
    with pytest.raises(InputError, match=r"scenarios/x/scenario\.yaml: advice\.answers"):
        advice_section(Scenario("x", HERE, "X", advice={"answers": {1: "perhaps"}}))
