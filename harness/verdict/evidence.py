"""What a verdict stands on: the test split's scores by arm and metric, and the figures that only the record holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import stats
from harness.errors import InputError
from harness.golden.clusters import case_clusters
from harness.types import Case, Estimate, Score

REFERENCE = "rag"  # RAG-only: what every other arm has to beat
NOT_APPLICABLE = "n/a: "  # how a score's reason starts where the metric has no meaning for the case
CEILINGS = ("oracle",)  # given the golden passages


@dataclass(frozen=True, slots=True)
class ArmFacts:
    """An arm as the record describes it."""

    name: str
    title: str
    retriever: bool
    adapter: str | None
    few_shot: bool
    beside: bool = False  # a ceiling or a change that was tried: shown, never shipped and never diagnosed

    @property
    def complexity(self) -> tuple[bool, bool, bool]:
        """Sorts baseline < rag < tune < hybrid: an adapter costs more to keep than an index; examples cost least."""
        return self.adapter is not None, self.retriever, self.few_shot


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the gates read."""

    record: Mapping[str, Any]
    arms: Mapping[str, ArmFacts]
    cases: tuple[str, ...]  # ids of the test split, in order
    unanswerable: frozenset[str]  # ids of the test split that are right to be refused
    clusters: Mapping[str, str]  # cluster label by case id
    values: Mapping[tuple[str, str], Mapping[str, float | None]]  # (arm, metric) -> case id -> value; n/a left out
    inapplicable: frozenset[tuple[str, str, str]]  # (arm, metric, case id) that cannot have a value
    seed: int


@dataclass(frozen=True, slots=True)
class Found:
    """A measured figure; `worst` is the same with every unscored case as bad as it can be, None where unknowable."""

    estimate: Estimate
    worst: Estimate | None


@dataclass(frozen=True, slots=True)
class Missing:
    """No figure: structurally (`applicable` False), or because nobody measured it."""

    reason: str
    applicable: bool = True


Measured = Found | Missing
Column = Mapping[str, float | None]  # value by case id, None where unscored


def gather(record: Mapping[str, Any], scores: Iterable[Score], cases: Sequence[Case]) -> Facts:
    """Arrange a record, its scores and its golden cases. Only the test split counts.

    Raises:
        InputError: the golden set has no test case, or the record has no arms.
    """
    tested = [case for case in cases if case.split == "test"]
    if not tested:
        message = "the golden set has no case of split 'test', and verdicts read no other; mark cases with split: test"
        raise InputError(f"{record.get('golden', {}).get('path', 'golden set')}: {message}")
    if not record.get("arms"):
        raise InputError("record.json: no arms in it; run the scenario again")
    ids = frozenset(case.id for case in tested)
    kept = [score for score in scores if score.case_id in ids]
    values: dict[tuple[str, str], dict[str, float | None]] = {}
    inapplicable: set[tuple[str, str, str]] = set()
    for score in kept:
        if _inapplicable(score):
            inapplicable.add((score.arm, score.metric, score.case_id))
        else:
            values.setdefault((score.arm, score.metric), {})[score.case_id] = score.value
    return Facts(
        record=record,
        arms={row["name"]: _arm(row) for row in record["arms"]},
        cases=tuple(case.id for case in tested),
        unanswerable=frozenset(case.id for case in tested if case.kind == "unanswerable"),
        clusters={**case_clusters(tested, ()), **(record.get("golden", {}).get("cluster_of") or {})},
        values=values,
        inapplicable=frozenset(inapplicable),
        seed=(record.get("seeds") or [0])[0],
    )


def _arm(row: Mapping[str, Any]) -> ArmFacts:
    flags = bool(row.get("retriever")), row.get("adapter"), bool(row.get("few_shot"))
    beside = bool(row.get("oracle") or row.get("tried") or row["name"] in CEILINGS)
    return ArmFacts(row["name"], row.get("title", row["name"]), *flags, beside)


