"""One call from a plan to figures: execute, gather, score, measure; kept in the store as the last step of a run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.engine.execute import Timing, execute
from harness.engine.inputs import Inputs
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key, code_of
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import legible
from harness.metrics.reading import Grounds
from harness.metrics.similarity import NAME as SIMILARITY
from harness.metrics.table import METRICS, Metric, in_force
from harness.ratings.labels import load_labels
from harness.record.codec import decode, to_json, write_atomic, write_rows
from harness.record.files import SCORES, TRACES, StoredRun, load_scores, load_traces
from harness.record.score_table import tabulate
from harness.record.sections import CountSection, Figures, StageSection
from harness.results import provenance, scores
from harness.results.calibration import calibration
from harness.results.record import figures, gather
from harness.results.settings import measured_settings
from harness.scenario.settings import JudgeSettings, Scenario
from harness.stages.detect import RULES, DetectedGrounds, detected_grounds
from harness.stages.evidence import placed_cases
from harness.stages.judge import Judgements, judgements
from harness.stages.likeness import likenesses
from harness.types import Case, Score, Trace, Unscored

FIGURES = "figures.json"
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run: its figures, with the traces and scores that they are made of."""

    figures: Figures
    traces: tuple[Trace, ...]
    scores: tuple[Score, ...]


@dataclass(frozen=True, kw_only=True)
class Measure(Stage[CountSection]):
    """Score every answer and estimate every figure; done here, when every other stage is whole."""

    name = "measure"
    result = CountSection
    alone = True

    inputs: Inputs
    planned: Planned  # the stages before it

    def size(self) -> str:
        return "scores, intervals, paired tests"

    def seconds(self) -> float:
        return SECONDS

    def work(self, store: Store, progress: Progress) -> CountSection:
        return self.write(store, self.compute(store)).figures.counts

    def is_whole(self, result: CountSection) -> bool:
        return not result.again

    def compute(self, store: Store) -> RunResult:
        traces = gather(self.planned, store)
        inputs = replace(self.inputs, cases=placed_cases(self.inputs, self.planned, store))
        by_models = scores.ByModels(
            likenesses(self.planned, store), detected_grounds(self.planned, store), judgements(self.planned, store)
        )
        rows = scores.score_traces(inputs.cases, traces, inputs.metrics, by_models, inputs.scenario.style)
        return RunResult(figures(inputs, self.planned, store, traces, rows), traces, rows)

    def write(self, store: Store, result: RunResult) -> RunResult:
        folder = store.folder(self)
        write_rows(folder / TRACES, result.traces)
        write_rows(folder / SCORES, result.scores)
        write_atomic(folder / FIGURES, to_json(result.figures))
        return result

    def read(self, store: Store) -> RunResult | None:
        """The earlier result; None where there is none, or where it was cut or is of another version."""
        folder = store.folder(self)
        try:
            section = decode((folder / FIGURES).read_bytes(), Figures, str(folder / FIGURES))
            return RunResult(section, load_traces(folder), load_scores(folder))
        except (FileNotFoundError, InputError):
            return None


def measure_step(inputs: Inputs, planned: Planned) -> Measure:
    """The last step of a run: its key covers every other stage and all that is read beside them."""
    s = inputs.scenario
    remarks = [inputs.corpus.skipped, inputs.corpus.remarks]
    labels = inputs.labels.hash
    read = [inputs.cases, inputs.clusters, measured_settings(s), inputs.partial, inputs.drills, remarks, labels]
    arms = [[arm.name, arm.title, arm.base, arm.test_double] for arm in inputs.arms]
    metrics = [[metric.section(), code_of(metric.scorer)] for metric in inputs.metrics.values()]
    code = code_key(
        "language",
        "metrics",
        "ratings",
        "evidence",
        "stats",
        "results",
        "structured",
        "refusals",
        "references",
        "scenario/answer_schema",
        "forgetting",
        "paired_items",
        "safety",
        "record",
        "types",
    )
    key = content_hash([[stage.key for stage in planned], read, arms, metrics, code])
    return Measure(key=key, after=tuple(stage.label for stage in planned), inputs=inputs, planned=planned)


def run_key(stage: Measure) -> str:
    """Hash of everything that a run folder depends on: figures, gates, advice, and how they are judged and shown."""
    code = code_key("verdict", "diagnosis", "history", "advice", "report", "runs/write")
    return content_hash([stage.key, stage.inputs.scenario.hash, code])


def measure_run(stage: Measure, store: Store, progress: Progress, workers: int | None = None) -> RunResult:
    """Figures, traces and scores of a run; from the store where nothing that they depend on has changed.

    Args:
        stage: the last step of the run, which has the others before it.
        workers: processes side by side; None: as many as suit the model and this machine.
    """
    if (before := _from_store(stage, store)) is not None:
        return before
    inputs = stage.inputs
    timings = execute(stage.planned, store, progress, inputs.workers(workers), inputs.preload).timings
    with store.hold(stage):
        if (before := _from_store(stage, store)) is not None:  # by a run that was waited for
            return before
        store.mend(stage)
        return _computed(stage, store, timings)


