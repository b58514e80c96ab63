"""The loss curve of a training, and whether it overfits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.record.measurements import FEWEST_HELD_OUT, CurvePoint
from harness.stats.numbers import percent, show, show_count

# Held-out loss this far above its lowest point, while the training loss kept falling, is memorising. Below it the
# curve of a few dozen held-out examples moves by chance.
OVERFIT_RISE = 0.05


def curve_of(history: Sequence[Mapping[str, float]]) -> tuple[CurvePoint, ...]:
    """The curve from the trainer's log: one point for each evaluation, or each log entry without held-out rows."""
    points: list[CurvePoint] = []
    pending: list[float] = []
    held_out = any("eval_loss" in entry for entry in history)
    for entry in history:
        if "loss" in entry:
            pending.append(float(entry["loss"]))
        if "eval_loss" in entry or ("loss" in entry and not held_out):
            train = sum(pending) / len(pending) if pending else None
            evaluated = entry.get("eval_loss")
            points.append(CurvePoint(int(entry["step"]), float(entry["epoch"]), train, evaluated))
            pending = []
    return tuple(points)


def best_step(curve: Sequence[CurvePoint]) -> int | None:
    """The step of the lowest held-out loss; the earliest of equals."""
    losses = [(point.eval_loss, point.step) for point in curve if point.eval_loss is not None]
    return min(losses)[1] if losses else None


def gap(curve: Sequence[CurvePoint]) -> float | None:
    """Held-out minus training loss at the last point."""
    last = curve[-1] if curve else None
    if last is None or last.eval_loss is None or last.train_loss is None:
        return None
    return last.eval_loss - last.train_loss


def overfits(curve: Sequence[CurvePoint], held_out: int) -> tuple[bool, str]:
    """Whether the held-out loss rose from its lowest point while the training loss fell, and a line that says so.

    Args:
        held_out: examples that it is the mean of; the mean of a few moves by chance, so that they are not judged by.
    """
    losses = [(point.eval_loss, point) for point in curve if point.eval_loss is not None]
    if len(losses) < 2:
        return False, "not judged: no held-out examples"
    if held_out < FEWEST_HELD_OUT:
        return False, f"not judged: {show_count(held_out, 'held-out example')}, and {FEWEST_HELD_OUT} are the fewest"
    lowest, best = min(losses, key=lambda pair: pair[0])
    last_loss, last = losses[-1]
    rise = last_loss / lowest - 1 if lowest > 0 else 0.0
    end, least = show(last_loss, "loss"), show(lowest, "loss")
    summary = f"held-out loss {end} at the end, lowest {least} at step {best.step}"
    fell = best.train_loss is None or last.train_loss is None or last.train_loss <= best.train_loss
    if rise > OVERFIT_RISE and fell:
        checkpoint = f"the checkpoint of step {best.step} is kept"
        return True, f"{summary}: it rose {percent(rise)} while the training loss fell; {checkpoint}"
    return False, summary
