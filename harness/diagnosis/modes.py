"""The eighteen known ways in which RAG, tuning or both go wrong: one row each, with detector, cause, fix and setting.

Sources: the decision guide's table of seven, the hybrid chapter's three (7.10) and the workflow notes' four pitfalls;
four are read off the waterfall of lost questions: what is left where no narrower mode explains a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from harness.diagnosis import loss_detectors, passage_detectors, tuning_detectors
from harness.diagnosis.fixes import (
    SettingChange,
    add_retrieval,
    approximate_search,
    better_reader,
    fewer_epochs,
    fewer_passages,
    gentler_training,
    lower_rank,
    more_replay,
    no_setting,
    only_current,
    smaller_chunks,
    worked_examples,
)
from harness.diagnosis.symptoms import Detector
from harness.errors import InputError
from harness.scenario.settings import Scenario

ENOUGH_EXAMPLES = 500
# A question whose right answer is spoilt (no citation, late, stale once its page changes), and ability that nobody of
# this project asks for, weigh half of a question that fails today.
SPOILT = 0.5
OTHER_READERS = ("rag+few-shot", "hybrid")  # of the same passages


@dataclass(frozen=True, slots=True)
class FailureMode:
    """One failure mode."""

    name: str
    title: str
    source: str  # where it is described
    detector: Detector
    cause: str
    fix: str
    change: Callable[[Scenario], SettingChange] = no_setting  # the settings that apply the fix
    by_hand: str = "change the training examples"  # what does it where no setting does
    arms: tuple[str, ...] = ()  # arms that are fixes themselves: where a run has one, what it did is known
    weight: float = 1.0  # of its share beside a share of questions that fail, for the order of the modes


MODES: tuple[FailureMode, ...] = (
    FailureMode(
        "retrieval_misses", "Retrieval misses the passage", "decision guide",
        passage_detectors.retrieval_misses,
        "Passages so long that their embedding blurs, or a ranking that puts distant ones first.",
        "Split recursively into shorter passages, show more of them, or add a re-ranker.", smaller_chunks,
    ),
    FailureMode(
        "context_ignored", "The model answers from memory, past its passages", "decision guide",
        passage_detectors.context_ignored,
        "The passages drown in a long prompt, so the model falls back on what it knew before.",
        "Keep passages next to the question, shorten the system message, show fewer passages.", fewer_passages,
    ),
    FailureMode(
        "slow_retrieval", "Retrieval is slow", "decision guide",
        passage_detectors.slow_retrieval,
        "Exact search compares the question with every passage.",
        "Search an HNSW index, re-rank fewer candidates, cache frequent questions.", approximate_search, weight=SPOILT,
    ),
    FailureMode(
        "stale_facts", "The tuned model keeps stating facts that have changed", "decision guide",
        tuning_detectors.stale_facts,
        "Facts were tuned into the weights; only training again can change them there.",
        "Tune behaviour only and look facts up: add retrieval.", add_retrieval, weight=SPOILT,
    ),
    FailureMode(
        "forgetting", "General ability degrades after tuning", "decision guide",
        tuning_detectors.forgetting,
        "A learning rate so high that the adapter overwrites what the layers share.",
        "Lower the learning rate, warm up with a cosine schedule, raise LoRA dropout.", gentler_training, weight=SPOILT,
    ),
    FailureMode(
        "paraphrase_brittleness", "Tuned to the wording of its examples", "decision guide",
        tuning_detectors.paraphrase_brittleness,
        f"Too few examples (under {ENOUGH_EXAMPLES}), or examples that are all phrased alike.",
        "Add paraphrases of the examples, stop earlier, or train on preference pairs.", fewer_epochs,
    ),
    FailureMode(
        "weights_against_context", "Tuned beliefs override the passages", "decision guide",
        tuning_detectors.weights_against_context,
        "The adapter carries strong beliefs that win over what it reads.",
        "Tell the model in the system message to prefer the passages; lower the LoRA rank.", lower_rank,
    ),
    FailureMode(
        "answers_without_citing", "The tuned model answers without citing", "hybrid chapter",
        tuning_detectors.answers_without_citing,
        "It memorised its examples and answers from them.",
        "Add refusals and uncertain cases to the examples, train fewer epochs.", fewer_epochs, weight=SPOILT,
    ),
    FailureMode(
        "over_formatting", "The form is kept at the cost of the answer", "hybrid chapter",
        tuning_detectors.over_formatting,
        "Examples so uniform that the tuned model insists on their style where the task differs.",
        "Add varied tasks to the examples (general replay); keep the system message authoritative.", more_replay,
    ),
    FailureMode(
        "citation_drift", "Right answers cite wrong passages", "hybrid chapter",
        passage_detectors.citation_drift,
        "Training rewarded having a citation more than having the right one.",
        "Train on retrieved passages in changing order, and weigh citations in the choice of the adapter.",
        no_setting, weight=SPOILT,
    ),
    FailureMode(
        "unsupported_despite_evidence", "Unsupported claims beside the right passage", "workflow notes",
        passage_detectors.unsupported_despite_evidence,
        "Passages are joined where the model pays them little attention, or distractors lead it astray.",
        "Put passages before the instruction and the question; show fewer distractors.", fewer_passages,
    ),
    FailureMode(
        "stale_passages", "Superseded passages are retrieved", "workflow notes",
        passage_detectors.stale_passages,
        "Old versions of documents stay in the index and rank beside the new ones.",
        "Filter by status, re-index when documents change, and date the passages.", only_current,
    ),
    FailureMode(
        "latency_bursts", "Retrieval latency comes in bursts", "workflow notes",
        passage_detectors.latency_bursts,
        "A cold or crowded part of the vector store.",
        "Keep the index warm, cache frequent questions, look at the store's shards.", approximate_search, weight=SPOILT,
    ),
    FailureMode(
        "order_sensitivity", "Answers hang on the order of the passages", "workflow notes",
        tuning_detectors.order_sensitivity,
        "Training always showed the passages in the same order, so their place was learned.",
        "Shuffle the passages of the training examples.", no_setting,
    ),
    FailureMode(
        "does_not_read", "The generator does not read its passages", "lost questions",
        loss_detectors.does_not_read,
        "The generator is too weak for these passages, or distractors beside the right one lead it astray.",
        "Take a stronger generator (models.generator), tune it on retrieved passages, or show fewer of them.",
        better_reader, "take a stronger generator (models.generator)", arms=OTHER_READERS,
    ),
    FailureMode(
        "refuses_needlessly", "The generator refuses what its passages answer", "lost questions",
        loss_detectors.refuses_needlessly,
        "Too many refusals among its examples, or a system message that asks for them too broadly.",
        "Ask for a refusal only where no passage answers; balance refusals in what it is shown or trained on.",
        worked_examples, "narrow the refusals in the system message, or balance them in the training examples",
        arms=OTHER_READERS,
    ),
    FailureMode(
        "refuses_too_little", "The generator answers what nothing answers", "lost questions",
        loss_detectors.refuses_too_little,
        "Neither examples nor system message show a refusal, or a passage that is only near passes for the answer.",
        "Add questions without an answer to the examples; say in the system message when to refuse, and how.",
        worked_examples, "add refusals to the training examples, or ask for them in the system message",
        arms=OTHER_READERS,
    ),
    FailureMode(
        "does_not_know_task", "The generator does not know the task", "lost questions",
        loss_detectors.does_not_know_task,
        "The labels or the form that is asked for stand in no passage; only examples teach them.",
        "Show worked examples in the prompt, or tune on examples of the task.",
        worked_examples, "add worked examples, or more training examples of the task", arms=(*OTHER_READERS, "tune"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fix:
    """A failure mode's change of settings on this scenario."""

    mode: FailureMode
    change: SettingChange


def fix_of(name: str, scenario: Scenario, modes: tuple[FailureMode, ...] = MODES) -> Fix:
    """The fix of that name. InputError names the nearest mode, or says that no setting does it."""
    mode = next((mode for mode in modes if mode.name == name), None)
    if mode is None:
        names = [mode.name for mode in modes]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names)}"
        raise InputError(f"--try-fix {name}: no failure mode of that name; {hint}")
    change = mode.change(scenario)
    if not change:
        raise InputError(f"--try-fix {name}: no setting does this; {mode.fix}")
    return Fix(mode, change)
