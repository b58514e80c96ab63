"""The table of metrics. What a report says of a metric, and how arms are compared on it, stands in its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import harness.metrics.in_prompt as in_prompt
from harness.metrics.citation import citation_precision, citation_recall
from harness.metrics.correctness import complete, correct
from harness.metrics.form import repair, schema, schema_first_try
from harness.metrics.grounding import groundedness, hallucination
from harness.metrics.judged import CORRECTNESS, NEEDS, judge_value
from harness.metrics.overlap import rouge_l, token_f1
from harness.metrics.reading import Reading
from harness.metrics.refusal import refusal_missed, refusal_needless, refusal_right
from harness.metrics.similarity import similarity
from harness.metrics.size import completion_tokens, prompt_tokens
from harness.metrics.style import glossary, tone
from harness.metrics.task import task_success, task_success_without_form
from harness.record.sections import Direction, Instrument, MetricSection
from harness.scenario.settings import JudgeSettings
from harness.types import Answer, Case, Unscored

Scorer = Callable[[Reading], "float | Unscored"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: how an answer is scored, and how its estimates are shown and compared."""

    name: str
    title: str  # as a report prints it
    group: str  # heading of its block in the matrix
    scorer: Scorer
    unit: str = "fraction"  # of its Estimates: fraction, tokens
    better: Direction | None = "higher"  # None: neither, so that no arm is best
    needs_passages: bool = False  # not applicable to an answer that was given without passages
    needs_style: bool = False  # not applicable without a house style
    compared: bool = False  # paired between arms, with Holm over all that are
    says: str = ""  # what it counts, in a few words
    brief: bool = False  # a line of the short table that a terminal shows
    rests_on: Instrument | None = None  # what errs behind its values; None: nothing does, they follow by rule
    people: str = (
        ""  # what people's value of the same is called (harness.ratings.values); empty: nobody is asked for it
    )

    def score(self, case: Case, answer: Answer) -> float | Unscored:
        """The value of one answer to a case, or why there is none."""
        return self.read(Reading(case, answer))

    def read(self, reading: Reading) -> float | Unscored:
        """The same of a reading, whose parts other metrics share."""
        if self.needs_passages and not reading.answer.hits:
            return Unscored("no passages were given", applicable=False)
        if self.needs_style and reading.style is None:
            return Unscored("the scenario has no house style", applicable=False)
        return self.scorer(reading)

    def section(self) -> MetricSection:
        """The row without its function, as a record keeps it."""
        return MetricSection(
            name=self.name,
            title=self.title,
            group=self.group,
            unit=self.unit,
            better=self.better,
            needs_passages=self.needs_passages,
            compared=self.compared,
            says=self.says,
            brief=self.brief,
            rests_on=self.rests_on,
            people=self.people,
        )


