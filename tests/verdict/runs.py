"""Small runs for tests of verdict, diagnosis and history: a healthy one, and what changes about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from harness import stats
from harness.arms import ARMS as ARM_TABLE
from harness.metrics.table import METRICS
from harness.record.measurements import (
    AbilitySection,
    AdapterItems,
    AdapterSection,
    ArmLatency,
    BaseModel,
    ExampleCounts,
    FormSection,
    LatencySection,
    PairedItems,
    Quantiles,
    TuningSection,
)
from harness.record.sections import (
    AdviceSection,
    ArmSection,
    CorpusSection,
    CountSection,
    Figures,
    GitSection,
    GoldenSection,
    HardwareSection,
    HashSection,
    Record,
    ScenarioSection,
)
from harness.scenario.settings import Models, Prices, Tuning
from harness.types import Case, Estimate, Evidence, Score
from harness.verdict.decide import decide

N = 120
HITS = {"baseline": 24, "rag": 84, "tune": 36, "hybrid": 114}  # of 120 cases, the first ones


# --- cases and scores ---------------------------------------------------------------------------------------------


def cases(n: int = N, per_document: int = 1, unanswerable: int = 0) -> list[Case]:
    """The last `unanswerable` of them are right to be refused."""
    return [_case(i, f"d{i // per_document}", i >= n - unanswerable) for i in range(n)]


def _case(i: int, doc: str, unanswerable: bool) -> Case:
    if unanswerable:
        return Case(id=f"q{i:03}", question="?", kind="unanswerable", source=doc)
    return Case(id=f"q{i:03}", question="?", accept=("x",), evidence=(Evidence(doc=doc),))


def scores(hits: Mapping[str, int] = HITS, n: int = N) -> list[Score]:
    """The first `hits` cases of each arm succeed; every passage-fed answer is grounded."""
    success = [Score(f"q{i:03}", arm, "task_success", float(i < k)) for arm, k in hits.items() for i in range(n)]
    grounded = [Score(f"q{i:03}", arm, "groundedness", 1.0) for arm in ("rag", "hybrid") for i in range(n)]
    clean = [Score(f"q{i:03}", arm, "hallucination", 0.0) for arm in ("rag", "hybrid") for i in range(n)]
    return success + grounded + clean


def replaced(
    rows: Iterable[Score], arm: str, metric: str, values: Mapping[str, float | None], applicable: bool = True
) -> list[Score]:
    """The same scores with some values of one arm and metric changed; None becomes unscored, or not applicable."""
    return [
        replace(
            row,
            value=values[row.case_id],
            reason="lost" if values[row.case_id] is None else None,
            applicable=applicable or values[row.case_id] is not None,
        )
        if (row.arm, row.metric) == (arm, metric) and row.case_id in values
        else row
        for row in rows
    ]


# --- figures ------------------------------------------------------------------------------------------------------


def proportion(hits: int, n: int) -> Estimate:
    return stats.rate([1.0] * hits + [0.0] * (n - hits))


def around(middle: float, reach: float, unit: str, n: int = 200) -> Estimate:
    return Estimate(middle, middle - reach, middle + reach, n, 0, unit, "given")


def arm(name: str, /, **changes: Any) -> ArmSection:
    """The arm of that name in the table, as a run keeps it."""
    row = ARM_TABLE[name]
    section = ArmSection(
        name=row.name,
        title=row.title,
        retriever=row.retriever,
        few_shot=row.few_shot,
        oracle=row.oracle,
        base=row.base,
        adapter="0" * 16 if row.adapter else None,
    )
    return replace(section, **changes)


ARMS = tuple(arm(name) for name in HITS)


def form(schema: Estimate | None = None, repair: Estimate | None = None) -> FormSection:
    first = proportion(1110, 1120)
    return FormSection(schema or proportion(1120, 1120), first, repair or proportion(5, 1120), N, 1000)


def latency(p95: float = 400.0, ratio: Estimate | None = None, **parts: Quantiles) -> ArmLatency:
    usual = Quantiles(around(80.0, 5.0, "ms"), around(100.0, 5.0, "ms"))
    total = Quantiles(around(p95 / 2, 20.0, "ms", N), around(p95, 30.0, "ms", N))
    times = {"retrieval": usual, "generation": usual, "first_token": usual, "total": total, **parts}
    return ArmLatency(**times, ratio=ratio or around(1.0, 0.04, "ratio", 60))


def latencies(control: Estimate | None = None, **arms: ArmLatency) -> LatencySection:
    """Every arm as quick as the others, but for these."""
    by_arm = {name: latency() for name in HITS} | arms
    return LatencySection(60, 3, by_arm, control or around(1.0, 0.02, "ratio", 60))


def ability(**changes: Estimate) -> AbilitySection:
    """What tuning did to a test of 400 items, by arm, in points."""
    base = proportion(200, 400)
    items = {name: PairedItems(400, base, base, change, 0.5) for name, change in changes.items()}
    return AbilitySection("measured", arms={name: AdapterItems(row) for name, row in items.items()}, base=base)


def tuning(overfit: bool = False, examples: int = 600) -> TuningSection:
    adapter = AdapterSection(
        id="0" * 16, base=BaseModel("pocket", "0"), method="sft", settings=Tuning(), trainable=1, parameters=100,
        examples=examples, held_out=60, counts=ExampleCounts(examples, 40, 0, 0), examples_hash="0", seed=7, epochs=3.0,
        seconds=60.0, curve=(), best_step=None, gap=None, overfit=overfit, overfit_reason="",
    )  # fmt: skip
    return TuningSection(adapter, 70.0)


def figures(**changes: Any) -> Figures:
    """A run in which the hybrid holds every gate."""
    small = around(-0.5, 1.5, "points")
    healthy = Figures(
        scenario=ScenarioSection("small", "Small", "0" * 16, "scenarios/small"),
        candidate="hybrid",
        reference="rag",
        models=Models(),
        arms=ARMS,
        metric_rows=tuple(metric.section() for metric in METRICS.values()),
        golden=GoldenSection("golden.jsonl", "0" * 16, {"test": N}, N, {}, {"two people": N}),
        probes=1000,
        corpus=CorpusSection(N, N, N, (), "0" * 16),
        seed=7,
        partial=None,
        hashes=HashSection(None, None, None, None, "0", "0", "0"),
        counts=CountSection(4 * N, 0),
        metrics={},
        slices={},
        differences=(),
        forms={name: form() for name in HITS},
        retrieval=None,
        latency=latencies(),
        prices=Prices(),
        cost={},
        forgetting=ability(tune=small, hybrid=small),
        safety=ability(tune=small, hybrid=small),
        tuning={"tune": tuning(), "hybrid": tuning()},
        identical_outputs={"tune": False, "hybrid": False},
        drills=None,
        freshness=None,
        versions={},
        hardware=HardwareSection("Linux", "x86_64", "cpu", 2, 8.0, None),
        git=GitSection(None, None),
        stages=(),
    )
    return replace(healthy, **changes)


def record(
    name: str = "small-1", advised: str | None = "both", rows: list[Score] | None = None, **changes: Any
) -> Record:
    """The same with its verdict; `rows` are its scores, and its metrics are theirs."""
    rows = scores() if rows is None else rows
    values = {arm: [s.value for s in rows if (s.arm, s.metric) == (arm, "task_success")] for arm in HITS}
    metrics = {arm: {"task_success": stats.rate(own)} for arm, own in values.items() if own}
    measured = figures(**{"metrics": metrics, **{k: v for k, v in changes.items() if k != "gates"}})
    gates = changes.get("gates", {})
    return Record(
        **{field.name: getattr(measured, field.name) for field in fields(Figures)},
        run_id=name,
        created=name,
        command="harness run scenarios/small",
        advice=AdviceSection(advised, {}, {}) if advised else None,
        gates=gates,
        changed=None,
        flips={},
        diagnosis=(),
        verdict=decide(measured, rows, cases(), gates, "hybrid", advised),
    )
