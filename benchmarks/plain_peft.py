"""A LoRA trained with torch, transformers and PEFT alone: the adapter that somebody else's training loop leaves behind.

    python benchmarks/plain_peft.py MODEL_FOLDER chats.jsonl OUT

Nothing of the package is imported. `chats.jsonl` has `{"messages": [{"role", "content"}, ...]}` a line, the last of
them the reply to learn; the loss is taken on that reply alone. The adapter is left as `save_pretrained` writes it.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

IGNORED = -100  # label of a token that the loss leaves out


def encode(tokenizer, messages: list[dict[str, str]]) -> tuple[list[int], int]:  # type: ignore[no-untyped-def]
    """The tokens of a chat, and how many of them come before the reply."""
    before = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False)
    prompt = tokenizer(before, add_special_tokens=False)["input_ids"]
    reply = tokenizer(messages[-1]["content"] + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
    return [*prompt, *reply], len(prompt)


def batch(rows: list[tuple[list[int], int]], pad: int) -> dict[str, torch.Tensor]:
    """Chats as one batch, padded on the right."""
    length = max(len(tokens) for tokens, _ in rows)
    ids = torch.tensor([[*tokens, *[pad] * (length - len(tokens))] for tokens, _ in rows])
    labels = ids.clone()
    mask = torch.ones_like(ids)
    for place, (tokens, before) in enumerate(rows):
        labels[place, :before] = labels[place, len(tokens) :] = IGNORED
        mask[place, len(tokens) :] = 0
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def train(folder: Path, chats: Path, out: Path, epochs: int, rate: float, rank: int, size: int = 4) -> None:
    """Train on every chat of the file, and save the adapter."""
    torch.manual_seed(5)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
    model = get_peft_model(model, LoraConfig(r=rank, lora_alpha=rank, target_modules=targets, task_type="CAUSAL_LM"))
    rows = [encode(tokenizer, json.loads(line)["messages"]) for line in chats.read_text(encoding="utf-8").splitlines()]
    optimizer = torch.optim.AdamW((w for w in model.parameters() if w.requires_grad), lr=rate, weight_decay=0.0)
    order = random.Random(5)
    model.train()
    for epoch in range(epochs):
        order.shuffle(rows)
        total = 0.0
        for start in range(0, len(rows), size):
            loss = model(**batch(rows[start : start + size], tokenizer.pad_token_id)).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total / -(-len(rows) // size):.3f}", flush=True)
    model.save_pretrained(out)


def main() -> None:
    parser = argparse.ArgumentParser(description="A LoRA trained by torch and PEFT alone.")
    parser.add_argument("model", type=Path, help="folder of the base model")
    parser.add_argument("chats", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--rank", type=int, default=8)
    options = parser.parse_args()
    train(options.model, options.chats, options.out, options.epochs, options.rate, options.rank)


if __name__ == "__main__":
    main()
