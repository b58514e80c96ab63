"""An arm's answers judged by the scenario's judge, in every metric that it is asked for.

Replies are kept by their content (`harness/judges/wire.py`): a run that was killed goes on, and arms that were shown
the same passages ask about them once. What the server did not answer is asked again by the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.engine.inputs import Inputs
from harness.engine.known_servers import server_key
from harness.engine.planned import Planned
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, code_key
from harness.files.hashing import content_hash
from harness.golden.exporters.contexts import contexts_of
from harness.judges.forecast import ANSWER_TOKENS, CaseTokens, Judging, by_prompts, keep_measured, last_time, tokens
from harness.judges.judge import Judge, JudgedAnswer, Task
from harness.judges.samples import JudgeSample
from harness.metrics.judged import NEEDS, OF_STYLE, missing, reference_of, rubrics
from harness.record.codec import read_rows, write_rows
from harness.record.judges import JudgedMetric, JudgeSection
from harness.scenario.settings import JudgeSettings
from harness.scenario.style import StyleRules
from harness.stages.answer import Generate
from harness.stages.detect import passage_texts
from harness.stages.models import judge_server
from harness.structured import without_marks
from harness.types import Case, Unscored

FILE = "judged.jsonl"
SECONDS_PER_QUESTION = 2.0  # of a hosted judge; a small one on a CPU takes far longer

Judgements = Mapping[tuple[str, str], Mapping[str, "float | Unscored"]]  # (arm, case id) -> metric ->


@dataclass(frozen=True, slots=True)
class AnswersJudged:
    answers: int
    judgements: int
    failed: int
    again: int  # of them, what the next run asks again


@dataclass(frozen=True, kw_only=True)
class JudgeAnswers(Stage[AnswersJudged]):
    """Judge one arm's answers to the questions of the test split."""

    name = "judge"
    result = AnswersJudged
    group = "judge"  # one process asks, so that models.judge.concurrency is what it says

    generate: Generate  # the stage that answered
    judge: JudgeSettings
    identity: str  # of the judge's server and model
    embedder: str
    cases: tuple[Case, ...]
    evidence: Mapping[str, tuple[str, ...]]  # case id -> texts of its evidence
    style: StyleRules | None
    passages: int  # in one prompt, at most
    passage_tokens: float  # of one, at most

    def size(self) -> str:
        expected, by = self.expected()
        cost = price_of(self.judge, expected.prompt_tokens, expected.completion_tokens)
        price = "" if cost is None else f", {cost:.2f}"
        thousands = f"{expected.prompt_tokens / 1e3:,.0f} + {expected.completion_tokens / 1e3:,.0f} k tokens"
        return f"about {expected.questions:,.0f} questions, {thousands}{price} ({by})"

    def seconds(self) -> float:
        return SECONDS_PER_QUESTION * self.expected()[0].questions / self.judge.concurrency

    def expected(self) -> tuple[Judging, str]:
        """Questions and tokens, about, and what that rests on."""
        whole, by_run = Judging(), 0
        by_metric = {name: [case for case in self.cases if self._may_ask(name, case)] for name in self.judge.asks}
        for name, cases in by_metric.items():
            before = last_time(self._alike, name)
            by_run += before is not None and bool(cases)
            rows = [by_prompts(name, self._tokens(case)) if before is None else before.took for case in cases]
            whole = whole + sum(rows, Judging()).times(1 if before is not None else self.judge.repeats)
        metrics = sum(bool(cases) for cases in by_metric.values())
        by = "as measured before" if by_run == metrics else "by the metrics' own prompts; replies guessed"
        return whole, by if by_run in (0, metrics) else f"{by_run} of {metrics} metrics as measured before, others {by}"

    @property
    def _alike(self) -> list[object]:
        return [self.judge.model, self.judge.max_tokens, self.judge.repeats, self.passages * self.passage_tokens]

    def _may_ask(self, name: str, case: Case) -> bool:
        """Whether a metric is asked of an answer to the case that is no refusal."""
        needs = NEEDS[name]
        if (needs.passages and not self.passages) or (needs.reference and reference_of(case) is None):
            return False
        if name in OF_STYLE and self.style is not None and case.category not in self.style.categories:
            return False
        return bool(case.evidence or not needs.evidence) and not (needs.answer and case.kind == "unanswerable")

    def _tokens(self, case: Case) -> CaseTokens:
        reference = reference_of(case)
        size = ANSWER_TOKENS if reference is None else tokens(reference)
        evidence = sum(map(tokens, self.evidence.get(case.id, ())))
        return CaseTokens(tokens(case.question), size, self.passages, self.passage_tokens, size, evidence)

    def work(self, store: Store, progress: Progress) -> AnswersJudged:
        tasks = self._tasks(store)
        progress(self.label, 0, len(tasks))
        rows: list[JudgedAnswer] = []
        if tasks:
            with Judge(self.judge, self.identity, self.embedder) as judge:
                rows = judge.judge(tasks, lambda count: progress(self.label, count, len(tasks)))
        write_rows(store.folder(self) / FILE, rows)
        self._note(rows)
        return AnswersJudged(
            answers=len({row.case for row in rows}),
            judgements=len(rows),
            failed=sum(not row.values for row in rows),
            again=sum(row.again for row in rows),
        )

    def _note(self, rows: Sequence[JudgedAnswer]) -> None:
        """What this judge took, for the next forecast; with its repeats, and without what it did not answer."""
        took: dict[str, list[Judging]] = {}
        for row in rows:
            if not row.again:
                judging = Judging(row.asked + row.kept, row.prompt_tokens, row.completion_tokens)
                took.setdefault(row.metric, []).append(judging)
        keep_measured(self._alike, took)

    def is_whole(self, result: AnswersJudged) -> bool:
        return not result.again

    def _tasks(self, store: Store) -> list[Task]:
        answers = {trace.case_id: trace.answer for trace in self.generate.traces(store) if not trace.probe}
        tasks: list[Task] = []
        for case in self.cases:
            answer = answers.get(case.id)
            if answer is not None:
                text = without_marks(answer.text)
                of = JudgeSample(
                    case.id,
                    case.question,
                    text,
                    passage_texts(answer),
                    reference_of(case),
                    self.evidence.get(case.id, ()),
                    case.key_points,
                )
                tasks += [(name, of) for name in self.judge.asks if missing(name, case, answer, self.style) is None]
        return tasks

    def rows(self, store: Store) -> list[JudgedAnswer]:
        """What a finished stage judged."""
        return read_rows(store.folder(self) / FILE, JudgedAnswer)


