"""The forms in which a multiple-choice question is asked, and lm-eval tasks that ask it so.

Letters is MMLU as it is reported: five worked examples, the choices listed, `Answer:` continued by a letter. Cloze is
lm-eval's continuation form (`mmlu_continuation`): `Question: ...` and `Answer:` continued by a choice's own words, no
examples, the log-probability by the choice's length. A model too small to handle letters shows what it knows in the
second (OLMES, Gu et al. 2024, section 3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness.forgetting.questions import LETTERS, ChoiceQuestion

Metric = Literal["acc", "acc_norm"]  # of lm-eval: the likeliest choice; the likeliest by its length in characters


@dataclass(frozen=True, slots=True)
class AskedAs:
    """One form of asking."""

    name: str  # in items and in the record
    prompt: str  # lm-eval's doc_to_text
    letters: bool  # the choices are named by letters; else continued by their words
    shots: int  # worked examples, where the folder has any
    metric: Metric  # what counts as right


_QUESTION = "Question: {{question.strip()}}\nAnswer:"
_LISTED = "\n".join(f"{letter}. {{{{choices[{place}]}}}}" for place, letter in enumerate(LETTERS))
_MMLU = AskedAs("letters", "{{question.strip()}}\n" + _LISTED + "\nAnswer:", letters=True, shots=5, metric="acc")
SHOTS = _MMLU.shots

FOLDER: tuple[AskedAs, ...] = (_MMLU, AskedAs("cloze", _QUESTION, letters=False, shots=0, metric="acc_norm"))
# The built-in set's choices are a word or two each: their length says nothing.
BUILT_IN: tuple[AskedAs, ...] = (AskedAs("cloze", _QUESTION, letters=False, shots=0, metric="acc"),)


def write_tasks(
    scratch: Path,
    questions_of: Mapping[str, list[ChoiceQuestion]],
    dev: Mapping[str, Sequence[ChoiceQuestion]],
    form: AskedAs,
) -> dict[str, list[ChoiceQuestion]]:
    """One lm-eval task a subject in a folder of its own; returns task name -> its questions."""
    import yaml

    tasks = {f"{form.name}_{number:03d}": questions for number, questions in enumerate(questions_of.values())}
    for name, questions in tasks.items():
        shots = list(dev.get(questions[0].subject, ()))[: form.shots]
        files = {"test": scratch / f"{name}.test.jsonl", "dev": scratch / f"{name}.dev.jsonl"}
        for split, rows in (("test", questions), ("dev", shots)):
            text = "".join(json.dumps(_row(q)) + "\n" for q in rows)
            files[split].write_text(text, encoding="utf-8")
        (scratch / f"{name}.yaml").write_text(yaml.safe_dump(_task(name, files, len(shots), form)), encoding="utf-8")
    return tasks


def _row(question: ChoiceQuestion) -> dict[str, Any]:
    return {"question": question.text, "choices": list(question.choices), "answer": question.answer}


def _task(name: str, files: Mapping[str, Path], shots: int, form: AskedAs) -> dict[str, Any]:
    data = {split: str(path) for split, path in files.items() if split == "test" or shots}
    few = {"fewshot_split": "dev", "fewshot_config": {"sampler": "first_n"}} if shots else {}
    return {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": data},
        "test_split": "test",
        **few,
        "num_fewshot": shots,
        "output_type": "multiple_choice",
        "doc_to_text": form.prompt,
        "doc_to_choice": list(LETTERS) if form.letters else "{{choices}}",
        "doc_to_target": "answer",
        "metric_list": [{"metric": form.metric, "aggregation": "mean", "higher_is_better": True}],
    }
