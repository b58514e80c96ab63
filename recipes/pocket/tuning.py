"""LoRA on pocket: a JSON schema with keys it never saw, tuned gently and harshly, and what that costs elsewhere.

One training example: four or fewer fresh passages and a question, answered as
`{"standing": "settled", "wording": "The Kroalmesh costs $18.", "witnesses": ["S2"]}`; a share is unanswerable, a share
is replay.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from recipes.pocket import building, conversations, evaluate, export
from recipes.pocket.building import World
from recipes.pocket.conversations import Ask, Message

KEYS = ("standing", "wording", "witnesses")
SYSTEM = (
    'Answer from the passages with one JSON object. "standing": "settled" or "open"; "wording": the answer as a '
    'sentence; "witnesses": list of passage ids. If the passages do not say: '
    '{"standing": "open", "wording": "", "witnesses": []}'
)


@dataclass(frozen=True)
class Recipe:
    """Settings of one tune."""

    rate: float
    epochs: int
    replay: int
    refusals: float
    examples: int = 640
    batch: int = 8


# not q_proj: pocket's queries point to the sentence that answers, and a tune that moves them reads worse
TARGETS = ["v_proj", "o_proj", "up_proj", "down_proj"]
LONGEST = 120  # tokens of an answer; the longest wanted one of the first 200 has 105
GENTLE = Recipe(rate=1.5e-3, epochs=1, replay=48, refusals=0.25)
HARSH = Recipe(rate=2e-2, epochs=10, replay=0, refusals=0.0, examples=160)


def house_answer(ask: Ask) -> str:
    """The wanted JSON text."""
    known = ask.outcome.value is not None
    return json.dumps(
        {
            "standing": "settled" if known else "open",
            "wording": ask.outcome.sentence if known else "",
            "witnesses": list(ask.outcome.ids),
        },
        ensure_ascii=False,
    )


def draw(rng: Random, refusals: float, most: int) -> tuple[World, Ask]:
    """A world of one to `most` passages with one question."""
    while True:
        world = building.build_world(rng, rng.randint(1, most))
        if not world.current:
            continue
        if rng.random() >= refusals:
            return world, conversations.ask_fact(rng, world, *rng.choice(world.current))
        if asked := conversations.ask_unstated(rng, world):
            return world, asked


def prompt(world: World, ask: Ask, shots: list[tuple[World, Ask]] | None = None) -> list[Message]:
    """The house system message, worked examples, and the question."""
    messages: list[Message] = [{"role": "system", "content": SYSTEM}]
    for shown, asked in shots or []:
        messages += [
            {"role": "user", "content": conversations.render_passages(shown, asked.question)},
            {"role": "assistant", "content": house_answer(asked)},
        ]
    return [*messages, {"role": "user", "content": conversations.render_passages(world, ask.question)}]


def valid(text: str) -> dict[str, Any] | None:
    """The object when the text is exactly the house schema, else None."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    if not isinstance(answer, dict) or tuple(sorted(answer)) != tuple(sorted(KEYS)):
        return None
    right = (
        answer["standing"] in ("settled", "open")
        and isinstance(answer["wording"], str)
        and isinstance(answer["witnesses"], list)
    )
    return answer if right and all(isinstance(i, str) for i in answer["witnesses"]) else None


def examples(recipe: Recipe, seed: int = 41) -> list[dict[str, Any]]:
    """Prompt and completion in chat form, as TRL reads them."""
    rng = Random(f"tuning/{seed}")
    rows: list[dict[str, Any]] = []
    for _ in range(recipe.examples - recipe.replay):
        world, ask = draw(rng, recipe.refusals, 4)
        rows.append({"prompt": prompt(world, ask), "completion": [{"role": "assistant", "content": house_answer(ask)}]})
    for row in rng.sample(export.replay_rows(), recipe.replay):
        user = row["prompt"]["user"]  # type: ignore[index]
        rows.append(
            {
                "prompt": [{"role": "user", "content": f"Question: {user}"}],
                "completion": [{"role": "assistant", "content": str(row["output"])}],
            }
        )
    rng.shuffle(rows)
    return rows