def _inapplicable(score: Score) -> bool:
    return score.value is None and (score.reason or "").startswith(NOT_APPLICABLE)


# --- samples ---------------------------------------------------------------------------------------------------


def column(facts: Facts, arm: str, metric: str) -> dict[str, float | None]:
    """Value by test case of one arm and metric: None where it has none, absent where it cannot have one."""
    known = facts.values.get((arm, metric), {})
    return {case: known.get(case) for case in facts.cases if (arm, metric, case) not in facts.inapplicable}


def rate_of(facts: Facts, arm: str, metric: str, worst: float) -> Measured:
    """The rate of a metric on the test split; `worst` is the value an unscored case is feared to have."""
    values = column(facts, arm, metric)
    if not any(value is not None for value in values.values()):
        return Missing(f"no answer of {arm} has a score for {metric}")
    labels = [facts.clusters[case] for case in values]
    feared = [worst if value is None else value for value in values.values()]
    return Found(stats.rate(list(values.values()), labels), stats.rate(feared, labels))


def gain_of(facts: Facts, arm: str, against: str, metric: str = "task_success") -> Measured:
    """Paired difference arm - against of a metric on the test split, in points."""
    if arm == against:
        return Missing(f"{arm} is the arm to compare with", applicable=False)
    if against not in facts.arms:
        return Missing(f"this run has no arm {against}; add it to the scenario's arms")
    nothing = f"no case has a score for {metric} in both {arm} and {against}"
    return _gain(facts, column(facts, arm, metric), column(facts, against, metric), nothing)


def gain_over_refusing_of(facts: Facts, arm: str) -> Measured:
    """Paired difference of task success: the arm - a policy that refuses every question, in points.

    That policy needs no model, is always in form and right on every unanswerable case, so it is what an arm has to
    beat before it is of any use, as a classifier has to beat the majority class.
    """
    mine = column(facts, arm, "task_success")
    refusing: dict[str, float | None] = {case: float(case in facts.unanswerable) for case in mine}
    return _gain(facts, mine, refusing, f"no answer of {arm} has a score for task_success")


def _gain(facts: Facts, mine: Column, theirs: Column, nothing: str) -> Measured:
    """Mine - theirs over the cases that both can have; `nothing` is the reason where no case is scored in both."""
    shared = [case for case in mine if case in theirs]
    a, b = [mine[case] for case in shared], [theirs[case] for case in shared]
    if not any(x is not None and y is not None for x, y in zip(a, b, strict=True)):
        return Missing(nothing)
    labels = [facts.clusters[case] for case in shared]
    feared = stats.paired([x or 0.0 for x in a], [1.0 if y is None else y for y in b], labels, facts.seed)
    return Found(stats.paired(a, b, labels, facts.seed), feared)


# --- figures of the record -------------------------------------------------------------------------------------


def form_of(facts: Facts, arm: str, name: str, worst: float) -> Measured:
    """Schema adherence or repair rate over golden answers and probes together."""
    forms = facts.record.get("forms") or {}
    if arm not in forms:
        return Missing("the scenario demands no form of an answer", applicable=False)
    estimate = estimate_of(forms[arm].get(name))
    if estimate is None or estimate.mean is None:
        return Missing(f"no answer of {arm} was checked for its form")
    return Found(estimate, _feared_rate(estimate, worst))


def _feared_rate(estimate: Estimate, worst: float) -> Estimate:
    """The rate with every unscored answer at its worst; the answers are independent, so the counts suffice."""
    if not estimate.unscored or estimate.mean is None:
        return estimate
    n = estimate.n + estimate.unscored
    hits = round(estimate.mean * estimate.n) + worst * estimate.unscored
    return Estimate(hits / n, *stats.clopper_pearson(hits, n), n, 0, "fraction", "clopper-pearson")


