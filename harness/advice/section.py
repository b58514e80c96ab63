"""The advice section of a run's record: the recommendation, and the answers and facts that it follows from."""

from __future__ import annotations

from harness.advice.facts import as_mapping
from harness.advice.parse import parse_advice
from harness.advice.recommend import advise
from harness.record.sections import AdviceSection
from harness.scenario.settings import Scenario


def advice_section(scenario: Scenario) -> AdviceSection | None:
    """The advice for a scenario; None for one that answers no questionnaire. Raises InputError for a broken one."""
    if scenario.advice is None:
        return None
    questionnaire = parse_advice(scenario.advice, f"{scenario.dir / 'scenario.yaml'}: advice")
    advice = advise(questionnaire.answers, questionnaire.facts)
    return AdviceSection(
        recommendation=advice.recommendation,
        answers={str(number): answer.value for number, answer in advice.answers.items()},
        facts=as_mapping(advice.facts),
    )
