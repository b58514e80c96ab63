"""The first screen's one sentence: what to ship or not, and the one reason, in at most 25 words.

first_sentence(record)
# 'Ship rag for now, not hybrid: hybrid gains 2.6 points over RAG-only, and at least 5 points is not proven.'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.record.sections import Record
from harness.stats.numbers import beside, figure, meets, show, show_threshold
from harness.types import Gate, GateStatus, Verdict

MOST_WORDS = 25  # of any sentence on the first screen
NAME_WORDS = 3  # of an arm's name inside a sentence
# gates that a reader has to hear of before others: an arm that is no better than one fixed answer has no other merit
FIRST = ("adapter_effect", "gain_over_constant", "task_success", "task_success_gain", "gain_over_baseline")
REFERENCES: Mapping[str, str] = {
    "task_success_gain": "RAG-only",
    "gain_over_tune": "tune-only",
    "gain_over_baseline": "the baseline",
}
# gate -> what was measured, with {arm} and {value}
PHRASES: Mapping[str, str] = {
    "task_success": "{arm} answers {value} of the questions rightly",
    "groundedness": "the passages support {value} of what {arm} claims",
    "hallucination": "{value} of the answers of {arm} hold a claim without support",
    "tone": "{value} of the answers of {arm} keep the tone of the house",
    "glossary": "{value} of the answers of {arm} write house terms rightly",
    "completeness": "the answers of {arm} mention {value} of the key points",
    "schema": "{value} of the answers of {arm} keep the demanded form",
    "repair": "{value} of the answers of {arm} needed a repair",
    "p95_ratio": "{arm} takes {value} of the p95 latency of RAG-only",
    "p95_ms": "{arm} has a p95 latency of {value}",
    "cost_ratio": "{arm} costs {value} of the tokens of RAG-only",
    "forgetting": "tuning moved the general ability of {arm} by {value}",
    "safety": "tuning moved the refusals of unsafe prompts by {value}",
    "adapter_effect": "the adapter changes {value} of the answers of {arm}",
}
LIMITS = {">=": "at least", ">": "more than", "<=": "at most"}


def first_sentence(record: Record) -> str:
    """The sentence; a wording that is too long gives way to a shorter one."""
    verdict = record.verdict
    reasons = [*_reasons(record, short_name(verdict.candidate, NAME_WORDS)), *_reasons(record, "it")]
    return shortest_of([f"{_ship(verdict)}: {reason}." for reason in reasons])


def shortest_of(sentences: Sequence[str]) -> str:
    """The first of them that is short enough; the last one cut, where none is."""
    return next((text for text in sentences if len(text.split()) <= MOST_WORDS), at_most(sentences[-1]))


def at_most(sentence: str, words: int = MOST_WORDS) -> str:
    """A sentence of somebody else's, cut where it has more words than that."""
    parts = sentence.split()
    return sentence if len(parts) <= words else f"{' '.join(parts[:words])}…"


def short_name(arm: str, words: int = 1) -> str:
    """An arm's name inside a sentence."""
    return at_most(arm, words)


def deciding_gate(gates: Sequence[Gate]) -> Gate | None:
    """The gate that is the reason: what failed before what is open, and of these what a reader must hear first."""
    order: tuple[GateStatus, ...] = ("fail", "not proven", "not measured")
    for status in order:
        rows = [gate for gate in gates if gate.status == status]
        if rows:
            return min(rows, key=lambda gate: FIRST.index(gate.name) if gate.name in FIRST else len(FIRST))
    return None


def _ship(verdict: Verdict) -> str:
    candidate, ship = short_name(verdict.candidate, NAME_WORDS), short_name(verdict.ship or "", NAME_WORDS)
    if not ship:
        return "Ship nothing" if verdict.word == "NO-GO" else "Ship nothing yet"
    if verdict.word == "GO":
        return f"Ship {ship}" if verdict.ship == verdict.candidate else f"Ship {ship} rather than {candidate}"
    if verdict.ship == verdict.candidate:
        return f"Ship {ship} only if something must ship now"
    return f"Ship {ship}, not {candidate}" if verdict.word == "NO-GO" else f"Ship {ship} for now, not {candidate}"


