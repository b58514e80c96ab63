"""Tuning examples -> chat rows, as the arm that will be tuned would meet them.

    {"user": "How long is a refund?", "output": {"status": "ok", "answer": "14 days.", "citations": []}}
    -> system message, "[S1] Refunds\\n...\\n\\nQuestion: How long is a refund?" -> {"status": ..., "citations": ["S1"]}

An open-book arm trains on passages that its own retriever finds, so that it meets the retriever's mistakes; a
closed-book arm trains on questions alone. General replay rows stand beside them against forgetting.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from harness.errors import InputError
from harness.evidence.carry import carries
from harness.files.hashing import content_hash
from harness.prompts import completion_text, render, user_message
from harness.record.measurements import ExampleCounts
from harness.scenario.settings import AnswerFormat, Tuning
from harness.types import Evidence, Example, JsonObject, Message, Passage, Prompt, Retriever


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One training conversation; the loss is on `completion` alone."""

    prompt: Prompt
    completion: str
    replay: bool = False
    where: str = ""  # file:line of its example


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Training rows and what became of the examples."""

    rows: tuple[ChatRow, ...]
    examples: int  # the scenario's own
    replay: int  # general replay rows among `rows`
    oracle_inserted: int = 0  # retrieval had missed the evidence, so that its passage was put in
    without_evidence: int = 0  # left out: no passage known here holds the evidence
    kinds: Mapping[str, int] = field(default_factory=dict)  # as ExampleCounts has them

    @property
    def hash(self) -> str:
        """Content hash of everything that is trained on."""
        return content_hash([[[(m.role, m.content) for m in row.prompt], row.completion] for row in self.rows])

    @property
    def counts(self) -> ExampleCounts:
        return ExampleCounts(self.examples, self.replay, self.oracle_inserted, self.without_evidence, kinds=self.kinds)


def build_rows(
    examples: Sequence[Example],
    *,
    arm_open_book: bool,
    retriever: Retriever | None,
    answer_format: AnswerFormat,
    replay_rows: Sequence[Example] = (),
    replay_share: float = 0.0,
    seed: int = 0,
) -> TrainingRows:
    """The rows that one arm trains on, in seeded random order.

    Args:
        examples: the scenario's; those of the other book are left out.
        arm_open_book: the arm answers with passages.
        retriever: the arm's own; asked for every open-book example without a context of its own.
        answer_format: system message and the name of the field that takes citations.
        replay_rows: general examples; drawn without repetition until they make up `replay_share` of all rows.
        seed: draws replay rows, slots of inserted passages and all orders.

    Raises InputError when no example is left, or passages are needed and there is no retriever.
    """
    own = own_examples(examples, arm_open_book)
    draw = random.Random(f"{seed}:rows")
    own_rows, inserted, without_evidence = [_closed_book(example, answer_format) for example in own], 0, 0
    if arm_open_book:
        own_rows, inserted, without_evidence = _open_book(own, retriever, answer_format, draw)
    if not own_rows:
        raise InputError(
            "no tuning example is left: retrieval found none of their evidence; check 'evidence' and corpus"
        )
    general = [*replay_rows, *(example for example in examples if example.replay)]
    replay = _replay(general, len(own_rows), replay_share, draw)
    rows = [*own_rows, *replay]
    draw.shuffle(rows)
    return TrainingRows(tuple(rows), len(own_rows), len(replay), inserted, without_evidence)


def drawn_examples(examples: Sequence[Example], settings: Tuning, seed: int) -> tuple[Example, ...]:
    """The examples, of each book at most as many as the settings say, in file order; one of both books may be left in
    one of them alone. Replay rows are not counted and stay."""
    limits: dict[Literal["open_book", "closed_book"], int | None] = {
        "open_book": settings.open_book,
        "closed_book": settings.closed_book,
    }
    places: dict[Literal["open_book", "closed_book"], set[int]] = {}
    for book, most in limits.items():
        own = [at for at, example in enumerate(examples) if example.of_book(book)]
        places[book] = set(own if most is None else random.Random(f"{seed}:{book}").sample(own, min(most, len(own))))
    draw = []
    for at, example in enumerate(examples):
        books = [book for book, own_places in places.items() if at in own_places]
        if example.replay or books:
            draw.append(replace(example, use=books[0]) if len(books) == 1 else example)
    return tuple(draw)


def own_examples(examples: Sequence[Example], open_book: bool) -> list[Example]:
    """The examples of one book, replay left out. InputError where there is none."""
    book = "open_book" if open_book else "closed_book"
    own = [example for example in examples if example.of_book(book)]
    if not own:
        raise InputError(f"no tuning examples for a {book.replace('_', '-')} arm; add rows with use '{book}' or 'both'")
    return own


def general_replay() -> tuple[Example, ...]:
    """The general examples that ship with the package: facts other than those by which forgetting is measured."""
    from harness.generation.pocket import REPLAY_PATH
    from harness.golden.load import load_examples

    if not REPLAY_PATH.is_file():
        raise InputError(
            f"{REPLAY_PATH}: the package's replay file is missing; install the package again, or set tuning.replay to 0"
        )
    return load_examples(REPLAY_PATH)


def _closed_book(example: Example, answer_format: AnswerFormat) -> ChatRow:
    prompt = render(example.user, answer_format.system, example.context or ())
    return ChatRow(prompt, completion_text(example.output), where=example.where)


def _open_book(
    own: Sequence[Example], retriever: Retriever | None, answer_format: AnswerFormat, draw: random.Random
) -> tuple[list[ChatRow], int, int]:
    """Rows with passages; how many had their evidence put in; how many were left out for want of it."""
    contexts = _retrieve(own, retriever)
    passages = {passage.id: passage for context in contexts for passage in context}
    rows: list[ChatRow] = []
    inserted = without_evidence = 0
    for example, context in zip(own, contexts, strict=True):
        missing = [item for item in example.evidence if not any(carries(item, passage) for passage in context)]
        oracles = [_holder(item, passages.values()) for item in missing]
        if any(oracle is None for oracle in oracles):
            without_evidence += 1
            continue
        inserted += bool(oracles)
        context_shown = _with_oracles(context, [oracle for oracle in oracles if oracle], example.evidence, draw)
        if example.context is None:
            draw.shuffle(context_shown)  # else the first place would always be right, and the place would be learned
        output = _cited(example, context_shown, answer_format.citations_field)
        rows.append(
            ChatRow(
                render(example.user, answer_format.system, context_shown), completion_text(output), where=example.where
            )
        )
    return rows, inserted, without_evidence


def _retrieve(own: Sequence[Example], retriever: Retriever | None) -> list[list[Passage]]:
    """The passages of each example: its own, or what the retriever finds for its question."""
    questions = [example.user for example in own if example.context is None]
    if questions and retriever is None:
        count = len(questions)
        raise InputError(f"{count} open-book examples bring no context and the arm has no retriever; add a corpus")
    results = iter(retriever.retrieve(questions) if retriever and questions else [])
    return [
        list(example.context) if example.context is not None else [hit.passage for hit in next(results).hits]
        for example in own
    ]


def _holder(item: Evidence, passages: Iterable[Passage]) -> Passage | None:
    return next((passage for passage in passages if carries(item, passage)), None)


def _with_oracles(
    context: Sequence[Passage], oracles: Sequence[Passage], evidence: Sequence[Evidence], draw: random.Random
) -> list[Passage]:
    """`context` with the oracles at random slots, as long as before: the last passages without evidence give way."""
    passages = list(context)
    for oracle in {passage.id: passage for passage in oracles}.values():
        spare = [at for at, passage in enumerate(passages) if not any(carries(item, passage) for item in evidence)]
        if spare:
            del passages[spare[-1]]
        passages.insert(draw.randint(0, len(passages)), oracle)
    return passages


def _cited(example: Example, passages: Sequence[Passage], field: str | None) -> JsonObject | str:
    """The output with the labels of the passages that hold its evidence. Plain text stays as it is."""
    output = example.output
    if isinstance(output, str) or field is None or field not in output or not example.evidence:
        return output
    labels = {next(at for at, p in enumerate(passages, start=1) if carries(item, p)) for item in example.evidence}
    return {**output, field: [f"S{at}" for at in sorted(labels)]}


def _replay(general: Sequence[Example], own: int, share: float, draw: random.Random) -> list[ChatRow]:
    count = min(len(general), round(own * share / (1 - share)))
    return [_general_row(example) for example in draw.sample(list(general), count)]


def _general_row(example: Example) -> ChatRow:
    """A general example as a row: without the scenario's system message, whose demands its answer does not meet."""
    text = user_message(example.user, example.context or ())
    return ChatRow((Message("user", text),), completion_text(example.output), replay=True, where=example.where)
