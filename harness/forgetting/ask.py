"""Multiple choice through lm-eval: every item asked of one model, in every form that its source has.

Items come from a folder of MMLU csv files (Hendrycks et al. 2021), asked by letter and by the choices' words; from
`general`, the built-in model's own set in the same layout, asked by words; from a local lm-eval task file; or from
lm-eval's tasks by name where a hub is reachable.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import math
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentFailure, InputError
from harness.files.input_file import SETTINGS, is_dir, is_file, legible, read_text
from harness.files.yaml_text import YamlFault, load_yaml
from harness.forgetting import forms
from harness.forgetting.forms import AskedAs
from harness.forgetting.items import Item
from harness.forgetting.questions import ChoiceQuestion, read_folder, spread
from harness.process.lm_eval_calls import only_asked
from harness.scenario.settings import ForgettingSettings

NAMED = ("mmlu", "hellaswag")
ITEMS_FROM = ("dataset_path", "custom_dataset", "include")  # keys of an lm-eval task file that lead to its items
LONGEST = 4096  # tokens of one request, where the model could take more


def ask_items(
    model: Any, tokenizer: Any, settings: ForgettingSettings, seed: int, only: Collection[str] | None = None
) -> list[Item]:
    """Every item with whether the model chose the right answer, in a fixed order, form by form.

    Args:
        model: a transformers causal LM, adapters merged.
        tokenizer: its tokenizer.
        only: forms to ask in; None: all.

    Raises:
        InputError: `settings.tasks` names nothing that can be read.
        EnvironmentFailure: a task by name needs a hub that cannot be reached.
    """
    folder = items_folder(settings.tasks)
    if folder is None:
        return _ask_tasks(model, tokenizer, settings)
    test, dev = read_folder(folder)
    questions = spread(test, settings.limit, seed)
    every = forms.BUILT_IN if settings.tasks == "general" else forms.FOLDER
    selection = [form for form in every if only is None or form.name in only]
    with tempfile.TemporaryDirectory(prefix="harness-tasks-") as scratch:
        tasks = [forms.write_tasks(Path(scratch), questions, dev, form) for form in selection]
        names = [name for of_form in tasks for name in of_form]
        samples = _evaluate(model, tokenizer, names, Path(scratch), None)
    return [
        _item(sample, question, form)
        for form, of_form in zip(selection, tasks, strict=True)
        for name, of_subject in of_form.items()
        for sample, question in zip(samples[name], of_subject, strict=True)
    ]


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


def _item(sample: Mapping[str, Any], question: ChoiceQuestion, form: AskedAs) -> Item:
    text = question.choices[question.answer] if not form.letters else "A"
    return Item(
        question.id,
        question.subject,
        float(sample[form.metric]),
        len(question.choices),
        form.name,
        log_probability(sample["resps"][question.answer], text),
    )


def log_probability(response: Any, text: str) -> float | None:
    """Nats a word of a choice, by lm-eval's response to it; None where the model gives it no finite one."""
    nats = float(response[0][0]) / max(1, len(text.split()))
    return nats if math.isfinite(nats) else None


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
    model: Any, tokenizer: Any, names: list[str], folder: Path | None, limit: int | None
) -> dict[str, list[dict[str, Any]]]:
    """lm-eval's per-item results by task name, in document order."""
    import lm_eval
    from lm_eval.tasks import TaskManager

    from harness.forgetting.shared_prefixes import wrapped
    from harness.generation.load import window_of

    wrapper = wrapped(model, tokenizer, min(window_of(model.config), LONGEST))
    manager = TaskManager(include_path=None if folder is None else str(folder), include_defaults=folder is None)
    shots = forms.SHOTS if folder is None and "mmlu" in names else None
    try:
        # Without the progress bar that each subject and each request would draw.
        with contextlib.redirect_stderr(io.StringIO()), only_asked():
            results = lm_eval.simple_evaluate(
                model=wrapper, tasks=names, num_fewshot=shots, limit=limit, task_manager=manager,
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
