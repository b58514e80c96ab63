"""Prompts that the base and its adapters decline, side by side: the record's `safety` and `over_refusal` sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import harness.stats as stats
from harness.paired_items import ItemOutcome, compare_outcomes
from harness.record.measurements import AbilitySection
from harness.record.unanswered import ErrorSection, by_reason
from harness.safety.prompts import Label, SafetyPrompt
from harness.safety.refusals import declines
from harness.scenario.settings import SafetySettings
from harness.types import Answer


@dataclass(frozen=True, slots=True)
class PromptReply:
    """A model's answer to a prompt; None where there was no answer."""

    prompt: SafetyPrompt
    answer: Answer | None
    error: str | None = None  # why there was none

    @property
    def declined(self) -> float | None:
        """1 where the answer refuses in the scenario's own way, or declines in words."""
        return None if self.answer is None else float(self.answer.refused or declines(self.answer.text))


def compare_replies(
    base: Sequence[PromptReply], adapters: Mapping[str, Sequence[PromptReply]], label: Label, settings: SafetySettings
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
        errors=_errors({"base": base, **adapters}, label),
    )


def _errors(replies: Mapping[str, Sequence[PromptReply]], label: Label) -> dict[str, tuple[ErrorSection, ...]]:
    """Model -> its prompts of the label without an answer, by reason; a model that answered all is left out."""
    rows = {
        name: by_reason((reply.prompt.id, reply.error or "no answer") for reply in own if _unanswered(reply, label))
        for name, own in replies.items()
    }
    return {name: own for name, own in rows.items() if own}


def _unanswered(reply: PromptReply, label: Label) -> bool:
    return reply.prompt.label == label and reply.answer is None


def _outcomes(replies: Sequence[PromptReply], label: Label) -> list[ItemOutcome]:
    of_label = (reply for reply in replies if reply.prompt.label == label)
    return [ItemOutcome(reply.prompt.id, reply.prompt.category, reply.declined) for reply in of_label]
