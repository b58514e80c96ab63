"""Training: packs of conversations, loss on the answers' tokens, AdamW on the LoRA pairs; resumable, in stages.

    train(Plan(base=folder, out=folder, tokens=800_000))

The rate rises over the first steps, stays, and falls in a line to zero over the last part of the stage. A stage that
goes on from another takes its pairs and its optimiser; it may be stopped at any time and loses a few steps at most.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

KEEP_EVERY = 10  # steps between checkpoints
MILESTONE = 40  # steps between checkpoints that stay, for the slope


@dataclass(frozen=True)
class Plan:
    """One stage of a training."""

    base: Path  # folder of the base model
    out: Path  # checkpoints and log
    tokens: int  # of all packs of the stage, padding included
    start: Path | None = None  # a checkpoint to go on from
    rank: int = 32
    alpha: int = 64
    rate: float = 4e-4
    minutes: float | None = None  # of wall time, after which the stage ends even if tokens are left
    decay_from: float = 1.0  # share of the stage after which the rate falls to zero
    warmup: int = 12  # steps
    length: int = 768  # of a pack
    packs: int = 1  # a step: more steps of the same text taught more
    seed: int = 1  # of the text
    compiled: bool = True


def rate_at(plan: Plan, step: int, done: float) -> float:
    """The learning rate at a step, `done` being the share of the stage's tokens."""
    rise = min(1.0, (step + 1) / plan.warmup) if plan.warmup else 1.0
    fall = 1.0 if done <= plan.decay_from else max(0.0, (1 - done) / (1 - plan.decay_from))
    return plan.rate * rise * fall


def train(plan: Plan) -> Path:
    """Train one stage; returns the folder of its last checkpoint."""
    import torch
    from transformers import AutoTokenizer

    from recipes.reader import lean, packing, rows

    base = lean.load_base(plan.base)
    lora = lean.new_lora(base, plan.rank, plan.seed)
    optimiser = torch.optim.AdamW(list(lora.values()), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    if plan.start is not None:
        restore(plan.start, lora, optimiser)
    pupil = lean.student(base, lora, plan.alpha / plan.rank, plan.compiled)
    tokenizer = AutoTokenizer.from_pretrained(plan.base)
    groups = packing.packs(rows.stream(tokenizer, plan.seed, plan.length), plan.length)
    total = max(1, plan.tokens // (plan.length * plan.packs))
    plan.out.mkdir(parents=True, exist_ok=True)
    log = (plan.out / "log.jsonl").open("a", encoding="utf-8")
    started, used = time.perf_counter(), time.process_time()
    questions = 0
    line: dict[str, Any] = {}
    for step in range(total):
        spent = 0.0 if plan.minutes is None else (time.perf_counter() - started) / 60 / plan.minutes
        done = max(step / total, spent)
        if done >= 1:
            break
        drawn = [next(groups) for _ in range(plan.packs)]
        questions += sum(len(one.branches) for group in drawn for one in group)
        for group in optimiser.param_groups:
            group["lr"] = rate_at(plan, step, done)
        loss = _step(pupil, [packing.pack(group, plan.length) for group in drawn], optimiser)
        line = {
            "step": step + 1, "of": total, "tokens": (step + 1) * plan.length * plan.packs, "questions": questions,
            "loss": round(loss, 4), "rate": optimiser.param_groups[0]["lr"],
            "seconds": round(time.perf_counter() - started), "cpu": round(time.process_time() - used),
        }  # fmt: skip
        log.write(json.dumps(line) + "\n")
        log.flush()
        if (step + 1) % KEEP_EVERY == 0:
            keep(plan.out / "last", lora, optimiser, line)
        if (step + 1) % MILESTONE == 0:
            keep(plan.out / f"step{step + 1}", lora, None, line)
    keep(plan.out / "last", lora, optimiser, line)
    return plan.out / "last"


def _step(pupil: Any, drawn: list[Any], optimiser: torch.optim.Optimizer) -> float:
    """One step over all answers of these packs; the mean weighed loss of a token."""
    import torch

    count = float(sum(pack.weights.sum() for pack in drawn))
    summed = 0.0
    for pack in drawn:
        loss = pupil.loss(pack)
        (loss / count).backward()
        summed += float(loss.detach())
    torch.nn.utils.clip_grad_norm_(list(pupil.lora.values()), 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return summed / count


def keep(folder: Path, lora: dict[str, torch.Tensor], optimiser: Any, line: dict[str, Any]) -> None:
    """A checkpoint: pairs, optimiser, the line of the log; whole or not at all."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.detach() for name, tensor in lora.items()}, folder / "pairs.new")
    if optimiser is not None:
        torch.save(optimiser.state_dict(), folder / "optimiser.new")
        (folder / "optimiser.new").replace(folder / "optimiser.pt")
    (folder / "pairs.new").replace(folder / "pairs.safetensors")
    (folder / "log.json").write_text(json.dumps(line), encoding="utf-8")


def restore(folder: Path, lora: dict[str, torch.Tensor], optimiser: torch.optim.Optimizer) -> None:
    """The pairs and, where it was kept, the optimiser of a checkpoint, into these."""
    import torch
    from safetensors.torch import load_file

    pairs = load_file(folder / "pairs.safetensors")
    with torch.no_grad():
        for name, tensor in lora.items():
            tensor.copy_(pairs[name])
    if (folder / "optimiser.pt").is_file():
        optimiser.load_state_dict(torch.load(folder / "optimiser.pt", weights_only=True))
