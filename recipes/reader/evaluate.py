"""Evaluation: each ability with its floor, its figure and its exact 95 % interval, on the same items for every model.

`python -m recipes.reader evaluate --model smollm2 --model smollm2-base --model pocket --data FOLDER`. "Right" is the
harness' own metric `correct`; a refusal is what `harness.refusals` reads as one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.metrics.correctness import correct
from harness.metrics.reading import Reading
from harness.stats.estimates import difference
from harness.stats.intervals import clopper_pearson
from harness.stats.numbers import show_estimate, show_p
from harness.structured import FormReading, read_form
from harness.types import Answer, Failure
from recipes.pocket import topics
from recipes.reader import items
from recipes.reader.items import Item

if TYPE_CHECKING:
    from harness.generation.local import LocalGenerator

NEW_TOKENS = 72


@dataclass(frozen=True)
class Figure:
    """A share with its exact interval, in percent, and the floor it is held to."""

    name: str
    outcomes: tuple[bool, ...]  # one an item, in the order in which every model is asked
    floor: float | None = None  # percent; at least, or at most where `ceiling`
    ceiling: bool = False

    @property
    def hits(self) -> int:
        return sum(self.outcomes)

    @property
    def n(self) -> int:
        return len(self.outcomes)

    def line(self) -> str:
        """The figure as a row: name, share, interval, n, floor."""
        low, high = clopper_pearson(self.hits, self.n)
        share = 100 * self.hits / self.n
        verdict = ""
        if self.floor is not None:
            met = share <= self.floor if self.ceiling else share >= self.floor
            verdict = f"{'at most' if self.ceiling else 'at least'} {self.floor:g} %: {'met' if met else 'MISSED'}"
        return f"| {self.name} | {share:.1f} % [{100 * low:.1f}, {100 * high:.1f}] | {self.n} | {verdict} |"


def ask(generator: LocalGenerator, asked: Sequence[Item]) -> list[FormReading]:
    """The model's answers, read by the form demanded of each."""
    from harness.types import Decoding

    drawn = generator.generate([one.prompt for one in asked], Decoding(max_new_tokens=NEW_TOKENS))
    texts = ["" if isinstance(answer, Failure) else answer.text for answer in drawn]  # an answer in any case, here
    return [read_form(text, one.demand) for text, one in zip(texts, asked, strict=True)]


def is_right(one: Item, read: FormReading) -> bool:
    """Whether the harness' metric `correct` counts the answer."""
    answer = Answer(read.text, read.text, read.parsed, read.form, read.refused, read.cited)
    return correct(Reading(one.case, answer)) == 1.0


def _refusals(read: Sequence[FormReading]) -> tuple[bool, ...]:
    return tuple(one.refused for one in read)


def _handwritten(generator: LocalGenerator, count: int) -> list[Figure]:
    asked = items.handwritten(count)
    read = ask(generator, asked)
    right = [is_right(one, answer) for one, answer in zip(asked, read, strict=True)]
    fresh = right[items.LOOKED_AT :]
    figures = [
        Figure("hand-written pages", tuple(right), 85),
        Figure("hand-written pages: needless refusals", _refusals(read)),
    ]
    return [*figures, Figure("hand-written pages never looked at", tuple(fresh), 85)] if fresh else figures


Measure = Callable[["LocalGenerator", int], list[Figure]]


def _answered(name: str, floor: float, needless: float | None, draw: Callable[[int], list[Item]]) -> Measure:
    def measure(generator: LocalGenerator, count: int) -> list[Figure]:
        asked = draw(count)
        read = ask(generator, asked)
        right = Figure(name, tuple(map(is_right, asked, read)), floor)
        return [right, Figure(f"{name}: needless refusals", _refusals(read), needless, True)]

    return measure


def _open(name: str, floor: float, draw: Callable[[int], list[Item]]) -> Measure:
    def measure(generator: LocalGenerator, count: int) -> list[Figure]:
        asked = draw(count)
        return [Figure(name, _refusals(ask(generator, asked)), floor)]

    return measure


def _sources(generator: LocalGenerator, count: int) -> list[Figure]:
    asked = items.sources(count)
    hits = tuple(read.cited == one.source for one, read in zip(asked, ask(generator, asked), strict=True))
    return [Figure("right source id (three pages)", hits, 85)]


