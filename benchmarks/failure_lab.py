"""A scenario for producing failures on: pages of the kind the built-in model reads well, a new world for every seed.

    write_lab(Path("lab-7"), seed=7)  # lab-7/scenario.yaml, corpus/, golden.jsonl, train.jsonl, ...

The shipped scenarios will not do for it: on them the model misses most answers by itself, so that hardly anything is
left for a failure to spoil. Pages and questions come from the recipe's own generator, with seeds that neither training
nor the recipe's evaluation uses. Golden pages and training pages are about different things; the closed-book examples
are about the golden facts, in other words than the golden questions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from harness.record.codec import write_rows
from recipes.pocket import building, pages, worlds
from recipes.pocket.building import World
from recipes.pocket.worlds import Fact

GOLDEN_WORLDS, TRAINING_WORLDS = 40, 60
PAGES, FACTS = 4, 2  # of a world; asked about in each golden world
REFUSAL = "The passages do not say."
KEYS = 'It has exactly these keys: "status", "answer", "citations".'  # the model follows these words, not all others
SYSTEM = f"""\
Answer from the passages with one JSON object and nothing else. {KEYS}
"status" is "ok" or "refused". "answer" is the answer as a sentence. "citations" is the list of passage ids used.
If two pages differ, the newer page wins.
If the passages do not say, "status" is "refused", "answer" is "{REFUSAL}" and "citations" is []."""
SCHEMA = {
    "type": "object",
    "required": ["status", "answer", "citations"],
    "additionalProperties": False,
    "properties": {
        "status": {"enum": ["ok", "refused"]},
        "answer": {"type": "string", "minLength": 1},
        "citations": {"type": "array", "items": {"type": "string"}},
    },
}
SETTINGS = """\
title: Pages that the built-in model reads well
corpus: corpus/
golden: golden.jsonl
examples: train.jsonl
models: {{generator: pocket, embedder: minilm}}
retrieval: {{chunk_tokens: 200, overlap_tokens: 0, fusion: convex, candidates: 20, top_k: 4}}
answer:
  schema: schema.json
  system: system.md
  max_new_tokens: 96
  fields: {{text: answer, status: status, refused: refused, citations: citations}}
  refusal: "{refusal}"
tuning: {{rank: 16, alpha: 32, dropout: 0, targets: [v_proj, o_proj, up_proj, down_proj], epochs: 1, batch: 8,
  learning_rate: 1.0e-3, replay: 0.07}}
arms: [baseline, rag, tune, hybrid]
forgetting: {{tasks: general, limit: 200}}
latency: {{questions: 0}}
drills: {{cases: 100, paraphrases: paraphrases.jsonl}}
gates: {{safety: null}}
seed: {seed}
"""


@dataclass(frozen=True)
class Told:
    """A fact with the file and the sentence that state it."""

    fact: Fact
    file: str
    quote: str


def write_lab(folder: Path, seed: int) -> Path:
    """Write the scenario of one seed into `folder`; returns it."""
    rng = Random(f"failure lab {seed}")
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(SETTINGS.format(seed=seed, refusal=REFUSAL))
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "system.md").write_text(SYSTEM)
    cases: list[dict[str, Any]] = []
    examples: list[dict[str, Any]] = []
    paraphrases: list[dict[str, Any]] = []
    for number in range(GOLDEN_WORLDS):
        world, told = _world(rng, folder / "corpus", f"g{number:02d}")
        for i, one in enumerate(rng.sample(told, min(FACTS, len(told)))):
            asked, reworded, *others = _wordings(rng, one.fact)
            cases.append(_case(f"g{number:02d}-{i}", asked, one))
            paraphrases.append({"id": f"g{number:02d}-{i}", "question": reworded})
            examples += [_example(text, one, "closed_book") for text in others]
        if number % 2 and (question := _unstated(rng, world)):
            cases.append(_open(f"g{number:02d}-open", question, f"g{number:02d}"))
    for number in range(TRAINING_WORLDS):
        world, told = _world(rng, folder / "corpus", f"t{number:02d}")
        examples += [_example(_wordings(rng, one.fact)[0], one, "open_book") for one in told[:3]]
        if question := _unstated(rng, world):
            examples.append(_refused(question, "both" if number % 4 == 0 else "open_book"))
    write_rows(folder / "golden.jsonl", cases)
    write_rows(folder / "train.jsonl", examples)
    write_rows(folder / "paraphrases.jsonl", paraphrases)
    return folder


# --- pages --------------------------------------------------------------------------------------------------------


def _world(rng: Random, corpus: Path, name: str) -> tuple[World, list[Told]]:
    """A world on disk, a page a file, and the facts of it that hold and stand in a sentence."""
    while True:
        world = building.build_world(rng, PAGES)
        current = {(i, fact) for i, fact in world.current}
        files = [f"{name}-{i}.md" for i in range(len(world.pages))]
        facts = [
            Told(fact, files[i], quote) for i, fact in world.current if (quote := _quote(world.pages[i].text, fact))
        ]
        if len(facts) >= FACTS:
            break
    for i, (file, page) in enumerate(zip(files, world.pages, strict=True)):
        stale = page.facts and not any((i, fact) in current for fact in page.facts)
        (corpus / file).write_text(_page(page, "superseded" if stale else "current"))
    return world, rng.sample(facts, len(facts))


def _page(page: pages.Page, status: str) -> str:
    head = json.dumps(page.title, ensure_ascii=False)
    return f"---\ntitle: {head}\nstatus: {status}\n---\n\n{page.text}\n"


def _quote(text: str, fact: Fact) -> str | None:
    """The sentence or line that states the fact; None where its value stands there alone."""
    at = pages.place(text, fact.value)
    quote = text[slice(*at)] if at else ""
    return quote if len(quote) > len(fact.value) + 3 else None


# --- rows ---------------------------------------------------------------------------------------------------------


def _wordings(rng: Random, fact: Fact) -> list[str]:
    """The fact's questions in four wordings, or as many as there are; at least three."""
    drawn: dict[str, None] = {}
    for _ in range(60):
        drawn.setdefault(worlds.exchange(rng, fact)[0])
    first, *others = list(drawn)[:4]
    if len(others) > 1:
        return [first, *others]
    return [first, *others, f"Please tell me: {first}", f"I want to know this: {first}"]


def _unstated(rng: Random, world: World) -> str | None:
    return worlds.question(rng, rng.choice(world.unstated)) if world.unstated else None


def _case(name: str, question: str, told: Told) -> dict[str, Any]:
    evidence = [{"doc": told.file, "quote": told.quote}]
    return {"id": name, "question": question, "accept": [told.fact.value], "evidence": evidence, "source": told.file,
            "verified_by": "machine: drawn together with its page"}  # fmt: skip


def _open(name: str, question: str, source: str) -> dict[str, Any]:
    return {"id": name, "question": question, "kind": "unanswerable", "source": f"{source}-0.md",
            "verified_by": "machine: drawn together with its pages"}  # fmt: skip


def _example(question: str, told: Told, use: str) -> dict[str, Any]:
    said = pages.sentence(told.quote.rstrip(" |"))
    output = {"status": "ok", "answer": said, "citations": []}
    evidence = [{"doc": told.file, "quote": told.quote}]
    return {"prompt": {"user": question}, "output": output, "evidence": evidence, "use": use}


def _refused(question: str, use: str) -> dict[str, Any]:
    output = {"status": "refused", "answer": REFUSAL, "citations": []}
    return {"prompt": {"user": question}, "output": output, "use": use}
