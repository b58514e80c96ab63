"""General ability before and after tuning: multiple choice through lm-eval, the same items for every model, paired.

An item on disk (`Item`): `{"id": "astronomy/17", "subject": "astronomy", "correct": 1.0, "choices": 4}`.

Items come from a folder of MMLU csv files (Hendrycks et al. 2021), headerless `question,A,B,C,D,letter` or with a
header and answers 0-3; from `general`, the built-in model's own set in the same layout; from a local lm-eval task file;
or from lm-eval's tasks by name where a hub is reachable.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import harness.stats as stats
from harness.errors import EnvironmentFailure, InputError
from harness.input_file import SETTINGS, is_dir, is_file, legible, read_text
from harness.paired_items import ItemOutcome, compare_outcomes
from harness.process.lm_eval_calls import only_asked
from harness.record.measurements import AbilitySection
from harness.scenario.settings import ForgettingSettings
from harness.types import Estimate
from harness.yaml_text import YamlFault, load_yaml

SHOTS = 5  # as MMLU is reported
NAMED = ("mmlu", "hellaswag")
ITEMS_FROM = ("dataset_path", "custom_dataset", "include")  # keys of an lm-eval task file that lead to its items
LETTERS = "ABCD"
BATCH = 8
T = TypeVar("T")
CLOZE = "Question: {{question.strip()}}\nAnswer:"


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """One multiple-choice question."""

    id: str  # subject/line
    subject: str
    text: str
    choices: tuple[str, str, str, str]
    answer: int  # 0 to 3


@dataclass(frozen=True, slots=True)
class Item:
    """One question, and whether a model chose the right answer."""

    id: str  # subject/line, or lm-eval task/document
    subject: str
    correct: float  # 1 right, 0 wrong
    choices: int  # that it was chosen among


# --- items ------------------------------------------------------------------------------------------------------


def read_folder(folder: Path) -> tuple[dict[str, list[ChoiceQuestion]], dict[str, list[ChoiceQuestion]]]:
    """Test and few-shot questions by subject from `test/` and `dev/` of a folder of MMLU csv files.

    Raises:
        InputError: no csv files, or a row that is not a question with four choices and an answer; file and line named.
    """
    test = {_subject(file): _read_csv(file) for file in sorted((folder / "test").glob("*.csv"))}
    if not test:
        raise InputError(f"{folder}: no test/*.csv in it; expected MMLU's layout, one csv a subject in test/ and dev/")
    if not any(test.values()):
        raise InputError(f"{folder}: no question in any test/*.csv; write a row of six columns for each")
    dev = {_subject(file): _read_csv(file) for file in sorted((folder / "dev").glob("*.csv"))}
    return test, dev


def _subject(file: Path) -> str:
    return file.stem.removesuffix("_test").removesuffix("_dev").removesuffix("_val")


def _read_csv(file: Path) -> list[ChoiceQuestion]:
    subject = _subject(file)
    try:
        rows = list(csv.reader(io.StringIO(read_text(file), newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{file}: not a csv file: {error}") from None
    header = bool(rows) and [cell.strip().lower() for cell in rows[0]][:1] == ["question"]
    return [
        _question(row, subject, file, line)
        for line, row in enumerate(rows, start=1)
        if row and not (header and line == 1)
    ]


def _question(row: Sequence[str], subject: str, file: Path, line: int) -> ChoiceQuestion:
    if len(row) != 6:
        demand = "expected 6: question, four choices, the answer"
        raise InputError(f"{file}:{line}: {len(row)} columns, {demand}")
    answer = row[5].strip()
    names = tuple(zip(LETTERS, "0123", strict=True))
    place = next((i for i, pair in enumerate(names) if answer in pair), -1)
    if place < 0:
        raise InputError(f"{file}:{line}: the answer is {answer!r}, expected a letter A to D or a number 0 to 3")
    return ChoiceQuestion(f"{subject}/{line}", subject, row[0], (row[1], row[2], row[3], row[4]), place)


def spread(questions: Mapping[str, Sequence[T]], limit: int, seed: int) -> dict[str, list[T]]:
    """At most `limit` questions in all, as even over the subjects as their sizes allow, drawn with this seed.

    Subjects that have too few leave their share to the others; the draw of a subject does not depend on the others.
    """
    rest, share = limit, {}
    by_size = sorted(questions, key=lambda name: (len(questions[name]), name))
    for place, name in enumerate(by_size):
        share[name] = min(len(questions[name]), -(-rest // (len(by_size) - place)))
        rest -= share[name]
    return {name: _draw(questions[name], share[name], f"{seed}/{name}") for name in sorted(questions) if share[name]}


def _draw(questions: Sequence[T], count: int, seed: str) -> list[T]:
    places = sorted(random.Random(seed).sample(range(len(questions)), count))
    return [questions[place] for place in places]


# --- asking -----------------------------------------------------------------------------------------------------


def ask_items(model: Any, tokenizer: Any, settings: ForgettingSettings, seed: int) -> list[Item]:
    """Every item with whether the model chose the right answer, in a fixed order.

    Args:
        model: a transformers causal LM, adapters merged.
        tokenizer: its tokenizer.

    Raises:
        InputError: `settings.tasks` names nothing that can be read.
        EnvironmentFailure: a task by name needs a hub that cannot be reached.
    """
    folder = items_folder(settings.tasks)
    with tempfile.TemporaryDirectory(prefix="harness-tasks-") as scratch:
        if folder is not None:
            test, dev = read_folder(folder)
            cloze = settings.tasks == "general"
            questions = spread(test, settings.limit, seed)
            names = _write_tasks(Path(scratch), questions, {} if cloze else dev, cloze)
            samples = _evaluate(model, tokenizer, names, Path(scratch), None)
            pairs = [pair for name, qs in names.items() for pair in zip(samples[name], qs, strict=True)]
            return [_item(sample, question) for sample, question in pairs]
        return _ask_tasks(model, tokenizer, settings)


def items_folder(tasks: str) -> Path | None:
    """The folder of csv files that `tasks` means, or None for an lm-eval task file or name."""
    if tasks == "general":
        from harness.generation.pocket import GENERAL_DIR

        return Path(GENERAL_DIR)
    return Path(tasks) if is_dir(Path(tasks)) else None


def check_tasks(settings: ForgettingSettings, *, read: bool) -> None:
    """Refuse a name that means no items, before a model is asked; `read`: also read the items that are files."""
    tasks, file = settings.tasks, Path(settings.tasks)
    folder = items_folder(tasks)
    if read and folder is not None and tasks != "general":
        read_folder(folder)
    elif read and is_file(file):
        task_name(file)
    elif folder is None and not is_file(file) and tasks not in (*NAMED, "none"):
        raise InputError(_unknown(tasks))


def _unknown(tasks: str) -> str:
    choices = ("general", "none", *NAMED)
    near = next(iter(difflib.get_close_matches(tasks, choices, n=1)), None)
    hint = (
        f"did you mean '{near}'?"
        if near
        else f"expected {', '.join(choices)}, a task file or a folder of MMLU csv files"
    )
    return f"forgetting.tasks: '{legible(tasks)}' is no file, folder or known name; {hint}"


def _write_tasks(
    scratch: Path,
    questions_of: Mapping[str, list[ChoiceQuestion]],
    dev: Mapping[str, Sequence[ChoiceQuestion]],
    cloze: bool,
) -> dict[str, list[ChoiceQuestion]]:
    """One lm-eval task a subject; returns task name -> its questions.

    `cloze`: the model continues `Answer:` with a choice's own words, zero-shot, instead of naming its letter: the form
    in which models too small to handle letters show what they know (OLMES, Gu et al. 2024, section 3).
    """
    import yaml

    tasks = {f"forgetting_{number:03d}": questions for number, questions in enumerate(questions_of.values())}
    for name, questions in tasks.items():
        shots = list(dev.get(questions[0].subject, ()))[:SHOTS]
        files = {"test": scratch / f"{name}.test.jsonl", "dev": scratch / f"{name}.dev.jsonl"}
        for split, rows in (("test", questions), ("dev", shots)):
            text = "".join(json.dumps(_row(q)) + "\n" for q in rows)
            files[split].write_text(text, encoding="utf-8")
        (scratch / f"{name}.yaml").write_text(yaml.safe_dump(_task(name, files, len(shots), cloze)), encoding="utf-8")
    return tasks


def _row(question: ChoiceQuestion) -> dict[str, Any]:
    return {"question": question.text, "choices": list(question.choices), "answer": question.answer}


def _task(name: str, files: Mapping[str, Path], shots: int, cloze: bool) -> dict[str, Any]:
    choices = "\n".join(f"{letter}. {{{{choices[{place}]}}}}" for place, letter in enumerate(LETTERS))
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
        "doc_to_text": CLOZE if cloze else "{{question.strip()}}\n" + choices + "\nAnswer:",
        "doc_to_choice": "{{choices}}" if cloze else list(LETTERS),
        "doc_to_target": "answer",
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }


def _item(sample: Mapping[str, Any], question: ChoiceQuestion) -> Item:
    return Item(question.id, question.subject, float(sample["acc"]), len(question.choices))


def _ask_tasks(model: Any, tokenizer: Any, settings: ForgettingSettings) -> list[Item]:
    """lm-eval's own task file or named tasks; `limit` is spread by lm-eval's own per-task limit."""
    file = Path(settings.tasks)
    if is_file(file):
        samples = _evaluate(model, tokenizer, [task_name(file)], file.parent, settings.limit)
    elif settings.tasks in NAMED:
        per_task = -(-settings.limit // 57) if settings.tasks == "mmlu" else settings.limit
        samples = _evaluate(model, tokenizer, [settings.tasks], None, per_task)
    else:
        raise InputError(_unknown(settings.tasks))
    return [
        Item(f"{name}/{s['doc_id']}", name.removeprefix("mmlu_"), float(s["acc"]), len(s["arguments"]))
        for name, rows in sorted(samples.items())
        for s in rows
    ]


def task_name(file: Path) -> str:
    """The name in an lm-eval task file. InputError where the file is none, or has tags that run Python."""
    try:
        task = load_yaml(read_text(file, SETTINGS))
    except YamlFault as fault:
        raise InputError(f"{file}: no lm-eval task file: {fault}") from None
    name = task.get("task") or task.get("group") if isinstance(task, dict) else None
    if not isinstance(name, str):
        raise InputError(f"{file}: no 'task' or 'group' name in it; expected an lm-eval task file")
    if "task" in task and not any(key in task for key in ITEMS_FROM):
        raise InputError(f"{file}: says nowhere what its items are; expected one of: {', '.join(ITEMS_FROM)}")
    return name


def _evaluate(
    model: Any, tokenizer: Any, names: Mapping[str, Any] | list[str], folder: Path | None, limit: int | None
) -> dict[str, list[dict[str, Any]]]:
    """lm-eval's per-item results by task name, in document order."""
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    length = int(model.config.max_position_embeddings)
    wrapped = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH, max_length=min(length, 4096))
    manager = TaskManager(include_path=None if folder is None else str(folder), include_defaults=folder is None)
    shots = SHOTS if folder is None and "mmlu" in names else None
    try:
        # Without the progress bar that each subject and each request would draw.
        with contextlib.redirect_stderr(io.StringIO()), only_asked():
            results = lm_eval.simple_evaluate(
                model=wrapped, tasks=list(names), num_fewshot=shots, limit=limit, task_manager=manager,
                log_samples=True, bootstrap_iters=0, verbosity="ERROR",
            )  # fmt: skip
    except (ConnectionError, OSError) as error:
        if folder is not None:
            raise
        raise EnvironmentFailure(
            f"forgetting.tasks: the items of {', '.join(names)} are on a hub that cannot be reached "
            f"({type(error).__name__}); connect, or set it to 'general' or to a folder of MMLU csv files"
        ) from error
    return {name: sorted(rows, key=lambda row: int(row["doc_id"])) for name, rows in results["samples"].items()}


