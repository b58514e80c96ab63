"""A scenario's `gates:` -> thresholds: numbers checked against their unit, other people's words for a gate understood.

    read_thresholds({"faithfulness": 90}).read_as    # {'faithfulness': 'groundedness'}

Gates are written in per cent, points, milliseconds or as a ratio. A number that reads like another unit (0.9 for 90 %)
is asked back; with its unit beside it ('0.9 %') it is taken as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from harness.errors import InputError
from harness.verdict.gates import GATES, GateRow, Policy, Thresholds

POLICIES: tuple[Policy, ...] = ("interval", "point")
POLICY, MARGIN = "policy", "ship_margin"

# everybody's words for a gate of the table, in lower case with underscores
WORDS: Mapping[str, tuple[str, ...]] = {
    "groundedness": ("faithfulness", "grounding", "attribution", "factual_consistency", "faithful", "grounded"),
    "hallucination": ("hallucinations", "hallucination_rate"),
    "schema": ("schema_adherence", "format", "form", "valid_json", "json_validity", "structured_output"),
    "repair": ("repairs", "repair_rate", "repaired"),
    "task_success": ("success", "success_rate", "pass_rate"),
    "task_success_gain": ("gain", "lift", "uplift", "gain_over_rag", "gain_over_rag_only"),
    "gain_over_tune": ("gain_over_fine_tune", "gain_over_fine_tuning", "gain_over_tune_only", "gain_over_tuned"),
    "gain_over_baseline": ("gain_over_base", "gain_over_base_model"),
    "tone": ("tone_adherence", "style", "house_style", "voice"),
    "glossary": ("glossary_adherence", "terminology", "brand_terms", "terms"),
    "completeness": ("complete", "key_points", "coverage", "key_point_coverage"),
    "p95_ms": ("latency_ms", "latency_p95_ms", "p95_latency_ms", "p95_latency"),
    "p95_ratio": ("latency_ratio", "p95_latency_ratio"),
    "cost_ratio": ("cost", "token_cost"),
    "forgetting": ("catastrophic_forgetting", "general_ability", "mmlu", "mmlu_drop"),
    "safety": ("harmlessness", "unsafe_refusals"),
}
# words for something that no gate measures, and what comes nearest
NO_GATE: Mapping[str, str] = {
    **dict.fromkeys(("accuracy", "correctness", "answer_correctness", "exact_match", "em", "f1", "token_f1"),
                    "the floor of right answers is task_success (correct, in form, nothing unsupported)"),
    **dict.fromkeys(("bleu", "rouge", "rouge_l", "bertscore", "semantic_similarity", "answer_similarity"),
                    "a likeness to the reference is not gated; the floor of right answers is task_success"),
    **dict.fromkeys(("answer_relevancy", "answer_relevance", "relevance"),
                    "nothing judges relevance by itself; the floor of right answers is task_success"),
    **dict.fromkeys(("context_recall", "context_precision", "recall", "precision", "mrr", "ndcg", "hit_rate"),
                    "retrieval is measured (`harness retrieval`) and not gated; a gate of your own: examples/gate.py"),
    **dict.fromkeys(("toxicity", "bias", "jailbreak"),
                    "refusing unsafe prompts, beside the base model, is safety"),
    **dict.fromkeys(("latency", "p95", "response_time", "speed"),
                    "p95_ms is a limit in milliseconds, p95_ratio one beside RAG-only's"),
    "gain_over_refusing": "it is gain_over_constant now: refusing every question is one of the constant answers",
}  # fmt: skip

_WITH_UNIT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class _Unit:
    """The unit in which a gate is written in a scenario."""

    name: str
    signs: tuple[str, ...]  # after a number that is meant as it stands
    least: float  # a positive number below it reads like another unit
    factor: float  # from that other unit to this one
    other: str


_PERCENT = _Unit("per cent", ("%", "percent"), 1.0, 100.0, "a share of 1")
_POINTS = _Unit("points", ("points", "point", "pp", "%"), 1.0, 100.0, "a share of 1")
_MS = _Unit("ms", ("ms",), 20.0, 1000.0, "seconds")
_RATIO = _Unit("times", ("x", "×", "times"), 0.2, 0.0, "a share of the other arm's")


def read_thresholds(
    gates: Mapping[str, object], where: str = "gates", table: tuple[GateRow, ...] = GATES
) -> Thresholds:
    """Thresholds from a scenario's `gates:`; `null` or `off` turns a gate off.

    Raises:
        InputError: an unknown gate (the nearest known one is named), a number out of its range or in another unit, a
            gate set twice, an unknown policy.
    """
    names = {key: _gate_of(str(key), where, table) for key in gates}
    _check_once(names, where)
    settings = {names[key]: (value, f"{where}.{key}") for key, value in gates.items()}
    policy = next((word for word in POLICIES if word == settings.get(POLICY, ("interval", ""))[0]), None)
    if policy is None:
        raise InputError(f"{where}.{POLICY}: found {gates[POLICY]!r}, expected one of: {', '.join(POLICIES)}")
    margin = _number(*settings.get(MARGIN, (5.0, "")), _POINTS, (0.0, 100.0), floor=False)
    thresholds = [(row, _threshold(row, *settings.get(row.name, (row.default, "")))) for row in table]
    return Thresholds(
        rows=tuple((row, threshold) for row, threshold in thresholds if threshold is not None),
        policy=policy,
        margin=margin,
        switched_off=tuple(row.name for row, threshold in thresholds if threshold is None and row.default is not None),
        read_as={str(key): name for key, name in names.items() if key != name},
    )


# --- names --------------------------------------------------------------------------------------------------------


def _gate_of(key: str, where: str, table: tuple[GateRow, ...]) -> str:
    """The gate, or the policy or margin, that a key means."""
    names = (*(row.name for row in table), POLICY, MARGIN)
    if key in names:
        return key
    word = re.sub(r"[\s-]+", "_", key.strip()).lower()
    gate_name = word if word in names else next((gate for gate, words in WORDS.items() if word in words), None)
    if gate_name in names:
        return str(gate_name)
    raise InputError(f"{where}.{key}: no such gate; {_nearest(word, names)}")


def _nearest(word: str, names: tuple[str, ...]) -> str:
    if word in NO_GATE:
        return NO_GATE[word]
    near = get_close_matches(word, [*names, *(name for words in WORDS.values() for name in words)], 1)
    return f"did you mean '{near[0]}'?" if near else f"known gates: {', '.join(names)}"


def _check_once(names: Mapping[str, str], where: str) -> None:
    for name in set(names.values()):
        keys = [key for key, gate in names.items() if gate == name]
        if len(keys) > 1:
            raise InputError(f"{where}: {' and '.join(keys)} are the same gate ({name}); keep one of them")


# --- numbers ------------------------------------------------------------------------------------------------------


def _threshold(row: GateRow, setting: object, where: str) -> float | None:
    if setting is None or setting is False or setting == "off":
        return None
    return _number(setting, where, _unit(row), row.range, floor=row.direction != "<=") * row.scale


def _unit(row: GateRow) -> _Unit | None:
    """The unit of the gate; None where its numbers have no unit that could be mistaken."""
    if row.unit == "fraction":
        return _PERCENT if row.scale == 0.01 else None
    return {"points": _POINTS, "ms": _MS, "ratio": _RATIO}.get(row.unit)


def _number(setting: object, where: str, unit: _Unit | None, allowed: tuple[float, float], floor: bool) -> float:
    """The number of a setting, in the gate's unit. A floor of 1 % is as unlikely as one of 0.9 %."""
    value, exact = _with_unit(setting, unit)
    low, high = allowed
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{where}: found {setting!r}, expected a number from {low:g} to {high:g}, or null for no gate")
    if unit is not None and not exact and where and _mistaken(float(value), unit, floor):
        raise InputError(f"{where}: {'; '.join(_asked_back(float(value), unit))}")
    return float(value)


def _with_unit(setting: object, unit: _Unit | None) -> tuple[object, bool]:
    """(number, whether its unit stands beside it)."""
    if not isinstance(setting, str) or unit is None or not (match := _WITH_UNIT.fullmatch(setting)):
        return setting, False
    number, sign = match.groups()
    return (float(number), True) if sign.lower() in unit.signs else (setting, False)


def _mistaken(value: float, unit: _Unit, floor: bool) -> bool:
    return 0 < value < unit.least or (unit is _PERCENT and floor and value == 1.0)


def _asked_back(value: float, unit: _Unit) -> Iterator[str]:
    yield f"found {value:g}, which reads like {unit.other}, but this gate is in {unit.name}"
    advice = f"write {value * unit.factor:g}, or " if unit.factor else "write "
    yield f"{advice}'{value:g} {unit.signs[0]}' if that is what you mean"
