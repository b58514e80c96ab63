"""The figures of further trainings: task success and form of every seed, and over the number of examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import stdev

import harness.stats as stats
from harness.arms import Arm
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.store import Store
from harness.forgetting.items import compare_items
from harness.metrics.table import BY_RULE
from harness.record.measurements import AdapterSection
from harness.record.score_table import Row, tabulate
from harness.record.variants import LearningPoint, LearningSection, SeedOutcome, SeedSection
from harness.results.scores import SLICED, ByModels, forms, score_traces
from harness.stages.adapters import adapter_of, adapters_of, asked_alone
from harness.stages.answer import Generate
from harness.stages.detect import DetectClaims, DetectedGrounds
from harness.stages.forget import BASE, AskItems
from harness.stages.tune import tune_of
from harness.stages.variants import AskVariant, curve_arm
from harness.types import Estimate, Trace

METRIC = {SLICED: BY_RULE[SLICED]}


def seed_sections(inputs: Inputs, planned: Planned, store: Store) -> dict[str, SeedSection]:
    """The spread over seeds of every recipe that was trained more than once, by the first arm of it."""
    sections = {}
    for arm in inputs.arms:
        stages = [s for s in planned.all(AskVariant) if s.of == arm.name and _of_seed(s)]
        tune = tune_of(planned, arm)
        if stages and tune is not None:
            trainings = [(tune, planned.of_arm(Generate, arm.name)), *((s.tune, s.generate) for s in stages)]
            outcomes = [_outcome(inputs, store.result(t), _answers(g, planned, store)) for t, g in trainings]
            sections[arm.name] = _spread(outcomes)
    return sections


def _of_seed(stage: AskVariant) -> bool:
    return stage.tune.variant is not None and stage.tune.variant.examples is None


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers of one training's adapter."""

    traces: Sequence[Trace] = ()
    grounds: DetectedGrounds = field(default_factory=dict)  # claims by a classifier; empty: by the rules


def _answers(generate: Generate | None, planned: Planned, store: Store) -> _Answers:
    """What a stage was answered, its claims held against the passages as the arm's are."""
    if generate is None:
        return _Answers()
    by_case = next((s.grounds(store) for s in planned.all(DetectClaims) if s.generate.key == generate.key), {})
    grounds = {(generate.to.name, case): ground for case, ground in by_case.items()}
    return _Answers(generate.traces(store), grounds)


def _outcome(inputs: Inputs, adapter: AdapterSection, answers: _Answers) -> SeedOutcome:
    success, form = _success(inputs, _row(inputs, answers)), _form(inputs, answers.traces)
    return SeedOutcome(adapter.seed, adapter.id, success, form)


def _spread(outcomes: Sequence[SeedOutcome]) -> SeedSection:
    means = [outcome.success.mean for outcome in outcomes if outcome.success.mean is not None]
    return SeedSection(
        tuple(outcomes),
        low=min(means, default=None),
        high=max(means, default=None),
        deviation=stdev(means) if len(means) > 1 else None,
    )


def _row(inputs: Inputs, answers: _Answers) -> Row:
    """Task success by test case."""
    test = {case.id for case in inputs.test_cases}
    golden = [trace for trace in answers.traces if not trace.probe and trace.case_id in test]
    by_models = ByModels(grounds=answers.grounds)
    rows = tabulate(score_traces(inputs.test_cases, golden, METRIC, by_models, inputs.scenario.style))
    return next(iter(rows.values()), {})


def _success(inputs: Inputs, row: Row) -> Estimate:
    return stats.rate(list(row.values()), [inputs.clusters[case] for case in row])


def _form(inputs: Inputs, traces: Sequence[Trace]) -> Estimate | None:
    """The form of golden answers alone: further trainings are asked no probes."""
    sections = forms(inputs.test_cases, [trace for trace in traces if not trace.probe])
    section = next(iter(sections.values()), None)
    return None if section is None else section.schema


# --- the learning curve -------------------------------------------------------------------------------------------


def learning_section(inputs: Inputs, planned: Planned, store: Store) -> LearningSection | None:
    """The learning curve of a run; None where it draws none."""
    arm = curve_arm(inputs)
    tune = None if arm is None else tune_of(planned, arm)
    if arm is None or tune is None:
        return None
    stages = [s for s in planned.all(AskVariant) if s.of == arm.name and not _of_seed(s)]
    own = _answers(planned.of_arm(Generate, arm.name), planned, store)
    whole = _row(inputs, own)
    base = planned.of_arm(AskItems, BASE)
    points = []
    for stage in stages:
        answers, record = _answers(stage.generate, planned, store), store.result(stage.tune)
        points.append(_point(inputs, store, (record, stage.items, base), answers, whole))
    last = _own_items(inputs, planned, arm)
    points.append(_point(inputs, store, (store.result(tune), last, base), own, None))
    points.sort(key=lambda point: point.examples)
    enough, says = flat_from(points)
    return LearningSection(arm.name, tuple(points), enough, says)


def _own_items(inputs: Inputs, planned: Planned, arm: Arm) -> AskItems | None:
    adapter = adapter_of(planned, arm)
    if adapter is None:
        return None
    return planned.of_arm(AskItems, asked_alone(adapters_of(inputs, planned), adapter))


def _point(
    inputs: Inputs, store: Store, trained: tuple[AdapterSection, AskItems | None, AskItems | None],
    answers: _Answers, whole: Row | None,
) -> LearningPoint:  # fmt: skip
    record, items, base = trained
    row = _row(inputs, answers)
    gain = None if whole is None else stats.difference_by_case((SLICED, "all", "part"), whole, row, inputs.clusters)
    change, likelihood = None, None
    if items is not None and base is not None:
        section = compare_items(base.items(store), {"tuned": items.items(store)}, inputs.scenario.forgetting.tasks)
        of = section.arms.get("tuned")
        change = None if of is None or section.status != "measured" else of.items.difference
        likelihood = next((f.arms["tuned"].likelihood for f in section.forms if "tuned" in f.arms), None)
    return LearningPoint(
        examples=record.counts.examples,
        adapter=record.id,
        success=_success(inputs, row),
        form=_form(inputs, answers.traces),
        forgetting=change,
        likelihood=likelihood,
        gain=None if gain is None else gain.estimate,
        seconds=record.seconds,
    )


def flat_from(points: Sequence[LearningPoint]) -> tuple[int | None, str]:
    """The number of examples from which on no further ones are proven to help, and a sentence that says so.

    "Proven": the paired difference to the training with all examples has its whole interval above zero.
    """
    last = points[-1]
    if len(points) < 2:
        return None, f"one number of examples ({last.examples}) is no curve; set tuning.curve to smaller ones too"
    helped = [point for point in points[:-1] if point.gain is not None and (point.gain.low or 0) > 0]
    after = [point for point in points if not helped or point.examples > helped[-1].examples]
    if not helped:
        return after[0].examples, (
            f"{after[0].examples} examples do as well as {last.examples}, as far as {last.success.n} cases can tell"
        )
    if after[0] is last:
        before = points[-2].examples
        return None, f"{last.examples} examples are proven better than {before}: it still rises, and more may help"
    return after[0].examples, (
        f"{helped[-1].examples} examples are proven too few; from {after[0].examples} on no more are proven to help"
    )