# --- comparing --------------------------------------------------------------------------------------------------


def compare_items(
    base: Sequence[Item], adapters: Mapping[str, Sequence[Item]], settings: ForgettingSettings
) -> AbilitySection:
    """The record's `forgetting` section: each adapter beside the base on the same items.

    Args:
        base: what `ask_items` gave for the base model.
        adapters: arm -> what it gave for its adapter; the same items in the same order.

    Raises:
        InputError: an adapter was asked other items than the base.
    """
    estimate = stats.rate([item.correct for item in base])
    chance = sum(1 / item.choices for item in base) / len(base)
    above = estimate.low is not None and estimate.low > chance
    return AbilitySection(
        status="measured" if above else "not measured",
        reason=None if above else _at_chance(estimate, chance),
        tasks=settings.tasks,
        items=len(base),
        chance=chance,
        base=estimate,
        arms={arm: compare_outcomes(_outcomes(base), _outcomes(items)) for arm, items in adapters.items()},
    )


def _at_chance(estimate: Estimate, chance: float) -> str:
    at = f"{100 * (estimate.mean or 0):.0f} % of {estimate.n} items right"
    return f"the base is not above chance ({at}, chance {100 * chance:.0f} %): there is nothing it could forget"


def _outcomes(items: Sequence[Item]) -> list[ItemOutcome]:
    return [ItemOutcome(item.id, item.subject, item.correct) for item in items]
