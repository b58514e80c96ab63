"""The forecast of judging: questions and tokens by the libraries' own prompts, or as an earlier run measured them.

What a metric's prompts hold was counted (`python -m benchmarks.judge_prompts`, ragas 0.4.3, deepeval 4.3.1): the
library's own text, and how often it repeats each part of a case. The parts are those of the scenario's cases. How much
a judge writes back, no prompt says: that is a guess until a run with the same judge has measured it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.paths import cache_dir
from harness.generation.server import BYTES_A_TOKEN
from harness.record.codec import decode, to_json, write_atomic

REPLY_TOKENS = 120  # of one question: a guess
ANSWER_TOKENS = 30  # of an answer whose case has no accepted one
Line = tuple[float, float]  # without passages, for each of them besides


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the prompts of one metric on one answer hold; each by how it grows with the passages."""

    questions: Line
    own: Line  # tokens of the library's own text
    question: Line = (0.0, 0.0)  # how often each part of the case stands there
    answer: Line = (0.0, 0.0)
    passages: Line = (0.0, 0.0)  # each of them
    reference: Line = (0.0, 0.0)
    evidence: Line = (0.0, 0.0)  # each item


@dataclass(frozen=True, slots=True)
class CaseTokens:
    """The parts of one case, in tokens."""

    question: float
    answer: float
    passages: int  # how many
    passage: float  # tokens of one
    reference: float
    evidence: float  # of all items


@dataclass(frozen=True, slots=True)
class Judging:
    """Questions and tokens."""

    questions: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0

    def __add__(self, other: Judging) -> Judging:
        return Judging(
            self.questions + other.questions,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def times(self, count: float) -> Judging:
        return Judging(self.questions * count, self.prompt_tokens * count, self.completion_tokens * count)


PROMPTS: Mapping[str, Prompts] = {
    "ragas_faithfulness": Prompts(questions=(2, 0), own=(2300, 0), question=(1, 0), answer=(2, 0), passages=(1, 0)),
    "ragas_answer_correctness": Prompts(
        questions=(3, 0),
        own=(3920, 0),
        question=(3, 0),
        answer=(3, 0),
        reference=(1, 0),
    ),
    "ragas_context_precision": Prompts(
        questions=(0, 1),
        own=(0, 1580),
        question=(0, 1),
        passages=(1, 0),
        reference=(0, 1),
    ),
    "ragas_context_recall": Prompts(
        questions=(1, 0),
        own=(2410, 0),
        question=(1, 0),
        passages=(1, 0),
        reference=(1, 0),
    ),
    "ragas_answer_relevancy": Prompts(questions=(3, 0), own=(2520, 0), answer=(3, 0)),
    "ragas_noise_sensitivity": Prompts(
        questions=(3, 2),
        own=(2870, 2750),
        question=(2, 0),
        answer=(2, 2),
        passages=(2, 0),
        reference=(2, 0),
    ),
    "deepeval_faithfulness": Prompts(questions=(3, 0), own=(1270, 0), answer=(3, 0), passages=(1, 0)),
    "deepeval_hallucination": Prompts(questions=(1, 0), own=(630, 0), answer=(1, 0), evidence=(1, 0)),
    "deepeval_toxicity": Prompts(questions=(2, 0), own=(1400, 0), answer=(2, 0)),
    "deepeval_tone": Prompts(questions=(2, 0), own=(490, 0), question=(1, 0), answer=(1, 0)),
    "deepeval_completeness": Prompts(questions=(2, 0), own=(520, 0), question=(1, 0), answer=(1, 0), reference=(1, 0)),
    "deepeval_criteria": Prompts(questions=(2, 0), own=(490, 0), question=(1, 0), answer=(1, 0)),
}


def tokens(text: str) -> float:
    """About how many tokens a text has, for a judge whose tokenizer is not at hand."""
    return len(text.encode("utf-8", "surrogatepass")) / BYTES_A_TOKEN


def by_prompts(metric: str, case: CaseTokens) -> Judging:
    """What one metric takes for the answer to one case, by its prompts."""
    row, n = PROMPTS[metric], case.passages

    def at(line: Line) -> float:
        return line[0] + line[1] * n

    prompt = at(row.own) + at(row.question) * case.question + at(row.answer) * case.answer
    prompt += at(row.passages) * case.passage * n + at(row.reference) * case.reference
    prompt += at(row.evidence) * case.evidence
    return Judging(at(row.questions), prompt, at(row.questions) * REPLY_TOKENS)


# --- measured ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """What a finished judging took in one metric."""

    answers: int
    took: Judging  # of one of them, with its repeats


def last_time(alike: Sequence[object], metric: str) -> Measured | None:
    """What one answer took in the last judging that was alike; None where there was none.

    Args:
        alike: what tokens hang on: the judge's model and settings, the size of the passages.
    """
    file = _place(alike, metric)
    try:
        return decode(file.read_bytes(), Measured, str(file))
    except (OSError, InputError):
        return None


def keep_measured(alike: Sequence[object], took: Mapping[str, Sequence[Judging]]) -> None:
    """Note for the next forecast what judgements took.

    Args:
        took: metric -> one row an answer.
    """
    for metric, rows in took.items():
        if rows:
            mean = sum(rows, Judging()).times(1 / len(rows))
            write_atomic(_place(alike, metric), to_json(Measured(len(rows), mean)))


def _place(alike: Sequence[object], metric: str) -> Path:
    return cache_dir() / "judged" / "took" / f"{content_hash([*alike, metric])}.json"