def price_of(judge: JudgeSettings, prompt_tokens: float, completion_tokens: float) -> float | None:
    """What so many tokens cost, in the unit of the scenario's prices; None without prices."""
    if not (judge.input_per_million or judge.output_per_million):
        return None
    return (prompt_tokens * judge.input_per_million + completion_tokens * judge.output_per_million) / 1e6


def judge_steps(inputs: Inputs, planned: Planned) -> Iterable[JudgeAnswers]:
    """The judging of every arm, where the scenario has a judge."""
    models, retrieval = inputs.scenario.models, inputs.scenario.retrieval
    judge = models.judge
    if not judge.is_set:
        return
    cases = inputs.test_cases
    evidence = contexts_of(cases, inputs.corpus.documents, inputs.corpus.passages).texts
    identity = server_key(judge_server(models), inputs.asked_since)
    style = inputs.scenario.style
    categories = None if style is None else style.categories
    questions = [
        [case.id, case.question, case.accept, case.kind, case.category, case.key_points, evidence.get(case.id)]
        for case in cases
    ]
    code = code_key("stages/judge", "judges", "structured", "metrics/judged", "references")
    embedder = models.embedder
    # the address, key and pace of a judge change no judgement
    settings = [judge.temperature, judge.max_tokens, judge.repeats, judge.asks, rubrics(judge), categories]
    for generate in planned.all(Generate):
        yield JudgeAnswers(
            key=content_hash([generate.key, identity, questions, settings, embedder, code]),
            after=(generate.label,),
            arm=generate.to.name,
            generate=generate,
            judge=judge,
            identity=identity,
            embedder=embedder,
            cases=cases,
            evidence=evidence,
            style=style,
            passages=retrieval.top_k if generate.to.retriever else 0,
            passage_tokens=float(retrieval.chunk_tokens),
        )


def judgements(planned: Planned, store: Store) -> Judgements | None:
    """What the finished stages judged, by arm and case; None without a judge."""
    stages = planned.all(JudgeAnswers)
    by_answer: dict[tuple[str, str], dict[str, float | Unscored]] = {}
    for stage in stages:
        for row in stage.rows(store):
            by_answer.setdefault((str(stage.arm), row.case), {})[row.metric] = row.value
    return by_answer if stages else None


def judge_section(inputs: Inputs, planned: Planned, store: Store, kin: str | None) -> JudgeSection | None:
    """The judge of a run, what it was asked and what became of it; None without one.

    Args:
        kin: why it may favour what it judges, in words.
    """
    stages, judge = planned.all(JudgeAnswers), inputs.scenario.models.judge
    if not stages:
        return None
    rows = [row for stage in stages for row in stage.rows(store)]
    prompt, completion = sum(row.prompt_tokens for row in rows), sum(row.completion_tokens for row in rows)
    return JudgeSection(
        model=judge.model,
        served=tuple(sorted({name for row in rows for name in row.served})),
        kin=kin,
        temperature=judge.temperature,
        repeats=judge.repeats,
        asked=sum(row.asked for row in rows),
        kept=sum(row.kept for row in rows),
        prompt_tokens=prompt,
        completion_tokens=completion,
        estimated=sum(row.estimated for row in rows),
        cost=price_of(judge, prompt, completion),
        again=sum(row.again for row in rows),
        metrics={name: _metric([row for row in rows if row.metric == name]) for name in judge.asks},
    )


def _metric(rows: list[JudgedAnswer]) -> JudgedMetric:
    failures = Counter(failure for row in rows for failure in row.failures)
    return JudgedMetric(
        answers=len(rows),
        scored=sum(bool(row.values) for row in rows),
        disagree=sum(row.disagrees for row in rows),
        failures=dict(failures.most_common()),
    )
