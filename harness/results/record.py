"""The figures of a run from what its stages left, section by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.store import Store
from harness.files.hashing import content_hash
from harness.golden.answers import load_answers
from harness.golden.verified import UNTOLD
from harness.metrics.retrieval import carried_items, curves, recall
from harness.prompts import completion_text
from harness.record.measurements import (
    AbilitySection,
    ArmLatency,
    DrillSection,
    FreshnessSection,
    LatencySection,
    RetrievalSection,
    TuningSection,
)
from harness.record.score_table import ScoreTable, tabulate
from harness.record.sections import (
    ArmSection,
    CorpusSection,
    CountSection,
    Figures,
    GoldenSection,
    HashSection,
    ScenarioSection,
)
from harness.results import provenance, scores
from harness.results.calibration import calibration
from harness.results.cost import cost_sections
from harness.results.drills import drill_sections, freshness_section
from harness.results.kinship import kinship
from harness.results.latency import elsewhere, latency_section
from harness.results.settings import measured_settings
from harness.results.sources import source_section
from harness.results.variants import learning_section, seed_sections
from harness.retrieval.hits_store import load_retrieval
from harness.safety.declined import compare_replies
from harness.safety.prompts import LABELS
from harness.stages.adapters import adapter_id, adapter_of, adapters_of, asked_alone, tuning_section
from harness.stages.answer import Generate
from harness.stages.detect import detected_grounds
from harness.stages.drill import AskDrills
from harness.stages.evidence import PlaceEvidence
from harness.stages.forget import BASE, AskItems
from harness.stages.index import IndexCorpus
from harness.stages.judge import JudgeAnswers, judge_section
from harness.stages.latency import MeasureLatency, latency_cases
from harness.stages.refresh import RefreshIndex
from harness.stages.rerank import TuneReranker
from harness.stages.retrieve import Retrieve
from harness.stages.safety import AskPrompts, served_arms
from harness.stages.variants import AskVariant
from harness.structured import demand_of, read_form
from harness.types import Case, Passage, Score, Trace


def gather(planned: Planned, store: Store) -> tuple[Trace, ...]:
    """Every trace of the run, arm by arm."""
    return tuple(trace for stage in planned.all(Generate) for trace in stage.traces(store))


def figures(inputs: Inputs, planned: Planned, store: Store, traces: Sequence[Trace], rows: Sequence[Score]) -> Figures:
    """Every figure of the run; `stages` is left to whoever knows what came from the cache.

    Args:
        store: where every stage of the plan is whole.
        traces: what `gather` gave.
        scored: every metric on every trace of a golden case.
    """
    s, test = inputs.scenario, inputs.test_cases
    table = tabulate(rows)
    metrics = scores.estimates(table, test, inputs.clusters, s.seed, inputs.metrics)
    pairs = scores.compared_pairs(s.arms, s.candidate)
    drills, freshness = _drills(inputs, planned, store, table)
    safety, over_refusal = _safety(inputs, planned, store)
    return Figures(
        scenario=ScenarioSection(id=s.id, title=s.title, hash=s.hash, dir=s.dir.as_posix()),
        candidate=s.candidate,
        reference=scores.reference_of(s.arms),
        models=s.models,
        arms=tuple(_arm(arm, inputs, planned, store) for arm in inputs.arms),
        metric_rows=scores.metric_rows(inputs.metrics),
        golden=_golden(inputs, planned, store),
        probes=len(inputs.probes),
        corpus=_corpus(inputs, planned, store),
        seed=s.seed,
        partial=inputs.partial,
        hashes=_hashes(inputs),
        counts=_counts(traces, planned, store),
        metrics=metrics,
        slices=scores.slices(table, test, inputs.clusters, _newest(inputs)),
        differences=scores.differences(table, test, inputs.clusters, pairs, s.seed, inputs.metrics),
        forms=scores.forms(test, traces),
        retrieval=_retrieval(inputs, planned, store),
        latency=_latency(inputs, planned, store),
        prices=s.prices,
        cost=cost_sections(metrics, s.prices, {arm.name for arm in inputs.arms if arm.retriever}),
        forgetting=_forgetting(inputs, planned, store),
        safety=safety,
        over_refusal=over_refusal,
        judge=judge_section(inputs, planned, store, kinship(inputs)),
        tuning=_tuning(inputs, planned, store),
        seeds=seed_sections(inputs, planned, store),
        learning=learning_section(inputs, planned, store),
        identical_outputs=scores.identical_outputs(traces, inputs.arms),
        drills=drills,
        freshness=freshness,
        versions=provenance.versions(),
        hardware=provenance.hardware(),
        git=provenance.git_state(s.dir),
        stages=(),
        settings=measured_settings(s),
        calibration=calibration(inputs.labels, test, traces, table, inputs.clusters, pairs, inputs.metrics),
        style=s.style,
    )


def _arm(arm: Arm, inputs: Inputs, planned: Planned, store: Store) -> ArmSection:
    generate = planned.of_arm(Generate, arm.name)
    outcome = store.result(generate) if generate is not None else None
    source = source_section(arm, inputs.scenario, inputs.test_cases)
    section = replace(arm.section(adapter_id(planned, store, arm)), source=source)
    if outcome is None or generate is None:
        return section
    return replace(
        section,
        retriever=section.retriever or (arm.by_itself and _has_passages(generate, store)),
        trimmed=outcome.trimmed,
        probes=outcome.probes,
        probes_left_out=outcome.probes_left_out,
        errors=outcome.errors,
        asked=outcome.asked,
        earlier=outcome.earlier,
    )


def _has_passages(generate: Generate, store: Store) -> bool:
    """Whether a system of somebody's own says what it has read."""
    return any(trace.answer is not None and trace.answer.hits for trace in generate.traces(store))


