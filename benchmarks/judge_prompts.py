"""What ragas' and deepeval's own prompts take: the table of `harness/judges/forecast.py`, counted.

    python -m benchmarks.judge_prompts          # needs the extras ragas and deepeval; no judge, no network

Every metric judges made-up answers through the scripted double, once with one passage and once with four. Of each part
(question, answer, passage, reference, evidence; a statement that the double hands back counts as the answer's share)
it is counted how often the prompts repeat it; what is left is the library's own text. Tokens are bytes / 3, as
wherever a server's tokenizer is not at hand.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pprint import pprint
from typing import get_args

from harness.generation.server import BYTES_A_TOKEN
from harness.judges.double import Scripted, agreeing, scripted_judge
from harness.judges.forecast import Prompts
from harness.judges.judge import Judge
from harness.judges.samples import JudgeSample
from harness.scenario.settings import JudgeMetric, JudgeSettings

STATEMENTS = 2  # that the double makes of an answer or a reference
MARKS: Mapping[str, str] = {  # in no prompt of theirs
    "question": "Qzq", "answer": "Azq", "passages": "Pzq", "reference": "Rzq", "evidence": "Ezq",
}  # fmt: skip
LENGTH = 40  # words of each part
WORDS = {name: " ".join([mark] * LENGTH) for name, mark in MARKS.items()}
STATEMENT = " ".join(["Szq"] * (LENGTH // STATEMENTS))


@dataclass(frozen=True)
class Counted:
    """One evaluation."""

    questions: int
    own: float  # tokens of the library's text
    parts: Mapping[str, float]  # how often each part stands in the prompts, whole


def scripted(prompt: str, nth: int) -> Scripted:
    """As `agreeing`, with statements of a length that is known, and every verdict the same."""
    text = agreeing(prompt, nth).text
    reply = json.loads(text)
    for name in ("statements", "claims", "truths", "opinions"):
        if isinstance(reply.get(name), list) and all(isinstance(item, str) for item in reply[name]):
            reply[name] = [STATEMENT] * STATEMENTS
    return Scripted(json.dumps(reply))


def counted(metric: JudgeMetric, passages: int) -> Counted:
    """The prompts of one metric on one answer."""
    of = JudgeSample(
        "c", WORDS["question"], WORDS["answer"], (WORDS["passages"],) * passages, WORDS["reference"],
        (WORDS["evidence"],) * 2,
    )  # fmt: skip
    with scripted_judge(scripted) as server:
        settings = JudgeSettings(
            "m", server.url, metrics=(metric,), tone="T.", completeness="T.", criteria="T.", retries=0, timeout=60
        )
        with Judge(settings, f"{metric} {passages}", "minilm") as judge:
            (row,) = judge.judge([(metric, of)])
        prompts = list(server.prompts)
    assert row.values, (metric, row)
    text = "\n".join(prompts)
    parts = {name: text.count(mark) / LENGTH for name, mark in MARKS.items()}
    parts["passages"] /= passages
    parts["evidence"] /= 2
    parts["answer"] += text.count("Szq") / LENGTH
    marked = sum(text.count(mark) * 4 for mark in (*MARKS.values(), "Szq"))
    return Counted(len(prompts), (len(text.encode()) - marked) / BYTES_A_TOKEN, parts)


def prompts_of(metric: JudgeMetric) -> Prompts:
    """The row of one metric: what it takes without passages, and what each passage adds."""
    one, four = counted(metric, 1), counted(metric, 4)

    def line(few: float, many: float) -> tuple[float, float]:
        each = (many - few) / 3
        return round(few - each, 1), round(each, 1)

    return Prompts(
        questions=line(one.questions, four.questions),
        own=_tens(line(one.own, four.own)),
        **{name: line(one.parts[name], four.parts[name]) for name in MARKS},
    )


def _tens(line: tuple[float, float]) -> tuple[float, float]:
    return round(line[0], -1) + 0.0, round(line[1], -1) + 0.0  # no -0.0


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HARNESS_CACHE"] = folder
        pprint({metric: prompts_of(metric) for metric in get_args(JudgeMetric)}, width=110, sort_dicts=False)


if __name__ == "__main__":
    main()