def _reasons(record: Record, arm: str) -> Iterator[str]:
    """The reason, the fullest wording first."""
    verdict = record.verdict
    gate = deciding_gate(verdict.gates)
    if record.test_double:
        yield "a test double took the place of a model, so the figures mean nothing"
    elif record.partial:
        yield "only a part of the scenario was run"
    elif verdict.word == "GO":
        yield from _success_reasons(record, arm)
    elif gate is None:
        yield f"no gate stands against {arm}, and none proves it"
    elif gate.estimate is None or gate.estimate.mean is None:
        yield f"nothing was measured for “{_lower(gate.title)}”"
        yield f"the gate {gate.name} has no measurement"
    else:
        yield from _figure_reasons(record, gate, arm)


def _success_reasons(record: Record, arm: str) -> Iterator[str]:
    verdict = record.verdict
    if verdict.ship is None:
        yield f"{arm} passes its gates, but another arm is proven better"
    elif verdict.ship != verdict.candidate:
        yield "it is simpler, and no arm is proven better by more than the margin allows"
    else:
        count = sum(gate.status == "pass" for gate in verdict.gates)
        gates = f"passes all {count} gates" if count != 1 else "passes its gate"
        level = record.estimate(verdict.candidate, "task_success")
        if level is not None and level.mean is not None:
            gain = next(
                (g.estimate for g in verdict.gates if g.name == "task_success_gain" and g.status == "pass"), None
            )
            more = f", {show(gain.mean, 'points')} more than RAG-only," if gain else ""
            yield f"it answers {show(level.mean, level.unit)} of the questions rightly{more} and {gates}"
        yield f"it {gates}"


def _figure_reasons(record: Record, gate: Gate, arm: str) -> Iterator[str]:
    """What was measured, and what was asked."""
    fails = gate.status == "fail"
    if gate.name == "gain_over_constant":
        level = record.estimate(record.verdict.candidate, "task_success")
        rightly = f"{arm} answers {show(level.mean, level.unit)} of the questions rightly" if level else arm
        for constant in (gate.title.removeprefix("Task success gained over "), "one fixed answer"):
            yield f"{rightly}, {'no better than' if fails else 'not proven to beat'} {constant}"
        return
    value, limit = _value_and_limit(gate)
    if gate.name in REFERENCES:
        what = _gain(gate, arm, value)
        proof = "" if fails else ", which is not proven"
        yield f"{what}, {_limit_words(gate, limit)}" if gate.threshold else f"{what}{proof}"
    elif gate.name == "adapter_effect" and fails:
        yield f"the adapter of {arm} changes no answer"
    elif gate.name in PHRASES:
        yield f"{PHRASES[gate.name].format(arm=arm, value=value)}, {_limit_words(gate, limit)}"
    yield f"{_lower(gate.title)} {'misses' if fails else 'is not proven to meet'} {LIMITS[gate.direction]} {limit}"
    yield f"the gate {gate.name} {'failed' if fails else 'is not proven'}"


def _limit_words(gate: Gate, limit: str) -> str:
    limit_words = f"{LIMITS[gate.direction]} {limit}"
    if gate.status == "fail":
        return f"where {limit_words} is asked"
    if gate.estimate is not None and on_its_side(gate):
        return f"but {gate.estimate.n:,} {gate.counts} are too few to prove {limit_words}"
    return f"and {limit_words} is not proven"


def on_its_side(gate: Gate) -> bool:
    """Whether what was measured meets the limit; its interval need not."""
    mean = gate.estimate.mean if gate.estimate else None
    return mean is not None and gate.threshold is not None and meets(mean, gate.direction, gate.threshold)


def _gain(gate: Gate, arm: str, value: str) -> str:
    over, mean = REFERENCES[gate.name], gate.estimate.mean if gate.estimate else None
    behind = mean is not None and mean < 0
    return f"{arm} is {value.lstrip('−')} behind {over}" if behind else f"{arm} gains {value} over {over}"


def _value_and_limit(gate: Gate) -> tuple[str, str]:
    estimate = gate.estimate
    if estimate is None or estimate.mean is None:
        return "nothing", show_threshold(gate.threshold, gate.unit)
    if gate.threshold is None:
        return str(figure(estimate.mean, estimate.unit)), "what was asked"
    texts = beside(estimate, gate.threshold, gate.direction)
    return texts.value, texts.limit_as_set


def _lower(title: str) -> str:
    """A title inside a sentence; names such as p95 and RAG keep their case."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