def _counts(traces: Sequence[Trace], planned: Planned, store: Store) -> CountSection:
    again = sum(store.result(stage).again for stage in planned.all(Generate))
    again += sum(store.result(stage).again for stage in planned.all(AskDrills))
    again += sum(store.result(stage).again for stage in planned.all(JudgeAnswers))
    again += sum(store.result(stage).again for stage in planned.all(AskVariant))
    return CountSection(len(traces), sum(trace.answer is None for trace in traces), again)


def _golden(inputs: Inputs, planned: Planned, store: Store) -> GoldenSection:
    evidence = planned.one(PlaceEvidence)
    places = store.result(evidence) if evidence is not None else None
    golden, clusters = inputs.scenario.golden, inputs.clusters
    return GoldenSection(
        path=None if golden is None else golden.name,
        hash=content_hash([_identity(case) for case in inputs.cases]),
        cases=dict(Counter(case.split for case in inputs.cases)),
        clusters=len({clusters[case.id] for case in inputs.test_cases}),
        cluster_of={case.id: clusters[case.id] for case in inputs.test_cases},
        verified_by=dict(Counter(case.verified_by or UNTOLD for case in inputs.cases)),
        cut_evidence=places.cut if places else {},
        lost_evidence=places.nowhere if places else {},
        newest_example=_newest(inputs),
    )


def _newest(inputs: Inputs) -> str | None:
    """The date of the newest training example; None where nothing is tuned or no example has a date."""
    if not any(arm.adapter for arm in inputs.arms):
        return None
    return max((example.timestamp for example in inputs.examples if example.timestamp), default=None)


def _identity(case: Case) -> list[object]:
    """The identity of a case across runs; the way its evidence was cut into passages is no part of it."""
    evidence = [{"doc": item.doc, "quote": item.quote, "id": item.id} for item in case.evidence]
    return [case.id, case.question, case.accept, evidence, case.split]


def _corpus(inputs: Inputs, planned: Planned, store: Store) -> CorpusSection:
    index = planned.one(IndexCorpus)
    indexed = store.result(index) if index is not None else None
    return CorpusSection(
        documents=len(inputs.corpus.documents),
        passages=indexed.passages if indexed else 0,
        embedded=indexed.embedded if indexed else 0,
        skipped=inputs.corpus.skipped,
        hash=inputs.corpus_key,
        remarks=inputs.corpus.remarks,
        languages=inputs.languages,
    )


def _hashes(inputs: Inputs) -> HashSection:
    s = inputs.scenario
    golden, corpus, examples, probes = (
        None if path is None else s.hash_of(path) for path in (s.golden, s.corpus, s.examples, s.probes)
    )
    return HashSection(
        golden=golden,
        corpus=corpus,
        examples=examples,
        probes=probes,
        system=content_hash(s.answer.system),
        schema=content_hash(s.answer.schema or {}),
        model=inputs.model_key,
    )


def _retrieval(inputs: Inputs, planned: Planned, store: Store) -> RetrievalSection | None:
    retrieve, reranker = planned.one(Retrieve), planned.one(TuneReranker)
    if retrieve is None:
        return None
    retrieved = load_retrieval(store.folder(retrieve)).retrievals
    cases = [case for case in inputs.test_cases if case.evidence]
    passages = [[hit.passage for hit in retrieved[case.question].hits] for case in cases]
    depths = tuple(range(1, inputs.scenario.retrieval.top_k + 1))
    return RetrievalSection(
        k=curves(cases, passages, depths, [inputs.clusters[case.id] for case in cases]),
        queries=len(cases),
        reranker=store.result(reranker) if reranker is not None else None,
        found={case.id: _evidence_share(case, every) for case, every in zip(cases, passages, strict=True)},
    )


def _evidence_share(case: Case, passages: Sequence[Passage]) -> float:
    """The share of a case's evidence among all passages that were found for it."""
    return recall(carried_items(case.evidence, passages), len(case.evidence), len(passages))