def _from_store(stage: Measure, store: Store) -> RunResult | None:
    """The earlier result of the same run, as this run would show it."""
    done = store.done(stage)
    result = stage.read(store) if done is not None else None
    if done is None or result is None:
        return None
    rows = [replace(row, cached=True) for row in result.figures.stages]
    own = StageSection(stage.name, stage.arm, done.seconds, True, stage.key)
    # figures are those of then, the tree that they are judged in is that of now
    git = provenance.git_state(stage.inputs.scenario.dir)
    return replace(result, figures=replace(result.figures, git=git, stages=(*rows, own)))


def _computed(stage: Measure, store: Store, timings: Sequence[Timing]) -> RunResult:
    start = time.perf_counter()
    computed = stage.compute(store)
    rows = [_stage_row(timing) for timing in timings]
    result = stage.write(store, replace(computed, figures=replace(computed.figures, stages=tuple(rows))))
    finished = store.finish(stage, time.perf_counter() - start, result.figures.counts)
    own = StageSection(stage.name, stage.arm, finished.seconds, False, stage.key)
    return replace(result, figures=replace(result.figures, stages=(*rows, own)))


def _stage_row(timing: Timing) -> StageSection:
    return StageSection(timing.stage.name, timing.stage.arm, timing.seconds, timing.cached, timing.stage.key)


def _check_cases(run: StoredRun, cases: Sequence[Case]) -> None:
    """InputError where an answer is to a question that is not in the golden set."""
    ids = {case.id for case in cases}
    for trace in run.traces:
        if not trace.probe and trace.case_id not in ids:
            where, id = run.folder / TRACES, legible(trace.case_id)
            raise InputError(
                f"{where}: an answer to case {id}, which the golden set does not have; run the scenario again"
            )


def _by_models_before(run: StoredRun) -> scores.ByModels:
    """What models said when the run was measured: none is loaded or asked to score its answers again."""
    by_metric: dict[str, dict[tuple[str, str], float | Unscored]] = {}
    for row in run.scores:
        if row.applicable:
            value = Unscored(row.reason or "") if row.value is None else row.value
            by_metric.setdefault(row.metric, {})[row.arm, row.case_id] = value
    models = run.record.models
    by_rules = models.grounding == RULES
    return scores.ByModels(
        likeness=by_metric.get(SIMILARITY, {}),
        grounds={} if by_rules else _grounds_before(by_metric),
        judged=_judged_before(by_metric, models.judge) if models.judge.is_set else None,
    )


def _grounds_before(by_metric: Mapping[str, Mapping[tuple[str, str], float | Unscored]]) -> DetectedGrounds:
    shares, unsupported = by_metric.get("groundedness", {}), by_metric.get("hallucination", {})
    return {at: value if isinstance(value, Unscored) else Grounds(_number(shares.get(at)), value == 1.0)
            for at, value in unsupported.items()}  # fmt: skip


def _number(value: float | Unscored | None) -> float | None:
    return None if isinstance(value, Unscored) else value


def _judged_before(
    by_metric: Mapping[str, Mapping[tuple[str, str], float | Unscored]], judge: JudgeSettings
) -> Judgements:
    by_answer: dict[tuple[str, str], dict[str, float | Unscored]] = {}
    for name in judge.asks:
        for at, value in by_metric.get(name, {}).items():
            by_answer.setdefault(at, {})[name] = value
    return by_answer


def rescore(
    run: StoredRun, cases: Sequence[Case], scenario: Scenario, metrics: Mapping[str, Metric] = METRICS
) -> RunResult:
    """Scores and their estimates again, from the stored answers; figures that need a model stay as they were.

    Cases are clustered as the run did it: its documents may have been edited since.
    """
    _check_cases(run, cases)
    clusters = run.record.golden.cluster_of
    arms = [arm.name for arm in run.record.arms if arm.tried is None]
    test = [case for case in cases if case.split == "test"]
    metrics = in_force(metrics, run.record.models.judge)
    rows = scores.score_traces(cases, run.traces, metrics, _by_models_before(run), scenario.style)
    table = tabulate(rows)
    pairs = scores.compared_pairs(arms, run.record.candidate)
    again = replace(
        run.record,
        metric_rows=scores.metric_rows(metrics),
        metrics=scores.estimates(table, test, clusters, scenario.seed, metrics),
        slices=scores.slices(table, test, clusters, run.record.golden.newest_example),
        differences=scores.differences(table, test, clusters, pairs, scenario.seed, metrics),
        forms=scores.forms(test, run.traces),
        calibration=calibration(load_labels(scenario.dir), test, run.traces, table, clusters, pairs, metrics),
        style=scenario.style,
    )
    return RunResult(again, run.traces, rows)
