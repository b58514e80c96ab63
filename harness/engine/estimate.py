"""The forecast of a run, before it starts: its stages, how large each is and how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.engine.stage import Stage
from harness.engine.store import Store


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One stage that would be done, or that the cache holds."""

    name: str
    label: str
    size: str  # in words
    cached: bool
    seconds: float  # of when it was computed; a rough guess where it was not


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast that `--dry-run` prints."""

    stages: tuple[ForecastRow, ...]
    seconds: float  # of what the cache does not hold, with so many workers
    workers: int
    power: str  # what the golden set can prove at all
    languages: tuple[str, ...] = ()  # what the scenario's models do not know of its languages

    @property
    def expected(self) -> dict[str, float]:
        """Seconds of every step that is to be done, by its label."""
        return {row.label: row.seconds for row in self.stages if not row.cached}


def forecast(
    stages: Iterable[Stage[Any]], store: Store, workers: int, power: str, languages: tuple[str, ...] = ()
) -> Forecast:
    """One row a stage, and the whole: workers share what may be done beside other work."""
    plan = tuple(stages)
    rows = [_row(stage, store) for stage in plan]
    missing = [(stage, row.seconds) for stage, row in zip(plan, rows, strict=True) if not row.cached]
    shared = sum(seconds for stage, seconds in missing if not _in_turn(stage))
    in_turn = sum(seconds for stage, seconds in missing if _in_turn(stage))
    return Forecast(tuple(rows), in_turn + shared / workers, workers, power, languages)


def _in_turn(stage: Stage[Any]) -> bool:
    """Whether a second worker makes the stage no faster."""
    return stage.alone or stage.group is not None


def _row(stage: Stage[Any], store: Store) -> ForecastRow:
    before = store.done(stage)
    seconds = stage.seconds() if before is None else before.seconds
    return ForecastRow(stage.name, stage.label, stage.size(), before is not None, seconds)
