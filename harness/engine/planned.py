"""The stages of a run in the order they can be done, looked up by their type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.engine.stage import Stage

Kind = TypeVar("Kind", bound=Stage[Any])


@dataclass(frozen=True, slots=True)
class Planned:
    """Stages that were planned so far."""

    stages: tuple[Stage[Any], ...] = ()

    def __iter__(self) -> Iterator[Stage[Any]]:
        return iter(self.stages)

    def __add__(self, more: Iterable[Stage[Any]]) -> Planned:
        return Planned((*self.stages, *more))

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Every stage of a type."""
        return tuple(stage for stage in self.stages if isinstance(stage, kind))

    def one(self, kind: type[Kind]) -> Kind | None:
        """The first stage of a type; None where the run has none."""
        return next(iter(self.all(kind)), None)

    def of_arm(self, kind: type[Kind], arm: str) -> Kind | None:
        """The stage of a type that is named after an arm."""
        return next((stage for stage in self.all(kind) if stage.arm == arm), None)

    def labelled(self, label: str) -> Stage[Any]:
        """The stage of that label. KeyError where there is none."""
        return {stage.label: stage for stage in self.stages}[label]

    def only(self, *kinds: type[Stage[Any]]) -> Planned:
        """The stages of these types alone, in their order."""
        return Planned(tuple(stage for stage in self.stages if isinstance(stage, kinds)))
