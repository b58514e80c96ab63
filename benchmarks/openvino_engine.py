"""Answering by OpenVINO in an environment of its own: optimum-intel wants another transformers than the package.

    python benchmarks/openvino_engine.py < task.json     # benchmarks/engines.py --openvino PYTHON calls it so

Reads {"model", "rows", "new", "ends", "pad", "batches"} and prints a line of JSON for each kind of weights: its name,
the best batch size, processor seconds and the tokens of every answer. Imports nothing of the package.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
KINDS = (("float32", "f32", None), ("bfloat16", "bf16", None), ("int8 weights", "f32", 8))


def main() -> None:
    import openvino
    from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig

    task = json.load(sys.stdin)
    for name, precision, bits in KINDS:
        engine = OVModelForCausalLM.from_pretrained(
            task["model"],
            export=True,
            quantization_config=OVWeightQuantizationConfig(bits=bits) if bits else None,
            load_in_8bit=None if bits else False,
            ov_config={"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": precision},
        )
        _answer(engine, task["rows"][:2], task)  # compiled, caches warm
        tried = {}
        for size in task["batches"]:
            start = time.process_time()
            answers = _in_batches(engine, task, size)
            tried[size] = (time.process_time() - start, answers)
        best = min(tried, key=lambda size: tried[size][0])
        label = f"OpenVINO {openvino.__version__.split('-')[0]} in {name}"
        print(json.dumps([label, best, *tried[best]]), flush=True)


def _in_batches(engine: object, task: dict, size: int) -> list[list[int]]:
    rows = task["rows"]
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
    answers = {}
    for batch in (order[at : at + size] for at in range(0, len(order), size)):
        answers |= dict(zip(batch, _answer(engine, [rows[at] for at in batch], task), strict=True))
    return [answers[at] for at in range(len(rows))]


def _answer(engine: object, rows: list[list[int]], task: dict) -> list[list[int]]:
    import torch

    width = max(map(len, rows))
    ids = torch.tensor([[task["pad"]] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    out = engine.generate(
        input_ids=ids, attention_mask=mask, max_new_tokens=task["new"], do_sample=False,
        eos_token_id=task["ends"], pad_token_id=task["pad"],
    )  # fmt: skip
    cut = []
    for row in out[:, width:].tolist():
        stops = [place for place, token in enumerate(row) if token in task["ends"]]
        cut.append(row[: stops[0]] if stops else row)
    return cut


if __name__ == "__main__":
    main()