def latency_ratio_of(facts: Facts, arm: str) -> Measured:
    """p95 of the arm over p95 of RAG-only."""
    if arm == REFERENCE:
        return Missing("RAG-only is the arm to compare with", applicable=False)
    return _found((facts.record.get("latency_ratio") or {}).get(arm), f"the latency of {arm} beside RAG-only")


def p95_of(facts: Facts, arm: str) -> Measured:
    """p95 of the whole answer, in ms."""
    total = ((facts.record.get("latency") or {}).get(arm) or {}).get("total") or {}
    return _found(total.get("p95"), f"the latency of {arm}")


def cost_ratio_of(facts: Facts, arm: str) -> Measured:
    """Token cost of a question over RAG-only's, paired; `prices` of the record are per million tokens."""
    if arm == REFERENCE:
        return Missing("RAG-only is the arm to compare with", applicable=False)
    prices = facts.record.get("prices") or {}
    if not (prices.get("input_per_million") or prices.get("output_per_million")):
        return Missing("the scenario has no token prices; set prices.input_per_million and output_per_million")
    mine, theirs = (_costs(facts, name, prices) for name in (arm, REFERENCE))
    if not any(x is not None and y is not None for x, y in zip(mine, theirs, strict=True)):
        return Missing(f"no question has token counts in both {arm} and {REFERENCE}")
    labels = [facts.clusters[case] for case in facts.cases]
    return Found(stats.ratio_of_means(mine, theirs, labels), None)


def _costs(facts: Facts, arm: str, prices: Mapping[str, float]) -> list[float | None]:
    read, written = (facts.values.get((arm, f"{kind}_tokens"), {}) for kind in ("prompt", "completion"))
    costs: list[float | None] = []
    for case in facts.cases:
        inputs, outputs = read.get(case), written.get(case)
        known = inputs is not None and outputs is not None
        costs.append(_price(inputs or 0, outputs or 0, prices) if known else None)
    return costs


def _price(inputs: float, outputs: float, prices: Mapping[str, float]) -> float:
    return inputs * prices.get("input_per_million", 0.0) + outputs * prices.get("output_per_million", 0.0)


def change_from_base(facts: Facts, arm: str, section: str) -> Measured:
    """Adapter minus base of a section of paired items ('forgetting' or 'safety'), in points."""
    if facts.arms[arm].adapter is None:
        return Missing(f"{arm} has no adapter: it is the base model", applicable=False)
    part = facts.record.get(section) or {}
    if part.get("status") != "measured":
        return Missing(part.get("reason") or f"this run did not measure {section}")
    found = _found((part.get("arms", {}).get(arm) or {}).get("difference"), f"{section} of {arm}")
    if isinstance(found, Found) and found.estimate.unit == "fraction":
        raise InputError(f"record.json: {section}.arms.{arm}.difference is in fractions; write points")
    return found


def adapter_effect_of(facts: Facts, arm: str) -> Measured:
    """1 where the adapter changes at least one answer of the base, 0 where every answer is token-identical."""
    if facts.arms[arm].adapter is None:
        return Missing(f"{arm} has no adapter", applicable=False)
    identical = (facts.record.get("identical_outputs") or {}).get(arm)
    if identical is None:
        return Missing(f"the answers of {arm} were not compared with the base model's: the base arm did not run")
    value = 0.0 if identical else 1.0
    exact = Estimate(value, value, value, len(facts.cases), 0, "fraction", "exact comparison")
    return Found(exact, exact)


def estimate_of(row: Mapping[str, Any] | Estimate | None) -> Estimate | None:
    """An Estimate, from itself or from its JSON object."""
    return row if row is None or isinstance(row, Estimate) else Estimate(**row)


def _found(row: Mapping[str, Any] | Estimate | None, what: str) -> Measured:
    """A figure of the record. Its unscored items cannot be filled in here, so they leave no worst case."""
    estimate = estimate_of(row)
    if estimate is None or estimate.mean is None:
        return Missing(f"this run did not measure {what}")
    return Found(estimate, None if estimate.unscored else estimate)
