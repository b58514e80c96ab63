"""What the run's own ways of tuning and answering save, in processor seconds, beside the libraries' ways.

    python -m benchmarks.step_costs [--rows 16] [--questions 12]

Tuning: one epoch of the built-in model with TRL's loss (off a GPU: logits at every position) and with ours (at the
answers alone), on the helpdesk scenario's open-book examples with four passages each. Answering one request at a time:
token by token, and with drafts looked up in the prompt; the tokens are compared. One thread; the two ways alternate, so
that a machine that slows down slows both. Prints medians and their ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from harness.documents.corpus import load_documents
from harness.files.paths import find_scenario
from harness.generation import decode, llama
from harness.generation.chat_template import end_tokens
from harness.generation.local import LocalGenerator, load_generator
from harness.golden.load import load_cases, load_examples
from harness.prompts import completion_text, render
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.tuning import train, trainer
from harness.tuning.examples import ChatRow, TrainingRows
from harness.types import Passage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--questions", type=int, default=12)
    options = parser.parse_args()
    scenario = load_scenario(find_scenario("scenarios/helpdesk"))
    generator = load_generator(scenario.models.generator, threads=1)
    _tuning(scenario, generator, options.rows)
    _answering(scenario, generator, options.questions)


def _passages(scenario: Scenario, count: int) -> list[list[Passage]]:
    """Four passages of about 60 words for each of `count` prompts."""
    assert scenario.corpus is not None
    pages = load_documents(scenario.corpus).documents
    cut = [Passage(p.id, p.id, p.title, " ".join(p.text.split()[:60]), p.timestamp) for p in pages]
    return [[cut[(4 * i + j) % len(cut)] for j in range(4)] for i in range(count)]


def _tuning(scenario: Scenario, generator: LocalGenerator, count: int) -> None:
    from trl import SFTTrainer

    assert scenario.examples is not None
    examples = [e for e in load_examples(scenario.examples, scenario.answer.system) if e.use == "open_book"][:count]
    shown = zip(examples, _passages(scenario, count), strict=True)
    rows = tuple(ChatRow(render(e.user, scenario.answer.system, p), completion_text(e.output)) for e, p in shown)
    settings = replace(scenario.tuning, epochs=1.0, eval_share=0.0, batch=8)
    ours = trainer.trainer_type
    seconds: dict[str, list[float]] = {"every position": [], "answers alone": []}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(3):
            for name, kind in (("every position", lambda model: SFTTrainer), ("answers alone", ours)):
                trainer.trainer_type = kind
                out = Path(folder) / f"{repeat}-{name}" / "adapter"
                made = TrainingRows(rows, count, 0)
                spent, _ = _processor(partial(train.train_adapter, generator.loaded, made, settings, out, seed=7))
                seconds[name].append(spent / count)
    trainer.trainer_type = ours
    _print(f"tuning, ms a row of {count}", seconds)


def _answering(scenario: Scenario, generator: LocalGenerator, count: int) -> None:
    import torch

    assert scenario.golden is not None
    cases = load_cases(scenario.golden)[:count]
    shown = zip(cases, _passages(scenario, count), strict=True)
    rows = [generator.encode(render(case.question, scenario.answer.system, p)) for case, p in shown]
    model, most = llama.of(generator.loaded.model), scenario.answer.max_new_tokens
    ends = frozenset(end_tokens(model, generator.loaded.tokenizer))
    seconds: dict[str, list[float]] = {"token by token": [], "with drafts": []}
    same = tokens = 0
    with torch.inference_mode():
        for row in rows:
            batch, first = decode._prefill(model, [row], most, decode.Prefix())
            spent, (slow,) = _processor(partial(decode._decode, model, batch, first, most, ends))
            seconds["token by token"].append(spent)
            batch, first = decode._prefill(model, [row], most, decode.Prefix())
            spent, fast = _processor(partial(decode._decode_alone, model, batch, row, first[0], (most, ends)))
            seconds["with drafts"].append(spent)
            same += slow == fast
            tokens += len(slow.tokens)
    _print(f"answering, ms a question of {count}, {tokens / count:.0f} tokens each", seconds)
    print(f"the same tokens: {same} of {count}")


def _processor(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds of `work`, and what it returns."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _print(title: str, seconds: dict[str, list[float]]) -> None:
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    (first, second, *_) = middle
    said = ", ".join(f"{name} {1000 * value:.0f}" for name, value in middle.items())
    print(f"{title}: {said}; ratio {middle[first] / middle[second]:.2f}")


if __name__ == "__main__":
    main()