def _house(generator: LocalGenerator, count: int) -> list[Figure]:
    plain = items.of_topics(count, True, topics.held_out(), "house", 2)
    plain = items.in_form(plain, items.SHORT, items.PLAIN_FORM)
    formed = items.in_form(plain, items.HOUSE, items.HOUSE_FORM)
    read, read_plain = ask(generator, formed), ask(generator, plain)
    value, value_plain = tuple(map(is_right, formed, read)), tuple(map(is_right, plain, read_plain))
    floor = round(100 * sum(value_plain) / len(plain) - 5, 1)
    return [
        Figure("a schema never seen, by the message alone: valid", tuple(r.form.first_try for r in read), 90),
        Figure("the same: value right", value, floor),
        Figure("the same questions in plain words: value right", value_plain),
    ]


def _cloze(generator: LocalGenerator, count: int) -> list[Figure]:
    from recipes.pocket import evaluate

    rows = evaluate.general_rows()
    chosen = rows[:: max(1, len(rows) // count)][:count]
    hits = evaluate.multiple_choice(generator.loaded.model, generator.loaded.tokenizer, chosen, size=4)
    return [Figure("general multiple choice as cloze", tuple(map(bool, hits)))]


def measures(data: Path) -> Mapping[str, tuple[Measure, int]]:
    """Every measure with the number of its items."""
    return {
        "handwritten": (_handwritten, 160),
        "topics": (_answered("topics kept out", 75, 8, items.kept_out), 120),
        "topics-open": (_open("topics kept out, left open: refused", 80, lambda n: items.kept_out(n, False)), 80),
        "nq": (_answered("Natural Questions, gold passage", 60, None, lambda n: items.natural_questions(data, n)), 120),
        "nq4": (
            _answered("Natural Questions, gold among four", 50, None, lambda n: items.natural_questions(data, n, 3)),
            80,
        ),
        "squad": (_answered("SQuAD 2.0, answerable", 60, None, lambda n: items.squad(data, n, True)), 100),
        "squad-open": (_open("SQuAD 2.0, left open: refused", 70, lambda n: items.squad(data, n, False)), 100),
        "sources": (_sources, 80),
        "house": (_house, 80),
        "cloze": (_cloze, 434),
        "dev": (_answered("dev: topics and kinds", 75, 8, items.dev), 80),
        "dev-open": (_open("dev: left open, refused", 80, lambda n: items.dev(n, False)), 40),
    }


FINAL = ("handwritten", "topics", "topics-open", "nq", "nq4", "squad", "squad-open", "sources", "house", "cloze")


def evaluate(
    model: str, names: Sequence[str], data: Path, scale: float, bf16: bool, adapter: Path | None = None
) -> list[Figure]:
    """Measure one model, with an adapter merged in or without; prints each figure as soon as it is known."""
    import torch

    from harness.generation.local import load_generator

    generator = load_generator(model, adapter=adapter, threads=1)
    if bf16:
        generator.loaded.model.to(torch.bfloat16)
    torch.set_num_threads(1)
    figures: list[Figure] = []
    for name in names:
        measure, count = measures(data)[name]
        started = time.process_time()
        drawn = measure(generator, max(10, round(count * scale)))
        figures += drawn
        for figure in drawn:
            print(f"{figure.line()} {model}, {time.process_time() - started:.0f} CPU s", flush=True)
    return figures


def besides(with_adapter: Sequence[Figure], without: Sequence[Figure]) -> Iterator[str]:
    """A row a figure: the model with an adapter minus the same model without, in points, paired over the items."""
    for mine, theirs in zip(with_adapter, without, strict=True):
        name = ("with the adapter", "without", mine.name)
        change = difference(name, list(map(float, mine.outcomes)), list(map(float, theirs.outcomes)))
        yield f"| {mine.name} | {show_estimate(change.estimate, signed=True)} | {show_p(change.p)} |"


def to_json(model: str, figures: Sequence[Figure]) -> str:
    """The figures as one line, for the model card."""
    rows: list[dict[str, Any]] = [{"name": f.name, "hits": f.hits, "n": f.n, "floor": f.floor} for f in figures]
    return json.dumps({"model": model, "figures": rows}, ensure_ascii=False)
