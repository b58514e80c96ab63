"""Builds the tickets' golden set, tuning examples and probes: `python scenarios/tickets/build.py [--out DIR]`.

messages.jsonl holds the golden messages, each written by itself; templates.json the messages to tune on (`train`) and,
in other words, the probes (`probe`). A tuning message shares less than 60 % of its words with any golden message.
Urgency follows the label guide: high for a deadline today or tomorrow, for a repeated message and for goods that
spoil; low otherwise, angry or not.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder import Leaks, Row, out_folder, read_rows, write_files

FOLDER = Path(__file__).resolve().parent
TRAIN_PER_LABEL, PROBES_PER_LABEL = 84, 75
GROUP_SIZE = 4  # messages.jsonl lists four messages a group, one group after the other
HIGH_EVERY = 3  # every third generated message is urgent
DATE = "2024-04-02"  # the label guide has not changed since
VERIFIED_BY = "machine: written by a language model, labelled by the label guide; no human has verified it"


def golden_rows(messages: list[Row]) -> list[Row]:
    """Three of the four messages of a group go to test, one to dev."""
    rows = []
    for index, item in enumerate(messages):
        group_number, position = divmod(index, GROUP_SIZE)
        group = f"{item['label'].lower().replace('_', '-')}/{item['group']}"
        rows.append({
            "id": f"tk-{index + 1:03d}", "question": item["message"], "accept": [item["label"]],
            "key_points": [item["urgency"]], "evidence": [], "kind": "style", "category": "tone",
            "split": "dev" if position == group_number % GROUP_SIZE else "test", "timestamp": DATE, "source": group,
            "verified_by": VERIFIED_BY,
        })  # fmt: skip
    return rows


def filled(template: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    text = template.format(**{name: rng.choice(values) for name, values in slots.items()})
    return text[0].upper() + text[1:]


def messages_of(label: str, words: dict[str, Any], form: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Endless (message, urgency) pairs: templates in turn, every third one urgent."""
    slots, turn = words["slots"], 0
    while True:
        templates = list(words[form][label])
        rng.shuffle(templates)
        for template in templates:
            turn += 1
            high = turn % HIGH_EVERY == 0
            tail = filled(_tail(label, words, form, high, rng), slots, rng) if high or rng.random() < 0.6 else ""
            yield f"{filled(template, slots, rng)} {tail}".strip(), "high" if high else "low"


def _tail(label: str, words: dict[str, Any], form: str, high: bool, rng: random.Random) -> str:
    """What makes a message urgent, or a sentence that does not. Only goods on the road or handed over can spoil."""
    if not high:
        return rng.choice(words[f"{form}_calm"])
    goods = label.startswith(("AMBER", "CORAL"))
    return rng.choice(words["train_spoil"] if goods and rng.random() < 0.34 else words[f"{form}_urgent"])


def distinct(
    words: dict[str, Any], form: str, per_label: int, rng: random.Random, leaks: Leaks
) -> list[tuple[str, str, str]]:
    """(label, message, urgency): `per_label` different messages of each label, none too close to a golden one."""
    rows: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for label in words[form]:
        kept = (
            (label, text, urgency)
            for text, urgency in messages_of(label, words, form, rng)
            if not (text in seen or seen.add(text) or leaks.too_close(text))
        )
        rows.extend(itertools.islice(kept, per_label))
    rng.shuffle(rows)
    return rows


def main(out: Path) -> None:
    words = json.loads((FOLDER / "templates.json").read_text(encoding="utf-8"))
    golden = golden_rows(read_rows(FOLDER / "messages.jsonl"))
    leaks, rng = Leaks(row["question"] for row in golden), random.Random(7)
    train = [
        {"prompt": {"user": text}, "output": {"label": label, "urgency": urgency}, "evidence": [], "use": "both",
         "timestamp": DATE}
        for label, text, urgency in distinct(words, "train", TRAIN_PER_LABEL, rng, leaks)
    ]  # fmt: skip
    asked = distinct(words, "probe", PROBES_PER_LABEL, rng, leaks)
    probes = [{"id": f"tk-p{n:04d}", "question": text} for n, (_, text, _) in enumerate(asked, start=1)]
    home = "scenarios/tickets"
    write_files(
        out, {"golden_sets/tickets.jsonl": golden, f"{home}/train.jsonl": train, f"{home}/probes.jsonl": probes}
    )


if __name__ == "__main__":
    main(out_folder())
