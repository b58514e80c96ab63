"""Faults of tuning examples and probes, found before anything is trained: texts spoilt, another corpus, the window.

Each function yields (place, message) pairs; the rules of `golden check` make findings of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from harness.types import Case, Document, Example, Passage, Probe

# Marks by which chat templates end or divide turns. In an example's text they teach to stop early or to speak for the
# other side.
MARKS = (
    "<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|start_header_id|>", "<|end|>",
    "<|user|>", "<|assistant|>", "<end_of_turn>", "<start_of_turn>", "<s>", "</s>", "<eos>", "<bos>", "[INST]",
    "[/INST]",
    "<|end_of_turn|>", "<|eom_id|>", "<|return|>", "### Response:", "###\n\n",
)  # fmt: skip
MOST_FOREIGN = 0.5  # share of the texts that name something, above which they are about another corpus
FEWEST_NAMING = 5  # texts with a name in them; fewer say nothing
_WORD = re.compile(r"[^\W_][\w'’-]*")


def spoilt(examples: Iterable[Example], marks: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Examples whose texts hold the marks of a chat template (`marks`: the model's), or whose output is empty."""
    for example in examples:
        for name, text in (
            ("prompt", example.user),
            ("output", example_text(example.output)),
            ("rejected", example_text(example.rejected)),
        ):
            mark = next((mark for mark in (*MARKS, *marks) if mark in text), None)
            if mark is not None:
                yield example.where, f"its {name} holds {mark.strip()!r}, a mark of chat templates; take it out"
        if not example_text(example.output).strip() or example.output == {}:
            yield example.where, "its output is empty: it teaches to answer nothing; write one or take the row out"


def example_text(value: object) -> str:
    """An output as text; nothing where there is none."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def foreign_evidence(
    examples: Iterable[Example], documents: Sequence[Document], passages: Sequence[Passage]
) -> Iterator[tuple[str, str]]:
    """Examples whose evidence documents the corpus does not have, one message a document."""
    names = {document.id for document in documents} | {n for passage in passages for n in (passage.id, passage.doc)}
    places: dict[str, list[str]] = {}
    for example in examples:
        for name in dict.fromkeys(item.doc or item.id or "" for item in example.evidence):
            if name not in names and name.rpartition("#")[0] not in names:
                places.setdefault(name, []).append(example.where)
    for name, rows in places.items():
        more = f" (so do {len(rows) - 1} more examples)" if len(rows) > 1 else ""
        yield (
            rows[0],
            f"its evidence is document '{name}', which the corpus does not have{more}; train on your own pages",
        )


def foreign_texts(
    examples: Sequence[Example],
    probes: Sequence[Probe],
    cases: Sequence[Case],
    documents: Sequence[Document],
    passages: Sequence[Passage],
) -> Iterator[tuple[str, str]]:
    """Examples and probes that name people, products and places of another corpus, each as one message.

    They are measured against the golden questions: where those name nothing of the corpus either (messages to be
    sorted, say), names tell nothing. On the shipped scenarios 5 to 11 % of the texts that name something name nothing
    of their own corpus, and 51 to 100 % nothing of another's.
    """
    words = {_bare(word) for text in _texts(documents, passages) for word in _WORD.findall(text)}
    naming, strange = _strangers([(case.where, case.question) for case in cases], words)
    if naming >= FEWEST_NAMING and len(strange) > MOST_FOREIGN * naming:
        return
    for noun, texts in (
        ("examples", [(example.where, example.user) for example in examples if not example.replay]),
        ("probes", [(f"probe '{probe.id}'", probe.question) for probe in probes]),
    ):
        naming, strange = _strangers(texts, words)
        if naming >= FEWEST_NAMING and len(strange) > MOST_FOREIGN * naming:
            where, name = strange[0]
            share = f"{len(strange)} of {naming} {noun} that name something name nothing of the corpus"
            yield where, f"{share} (here '{name}'): they are about other documents; write your own or leave them out"


def _texts(documents: Sequence[Document], passages: Sequence[Passage]) -> Iterator[str]:
    yield from (f"{document.title} {document.text}" for document in documents)
    yield from (f"{passage.title} {passage.text}" for passage in passages)


def _strangers(texts: Iterable[tuple[str, str]], words: set[str]) -> tuple[int, list[tuple[str, str]]]:
    """The number of texts that name something, and (place, first name) of those with no name among the words."""
    mentions = [(where, names) for where, text in texts if (names := list(_names(text)))]
    return len(mentions), [
        (where, names[0]) for where, names in mentions if not any(_bare(name) in words for name in names)
    ]


def _names(text: str) -> Iterator[str]:
    """Capitalised words inside a sentence."""
    for match in _WORD.finditer(text):
        before = text[: match.start()].rstrip()
        if len(match.group()) > 1 and match.group()[0].isupper() and before and before[-1] not in ".?!:;\"'([-\n":
            yield match.group()


def _bare(word: str) -> str:
    return re.sub(r"['’]s$", "", word.casefold())


def over_window(examples: Sequence[Example], tokens: Sequence[int], limit: int) -> Iterator[tuple[str, str]]:
    """Examples that are longer than the window even without retrieved passages: training leaves them out."""
    long = [(example.where, count) for example, count in zip(examples, tokens, strict=True) if count > limit]
    share = f"{len(long)} of {len(examples)} examples are too long"
    for where, count in long:
        message = (
            f"{count} tokens, the window has {limit}: training leaves it out; shorten it or raise tuning.max_length"
        )
        yield where, f"{message} ({share})"
