"""The balance of tuning examples: by intent, by difficulty, and how many refuse; and a seeded draw that evens it out.

An intent is read from how a question opens. A question is easy where most of its words stand in its evidence or answer,
hard where few do: that is what a search by words and a copying reader go by.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.golden.example_faults import example_text
from harness.metrics.language import STOP_STEMS, stems
from harness.scenario.settings import AnswerFormat
from harness.tuning.outputs import is_refused
from harness.types import Case, Example

INTENTS: Mapping[str, str] = {
    "how to": r"how (?:do|can|should|would|to)\b|in what way|what (?:must|should|do|can) i\b",
    "how much": r"how (?:much|many|long|often|far|old|big|high)\b|at what|within how|for how",
    "when": r"when\b|what time|on which day|since when|until when",
    "where": r"where\b|in which (?:place|room|menu|building)|on which (?:page|floor|deck)",
    "who": r"who\b|whom\b|whose\b|which (?:person|team)",
    "why": r"why\b|for what reason|what for",
    "yes or no": r"(?:is|are|was|were|do|does|did|can|could|may|must|will|has|have|should)\b",
    "what": r"what\b|which\b",
}  # the first that a question opens with
OTHER = "other"
HARD, EASY = 0.34, 0.67  # share of a question's words that stand in evidence or answer
MOST_OF_ONE = 0.6  # share of the examples above which one intent crowds the others out
FEWEST_REFUSALS = 0.05
FEWEST = 20  # examples under which shares say nothing


@dataclass(frozen=True, slots=True)
class Balance:
    """Examples by intent, by difficulty, and those that refuse; replay left out."""

    examples: int
    intents: Mapping[str, int]
    difficulty: Mapping[str, int]  # easy, middling, hard; refusals have none
    refusals: int

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is out of balance, in words; nothing of a few examples."""
        if self.examples < FEWEST:
            return ()
        lines = []
        name, count = max(self.intents.items(), key=lambda item: item[1])
        if count > MOST_OF_ONE * self.examples:
            lines.append(f"{count} of {self.examples} examples ask '{name}': the others are hardly learned")
        if self.refusals < FEWEST_REFUSALS * self.examples:
            lines.append(f"{self.refusals} of {self.examples} examples refuse: it learns to answer whatever is asked")
        if self.difficulty.get("hard", 0) == 0:
            lines.append("no example is hard (its words stand in its evidence or answer): it learns to copy")
        return tuple(lines)


def balance(examples: Iterable[Example], format: AnswerFormat) -> Balance:
    """The balance of a scenario's own examples."""
    own = [example for example in examples if not example.replay]
    answers = [example for example in own if not is_refused(example.output, format)]
    levels = Counter(map(_difficulty, answers))
    return Balance(
        len(own),
        dict(Counter(intent_of(example.user) for example in own).most_common()),
        {level: levels[level] for level in ("easy", "middling", "hard")},
        len(own) - len(answers),
    )


def intent_of(question: str) -> str:
    """What a question asks for, by its opening."""
    text = re.sub(r"^\W*(?:(?:hi|hello|hey|please|quick question)\W+)+", "", question.casefold())
    return next((name for name, opening in INTENTS.items() if re.match(opening, text)), OTHER)


def at_most(rows: Sequence[Example], most: int, seed: int) -> tuple[Example, ...]:
    """At most so many examples of each intent, drawn by the seed, in their order; replay stays."""
    places: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        places.setdefault("" if row.replay else intent_of(row.user), []).append(at)
    draw = {
        at
        for intent, own in places.items()
        for at in (own if not intent or len(own) <= most else random.Random(f"{seed}:{intent}").sample(own, most))
    }
    return tuple(row for at, row in enumerate(rows) if at in draw)


def since(rows: Sequence[Example], date: str) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """(earlier examples and those without a date, examples from `date` on)."""
    later: Callable[[Example], bool] = lambda row: (row.timestamp or "") >= date  # noqa: E731
    return tuple(row for row in rows if not later(row)), tuple(row for row in rows if later(row))


def later_case(example: Example, number: int) -> Case:
    """An example that was held out by its date, as a golden case of the test split that nobody has verified."""
    return Case(
        id=f"later-{number:04d}",
        question=example.user,
        accept=(example_text(example.output),),
        evidence=example.evidence,
        timestamp=example.timestamp,
        source="logs",
        verified_by="machine: taken over from logs, read by nobody",
    )


def _difficulty(example: Example) -> str:
    words = {stem for stem in stems(example.user) if stem not in STOP_STEMS}
    texts = [example_text(example.output), *(item.quote or "" for item in example.evidence)]
    own = {stem for text in texts for stem in stems(text)}
    share = len(words & own) / len(words) if words else 1.0
    return "hard" if share < HARD else "easy" if share >= EASY else "middling"
