"""The run's way of answering beside a plain loop that does the same work with the same libraries.

    python -m benchmarks.run_vs_plain [--scenario scenarios/helpdesk] [--questions 64] [--repeats 3]

Plain: models loaded once, then one question at a time: retrieve, render, `generate`. Ours: the same questions through
the run's own path (one retrieval for all, batches of like length, lean decoding). Same prompts, same limits; the
answers are compared. First on one thread each; then on the whole machine: the plain loop with one torch thread or as
many as there are cores, whichever is faster on eight questions, ours as the run does it, in as many processes of one
thread. All are timed without loading. Prints medians, the ratios, how many answers are the same text, and the share of
our time that is not model compute.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from harness.arms import ARMS, BuiltArm
from harness.files.paths import find_scenario
from harness.generation.llama import Llama
from harness.generation.local import LocalGenerator, load_generator
from harness.golden.load import load_cases
from harness.prompts import render
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario


@dataclass(frozen=True)
class Bench:
    """What one process has loaded."""

    scenario: Scenario
    generator: LocalGenerator
    retriever: HybridRetriever

    def plain(self, questions: Sequence[str]) -> list[str]:
        """One question at a time, each by the libraries' own calls."""
        import torch

        model, tokenizer = self.generator.loaded.model, self.generator.loaded.tokenizer
        settings, answers = self.scenario.answer, []
        for question in questions:
            passages = [hit.passage for hit in self.retriever.retrieve([question])[0].hits]
            prompt = [{"role": m.role, "content": m.content} for m in render(question, settings.system, passages)]
            ids = tokenizer.apply_chat_template(
                prompt, add_generation_prompt=True, return_tensors="pt", return_dict=True
            )
            with torch.inference_mode():
                out = model.generate(**ids, max_new_tokens=settings.max_new_tokens, do_sample=False)
            answers.append(tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True))
        return answers

    def ours(self, questions: Sequence[str]) -> list[str]:
        """The run's own path."""
        arm = BuiltArm(ARMS["rag"], self.generator, self.retriever, self.scenario.answer)
        return [answer.raw for answer in arm.ask(questions)]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        bench = _load(options.scenario, folder, threads=1)
        assert bench.scenario.golden is not None
        questions = [case.question for case in load_cases(bench.scenario.golden)][: options.questions]
        print(f"{len(questions)} questions, {options.repeats} repeats, medians")
        _compare("one thread", lambda: bench.plain(questions), lambda: bench.ours(questions), options.repeats)
        outside = 1 - _model_share(bench, lambda: bench.ours(questions))
        print(f"share of ours outside the generator's and the embedder's passes: {100 * outside:.1f} %")
        cores = os.cpu_count() or 1
        shares = [questions[i::cores] for i in range(cores)]
        threads = _faster(options.scenario, folder, (1, cores), questions[:8])
        with (
            _processes(1, options.scenario, folder, threads) as plain,
            _processes(cores, options.scenario, folder, 1) as ours,
        ):
            _compare(
                f"{cores} cores",
                lambda: plain.submit(_ask, "plain", questions).result(),
                lambda: _joined(list(ours.map(_ask, ["ours"] * cores, shares))),
                options.repeats,
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--questions", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def _faster(name: str, folder: str, counts: Sequence[int], questions: Sequence[str]) -> int:
    """The number of torch threads with which the plain loop answers sooner: more are slower for a small model."""
    taken: dict[int, float] = {}
    for threads in counts:
        with _processes(1, name, folder, threads) as plain:
            taken[threads], _ = _timed(lambda one=plain: one.submit(_ask, "plain", questions).result())
        print(f"plain loop, {len(questions)} questions on {threads} threads: {taken[threads]:.2f} s")
    return min(taken, key=lambda threads: taken[threads])


def _compare(name: str, plain: Callable[[], list[str]], ours: Callable[[], list[str]], repeats: int) -> None:
    """Both in turns, so that what else the machine does falls on both."""
    seconds: tuple[list[float], list[float]] = [], []
    answers: tuple[list[str], list[str]] = [], []
    for _ in range(repeats):
        for i, work in enumerate((plain, ours)):
            taken, answers[i][:] = _timed(work)
            seconds[i].append(taken)
    a, b = map(statistics.median, seconds)
    same = sum(x == y for x, y in zip(*answers, strict=True))
    print(f"{name}: plain loop {a:.2f} s, run {b:.2f} s, ratio {a / b:.2f}; same text {same} of {len(answers[0])}")


def _timed(work: Callable[[], list[str]]) -> tuple[float, list[str]]:
    start = time.perf_counter()
    answers = work()
    return time.perf_counter() - start, answers


def _load(name: str, folder: str, threads: int) -> Bench:
    scenario = load_scenario(find_scenario(name))
    assert scenario.corpus is not None
    index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, Path(folder))
    generator = load_generator(scenario.models.generator, threads=threads)
    bench = Bench(scenario, generator, HybridRetriever(index, scenario.retrieval, cache_seconds=0.0))
    for way in (bench.plain, bench.ours):  # what is loaded at the first question is not timed
        way(["Where is it?"])
    return bench


LOADED: list[Bench] = []  # of this process, once `_begin` has run in it


def _begin(name: str, folder: str, threads: int) -> None:
    os.environ["OMP_NUM_THREADS"] = str(threads)
    LOADED.append(_load(name, folder, threads))


def _ask(way: str, questions: Sequence[str]) -> list[str]:
    return LOADED[0].plain(questions) if way == "plain" else LOADED[0].ours(questions)


@contextmanager
def _processes(count: int, name: str, folder: str, threads: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes have all loaded their models."""
    with ProcessPoolExecutor(count, get_context("spawn"), _begin, (name, folder, threads)) as pool:
        list(pool.map(time.sleep, [1.0] * count))  # a second each, so that none takes two and every process is begun
        yield pool


def _joined(shares: Sequence[Sequence[str]]) -> list[str]:
    """The answers in the order of the questions, which were dealt out like cards."""
    found = [""] * sum(map(len, shares))
    for i, share in enumerate(shares):
        found[i :: len(shares)] = share
    return found


def _model_share(bench: Bench, work: Callable[[], Any]) -> float:
    """Share of `work`'s wall time spent inside the models' forward passes."""
    spent = 0.0

    def timed(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal spent
            start = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                spent += time.perf_counter() - start

        return call

    # the library's forward pass, our own for models of Llama's shape, and the embedder's
    embedder = type(bench.retriever.index.embedder)
    passes: list[tuple[Any, str]] = [
        (bench.generator.loaded.model, "forward"), (Llama, "hidden"), (Llama, "following"), (embedder, "embed"),
    ]  # fmt: skip
    before = [getattr(owner, name) for owner, name in passes]
    for (owner, name), inner in zip(passes, before, strict=True):
        setattr(owner, name, timed(inner))
    try:
        whole, _ = _timed(work)
    finally:
        for (owner, name), inner in zip(passes, before, strict=True):
            setattr(owner, name, inner)
    return spent / whole


if __name__ == "__main__":
    main()