def _table(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


QUALITY, STYLE, LIKENESS = "Quality", "House style", "Likeness to the reference"
GROUNDING, FORM = "Grounding", "Form"
REFUSALS, RETRIEVAL, JUDGED, SIZE = "Refusals", "Retrieval", "By a judge", "Size"


def _by_judge(
    name: str, title: str, says: str, *, people: str = "", compared: bool = False, better: Direction = "higher"
) -> Metric:
    """A row whose values a judge gives; people's value of the same is called `people`."""
    return Metric(name, title, JUDGED, partial(judge_value, name), better=better, compared=compared, rests_on="judge",
                  needs_passages=NEEDS[name].passages, people=people, says=says)  # fmt: skip


# fmt: off
METRICS: Mapping[str, Metric] = _table(
    Metric("task_success", "Task success", QUALITY, task_success, brief=True, compared=True, rests_on="detector",
           people="task_success", says="correct, in form, nothing unsupported"),
    Metric("task_success_without_form", "Task success, form aside", QUALITY, task_success_without_form, compared=True,
           rests_on="detector", people="task_success_without_form"),
    Metric("correct", "Correct", QUALITY, correct, brief=True, compared=True, people="correct",
           says="an accepted answer, or rightly refused"),
    Metric("complete", "Complete", QUALITY, complete,
           says="key points that the answer mentions"),
    Metric("tone", "Tone", STYLE, tone, needs_style=True,
           says="answers in the tone of the house"),
    Metric("glossary", "Glossary", STYLE, glossary, needs_style=True,
           says="brands, terms and codes written as the house does"),
    Metric("token_f1", "Token F1", LIKENESS, token_f1,
           says="words shared with the reference; informative"),
    Metric("rouge_l", "ROUGE-L", LIKENESS, rouge_l,
           says="the same, in one order; informative"),
    Metric("similarity", "Embedding similarity", LIKENESS, similarity,
           says="nearness in meaning to a reference sentence; informative"),

    Metric("groundedness", "Groundedness", GROUNDING, groundedness, brief=True, needs_passages=True, compared=True,
           rests_on="detector", people="groundedness", says="claims that a shown passage supports"),
    Metric("hallucination", "Hallucination", GROUNDING, hallucination, brief=True, better="lower", needs_passages=True,
           rests_on="detector", people="hallucination", says="answers with an unsupported claim"),
    # no passages needed: who was shown none and cites all the same cites wrongly
    Metric("citation_precision", "Citation precision", GROUNDING, citation_precision,
           says="cited passages that support the answer"),
    Metric("citation_recall", "Citation recall", GROUNDING, citation_recall, compared=True,
           says="evidence that is cited"),

    Metric("schema", "Form valid after repair", FORM, schema, brief=True, compared=True),
    Metric("schema_first_try", "Form valid at first", FORM, schema_first_try),
    Metric("repair", "Repaired", FORM, repair, brief=True, better="lower",
           says="answers that needed a repair"),

    Metric("refusal_right", "Refused rightly", REFUSALS, refusal_right, brief=True),
    Metric("refusal_missed", "Refusal missed", REFUSALS, refusal_missed, better="lower",
           says="answered what has no answer"),
    Metric("refusal_needless", "Refused needlessly", REFUSALS, refusal_needless, better="lower"),

    Metric("recall@k", "Recall of shown passages", RETRIEVAL, in_prompt.recall, needs_passages=True,
           says="evidence that reached the prompt"),
    Metric("precision@k", "Precision of shown passages", RETRIEVAL, in_prompt.precision, needs_passages=True),
    Metric("mrr", "MRR", RETRIEVAL, in_prompt.mrr, needs_passages=True,
           says="1 / rank of the first relevant passage"),
    Metric("ndcg@k", "nDCG", RETRIEVAL, in_prompt.ndcg, needs_passages=True),

    _by_judge("ragas_faithfulness", "Faithfulness (ragas)", "statements that the passages support", compared=True,
            people="groundedness"),
    _by_judge("ragas_answer_correctness", "Answer correctness (ragas)", "statements shared with the reference",
            compared=True, people="correct"),
    _by_judge("ragas_context_precision", "Context precision (ragas)", "useful passages, early ones count more"),
    _by_judge("ragas_context_recall", "Context recall (ragas)", "statements of the reference that the passages carry"),
    _by_judge("ragas_answer_relevancy", "Answer relevancy (ragas)",
            "nearness of the question to those that the answer answers"),
    _by_judge("ragas_noise_sensitivity", "Noise sensitivity (ragas)", "wrong statements taken from relevant passages",
            better="lower"),
    _by_judge("deepeval_faithfulness", "Faithfulness (deepeval)", "claims that the passages do not contradict",
            compared=True, people="groundedness"),
    _by_judge("deepeval_hallucination", "Agreement with the evidence (deepeval)", "evidence that is not contradicted"),
    _by_judge("deepeval_toxicity", "Not toxic (deepeval)", "opinions in the answer that are not toxic"),
    _by_judge("deepeval_tone", "Tone (GEval)", "the tone that the scenario's rubric asks for", people="tone"),
    _by_judge("deepeval_completeness", "Completeness (GEval)", "all that the scenario's rubric asks for",
            people="complete"),
    _by_judge("deepeval_criteria", "The scenario's criteria (GEval)", "models.judge.criteria", people="criteria"),

    Metric("prompt_tokens", "Prompt length", SIZE, prompt_tokens, unit="tokens", better="lower"),
    Metric("completion_tokens", "Answer length", SIZE, completion_tokens, unit="tokens", better="lower"),
)
# fmt: on


def in_force(table: Mapping[str, Metric], judge: JudgeSettings) -> dict[str, Metric]:
    """The rows that a run is scored by: of those that a judge gives, the ones that it is asked for.

    Correctness rests on the judge too where that decides what words cannot.
    """
    rows = {name: row for name, row in table.items() if name not in NEEDS or name in judge.asks}
    if CORRECTNESS in rows:
        for name in ("correct", "task_success", "task_success_without_form"):
            rows[name] = replace(rows[name], rests_on="judge")
    return rows


BY_RULE: Mapping[str, Metric] = in_force(METRICS, JudgeSettings())  # what a run without a judge is scored by