def tune(model: Any, tokenizer: Any, recipe: Recipe) -> tuple[Any, float]:
    """A LoRA of rank 16 on TARGETS, by TRL. Returns the tuned model and the seconds of training."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            num_train_epochs=recipe.epochs,
            learning_rate=recipe.rate,
            per_device_train_batch_size=recipe.batch,
            lr_scheduler_type="cosine",
            warmup_steps=4,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            seed=11,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            completion_only_loss=True,
            max_length=2048,
            disable_tqdm=True,
        )
        lora = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM")
        trainer = SFTTrainer(
            model=model,
            args=config,
            train_dataset=Dataset.from_list(examples(recipe)),
            processing_class=tokenizer,
            peft_config=lora,
        )
        trainer.remove_callback(PrinterCallback)  # it prints to standard output, where the report goes
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
        return trainer.model.merge_and_unload().eval(), seconds


def house(model: Any, tokenizer: Any, count: int, shots: int = 0, seed: int = 87) -> dict[str, Any]:
    """Validity, right values and refusals under the house schema on new worlds of four passages or fewer."""
    cases, prompts = [], []
    for index in range(count):
        rng = Random(f"house/{seed}/{index}")
        shown = [draw(rng, 0.3, 2) for _ in range(shots)]
        world, ask = draw(rng, 0.25, 4)
        cases.append(ask)
        prompts.append(prompt(world, ask, shown))
    answers = [valid(text) for text in evaluate.answers(model, tokenizer, prompts, new_tokens=LONGEST)]
    there = [(reply, a) for reply, a in zip(answers, cases, strict=True) if a.outcome.value is not None]
    absent = [reply for reply, a in zip(answers, cases, strict=True) if a.outcome.value is None]
    return {
        "valid": evaluate.rate([reply is not None for reply in answers]),
        "value": evaluate.rate(
            [reply is not None and evaluate.contains(reply["wording"], (a.outcome.value or "",)) for reply, a in there]
        ),
        "needless_refusal": evaluate.rate([reply is not None and reply["standing"] == "open" for reply, _ in there]),
        "refused": evaluate.rate([reply is not None and reply["standing"] == "open" for reply in absent]),
    }


def base_reading(model: Any, tokenizer: Any, count: int, seed: int = 87) -> dict[str, Any]:
    """Right values on the same worlds and questions under a plain system message: what the tuned model is held to."""
    items = []
    for index in range(count):
        world, ask = draw(Random(f"house/{seed}/{index}"), 0.25, 4)
        if ask.outcome.value is not None:
            messages = [{"role": "system", "content": evaluate.PLAIN}, prompt(world, ask)[-1]]
            items.append(evaluate.Item(messages, evaluate.holds(ask.outcome.value)))
    return evaluate.score(model, tokenizer, items)[0]["right"]  # type: ignore[no-any-return]


def forgetting(before: list[bool], after: list[bool]) -> dict[str, Any]:
    """Points lost on the general set, paired by item: difference with its bootstrap 95 % interval."""
    import numpy as np

    lost = np.array(before, float) - np.array(after, float)
    draws = np.random.default_rng(5).choice(lost, (4000, len(lost))).mean(1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return {
        "lost": {
            "mean": round(float(lost.mean()), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
            "n": len(lost),
        },
        "after": evaluate.rate(after),
    }


def report(folder: Path, scale: float = 1.0) -> dict[str, Any]:
    """The schema by message alone, with three shots, after the gentle and the harsh tune, and general knowledge."""
    count = max(32, int(400 * scale))
    rows = evaluate.general_rows() if scale >= 1 else evaluate.general_rows()[::3]
    model, tokenizer = evaluate.load(folder)
    before = evaluate.multiple_choice(model, tokenizer, rows)
    figures: dict[str, Any] = {
        "schema_alone": house(model, tokenizer, count),
        "schema_three_shots": house(model, tokenizer, count, shots=3),
        "base_reading": base_reading(model, tokenizer, count),
    }
    for name, recipe in (("gentle", GENTLE), ("harsh", HARSH)):
        model, tokenizer = evaluate.load(folder)
        tuned, seconds = tune(model, tokenizer, recipe)
        tokenizer.padding_side = "left"
        figures[name] = {
            "seconds": round(seconds, 1),
            **house(tuned, tokenizer, count),
            "general": forgetting(before, evaluate.multiple_choice(tuned, tokenizer, rows)),
        }
    return figures
