"""Whole made-up runs: figures by the producers of a run, a record with its real verdict, a folder on disk.

figures()                                                       # a run in which the hybrid holds every gate
record(figures(prices=Prices(1.0, 2.0)), advised="rag")
run(tmp_path, BUSY, busy())                                     # five arms, drills, hostile text
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from harness.arms import ARMS, Arm
from harness.diagnosis.diagnose import diagnose, diagnosed_run, present
from harness.diagnosis.losses import waterfalls
from harness.files.hashing import content_hash
from harness.record.files import StoredRun, save_run
from harness.record.measurements import AbilitySection, CostSection, LatencySection
from harness.record.score_table import tabulate
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
    Plain,
    Record,
    ScenarioSection,
    SkippedFile,
    StageSection,
)
from harness.results.cost import cost_sections
from harness.results.scores import (
    compared_pairs,
    differences,
    estimates,
    forms,
    identical_outputs,
    metric_rows,
    reference_of,
    slices,
)
from harness.results.settings import measured_settings
from harness.scenario.settings import Models, Prices, Scenario
from harness.types import Estimate
from harness.verdict.decide import decide
from harness.verdict.flips import flips
from harness.verdict.score_sheet import gather
from harness.verdict.thresholds import read_thresholds
from tests.make import parts
from tests.make.answers import Script, drawn, scores, script, traces
from tests.make.world import World

Metrics = Mapping[str, Mapping[str, Estimate]]

SEED = 7
UNASKED = AbilitySection("not measured", "this run asked no unsafe prompts")
HEALTHY = script()  # the hybrid holds every gate
BUSY = drawn(World(n=130, mixed=True, hostile=True))  # five arms, every outcome, hostile text
STAGES = (
    ("index", None, 4.2, True),
    ("retrieve", None, 2.9, False),
    ("tune", "tune", 71.4, False),
    ("tune", "hybrid", 88.0, False),
    ("generate", "hybrid", 61.0, False),
    ("forget", "base", 33.0, False),
    ("latency", None, 51.0, False),
    ("measure", None, 3.1, False),
)


def scenario(of: Script = HEALTHY, candidate: str = "hybrid", gates: Mapping[str, Plain] | None = None) -> Scenario:
    """The scenario that such a run would be of; its files are not on disk."""
    return Scenario(
        id="helpdesk",
        dir=Path("scenarios/helpdesk"),
        title="Help desk answers in the house format",
        golden=Path("golden_sets/helpdesk.jsonl"),
        answer=of.world.format,
        arms=of.arms,
        candidate=candidate if candidate in of.arms else of.arms[-1],
        gates=gates or {},
        seed=SEED,
    )


# --- figures ------------------------------------------------------------------------------------------------------


def figures(of: Script = HEALTHY, *, prices: Prices | None = None, **changes: Any) -> Figures:
    """Every figure of a run without drills; `changes` replace whole sections."""
    measured = _figures(of)
    if prices is not None:
        measured = replace(measured, prices=prices, cost=_cost(of, measured.metrics, prices))
    return replace(measured, **changes)


def busy(**changes: Any) -> Figures:
    """The figures of `BUSY`, with the sections that only some runs have."""
    return replace(_busy(), **changes)


UNMEASURED = Figures(
    scenario=ScenarioSection("made-up", "Made up", "0", "."),
    candidate="hybrid",
    reference=None,
    models=Models(),
    arms=(),
    metric_rows=(),
    golden=GoldenSection(None, "0", {}, 0, {}, {}),
    probes=0,
    corpus=CorpusSection(0, 0, 0, (), "0"),
    seed=SEED,
    partial=None,
    hashes=HashSection(None, None, None, None, "0", "0", "0"),
    counts=CountSection(0, 0),
    metrics={},
    slices={},
    differences=(),
    forms={},
    retrieval=None,
    latency=LatencySection(0, 0, {}, None),
    prices=Prices(),
    cost={},
    forgetting=UNASKED,
    safety=UNASKED,
    tuning={},
    identical_outputs={},
    drills=None,
    freshness=None,
    versions={},
    hardware=HardwareSection("", "", "", None, 0.0, None),
    git=GitSection(None, None),
    stages=(),
)  # a run of which nothing is known: tests put in what they are about


@cache
def _busy() -> Figures:
    return figures(
        BUSY,
        prices=Prices(1.0, 2.0, 400.0),
        drills=parts.drills(BUSY),
        freshness=parts.freshness(BUSY),
        retrieval=parts.retrieval(BUSY.world, parts.reranker()),
        tuning=parts.tuning(BUSY.arms, {"tune": 120}),
        latency=parts.latency(BUSY.arms, {"rag+few-shot": 1.3}),
        safety=UNASKED,
        over_refusal=UNASKED,
    )


@cache
def _figures(of: Script) -> Figures:
    cases, clusters, rows, setting = of.cases, of.world.clusters, traces(of), scenario(of)
    table = tabulate(scores(of))
    metrics = estimates(table, cases, clusters, SEED)
    tuned = [arm for arm in of.arms if ARMS[arm].adapter]
    pairs = compared_pairs(of.arms, setting.candidate)
    return Figures(
        scenario=ScenarioSection(setting.id, setting.title, setting.hash, setting.dir.as_posix()),
        candidate=setting.candidate,
        reference=reference_of(of.arms),
        models=Models(),
        arms=tuple(arm_section(ARMS[arm], of.probes) for arm in of.arms),
        metric_rows=metric_rows(),
        golden=_golden(of),
        probes=of.probes,
        corpus=_corpus(of),
        seed=SEED,
        partial=None,
        hashes=HashSection("5521aa", "77ab", "90cc", None, "c0ffee", "5c4e3a", "70de1"),
        counts=CountSection(len(rows), sum(trace.answer is None for trace in rows)),
        metrics=metrics,
        slices=slices(table, cases, clusters),
        differences=differences(table, cases, clusters, pairs, SEED),
        forms=forms(cases, rows),
        retrieval=parts.retrieval(of.world),
        latency=parts.latency(of.arms),
        prices=Prices(),
        cost=_cost(of, metrics, Prices()),
        forgetting=parts.ability(tuned),
        safety=parts.declined(tuned, "unsafe", lost=1),
        over_refusal=parts.declined(tuned, "safe", lost=0),
        tuning=parts.tuning(of.arms),
        identical_outputs=identical_outputs(rows, [ARMS[arm] for arm in of.arms]),
        drills=None,
        freshness=None,
        versions={"python": "3.11.7", "torch": "2.13.0", "transformers": "5.17.0"},
        hardware=HardwareSection("Linux", "x86_64", "made-up", cores=2, memory_gib=24.0, gpu=None),
        git=GitSection("0123456789abcdef", dirty=False),
        stages=tuple(StageSection(n, a, s, c, content_hash([n, a])) for n, a, s, c in STAGES),
        settings=measured_settings(setting),
    )


def arm_section(arm: Arm, probes: int = 0) -> ArmSection:
    """An arm of the table as a record keeps it."""
    return replace(arm.section(parts.adapter(arm.name).id if arm.adapter else None), probes=probes)


def _golden(of: Script) -> GoldenSection:
    return GoldenSection(
        path="helpdesk.jsonl",
        hash=content_hash([case.id for case in of.cases]),
        cases=dict(Counter(case.split for case in of.cases)),
        clusters=len(set(of.world.clusters.values())),
        cluster_of=of.world.clusters,
        verified_by=dict(Counter(case.verified_by or "not said" for case in of.cases)),
    )


def _corpus(of: Script) -> CorpusSection:
    skipped = (SkippedFile("old.doc", "no reader"),)
    documents = len({passage.doc for passage in of.world.passages})
    return CorpusSection(documents, of.world.n, embedded=of.world.n, skipped=skipped, hash="77ab")


def _cost(of: Script, metrics: Metrics, prices: Prices) -> dict[str, CostSection]:
    return cost_sections(metrics, prices, {arm for arm in of.arms if ARMS[arm].retriever})


# --- records ------------------------------------------------------------------------------------------------------


def record(
    of: Figures | None = None,
    by: Script = HEALTHY,
    *,
    gates: Mapping[str, Plain] | None = None,
    advised: str | None = "both",
    **changes: Any,
) -> Record:
    """Figures with everything that a run concludes from them; `changes` replace whole sections.

    Args:
        of: figures; those of `by` if left out.
        by: the script whose scores and answers the figures are of.
    """
    measured, rules = of or figures(by), gates or {}
    rows, candidate = scores(by), measured.candidate
    settled = scenario(by, candidate, rules)
    concluded = Record(
        **{name: getattr(measured, name) for name in Figures.__dataclass_fields__},
        run_id="20261120-101500-helpdesk-7f3a",
        created="2026-11-20T10:15:00Z",
        command="harness run scenarios/helpdesk",
        advice=None
        if advised is None
        else AdviceSection(advised, {"1": "yes", "3": "yes"}, {"labelled_examples": 640}),
        gates=rules,
        changed=None,
        flips=flips(gather(measured, rows, by.cases), read_thresholds(rules), candidate),
        diagnosis=present(diagnose(measured, traces(by), rows, by.cases, settled)),
        verdict=decide(measured, rows, by.cases, rules, candidate, advised),
        waterfalls=waterfalls(diagnosed_run(measured, traces(by), rows, by.cases)),
    )
    return replace(concluded, **changes)


def run(folder: Path, by: Script = HEALTHY, of: Figures | None = None, **options: Any) -> StoredRun:
    """A run on disk in `folder`: record, traces, scores."""
    stored = StoredRun(folder, record(of, by, **options), traces(by), scores(by))
    save_run(stored)
    return stored
