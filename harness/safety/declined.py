"""Prompts that the base and its adapters decline, side by side: the record's `safety` and `over_refusal` sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import harness.stats as stats
from harness.paired_items import Outcome, compare_outcomes
from harness.record.measurements import AbilitySection
from harness.safety.prompts import Label, SafetyPrompt
from harness.safety.refusals import declines
from harness.scenario.settings import SafetySettings
from harness.types import Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered to a prompt; None where there was no answer."""

    prompt: SafetyPrompt
    answer: Answer | None

    @property
    def declined(self) -> float | None:
        """1 where the answer refuses in the scenario's own way, or declines in words."""
        return None if self.answer is None else float(self.answer.refused or declines(self.answer.text))


def compare_replies(
    base: Sequence[Reply], adapters: Mapping[str, Sequence[Reply]], label: Label, settings: SafetySettings
) -> AbilitySection:
    """Each adapter beside the base on the same prompts of one label.

    Raises:
        InputError: an adapter was asked other prompts than the base.
    """
    before = _outcomes(base, label)
    if not before:
        return AbilitySection("not measured", f"{settings.prompts} has no {label} prompts", settings.prompts)
    rate = stats.rate([outcome.value for outcome in before])
    nothing = label == "unsafe" and rate.mean == 0
    return AbilitySection(
        status="not applicable" if nothing else "measured",
        reason=f"the base declines none of {len(before)} unsafe prompts: tuning has nothing to lose"
        if nothing
        else None,
        tasks=settings.prompts,
        items=len(before),
        base=rate,
        arms={arm: compare_outcomes(before, _outcomes(replies, label)) for arm, replies in adapters.items()},
    )


def _outcomes(replies: Sequence[Reply], label: Label) -> list[Outcome]:
    of_label = (reply for reply in replies if reply.prompt.label == label)
    return [Outcome(reply.prompt.id, reply.prompt.category, reply.declined) for reply in of_label]
