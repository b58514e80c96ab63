"""What stands before the user's turn in each arm's prompt: the system message and, for some arms, worked examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.golden.load import load_examples
from harness.prompts import render, shots
from harness.scenario.settings import Scenario


def prompt_heads(scenario: Scenario, arms: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """arm -> messages before the user's turn, as `render_html` takes them.

    Args:
        scenario: the scenario that the run was made from.
        arms: the record's arms; those with `few_shot` get the scenario's worked examples.
    """
    examples: tuple[tuple[str, str], ...] = ()
    if scenario.answer.few_shot is not None and any(arm.get("few_shot") for arm in arms):
        examples = shots(load_examples(scenario.answer.few_shot))
    made = {}
    for arm in arms:
        prompt = render("", scenario.answer.system, (), examples if arm.get("few_shot") else ())
        made[arm["name"]] = [{"role": message.role, "content": message.content} for message in prompt[:-1]]
    return made
