"""Other engines behind the generator's seam, on the prompts of a scenario, beside our own pass, on one thread.

    pip install ctranslate2                                # the package itself does not need it
    python -m benchmarks.engines [--model smollm2] [--scenario scenarios/helpdesk] [--questions 8] [--repeats 1]
        [--openvino PYTHON]                                # of an environment with optimum-intel[openvino]

Each engine gets the same weights (converted into a folder that is thrown away), the same tokens, greedy decoding, and
the best of several batch sizes. Prints processor seconds, the ratio to ours in fp32 and in bf16 (above 1: the engine is
faster), and how many answers are the tokens of ours in fp32. One is worth keeping from 1.5 on, at equal answers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks.answering_speed import Bench, Rows, _prompts
from benchmarks.machine import timed
from harness.generation.load import locate
from harness.generation.local import load_generator

BATCHES = (1, 4, 8)
Answer = Callable[[Rows], Rows]  # one batch of prompts in tokens, the tokens of their answers


@dataclass(frozen=True)
class Found:
    """One engine's answers in its best batch size."""

    name: str
    batch: int
    seconds: float  # of the processor
    answers: Rows


def main() -> None:
    options = _options()
    prompts, generator = _prompts(options), load_generator(options.model, threads=1)
    bench = Bench(generator, {}, options.new)
    with tempfile.TemporaryDirectory() as folder:
        engines = list(_ctranslate2(bench, options.model, Path(folder)))
        for arm, texts in prompts.items():
            rows = [generator.encode(prompt) for prompt in texts]
            print(f"{arm}: {len(rows)} prompts, {sum(map(len, rows)):,} tokens", flush=True)
            seconds, ours = _ours(bench, rows, options.repeats)
            for one in (*(_best(name, answer, rows) for name, answer in engines), *_openvino(bench, options, rows)):
                ratios = ", ".join(f"{taken / one.seconds:.2f} of ours in {kind}" for kind, taken in seconds.items())
                same = _same(one.answers, ours)
                print(f"  {one.name}: {one.seconds:.1f} s in batches of {one.batch}: {ratios}; {same}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--new", type=int, default=48)
    parser.add_argument("--arms", default="rag,rag+few-shot")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--openvino", help="a Python that has optimum-intel[openvino]")
    return parser.parse_args()


def _ours(bench: Bench, rows: Rows, repeats: int) -> tuple[dict[str, float], Rows]:
    """Our seconds by the kind of products, and the answers in fp32."""
    answers, seconds = {}, {}
    for kind in ("float32", "bfloat16"):
        bench.ours(rows, kind)  # laid out, caches warm
        taken = [timed(lambda kind=kind: bench.ours(rows, kind)) for _ in range(repeats)]
        seconds[kind], answers[kind] = min(t for t, _ in taken), taken[0][1].tokens
        print(f"  ours in {kind}: {seconds[kind]:.1f} s, {_same(answers[kind], answers['float32'])}", flush=True)
    return seconds, answers["float32"]


def _best(name: str, answer: Answer, rows: Rows) -> Found:
    tried = {size: timed(lambda size=size: _in_batches(answer, rows, size)) for size in BATCHES}
    best = min(tried, key=lambda size: tried[size][0])
    return Found(name, best, *tried[best])


def _same(answers: Rows, first: Rows) -> str:
    return f"{sum(a == b for a, b in zip(answers, first, strict=True))} of {len(first)} answers the same tokens"


def _in_batches(answer: Answer, rows: Rows, size: int) -> Rows:
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    answers = {}
    for batch in (order[at : at + size] for at in range(0, len(order), size)):
        answers |= dict(zip(batch, answer([rows[at] for at in batch]), strict=True))
    return [answers[at] for at in range(len(rows))]


def _ctranslate2(bench: Bench, model: str, folder: Path) -> Iterator[tuple[str, Answer]]:
    try:
        import ctranslate2
    except ImportError:
        print("ctranslate2 is not installed")
        return
    tokenizer = bench.generator.loaded.tokenizer
    ends = [tokenizer.convert_ids_to_tokens(end) for end in bench.ends]
    for stored, computed in (("float32", "float32"), ("int8", "int8_float32"), ("bfloat16", "bfloat16")):
        if computed not in ctranslate2.get_supported_compute_types("cpu"):
            print(f"CTranslate2 computes no {computed} on this processor")
            continue
        place = folder / f"ct2-{stored}"
        ctranslate2.converters.TransformersConverter(str(locate(model))).convert(str(place), quantization=stored)
        engine = ctranslate2.Generator(str(place), compute_type=computed, inter_threads=1, intra_threads=1)

        def answer(rows: Rows, engine: Any = engine) -> Rows:
            found = engine.generate_batch(
                [tokenizer.convert_ids_to_tokens(row) for row in rows], max_length=bench.new, end_token=ends,
                include_prompt_in_result=False,
            )  # fmt: skip
            return [_until(one.sequences_ids[0], bench.ends) for one in found]

        yield f"CTranslate2 {ctranslate2.__version__} in {stored}", answer


def _openvino(bench: Bench, options: argparse.Namespace, rows: Rows) -> Iterator[Found]:
    """By an environment that has optimum-intel, which wants another transformers than ours."""
    if options.openvino is None:
        return
    tokenizer = bench.generator.loaded.tokenizer
    task = {"model": str(locate(options.model)), "rows": rows, "new": bench.new, "ends": bench.ends,
            "pad": tokenizer.pad_token_id, "batches": BATCHES}  # fmt: skip
    script = Path(__file__).with_name("openvino_engine.py")
    done = subprocess.run(
        [options.openvino, script], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    for line in done.stdout.splitlines():
        if line.startswith("["):
            yield Found(*json.loads(line))
    if done.returncode:
        print(f"  OpenVINO ended with {done.returncode}: {done.stderr.strip().splitlines()[-1]}")


def _until(tokens: list[int], ends: list[int]) -> list[int]:
    stops = [place for place, token in enumerate(tokens) if token in ends]
    return tokens[: stops[0]] if stops else tokens


if __name__ == "__main__":
    main()
