"""Evaluation: fresh worlds the model has never seen, hand-written pages, refusals, source ids, general multiple choice.

Every measure is a list of `Item`s (a prompt and what counts as right) answered greedily; each figure carries n and the
exact (Clopper-Pearson) 95 % interval. Tuning, speed and determinism are in `tuning.py` and `speed.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from harness.generation import decode
from recipes.pocket import building, conversations, general, instructions, topics, values, worlds
from recipes.pocket.conversations import Message

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SEED = 990_000  # worlds of the evaluation; the training seeds never reach it
PLAIN = "Use only the passages. Answer in one sentence. If the passages do not say, answer: The passages do not say."
SHORT = "Use only the passages. Answer with the value only. If the passages do not say, answer: unknown"


CITED = "Answer in one sentence. After the sentence, give the source id like [S1]."


@dataclass(frozen=True)
class Item:
    """A prompt and the test of its answer."""

    messages: list[Message]
    right: Callable[[str], bool]
    refusal: str = ""


def normal(text: str) -> str:
    """Lower case, single blanks, no outer punctuation."""
    return re.sub(r"\s+", " ", text.lower()).strip(" .\n")


def contains(text: str, accepted: tuple[str, ...]) -> bool:
    """Whether an accepted answer stands in the text as whole words."""
    return any(re.search(rf"(?<![\w]){re.escape(normal(a))}(?![\w])", normal(text)) for a in accepted)


def holds(value: str | None) -> Callable[[str], bool]:
    """The test that an answer contains the value."""
    return lambda text: contains(text, (value or "",))


def says(words: str) -> Callable[[str], bool]:
    """The test that an answer is exactly these words."""
    return lambda text: normal(text) == normal(words)


def cites(ids: tuple[str, ...]) -> Callable[[str], bool]:
    """The test that an answer names exactly these source ids in brackets."""
    return lambda text: re.findall(r"\[(S\d+)\]", text) == list(ids)


def rate(hits: list[bool]) -> dict[str, float | int]:
    """Share with its exact 95 % interval (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    interval = binomtest(sum(hits), len(hits)).proportion_ci(method="exact")
    return {
        "mean": round(sum(hits) / len(hits), 4),
        "low": round(float(interval.low), 4),
        "high": round(float(interval.high), 4),
        "n": len(hits),
    }


def load(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Model (float32 arithmetic) and tokenizer of a directory."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def answers(
    model: Any, tokenizer: Any, prompts: list[list[Message]], size: int = 32, new_tokens: int = 56
) -> list[str]:
    """Greedy answers, in batches of prompts of similar length."""
    rows = [
        tokenizer.apply_chat_template(p, add_generation_prompt=True, return_dict=True)["input_ids"] for p in prompts
    ]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    texts = [""] * len(rows)
    for start in range(0, len(order), size):
        part = order[start : start + size]
        ends = [tokenizer.eos_token_id]
        generations = decode.greedy(model, [rows[i] for i in part], max_new_tokens=new_tokens, end_tokens=ends)
        for i, row in zip(part, generations, strict=True):
            texts[i] = tokenizer.decode(row.tokens, skip_special_tokens=True).strip()
    return texts


def _prompt(system: str, world: building.World, question: str) -> list[Message]:
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": conversations.render_passages(world, question)},
    ]


def _worlds(seed: int, count: int, passages: int, hard: bool | None) -> list[tuple[Random, building.World]]:
    drawn: list[tuple[Random, building.World]] = []
    index = 0
    while len(drawn) < count:
        rng = Random(f"evaluation/{SEED + seed}/{index}")
        index += 1
        world = building.build_world(rng, passages, hard)
        if world.current and world.unstated:
            drawn.append((rng, world))
    return drawn


def reading(count: int, passages: int, hard: bool | None = None) -> list[Item]:
    """A question one of the passages answers; half value-only, half one sentence."""
    items = []
    for i, (rng, world) in enumerate(_worlds(passages, count, passages, hard)):
        ask = conversations.ask_fact(rng, world, *rng.choice(world.current))
        refusal = "unknown" if i % 2 else instructions.DEFAULT_REFUSAL
        items.append(Item(_prompt(SHORT if i % 2 else PLAIN, world, ask.question), holds(ask.outcome.value), refusal))
    return items


def unanswerable(count: int, passages: int = 4) -> list[Item]:
    """A question no passage answers; right is the refusal the message names."""
    items = []
    for i, (rng, world) in enumerate(_worlds(50, count, passages, None)):
        ask = conversations.ask_unstated(rng, world)
        assert ask is not None
        refusal = "unknown" if i % 2 else instructions.DEFAULT_REFUSAL
        items.append(Item(_prompt(SHORT if i % 2 else PLAIN, world, ask.question), says(refusal), refusal))
    return items


def without_passages(count: int) -> list[Item]:
    """An invented world and no passages: how often it refuses."""
    items = []
    for i in range(count):
        rng = Random(f"evaluation/closed/{SEED}/{i}")
        kind = rng.choice(worlds.KINDS)
        fact = worlds.new_fact(rng, rng.choice(worlds.attributes()[kind]), worlds.new_entity(rng, kind))
        messages = [
            {"role": "system", "content": PLAIN},
            {"role": "user", "content": "Question: " + worlds.question(rng, fact)},
        ]
        items.append(Item(messages, says(instructions.DEFAULT_REFUSAL)))
    return items


