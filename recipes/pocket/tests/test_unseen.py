"""The scenarios' worlds stay unseen: none of their names, questions or schemas occurs in the training text.

Names are the capitalised words inside the sentences of a scenario's corpus, single or in a row, without single words of
the language and of the real world (a compass, Finland, Street); names of people always count. The training text is
checked as its word tables and as a seeded sample.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from random import Random

import pytest

from recipes.pocket import conversations, general, topics, values, worlds

ROOT = Path(__file__).parents[3]
SAMPLE = 1500
COMMON = {*values.MONTHS, *values.WEEKDAYS, *(f"{day}s" for day in values.WEEKDAYS)}


@cache
def training_text() -> str:
    """A seeded sample of conversations and all word tables."""
    rng = Random(20261120)
    said = [m["content"] for _ in range(SAMPLE) for m in conversations.conversation(rng, rng.randint(1, 5), 4)]
    tables = [
        (values.HERE / name).read_text(encoding="utf-8")
        for name in ("lexicon.json", "scenes.json", "attributes.txt", "general.txt")
    ]
    pages = [path.read_text(encoding="utf-8") for path in sorted(topics.FOLDER.glob("*.txt"))]
    return "\n".join([*said, *tables, *pages])


@cache
def training_words() -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z]+", training_text()))


def corpora() -> list[Path]:
    return sorted(p for p in (ROOT / "scenarios").glob("*/corpus") if p.is_dir())


@cache
def ordinary_words() -> frozenset[str]:
    """Words of the tables other than names of people, and of general facts, in lower case."""
    tables = {name: words for name, words in values.lexicon().items() if name not in ("first", "last")}
    general = (values.HERE / "general.txt").read_text(encoding="utf-8")
    fixed = (
        json.dumps(tables) + general + "".join(Path(m.__file__).read_text(encoding="utf-8") for m in (values, worlds))
    )
    return frozenset(word.lower() for word in re.findall(r"[A-Za-z]+", fixed))


def invented_names(text: str) -> set[str]:
    """Capitalised words of five letters or more inside sentences, no ordinary words, never in lower case there."""
    inside = set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{4,}", text))
    lower = set(re.findall(r"\b[a-z]+\b", text))
    return {name for name in inside if name.lower() not in lower | ordinary_words()} - COMMON


def full_names(text: str) -> set[str]:
    """Two or more capitalised words in a row inside sentences: people, streets, products."""
    return set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)+", text)) - set(general_names())


@cache
def general_names() -> frozenset[str]:
    """Answers of the closed world, such as New Delhi."""
    return frozenset(name for fact in general.facts() for name in (fact.a, fact.b))


@pytest.mark.parametrize("corpus", corpora(), ids=lambda p: p.parent.name)
def test_names_of_a_scenario_are_unseen(corpus):
    text = "\n".join(p.read_text(encoding="utf-8") for p in sorted(corpus.rglob("*")) if p.is_file())
    seen = invented_names(text) & training_words()
    seen |= {name for name in full_names(text) if name in training_text()}
    assert not seen, f"{corpus}: {sorted(seen)} also occur in pocket's training text; rename them in the scenario"


@pytest.mark.parametrize("golden", sorted((ROOT / "golden_sets").glob("*.jsonl")), ids=lambda p: p.stem)
def test_golden_questions_are_unseen(golden):
    asked = {json.loads(line)["question"] for line in golden.read_text(encoding="utf-8").splitlines() if line.strip()}
    text = training_text()
    assert not {question for question in asked if question in text}


@pytest.mark.parametrize("schema", sorted((ROOT / "scenarios").glob("*/*.schema.json")), ids=lambda p: p.parent.name)
def test_key_sets_of_the_scenarios_are_unseen(schema):
    keys = sorted(json.loads(schema.read_text(encoding="utf-8")).get("properties", {}))
    found = set()
    for match in re.finditer(r"\{\"[^{}]*\}", training_text()):
        try:
            found.add(tuple(sorted(json.loads(match.group()))))
        except ValueError:
            continue
    assert len(found) > 100  # the sample does hold JSON answers
    assert tuple(keys) not in found
