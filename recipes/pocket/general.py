"""The closed world of general facts: taught in many forms, tested by multiple choice in forms held out of training.

One fact: `GeneralFact(relation=..., a="France", b="Paris")`. Facts whose index in their relation is 4 modulo 5 are
never tested: they are the replay set (tuning examples that keep general knowledge alive without teaching the test).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from recipes.pocket.values import HERE

LETTERS = "ABCD"
REPLAY_EVERY = 5


@dataclass(frozen=True)
class Relation:
    """A table of facts of one kind with the forms that state and ask them."""

    name: str
    subject: str
    pairs: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True)
class GeneralFact:
    """`{a}` and `{b}` of a relation."""

    relation: Relation
    a: str
    b: str

    def fill(self, form: str) -> str:
        """The form with both slots filled and a capital."""
        text = form.replace("{a}", self.a).replace("{b}", self.b)
        return text[0].upper() + text[1:]


@cache
def relations() -> tuple[Relation, ...]:
    """The relations of general.txt and two arithmetic tables."""
    tables: list[Relation] = []
    block: list[str] = []
    for line in [*(HERE / "general.txt").read_text(encoding="utf-8").splitlines(), "end | end"]:
        if line.startswith("#") or not line:
            continue
        if line[:2] not in ("= ", "+ ", "? ", "! ") and block:
            tables.append(_relation(block))
            block = []
        block.append(line)
    return (*tables, _sums(), _products())


def _relation(block: list[str]) -> Relation:
    name, subject = (part.strip() for part in block[0].split("|"))
    listed = next(line[2:] for line in block if line.startswith("= "))
    pairs = tuple((pair.rsplit(":", 1)[0].strip(), pair.rsplit(":", 1)[1].strip()) for pair in listed.split(","))
    forms = {mark: tuple(line[2:] for line in block if line.startswith(mark + " ")) for mark in "+?!"}
    return Relation(name, subject, pairs, forms["+"], forms["?"], forms["!"])


def _sums() -> Relation:
    pairs = tuple((f"{x} plus {y}", str(x + y)) for x in range(1, 10) for y in range(x, 10))
    return Relation(
        "sum",
        "arithmetic",
        pairs,
        ("{a} is {b}", "{a} makes {b}", "{a} equals {b}"),
        ("What is {a}?", "How much is {a}?", "Calculate {a}."),
        ("The sum {a} gives", "Work out {a}."),
    )


def _products() -> Relation:
    pairs = tuple((f"{x} times {y}", str(x * y)) for x in range(2, 10) for y in range(x, 10))
    return Relation(
        "product",
        "arithmetic",
        pairs,
        ("{a} is {b}", "{a} makes {b}", "{a} equals {b}"),
        ("What is {a}?", "How much is {a}?", "Calculate {a}."),
        ("The product {a} gives", "Work out {a}."),
    )


def facts(replay: bool | None = None) -> list[GeneralFact]:
    """All facts, or only those of the replay set (True), or only the tested ones (False)."""
    return [
        GeneralFact(r, a, b)
        for r in relations()
        for i, (a, b) in enumerate(r.pairs)
        if replay is None or (i % REPLAY_EVERY == REPLAY_EVERY - 1) == replay
    ]


def options(rng: Random, fact: GeneralFact) -> tuple[list[str], int]:
    """Four different options in random order, and the index of the right one."""
    others = sorted({b for a, b in fact.relation.pairs} - {fact.b} - _also_right(fact))
    if len(others) > 8 and fact.b.isdigit():
        others = sorted(others, key=lambda b: abs(int(b) - int(fact.b)))[:8]
    if len(others) < 3:  # the lengths of months: 29 stands in
        near = (str(int(fact.b) + step) for step in (1, -1, 2, -2))
        others = [*others, *(n for n in near if n not in others)][:3]
    drawn = [*rng.sample(others, 3), fact.b]
    rng.shuffle(drawn)
    return drawn, drawn.index(fact.b)


def _also_right(fact: GeneralFact) -> set[str]:
    return {b for a, b in fact.relation.pairs if a == fact.a}


def multiple_choice(question: str, choices: list[str]) -> str:
    """The layout of lm-eval's MMLU task, up to and including `Answer:`."""
    lines = [question.strip(), *(f"{letter}. {text}" for letter, text in zip(LETTERS, choices, strict=True)), "Answer:"]
    return "\n".join(lines)


def mmlu_rows(seed: int = 20261120) -> dict[str, tuple[list[list[str]], list[list[str]]]]:
    """MMLU rows `[question, A, B, C, D, letter]` by subject: (dev, test). Dev rows are about replay facts.

    Every tested fact is asked once in each of its held-out forms.
    """
    rng = Random(seed)
    table: dict[str, tuple[list[list[str]], list[list[str]]]] = {}
    for fact in facts():
        dev, test = table.setdefault(fact.relation.subject, ([], []))
        replay = fact.relation.pairs.index((fact.a, fact.b)) % REPLAY_EVERY == REPLAY_EVERY - 1
        for form in fact.relation.held_out:
            choices, right = options(rng, fact)
            (dev if replay else test).append([fact.fill(form), *choices, LETTERS[right]])
    for dev, test in table.values():
        rng.shuffle(dev)
        rng.shuffle(test)
        del dev[5:]
    return table
