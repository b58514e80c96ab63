"""A question of a drill: a golden case with other passages, in other words, or about a fact that was changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.arms import Arm
from harness.record.codec import read_rows, write_rows
from harness.types import Case, Hit

FRESH, PARAPHRASED = "fresh", "paraphrased"  # drills that change the question, whatever passages an arm sees
FILE = "asked.jsonl"


@dataclass(frozen=True, slots=True)
class DrillQuestion:
    """One question of a drill. `hits` are shown to arms with a retriever; the others get the question alone."""

    id: str  # "<drill>/<case id>": what its trace is called
    drill: str
    case: Case  # as it is scored: an answer may have become a refusal, a value another
    hits: tuple[Hit, ...]
    was: tuple[str, ...] = ()  # accepted before the fact changed
    source: str = ""

    @property
    def of(self) -> str:
        """The golden case that it was made of."""
        return self.id.partition("/")[2]

    def is_for(self, arm: Arm) -> bool:
        """Whether the drill changes anything that this arm sees."""
        return arm.retriever or self.drill in (PARAPHRASED, FRESH)


def drill_question(
    drill: str, case: Case, hits: tuple[Hit, ...], was: tuple[str, ...] = (), source: str = ""
) -> DrillQuestion:
    """The question that a drill makes of a golden case."""
    name = f"{drill}/{case.id}"
    return DrillQuestion(name, drill, replace(case, id=name), hits, was, source)


def write_questions(folder: Path, questions: Iterable[DrillQuestion]) -> None:
    write_rows(folder / FILE, questions)


def read_questions(folder: Path) -> list[DrillQuestion]:
    """Read back what `write_questions` wrote. InputError where it is missing or broken."""
    return read_rows(folder / FILE, DrillQuestion)
