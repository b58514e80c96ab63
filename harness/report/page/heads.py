"""The messages before the user's turn in each arm's prompt: the system message and, for some arms, worked examples."""

from __future__ import annotations

from collections.abc import Sequence

from harness.golden.load import load_examples
from harness.prompts import render, shots
from harness.record.sections import ArmSection
from harness.scenario.settings import Scenario
from harness.types import Prompt


def prompt_heads(scenario: Scenario, arms: Sequence[ArmSection]) -> dict[str, Prompt]:
    """arm -> messages before the user's turn, as `render_html` takes them.

    Args:
        scenario: the scenario that the run was made from.
        arms: the record's arms; those with `few_shot` get the scenario's worked examples.
    """
    examples: tuple[tuple[str, str], ...] = ()
    if scenario.answer.few_shot is not None and any(arm.few_shot for arm in arms):
        examples = shots(load_examples(scenario.answer.few_shot))
    system = scenario.answer.system
    return {
        arm.name: () if _by_itself(arm) else render("", system, (), examples if arm.few_shot else ())[:-1]
        for arm in arms
    }


def _by_itself(arm: ArmSection) -> bool:
    """Whether it has a prompt of its own, which nobody here knows."""
    return arm.source is not None and arm.source.kind not in ("adapter", "model")