def sources(count: int, passages: int = 4) -> list[Item]:
    """Asked for the id of the passage after a sentence."""
    items = []
    for rng, world in _worlds(70, count, passages, None):
        ask = conversations.ask_fact(rng, world, *rng.choice(world.current))
        items.append(Item(_prompt(CITED, world, ask.question), cites(ask.outcome.ids)))
    return items


def unseen_topics(count: int, answered: bool = True) -> list[Item]:
    """Two pages worded as people word them, of topics kept out of training; or questions they leave open."""
    items = []
    for i in range(count):
        rng = Random(f"evaluation/topics/{SEED}/{answered}/{i}")
        world, asked = conversations.ask_topics(rng, 2, 1, 0.0 if answered else 1.0, known=topics.held_out())
        refusal = "unknown" if i % 2 else instructions.DEFAULT_REFUSAL
        value = asked[0].outcome.value
        right = says(refusal) if value is None else holds(value)
        items.append(Item(_prompt(SHORT if i % 2 else PLAIN, world, asked[0].question), right, refusal))
    return items


def handwritten() -> list[Item]:
    """Questions over the hand-written pages."""
    items = []
    for line in (values.HERE / "handwritten.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        blocks = [f"[S{i}] {p['title']}\n{p['text']}" for i, p in enumerate(row["passages"], 1)]
        messages = [
            {"role": "system", "content": PLAIN},
            {"role": "user", "content": "\n\n".join([*blocks, f"Question: {row['question']}"])},
        ]
        items.append(Item(messages, lambda t, a=tuple(row["accept"]): contains(t, a), instructions.DEFAULT_REFUSAL))  # type: ignore[misc]
    return items


def score(model: Any, tokenizer: Any, items: list[Item]) -> tuple[dict[str, Any], list[str]]:
    """The share right, and the share that refused although an answer was there."""
    texts = answers(model, tokenizer, [item.messages for item in items])
    result: dict[str, Any] = {"right": rate([item.right(text) for item, text in zip(items, texts, strict=True)])}
    if items[0].refusal:
        result["refused"] = rate(
            [normal(text) == normal(item.refusal) for item, text in zip(items, texts, strict=True)]
        )
    return result, texts


def multiple_choice(model: Any, tokenizer: Any, rows: list[list[str]], size: int = 16) -> list[bool]:
    """Zero-shot, as the harness asks by lm-eval: whether the right choice is the likeliest text after `Answer:`."""
    import torch

    prompts = [f"Question: {row[0].strip()}\nAnswer:" for row in rows]
    pairs = [
        (tokenizer.encode(p, add_special_tokens=False), tokenizer.encode(f"{p} {choice}", add_special_tokens=False))
        for p, row in zip(prompts, rows, strict=True)
        for choice in row[1:5]
    ]
    scores: list[float] = []
    for start in range(0, len(pairs), 4 * size):
        part = pairs[start : start + 4 * size]
        ids = torch.zeros(len(part), max(len(whole) for _, whole in part), dtype=torch.long)
        for i, (_, whole) in enumerate(part):
            ids[i, : len(whole)] = torch.tensor(whole)
        with torch.inference_mode():
            logs = model(input_ids=ids).logits.log_softmax(-1)  # padded on the right: causal, so nothing changes
        for i, (prompt, whole) in enumerate(part):
            scores.append(sum(float(logs[i, at - 1, whole[at]]) for at in range(len(prompt), len(whole))))
    best = [max(range(4), key=scores[4 * i : 4 * i + 4].__getitem__) for i in range(len(rows))]
    return [general.LETTERS[b] == row[5] for b, row in zip(best, rows, strict=True)]


def general_rows(part: str = "test") -> list[list[str]]:
    """All rows of the general test (or dev) set."""
    index = 1 if part == "test" else 0
    return [row for pair in general.mmlu_rows().values() for row in pair[index]]


def abilities(model: Any, tokenizer: Any, scale: float = 1.0) -> dict[str, Any]:
    """All figures of the untuned model; `scale` shrinks every n for a quick look."""

    def n(full: int) -> int:
        return max(32, int(full * scale))

    report: dict[str, Any] = {}
    for passages in (1, 2):
        report[f"reading_{passages}"] = score(model, tokenizer, reading(n(300), passages))[0]
    report["reading_4"] = score(model, tokenizer, reading(n(1000), 4))[0]
    report["reading_6_hard"] = score(model, tokenizer, reading(n(1000), 6, hard=True))[0]
    report["unseen_topics"] = score(model, tokenizer, unseen_topics(n(400)))[0]
    report["unseen_topics_open"] = score(model, tokenizer, unseen_topics(n(400), answered=False))[0]
    report["handwritten"] = score(model, tokenizer, handwritten())[0]
    report["unanswerable"] = score(model, tokenizer, unanswerable(n(600)))[0]
    report["without_passages"] = score(model, tokenizer, without_passages(n(200)))[0]
    report["source_ids"] = score(model, tokenizer, sources(n(400)))[0]
    rows = general_rows()
    report["general"] = {"right": rate(multiple_choice(model, tokenizer, rows if scale >= 1 else rows[::3]))}
    return report
