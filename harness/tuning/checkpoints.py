"""Checkpoints of a training: going on from the last whole one, with the seconds of earlier attempts counted."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

TIMING = "seconds.json"


def fit(trainer: Trainer, work: Path) -> float:
    """Train to the end, from the last whole checkpoint if there is one; wall seconds, earlier attempts counted."""
    start = time.perf_counter()
    earlier = _earlier_seconds(work)
    trainer.add_callback(_clock(work, start, earlier))
    trainer.train(resume_from_checkpoint=last_checkpoint(work))
    return earlier + time.perf_counter() - start


def last_checkpoint(work: Path) -> str | None:
    """The newest checkpoint that was written to its end; what a kill cut short is removed."""
    checkpoints = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
    for path in [path for path in checkpoints if not _is_whole(path)]:
        shutil.rmtree(path)
        checkpoints.remove(path)
    return str(checkpoints[-1]) if checkpoints else None


def _is_whole(checkpoint: Path) -> bool:
    """Whether its last file is there to the end: the trainer writes its state after all else, and not in one move."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return True


def _clock(work: Path, start: float, earlier: float) -> TrainerCallback:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object) -> None:
            (work / TIMING).write_text(json.dumps(earlier + time.perf_counter() - start))

    return Clock()


def _earlier_seconds(work: Path) -> float:
    try:
        return float(json.loads((work / TIMING).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return 0.0
