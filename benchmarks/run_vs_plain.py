"""The run's way of answering beside a plain loop that does the same work with the same libraries.

    python benchmarks/run_vs_plain.py [--scenario scenarios/helpdesk] [--questions 64] [--repeats 3]

Plain: models loaded once, then one question at a time: retrieve, render, `generate`. Ours: the same questions through
the run's own path (one retrieval for all, batches of like length, lean decoding). Same prompts, same limits, one torch
thread each; the answers are compared. Both are timed without loading. Prints medians, the ratio, how many answers are
the same text, and the share of our time that is not model compute.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from harness.arms import ARMS, BuiltArm
from harness.generation.local import LocalGenerator, load_generator
from harness.golden.load import load_cases
from harness.paths import find_scenario
from harness.prompts import render
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario import load_scenario
from harness.settings import Scenario


def main() -> None:
    options = _options()
    scenario = load_scenario(find_scenario(options.scenario))
    assert scenario.corpus is not None
    assert scenario.golden is not None
    questions = [case.question for case in load_cases(scenario.golden)][: options.questions]
    generator = load_generator(scenario.models.generator, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, Path(folder))
        retriever = HybridRetriever(index, scenario.retrieval, cache_seconds=0.0)
        plain, ours, answers = [], [], ([""], [""])
        for _ in range(options.repeats):
            seconds, first = _timed(lambda: _plain(scenario, generator, retriever, questions))
            plain.append(seconds)
            seconds, second = _timed(lambda: _ours(scenario, generator, retriever, questions))
            ours.append(seconds)
            answers = (first, second)
        compute = _model_seconds(generator, lambda: _ours(scenario, generator, retriever, questions))
    a, b = statistics.median(plain), statistics.median(ours)
    same = sum(x == y for x, y in zip(*answers, strict=True))
    print(f"{len(questions)} questions, {options.repeats} repeats, medians")
    print(f"plain loop: {a:.2f} s   run: {b:.2f} s   ratio {a / b:.2f}")
    print(f"same text: {same} of {len(questions)}")
    print(f"share of the run's time outside the generator's forward passes: {100 * (1 - compute):.1f} %")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--questions", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def _timed(work: Callable[[], list[str]]) -> tuple[float, list[str]]:
    start = time.perf_counter()
    answers = work()
    return time.perf_counter() - start, answers


def _plain(
    scenario: Scenario, generator: LocalGenerator, retriever: HybridRetriever, questions: Sequence[str]
) -> list[str]:
    import torch

    model, tokenizer = generator.loaded.model, generator.loaded.tokenizer
    answers = []
    for question in questions:
        passages = [hit.passage for hit in retriever.retrieve([question])[0].hits]
        prompt = [{"role": m.role, "content": m.content} for m in render(question, scenario.answer.system, passages)]
        ids = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            out = model.generate(**ids, max_new_tokens=scenario.answer.max_new_tokens, do_sample=False)
        answers.append(tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers


def _ours(
    scenario: Scenario, generator: LocalGenerator, retriever: HybridRetriever, questions: Sequence[str]
) -> list[str]:
    return [answer.raw for answer in BuiltArm(ARMS["rag"], generator, retriever, scenario.answer).ask(questions)]


def _model_seconds(generator: LocalGenerator, work: Callable[[], Any]) -> float:
    """Share of `work`'s wall time spent inside the model's forward passes."""
    model, spent = generator.loaded.model, 0.0
    forward = model.forward

    def timed(*args: Any, **kwargs: Any) -> Any:
        nonlocal spent
        start = time.perf_counter()
        try:
            return forward(*args, **kwargs)
        finally:
            spent += time.perf_counter() - start

    model.forward = timed
    try:
        whole, _ = _timed(work)
    finally:
        model.forward = forward
    return spent / whole


if __name__ == "__main__":
    main()