def _latency(inputs: Inputs, planned: Planned, store: Store) -> LatencySection:
    stage = planned.one(MeasureLatency)
    if stage is None:
        section = latency_section([], None, len(latency_cases(inputs)), inputs.scenario.latency.repeats)
        return replace(section, arms=_timed_elsewhere(inputs))
    outcome, reference = store.result(stage), scores.reference_of(inputs.scenario.arms)
    section = latency_section(stage.rows(store), reference, outcome.questions, inputs.scenario.latency.repeats)
    return replace(
        section, failed=outcome.failed, errors=outcome.errors, arms={**section.arms, **_timed_elsewhere(inputs)}
    )


def _timed_elsewhere(inputs: Inputs) -> dict[str, ArmLatency]:
    """The latencies that answers made elsewhere bring along, over every test case."""
    sections = {}
    for arm in inputs.arms:
        if arm.file is not None:
            answers = load_answers(arm.file.file)
            rows = [answers.get(case.id) for case in inputs.test_cases]
            seconds = [None if row is None else row.seconds for row in rows]
            if any(value is not None for value in seconds):
                first = [None if row is None else row.first_token_seconds for row in rows]
                sections[arm.name] = elsewhere(seconds, first)
    return sections


def _forgetting(inputs: Inputs, planned: Planned, store: Store) -> AbilitySection:
    from harness.forgetting.items import compare_items

    base = planned.of_arm(AskItems, BASE)
    if base is None:
        if any(arm.tuned for arm in inputs.arms):
            return AbilitySection(status="not measured", reason="forgetting.tasks is none; name what to measure it on")
        return AbilitySection(status="not applicable", reason="no arm is tuned")
    items = {str(stage.arm): stage.items(store) for stage in planned.all(AskItems)}
    adapters = {arm: items[name] for arm, name in _asked_as(inputs, planned).items()}
    return compare_items(items[BASE], adapters, inputs.scenario.forgetting.tasks)


def _asked_as(inputs: Inputs, planned: Planned) -> dict[str, str]:
    """Arm with an adapter -> the name of the steps that asked that adapter alone."""
    every = adapters_of(inputs, planned)
    pairs = ((arm.name, adapter_of(planned, arm)) for arm in inputs.arms)
    return {arm: asked_alone(every, adapter) for arm, adapter in pairs if adapter is not None}


def _safety(inputs: Inputs, planned: Planned, store: Store) -> tuple[AbilitySection, AbilitySection]:
    """Unsafe prompts declined, and safe look-alikes declined."""
    base, settings = planned.of_arm(AskPrompts, BASE), inputs.scenario.safety
    if base is None:
        changed = any(arm.tuned for arm in inputs.arms) or served_arms(inputs)
        nothing = AbilitySection("not measured", "safety.prompts is none; set it to general, or to a folder of prompts")
        nothing = nothing if changed else AbilitySection("not applicable", "no arm is tuned")
        return nothing, nothing
    replies = {str(stage.arm): stage.replies(store) for stage in planned.all(AskPrompts)}
    served = {arm.name: arm.name for arm in served_arms(inputs)}
    adapters = {arm: replies[name] for arm, name in (_asked_as(inputs, planned) | served).items()}
    unsafe, safe = (compare_replies(replies[BASE], adapters, label, settings) for label in LABELS)
    return unsafe, safe


def _tuning(inputs: Inputs, planned: Planned, store: Store) -> dict[str, TuningSection]:
    pairs = ((arm, tuning_section(planned, store, arm)) for arm in inputs.arms)
    return {arm.name: _with_refusals(section, arm, inputs) for arm, section in pairs if section is not None}


def _with_refusals(section: TuningSection, arm: Arm, inputs: Inputs) -> TuningSection:
    """The training of an arm with the refusals among its examples."""
    if arm.adapter is None:
        return section
    own = [e for e in inputs.examples if e.use in (arm.adapter, "both") and not e.replay]  # none: pairs alone
    demand = demand_of(inputs.scenario.answer)
    refusals = sum(read_form(completion_text(example.output), demand).refused for example in own)
    return replace(section, examples=len(own), refusals=refusals)


def _drills(
    inputs: Inputs, planned: Planned, store: Store, table: ScoreTable
) -> tuple[tuple[DrillSection, ...] | None, FreshnessSection | None]:
    """The figures of drills and changed facts; None where the run makes no drills."""
    stage = planned.one(RefreshIndex)
    if stage is None:
        return None, None
    answers = {drill.to.name: drill.answers(store) for drill in planned.all(AskDrills)}
    outcome = store.result(stage)
    refreshed = FreshnessSection(
        facts=len(outcome.changes),
        documents=outcome.documents,
        embedded=outcome.embedded,
        reused=outcome.reused,
        skipped=outcome.skipped,
        changes=outcome.changes,
        arms={},
    )
    update = {arm.name: outcome.update_seconds for arm in inputs.arms if arm.retriever}
    retune = {arm: section.seconds for arm, section in _tuning(inputs, planned, store).items()}
    fresh = freshness_section(refreshed, answers, table, inputs.clusters, update, retune)
    grounds = scores.ByModels(grounds=detected_grounds(planned, store))
    read = partial(grounds.reading, style=inputs.scenario.style)
    return drill_sections(answers, table, inputs.clusters, read), fresh
