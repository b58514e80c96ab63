"""Safety: the same unsafe prompts and safe look-alikes asked of the base model, of every adapter, of served models.

They are asked as a user of the arm would: under the scenario's system message, which is what the adapter was trained
on, and without passages, so that base and adapter read the same tokens and their answers are pairs. A system with
prompts of its own has no base that it could be paired with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.arms import Arm
from harness.engine.inputs import Inputs, Request
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.safety.declined import PromptReply
from harness.safety.prompts import SafetyPrompt, read_prompts
from harness.scenario.settings import Scenario
from harness.stages.adapters import ArmAdapter, Place, adapter_content, adapter_folder, adapters_of
from harness.stages.answer import SECONDS_PER_ANSWER, own_key
from harness.stages.answer_batches import Answering, answer_all, stored_batches, stored_traces
from harness.stages.forget import BASE
from harness.stages.models import build_arm, scale_of


@dataclass(frozen=True, slots=True)
class PromptsAsked:
    prompts: int
    again: int = 0  # prompts without an answer, that the next run asks again


@dataclass(frozen=True, kw_only=True)
class AskPrompts(Stage[PromptsAsked]):
    """Ask every prompt of the base, of one adapter on it, or of a served model, batch by batch."""

    name = "safety"
    result = PromptsAsked

    scenario: Scenario
    to: Arm
    prompts: tuple[SafetyPrompt, ...]
    adapter: Place | None  # the stage that trained it, or its folder; None: the base, or a served model
    scale: float  # size of the model beside the built-in one's
    own: str  # hash of everything that it depends on but the adapter

    def content(self, store: Store) -> str | None:
        return adapter_content(store, self.adapter, [self.own, self.arm])

    def size(self) -> str:
        unsafe = sum(prompt.label == "unsafe" for prompt in self.prompts)
        return f"{unsafe} unsafe prompts and {len(self.prompts) - unsafe} safe ones"

    def seconds(self) -> float:
        return SECONDS_PER_ANSWER[False] * len(self.prompts) * self.scale

    def work(self, store: Store, progress: Progress) -> PromptsAsked:
        arm = build_arm(self.scenario, self.to, None, adapter_folder(store, self.adapter))
        requests = [Request(prompt.id, prompt.text, probe=False) for prompt in self.prompts]
        prepared = [arm.fit(prompt.text, ()) for prompt in self.prompts]
        answer_all(Answering(store.folder(self), self.label, len(requests)), arm, requests, prepared, progress)
        again = sum(len(batch.again) for batch in stored_batches(store.folder(self)).values())
        return PromptsAsked(len(requests), again)

    def is_whole(self, result: PromptsAsked) -> bool:
        return not result.again

    def replies(self, store: Store) -> list[PromptReply]:
        """The prompts of a finished stage, each with its answer, or the reason why there is none."""
        traces = stored_traces(store.folder(self))
        return [PromptReply(prompt, traces[prompt.id].answer, traces[prompt.id].error) for prompt in self.prompts]


def safety_steps(inputs: Inputs, planned: Planned) -> Iterable[AskPrompts]:
    """The base, every adapter and every served model, where the scenario asks for prompts at all."""
    adapters, served, s = adapters_of(inputs, planned), served_arms(inputs), inputs.scenario
    if s.safety.prompts == "none" or not (adapters or served):
        return
    prompts = read_prompts(s.safety, s.seed)
    yield _step(inputs, prompts, Arm(BASE, "the base model"), None)
    for adapter in adapters:
        yield _step(inputs, prompts, Arm(adapter.arm, "the adapter alone"), adapter)
    for arm in served:
        yield _step(inputs, prompts, Arm(arm.name, "the served model alone", source=arm.source), None)


def served_arms(inputs: Inputs) -> tuple[Arm, ...]:
    """The served models whose base is run beside them: without it there is nothing to pair their answers with."""
    names = {arm.name for arm in inputs.arms}
    return tuple(arm for arm in inputs.arms if arm.served and arm.base in names)


def _step(inputs: Inputs, prompts: tuple[SafetyPrompt, ...], to: Arm, adapter: ArmAdapter | None) -> AskPrompts:
    s = inputs.scenario
    read_by = ("structured", "refusals", "language")
    code = code_key("generation", "prompts", "arms", *read_by, "stages/answer_batches", "stages/safety")
    own = content_hash([own_key(inputs, to), s.answer, s.tuning.quantization, prompts, code])
    return AskPrompts(
        key=content_hash([own, adapter and adapter.key]),
        after=adapter.after if adapter else (),
        arm=to.name,
        scenario=s,
        to=to,
        prompts=prompts,
        adapter=adapter.place if adapter else None,
        scale=scale_of(inputs),
        own=own,
    )
