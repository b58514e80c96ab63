"""Answering of the built-in generator beside `transformers.generate`, on the same prompts, in one run, on one thread.

    python -m benchmarks.answering_speed [--model smollm2] [--scenario scenarios/helpdesk] [--questions 24]
        [--batches 8,16,32] [--arms baseline,rag,rag+few-shot] [--repeats 1] [--kinds float32,bfloat16]

The library gets its prompts in batches of like length, padded on the left, its own attention (sdpa), and the best of
the batch sizes. Ours are the functions that a run calls (`generation/decode.py`). Both are greedy, once in fp32 and
once in bf16, in processor seconds of one thread (the machine may be busy). Prints for each arm and kind: seconds, ratio
(processor and wall), tokens a second; ours divided into prefill and decoding, each with the products that it computed
as a share of the machine's own matrix rate of that kind; how many answers are the same tokens as the library's, and for
every other how far apart the two best fp32 logits lie where the answers part (a tie). For ours in bf16 also how many
are the tokens of ours in fp32, beside A/A: ours in fp32 in batches of another size.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks.machine import clock, matrix_rate, timed, weights_of_products
from harness.arms import ARMS, BuiltArm
from harness.files.paths import find_scenario
from harness.generation import decode, llama
from harness.generation.batches import common
from harness.generation.chat_template import end_tokens
from harness.generation.load import locate
from harness.generation.local import MAX_BATCH, LocalGenerator, load_generator
from harness.golden.load import load_cases, load_examples
from harness.prompts import shots
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.load import load_scenario
from harness.types import Decoding

Rows = list[list[int]]


@dataclass(frozen=True)
class Ours:
    """One pass over all prompts by our own path."""

    tokens: Rows  # of each answer
    prefill: float  # processor seconds
    decoding: float
    computed: int  # prompt tokens that were not known already


@dataclass(frozen=True)
class Bench:
    """The same weights twice: as the package uses them, and as the library does."""

    generator: LocalGenerator
    libraries: Mapping[str, Any]  # by the kind of their weights
    new: int  # tokens of an answer at most

    @property
    def ends(self) -> list[int]:
        return end_tokens(self.generator.loaded.model, self.generator.loaded.tokenizer)

    def theirs(self, rows: Rows, size: int, kind: str) -> Rows:
        """By the library, in batches of this many prompts."""
        import torch

        pad, answers = self.generator.loaded.tokenizer.pad_token_id, {}
        order = sorted(range(len(rows)), key=lambda at: -len(rows[at]))
        for batch in (order[at : at + size] for at in range(0, len(order), size)):
            width = max(len(rows[at]) for at in batch)
            ids = torch.tensor([[pad] * (width - len(rows[at])) + rows[at] for at in batch])
            mask = torch.tensor([[0] * (width - len(rows[at])) + [1] * len(rows[at]) for at in batch])
            with torch.inference_mode():
                out = self.libraries[kind].generate(
                    input_ids=ids, attention_mask=mask, max_new_tokens=self.new, do_sample=False,
                    eos_token_id=self.ends, pad_token_id=pad,
                )  # fmt: skip
            for at, row in zip(batch, out[:, width:].tolist(), strict=True):
                stops = [place for place, token in enumerate(row) if token in self.ends]
                answers[at] = row[: stops[0]] if stops else row
        return [answers[at] for at in range(len(rows))]

    def ours(self, rows: Rows, kind: str, most: int = MAX_BATCH) -> Ours:
        """By our own path; `most`: prompts of a batch."""
        import torch

        model, answers, prefill = self.generator.loaded.model, dict[int, list[int]](), 0.0
        products = getattr(torch, kind)
        llama.of(model, products)  # laid out before, as a loaded model
        begun = clock()
        prefix = decode.prefix_of(model, rows, products)
        computed = len(prefix.tokens) if prefix else 0
        whole = self.generator.layout_of(rows, Decoding(max_new_tokens=self.new))
        for batch in (one[at : at + most] for one in whole for at in range(0, len(one), most)):
            marks: list[float] = []
            mine = [rows[at] for at in batch]
            prefill -= clock() if answers else begun
            decoded = decode.greedy(
                model, mine, max_new_tokens=self.new, end_tokens=self.ends, prefix=prefix, kind=products,
                on_first=lambda marks=marks: marks.append(clock()),
            )  # fmt: skip
            prefill += marks[0]
            answers |= zip(batch, (row.tokens for row in decoded), strict=True)
            computed += decode.fresh_tokens(mine, prefix)
        return Ours([answers[at] for at in range(len(rows))], prefill, clock() - begun - prefill, computed)


def main() -> None:
    options = _options()
    prompts = _prompts(options)
    import torch
    import transformers

    kinds = options.kinds.split(",")
    libraries = {
        kind: transformers.AutoModelForCausalLM.from_pretrained(
            locate(options.model), dtype=getattr(torch, kind), attn_implementation="sdpa"
        ).eval()
        for kind in kinds
    }
    generator = load_generator(options.model, threads=1)
    bench = Bench(generator, libraries, options.new)
    sizes = [int(size) for size in options.batches.split(",")]
    print(f"{options.model}, {options.questions} prompts an arm, at most {options.new} new tokens, one thread")
    for arm, texts in prompts.items():
        rows = [generator.encode(prompt) for prompt in texts]
        print(f"{arm}: {sum(map(len, rows)):,} prompt tokens")
        found = {kind: _compare(bench, kind, rows, sizes, options.repeats) for kind in kinds}
        _noise(bench, rows, found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--new", type=int, default=48)
    parser.add_argument("--batches", default="8,16,32")
    parser.add_argument("--arms", default="baseline,rag,rag+few-shot")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--kinds", default="float32,bfloat16")
    return parser.parse_args()


def _prompts(options: argparse.Namespace) -> dict[str, list[Any]]:
    """The prompts of each arm, made as a run makes them; questions spread over the golden set."""
    scenario = load_scenario(find_scenario(options.scenario))
    assert scenario.corpus is not None
    assert scenario.golden is not None
    cases = load_cases(scenario.golden)
    questions = [case.question for case in cases[:: max(1, len(cases) // options.questions)]][: options.questions]
    few = scenario.answer.few_shot
    worked = shots(load_examples(few, scenario.answer.system)) if few is not None else ()
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, Path(folder))
        retriever, counter = HybridRetriever(index, scenario.retrieval), load_generator(options.model, threads=1)
        built = {
            name: BuiltArm(
                ARMS[name],
                counter,
                retriever if ARMS[name].retriever else None,
                scenario.answer,
                worked if ARMS[name].few_shot else (),
            )
            for name in options.arms.split(",")
        }
        return {name: [one.prompt for one in arm.prepare(questions)] for name, arm in built.items()}


def _compare(bench: Bench, kind: str, rows: Rows, sizes: Sequence[int], repeats: int) -> Rows:
    """Both in turns, so that what else the machine does falls on each; returns our answers."""
    ours, theirs, seconds, wall = list[Ours](), list[Rows](), dict[int, list[float]](), ([], [])
    model = bench.libraries[kind]
    rates = [matrix_rate(model, kind)]
    for repeat in range(repeats):
        started = time.perf_counter()
        ours.append(bench.ours(rows, kind))
        wall[0].append(time.perf_counter() - started)
        rates.append(matrix_rate(model, kind))
        for size in sizes if repeat == 0 else [min(seconds, key=lambda one: statistics.median(seconds[one]))]:
            started = time.perf_counter()
            taken, answers = timed(lambda size=size: bench.theirs(rows, size, kind))
            wall[1].append(time.perf_counter() - started)
            seconds.setdefault(size, []).append(taken)
            theirs.append(answers)
            rates.append(matrix_rate(model, kind))
    best = min(seconds, key=lambda size: statistics.median(seconds[size]))
    a, rate = statistics.median(seconds[best]), statistics.median(rates)
    b = statistics.median(one.prefill + one.decoding for one in ours)
    tried = ", ".join(f"{size}: {statistics.median(taken):.1f} s" for size, taken in sorted(seconds.items()))
    print(f" {kind}: the machine multiplies at {rate:.0f} GFLOP/s; transformers by batch size: {tried}")
    print(f"  ours {b:.1f} s, ratio {a / b:.2f} (wall {min(wall[1]) / min(wall[0]):.2f}); "
          f"{(a / len(rows)):.2f} and {b / len(rows):.2f} s an answer")  # fmt: skip
    _shares(bench, ours[-1], rate, sum(map(len, rows)))
    _same(bench, rows, ours[-1].tokens, theirs[-1], "the library's")
    return ours[-1].tokens


def _noise(bench: Bench, rows: Rows, found: Mapping[str, Rows]) -> None:
    """Answers that bf16 changes, beside those that another batch size does."""
    if len(found) == 2:
        first, second = found
        _same(bench, rows, found[first], bench.ours(rows, first, 5).tokens, f"A/A: {first} in batches of 5,")
        _same(bench, rows, found[second], bench.ours(rows, second, 5).tokens, f"A/A: {second} in batches of 5,")
        _same(bench, rows, found[first], found[second], f"{second} and {first},")


def _shares(bench: Bench, one: Ours, rate: float, tokens: int) -> None:
    layers, logits = weights_of_products(next(iter(bench.libraries.values())))
    written = sum(map(len, one.tokens))
    prefill = 2 * (layers * one.computed + logits * len(one.tokens)) / one.prefill / 1e9
    steps = 2 * (layers + logits) * written / one.decoding / 1e9
    print(
        f"  prefill {one.prefill:.1f} s: {one.computed:,} of {tokens:,} tokens computed, "
        f"{one.computed / one.prefill:.0f} a second ({tokens / one.prefill:.0f} of the prompts' own), "
        f"{prefill:.0f} GFLOP/s, {100 * prefill / rate:.0f} % of the machine's rate"
    )
    print(
        f"  decoding {one.decoding:.1f} s: {written:,} tokens, {written / one.decoding:.0f} a second, "
        f"{steps:.0f} GFLOP/s, {100 * steps / rate:.0f} %"
    )


def _same(bench: Bench, rows: Rows, ours: Rows, theirs: Rows, whose: str) -> None:
    parted = [at for at, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    ties = [_gap(bench, rows[at] + ours[at][: common(ours[at], theirs[at])]) for at in parted]
    text = f"; where others part, the two best logits are at most {max(ties):.1e} apart" if ties else ""
    print(f"  same tokens as {whose}: {len(rows) - len(parted)} of {len(rows)}{text}", flush=True)


def _gap(bench: Bench, row: list[int]) -> float:
    """How far apart the two best logits behind a row are."""
    import torch

    with torch.inference_mode():
        best = bench.libraries["float32"](input_ids=torch.tensor([row]), logits_to_keep=1).logits[0, -1].topk(2).values
    return float(best[0] - best[1])


if __name__ == "__main__":
    main()
