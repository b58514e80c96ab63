"""An office whose pages each say what one thing costs, and a writer that asks for it: drafts without a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.drafts.checks import Bench
from harness.drafts.draft import Neighbours
from harness.drafts.replies import Writer
from harness.generation.doubles import ScriptedGenerator
from harness.types import Hit, Passage, Prompt, Retrieval

THINGS = ("gym", "locker", "scanner", "canteen", "library", "shuttle", "printer", "garden", "laundry", "parking")
SETTINGS = """\
title: Office
corpus: corpus/
answer: {refusal: The pages do not say.}
retrieval: {top_k: 2}
"""


def sentence(thing: str, number: int) -> str:
    return f"The {thing} in room {number + 100} costs {number} EUR a month."


def passage(thing: str, number: int) -> Passage:
    text = f"{sentence(thing, number)} Ask for it at the desk. The {thing} is closed on every weekend and on holidays."
    return Passage(f"{thing}.md#1", f"{thing}.md", f"Office {thing}", text)


PASSAGES = tuple(passage(thing, number) for number, thing in enumerate(THINGS, start=10))


def write_office(folder: Path) -> Path:
    """The scenario: a page a thing, no golden set, no examples."""
    (folder / "corpus").mkdir(parents=True)
    for page in PASSAGES:
        (folder / "corpus" / page.doc).write_text(f"# {page.title}\n\n{page.text}\n", encoding="utf-8")
    (folder / "scenario.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder


def script(prompt: Prompt) -> str:
    """What a good writer and reader would reply."""
    order, last = prompt[0].content, prompt[-1].content
    if order.startswith("You write exam questions"):
        thing = last.split("\n")[0].removeprefix("Title: Office ")
        room = re.search(r"room \d+", last)
        return f"What does the {thing} in {room[0]} cost?" if room else f"On which days is the {thing} closed?"
    if order.startswith("Answer the question"):
        return _read(last)
    if order.startswith("You are given a page"):
        thing = last.split("\n")[0].removeprefix("Title: Office ")
        return f"Which architect designed the {thing}?"
    if order.startswith("Say the question"):
        return last.replace("What does", "Please, what does").replace("On which days", "When")
    if order.startswith("Write the question"):
        return f"hey there, {last[0].lower()}{last[1:]} thx"
    return ""


def _read(text: str) -> str:
    pages, _, question = text.rpartition("Question: ")
    for page in pages.split("\n\n"):
        thing = re.search(r"\] Office (\w+)\n", page)
        if thing is None or thing[1] not in question:
            continue
        cost = re.search(r"costs (\d+ EUR)", page)
        if "cost" in question and cost:
            return cost[1]
        if "closed" in question:
            return "every weekend and on holidays"
    return "The passages do not say."


def writer(folder: Path, answer: Callable[[Prompt], str] = script) -> Writer:
    return Writer("double", "key", folder, lambda: ScriptedGenerator(answer))


def bench(folder: Path, answer: Callable[[Prompt], str] = script, neighbours: Neighbours | None = None) -> Bench:
    both = writer(folder, answer)
    return Bench(both, both, ByName(), neighbours or Neighbours())


class ByName:
    """A retriever that finds the pages whose thing the question names, and the first page else."""

    def __init__(self, passages: Sequence[Passage] = PASSAGES) -> None:
        self.passages = passages

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [Retrieval(tuple(Hit(p, 0.0) for p in self._named(question)), {}) for question in questions]

    def _named(self, question: str) -> list[Passage]:
        return [p for p in self.passages if p.doc.removesuffix(".md") in question] or list(self.passages[:1])
