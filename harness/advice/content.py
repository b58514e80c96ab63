"""One plain dictionary with everything the advice says: the JSON object, and what terminal and page are drawn from.

Keys of the contract (DESIGN, "Formats"): recommendation, wanted, first_step, reason, walk, tiers, signals, conflicts,
stability, flips. The rest is additional. Shares are fractions of 1, memory is in GB, money in the currency named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from harness.advice.facts import FACT_SPECS, known
from harness.advice.memory import METHODS, SIZES_B
from harness.advice.patterns import fitting, patterns
from harness.advice.profile import profile
from harness.advice.published import FIGURES, Comparison, compare
from harness.advice.questions import BY_NUMBER, MIN_EXAMPLES, MIN_PAIRS, Outcome
from harness.advice.recommend import Advice
from harness.advice.signals import leaning, tally
from harness.advice.tuning_needs import DEFAULT_BILLIONS, memory_table, tuning_cost, tuning_needs
from harness.advice.walk import WalkStep, walk_outcome

SCHEMA_VERSION = 1
FIRST_STEPS = {
    "rag": "RAG with an untuned model: index the documents and answer from them. "
    "What it gets wrong tells you what tuning would have to teach.",
    "prompt": "A better prompt with a few worked examples and a constrained output format. "
    "Retrieval does not repair tone; this is the cheap test of whether tuning is needed at all.",
}
Measured = Mapping[str, Mapping[Outcome, str]]


def content(
    advice: Advice, title: str = "", measured: Measured | None = None, run: str | None = None
) -> dict[str, Any]:
    """The whole advice as JSON-ready values. `measured` fills the profile where the run of id `run` measured it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "recommendation": advice.recommendation,
        "wanted": advice.wanted,
        "first_step": advice.first_step,
        "first_step_text": FIRST_STEPS[advice.first_step],
        "reason": advice.reason,
        "confirm": list(advice.confirm),
        "carried_by": [{"questions": list(s.questions), "text": s.text} for s in advice.carried_by],
        "answers": _answers(advice),
        "facts": known(advice.facts),
        "fact_labels": {name: FACT_SPECS[name].label for name in known(advice.facts)},
        "walk": [_step(s) for s in advice.walk],
        "walk_outcome": walk_outcome(advice.walk),
        "tiers": {key: asdict(tier) for key, tier in advice.tiers.items()},
        "signals": {s.key: {"name": s.name, "rating": s.rating, "basis": s.basis} for s in advice.signals},
        "signal_tally": {**tally(advice.signals), "leaning": leaning(advice.signals)},
        "conflicts": [{**asdict(c), "questions": list(c.questions)} for c in advice.conflicts],
        "stability": _stability(advice),
        "flips": [asdict(f) | {"given": f.given.value, "instead": f.instead.value} for f in advice.flips],
        "before_tuning": _before_tuning(advice),
        "profile": _profile(measured),
        "profile_from": run if measured else None,
        "patterns": _patterns(advice),
        "next": _next_steps(advice),
    }


def _answers(advice: Advice) -> list[dict[str, Any]]:
    return [
        {"question": n, "topic": BY_NUMBER[n].topic, "text": BY_NUMBER[n].text, "answer": a.value}
        for n, a in advice.answers.items()
    ]


def _step(step: WalkStep) -> dict[str, Any]:
    return {
        "question": step.question,
        "topic": BY_NUMBER[step.question].topic,
        "answer": step.answer.value,
        "taken_as": step.taken_as.value,
        "outcome": step.outcome,
    }


def _stability(advice: Advice) -> dict[str, Any]:
    found = advice.stability
    return {
        "unsure": list(found.unsure),
        "completions": found.completions,
        "counts": dict(found.counts),
        "shares": dict(found.shares),
    }


def _before_tuning(advice: Advice) -> dict[str, Any]:
    cost = tuning_cost(advice.facts)
    return {
        "needs": [asdict(need) for need in tuning_needs(advice.answers, advice.facts)],
        "memory_gb": _memory(advice.facts.model_billions),
        "memory_setting": "batch 1 x 1,024 tokens, gradient checkpointing; larger batches by accumulation",
        "published": [_comparison(compare(figure)) for figure in FIGURES],
        "model_billions": advice.facts.model_billions or DEFAULT_BILLIONS,
        "cost": asdict(cost),
    }


def _memory(own_size: float | None) -> dict[str, Any]:
    sizes = tuple(sorted({*SIZES_B, *([own_size] if own_size else [])}))
    rows: dict[str, list[dict[str, Any]]] = {method: [] for method in METHODS}
    for cell, card in memory_table(sizes):
        rows[cell.method].append({"billions": cell.billions, "gb": round(cell.total_gb, 1), "card_gb": card})
    return {"sizes": list(sizes), "methods": dict(METHODS), "rows": rows}


def _comparison(found: Comparison) -> dict[str, Any]:
    figure = found.published
    return {
        "method": METHODS[figure.method],
        "billions": figure.billions,
        "published_gb": round(figure.gb, 1),
        "relation": figure.relation,
        "estimate_gb": round(found.estimate_gb, 1),
        "error": None if found.error is None else round(found.error, 3),
        "holds": found.holds,
        "source": figure.source,
    }


def _profile(measured: Measured | None) -> list[dict[str, Any]]:
    return [
        {"key": row.key, "name": row.name, "expected": dict(row.expected), "measured": dict(row.measured)}
        for row in profile(measured)
    ]


def _patterns(advice: Advice) -> dict[str, Any]:
    listed = patterns(advice.recommendation, advice.wanted)
    return {"fitting": fitting(advice.recommendation, advice.wanted), "all": [asdict(p) for p in listed]}


def _next_steps(advice: Advice) -> list[dict[str, str]]:
    """What to measure next, in order. The advice is a guess until arms have been measured on a golden set."""
    steps = [
        ("Write the golden set", "50 or more real questions, answers checked by a person, before anything is built."),
        ("Take the scenario file", "`harness advise --init DIR` writes it with these answers filled in."),
        ("Measure the arms", "`harness run DIR` builds baseline, RAG, tuned and hybrid arms and compares them."),
    ]
    if advice.recommendation == "rag_first":
        collect = f"Keep what the first step gets wrong: {MIN_EXAMPLES} corrected answers or {MIN_PAIRS} pairs."
        steps.append(("Collect while it runs", collect))
    return [{"name": name, "text": text} for name, text in steps]
