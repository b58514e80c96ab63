"""Speed, memory and determinism of a model directory on this machine, with the number of threads stated."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from recipes.pocket import evaluate

BATCH, NEW_TOKENS = 16, 48


def speed(folder: Path, threads: int = 2) -> dict[str, Any]:
    """Seconds to load (with the libraries, and alone), tokens/s of prefill and of batch-16 decoding, peak MiB."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    loading = []
    for _ in range(2):  # the first time the libraries are loaded too
        started = time.perf_counter()
        model, tokenizer = evaluate.load(folder)
        loading.append(time.perf_counter() - started)
    prompts = [item.messages for item in evaluate.reading(BATCH, 4)]
    texts = [tokenizer.apply_chat_template(p, tokenize=False, add_generation_prompt=True) for p in prompts]
    batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    short = _timed(model, inputs, 1, tokenizer.pad_token_id)
    long = _timed(model, inputs, NEW_TOKENS + 1, tokenizer.pad_token_id)
    torch.set_num_threads(before)
    return {
        "threads": threads,
        "first_load_seconds": round(loading[0], 3),
        "load_seconds": round(loading[1], 3),
        "prefill_tokens_per_second": round(int(batch["attention_mask"].sum()) / short),
        "decode_tokens_per_second_batch_16": round(BATCH * NEW_TOKENS / max(long - short, 1e-9)),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load_average": os.getloadavg()[0],
    }


def _timed(model: Any, inputs: dict[str, Any], tokens: int, pad: int) -> float:
    """The best of three: seconds to generate exactly `tokens` tokens for the batch."""
    import torch

    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        with torch.inference_mode():
            model.generate(**inputs, do_sample=False, min_new_tokens=tokens, max_new_tokens=tokens, pad_token_id=pad)
        best = min(best, time.perf_counter() - started)
    return best


def determinism(folder: Path, count: int = 96) -> dict[str, Any]:
    """Greedy answers of a second process, and of batch size 1 against 16: the share that differ."""
    model, tokenizer = evaluate.load(folder)
    prompts = [item.messages for item in evaluate.reading(count, 4)]
    here = evaluate.answers(model, tokenizer, prompts, size=16)
    code = (
        "import json, sys; from pathlib import Path; from recipes.pocket import evaluate as e; "
        f"m, t = e.load(Path(sys.argv[1])); p = [i.messages for i in e.reading({count}, 4)]; "
        "print(json.dumps(e.answers(m, t, p, size=16)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    there = json.loads(done.stdout.splitlines()[-1])
    single = evaluate.answers(model, tokenizer, prompts, size=1)
    return {
        "two_processes_differ": evaluate.rate([a != b for a, b in zip(here, there, strict=True)]),
        "batch_1_and_16_differ": evaluate.rate([a != b for a, b in zip(here, single, strict=True)]),
    }
