"""A scenario that runs in seconds on a random model: every stage real, every answer nonsense."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests import tiny_model

PLANS = {"Amber": ("12 euros", "3 GB"), "Birch": ("19 euros", "8 GB"), "Cedar": ("31 euros", "40 GB")}
SCHEMA = {
    "type": "object",
    "required": ["status", "answer", "citations"],
    "properties": {"status": {"enum": ["ok", "refused"]}, "answer": {"type": "string"}, "citations": {"type": "array"}},
}
SETTINGS = """\
title: Three plans
advice:
  answers: {1: yes, 2: no, 3: yes, 4: no, 5: yes, 6: yes, 7: no, 8: yes, 9: no}
corpus: corpus/
golden: golden.jsonl
examples: train.jsonl
probes: probes.jsonl
models: {generator: model}
retrieval: {chunk_tokens: 40, overlap_tokens: 4, top_k: 2}
answer:
  schema: schema.json
  system: system.md
  max_new_tokens: 8
  fields: {text: answer, status: status, refused: refused, citations: citations}
  few_shot: shots.jsonl
tuning: {rank: 2, alpha: 4, epochs: 1, batch: 4, learning_rate: 1.0e-2, replay: 0.0, eval_share: 0.2}
arms: [baseline, rag, rag+few-shot, tune, hybrid]
forgetting: {tasks: items, limit: 8}
safety: {limit: 4}
gates: {schema: 99}
"""


def write_small(folder: Path) -> Path:
    """Write the scenario with its model into `folder`; returns it."""
    (folder / "corpus").mkdir(parents=True)
    for name, (price, storage) in PLANS.items():
        text = f"# {name} plan\n\nThe {name} plan costs {price}. The {name} plan has {storage} of storage.\n"
        (folder / "corpus" / f"{name.lower()}.md").write_text(text)
    (folder / "scenario.yaml").write_text(SETTINGS)
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "system.md").write_text("Answer in JSON from the passages.")
    write_rows(folder / "golden.jsonl", _cases())
    write_rows(folder / "train.jsonl", _examples())
    write_rows(folder / "probes.jsonl", ({"id": f"p{i}", "question": f"What is plan {i}?"} for i in range(5)))
    context = [{"id": "x", "title": "Oak", "text": "The Oak plan costs 5 euros."}]
    shot = {"prompt": {"context": context, "user": "What does Oak cost?"}, "output": _output("5 euros")}
    write_rows(folder / "shots.jsonl", [shot])
    for split in ("dev", "test"):
        (folder / "items" / split).mkdir(parents=True)
        rows = "".join(f"What is {i} and {i}?,{2 * i},{i},7,9,A\n" for i in range(10, 18))
        (folder / "items" / split / "sums.csv").write_text(rows)
    tiny_model.build(folder / "model")
    return folder


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _output(answer: str) -> dict[str, Any]:
    return {"status": "ok", "answer": answer, "citations": []}


def _cases() -> list[dict[str, Any]]:
    rows = []
    for i, (name, (price, storage)) in enumerate(PLANS.items()):
        for j, (ask, value, verb) in enumerate((("cost", price, "costs"), ("store", storage, "has"))):
            quote = f"The {name} plan {verb} {value}"
            case = {"id": f"c{i}{j}", "question": f"What does {name} {ask}?", "accept": [value]}
            evidence = [{"doc": f"{name.lower()}.md", "quote": quote}]
            rows.append({**case, "evidence": evidence, "split": "dev" if j and not i else "test"})
    unanswerable = {"id": "c9", "question": "Who owns Amber?", "kind": "unanswerable", "source": "amber.md"}
    return [*rows, {**unanswerable, "split": "test"}]


def _examples() -> list[dict[str, Any]]:
    return [
        {
            "prompt": {"user": f"Tell me the {word} of {name}."},
            "output": _output(value),
            "evidence": [{"doc": f"{name.lower()}.md", "quote": f"The {name} plan"}],
            "use": use,
        }
        for name, values in PLANS.items()
        for word, value in zip(("price", "storage"), values, strict=True)
        for use in ("open_book", "closed_book")
    ]
