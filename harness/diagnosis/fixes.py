"""The settings that fixes propose: each function takes a scenario and returns the settings to try on it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.record.sections import Setting
from harness.scenario.settings import Scenario

# dotted setting -> value to try; empty where data or prompt must change, not a setting
SettingChange = Mapping[str, Setting]

MOST_PASSAGES = 6  # that a prompt is given
SMALLEST_CHUNK = 40  # tokens; below it a passage loses the sentence around a fact
LEAST_DROPOUT = 0.05  # of LoRA, where dropout is the fix


def smaller_chunks(scenario: Scenario) -> SettingChange:
    """Passages of half the length; more of them where they are short already."""
    retrieval = scenario.retrieval
    halved = max(SMALLEST_CHUNK, retrieval.chunk_tokens // 2)
    if halved < retrieval.chunk_tokens and retrieval.chunk_tokens > 256:
        return {
            "retrieval.chunk_tokens": halved,
            "retrieval.overlap_tokens": min(retrieval.overlap_tokens, halved // 8),
        }
    if retrieval.top_k < MOST_PASSAGES:
        return {"retrieval.top_k": min(MOST_PASSAGES, retrieval.top_k + 2)}
    return {"retrieval.candidates": 2 * retrieval.candidates}


def fewer_passages(scenario: Scenario) -> SettingChange:
    """One passage fewer in the prompt."""
    return {"retrieval.top_k": max(1, scenario.retrieval.top_k - 1)}


def approximate_search(scenario: Scenario) -> SettingChange:
    """An HNSW index, and half the candidates."""
    return {"retrieval.exact_below": 0, "retrieval.candidates": max(5, scenario.retrieval.candidates // 2)}


def gentler_training(scenario: Scenario) -> SettingChange:
    """Half the learning rate, twice the dropout."""
    tuning = scenario.tuning
    dropout = round(min(0.2, max(LEAST_DROPOUT, tuning.dropout * 2)), 3)
    return {"tuning.learning_rate": tuning.learning_rate / 2, "tuning.dropout": dropout}


def fewer_epochs(scenario: Scenario) -> SettingChange:
    """One epoch less."""
    return {"tuning.epochs": max(1.0, scenario.tuning.epochs - 1)}


def lower_rank(scenario: Scenario) -> SettingChange:
    """Half the LoRA rank."""
    rank = max(2, scenario.tuning.rank // 2)
    return {"tuning.rank": rank, "tuning.alpha": 2 * rank}


def more_replay(scenario: Scenario) -> SettingChange:
    """Five points more of general replay."""
    return {"tuning.replay": round(min(0.2, scenario.tuning.replay + 0.05), 3)}


def only_current(scenario: Scenario) -> SettingChange:
    """No superseded passages."""
    return {"retrieval.filters": {**scenario.retrieval.filters, "status": "current"}}


def add_retrieval(scenario: Scenario) -> SettingChange:
    """An arm with passages instead."""
    return {"candidate": "hybrid" if "hybrid" in scenario.arms else "rag"}


def better_reader(scenario: Scenario) -> SettingChange:
    """An adapter trained on retrieved passages, where one can be trained and none is run; else one passage fewer."""
    if scenario.candidate == "rag" and _can_tune(scenario) and "hybrid" not in scenario.arms:
        return {"candidate": "hybrid"}
    return fewer_passages(scenario) if scenario.retrieval.top_k > 1 else {}


def worked_examples(scenario: Scenario) -> SettingChange:
    """Examples in the prompt that show when to refuse, else an adapter trained on such; nothing for a tuned arm."""
    if scenario.candidate != "rag":
        return {}
    if scenario.answer.few_shot is not None and "rag+few-shot" not in scenario.arms:
        return {"candidate": "rag+few-shot"}
    return {"candidate": "hybrid"} if _can_tune(scenario) and "hybrid" not in scenario.arms else {}


def _can_tune(scenario: Scenario) -> bool:
    """Whether there are examples, and weights of the generator here."""
    return scenario.examples is not None and scenario.models.base_url is None


def no_setting(scenario: Scenario) -> SettingChange:
    """Nothing: the training examples have to change."""
    return {}
