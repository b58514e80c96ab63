"""RAFT examples: questions among passages that help and passages that only look so; the quote before the answer.

    "How long is a kayak lent?" + [S1] fees, [S2] loans, [S3] boats  ->  '"A kayak is lent for 3 days." [S2] 3 days.'

After Zhang et al. 2024 (arXiv 2403.10131): a share P of the rows keeps the passage that answers (the oracle), the
others have distractors alone, and answer with a refusal or from memory, as is chosen. Distractors are what the
scenario's own retriever takes for an answer. The same seed, the same rows, whatever order the examples stand in.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from harness.errors import InputError
from harness.evidence.carry import carries
from harness.evidence.fold import fold, stands
from harness.files.hashing import content_hash
from harness.scenario.settings import AnswerFormat
from harness.tuning.outputs import answer_in_form, is_refused, refusal_in_form, text_of
from harness.tuning.pairs import by_name, holders
from harness.types import Evidence, Example, JsonObject, Passage, Retriever

Without = Literal["refusal", "closed_book"]
WITHOUT: tuple[Without, ...] = ("refusal", "closed_book")


@dataclass(frozen=True, slots=True)
class RaftSettings:
    """What a RAFT row looks like."""

    distractors: int = 3  # passages that do not answer, beside the oracle; one more where there is none
    oracle_share: float = 0.8  # P: share of the rows that keep the oracle, 0 to 1
    without: Without = "refusal"  # what a row without its oracle answers: a refusal, or the same answer from memory
    quotes: bool = True  # the evidence is quoted before the answer


@dataclass(frozen=True, slots=True)
class RaftCounts:
    """What became of the examples."""

    rows: int
    oracle: int  # rows that keep the passage with their evidence
    refusals: int  # rows without it that refuse
    closed_book: int  # rows without it that answer from memory
    unanswerable: int  # examples that refused before: distractors were put beside them
    short: int  # rows for which the retriever found fewer distractors than were asked for
    left_out: Mapping[str, int] = field(default_factory=dict)  # examples that became no row, by reason


@dataclass(frozen=True, slots=True)
class RaftExamples:
    """RAFT rows as tuning examples that bring their own context, and what became of those they are made of."""

    examples: tuple[Example, ...]
    counts: RaftCounts


@dataclass(frozen=True, slots=True)
class _Source:
    """An example with the passages that a row of it can show."""

    example: Example
    oracles: tuple[Passage, ...]  # one an evidence item, none twice; empty where it refuses
    distractors: tuple[Passage, ...]  # best first, none twice

    @property
    def rank(self) -> str:
        return content_hash(self.example.user)


def raft_examples(
    examples: Sequence[Example],
    passages: Sequence[Passage],
    retriever: Retriever,
    format: AnswerFormat,
    settings: RaftSettings,
    seed: int,
) -> RaftExamples:
    """The RAFT rows of a scenario's open-book examples, in their order.

    Args:
        examples: the scenario's; closed-book ones, replay and those with a context of their own are left out.
        passages: of its index.
        retriever: the arm's own; what it finds and what does not answer is a distractor.
        format: the form of answers.

    Raises:
        InputError: a share outside 0 to 1, no distractor wanted, or no example that could be a row.
    """
    if not 0 <= settings.oracle_share <= 1 or settings.distractors < 1:
        raise InputError(
            f"RAFT rows with {settings.distractors} distractors and a share of {settings.oracle_share} with the "
            "oracle; expected at least 1 and a share of 0 to 1"
        )
    own = [e for e in examples if e.use != "closed_book" and not e.replay]
    left_out: Counter[str] = Counter()
    sources = list(_sources(own, passages, retriever, format, settings.distractors + 1, left_out))
    if not sources:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in left_out.items()) or "no open-book examples"
        raise InputError(f"no example can be a RAFT row ({reasons})")
    answerable = sorted((s for s in sources if s.oracles), key=lambda source: content_hash([seed, source.rank]))
    keep = {id(source) for source in answerable[: round(settings.oracle_share * len(answerable))]}
    tally: Counter[str] = Counter()
    rows = []
    for source in sources:
        row, kind = _row(source, id(source) in keep, format, settings, seed)
        if row is None:
            left_out[kind] += 1
            continue
        rows.append(row)
        tally[kind] += 1
        size = settings.distractors + (kind != "oracle")
        tally["short"] += len(source.distractors) < size
    counts = RaftCounts(
        len(rows), tally["oracle"], tally["refusal"], tally["closed_book"], tally["unanswerable"], tally["short"],
        dict(left_out),
    )  # fmt: skip
    return RaftExamples(tuple(rows), counts)


def _sources(
    own: Sequence[Example],
    passages: Sequence[Passage],
    retriever: Retriever,
    format: AnswerFormat,
    most: int,
    left_out: Counter[str],
) -> Iterator[_Source]:
    names = by_name(passages)
    retrievals = retriever.retrieve([example.user for example in own]) if own else []
    for example, retrieval in zip(own, retrievals, strict=True):
        right = [holders(item, names) for item in example.evidence]
        if example.context is not None:
            left_out["brings its own passages"] += 1
        elif not example.evidence and not is_refused(example.output, format):
            left_out["names no evidence"] += 1
        elif not all(right):
            left_out["evidence in no passage"] += 1
        else:
            oracles = tuple({p.id: p for (p, *_) in right}.values())
            hits = [hit.passage for hit in retrieval.hits]
            yield _Source(example, oracles, tuple(_distractors(hits, example.evidence, oracles, most)))


def _distractors(
    hits: Sequence[Passage], evidence: Sequence[Evidence], oracles: Sequence[Passage], most: int
) -> Iterator[Passage]:
    """Passages that hold none of the evidence, in whatever document, and repeat no passage that is shown."""
    texts = {fold(passage.text).text for passage in oracles}
    quotes = [item.quote for item in evidence if item.quote]
    for passage in hits:
        text = fold(passage.text).text
        answers = any(carries(item, passage) for item in evidence) or any(stands(q, passage.text) for q in quotes)
        if answers or text in texts or most == 0:
            continue
        texts.add(text)
        most -= 1
        yield passage


def _row(
    source: _Source, oracle: bool, format: AnswerFormat, settings: RaftSettings, seed: int
) -> tuple[Example | None, str]:
    """A row and what kind it is; None with the reason where the schema does not allow its answer."""
    example, draw = source.example, random.Random(f"{seed}:raft:{source.rank}")
    context = [*source.oracles, *source.distractors[: settings.distractors]] if oracle else list(source.distractors)
    draw.shuffle(context)
    if not source.oracles:
        return replace(example, use="open_book", context=tuple(context), evidence=()), "unanswerable"
    if not oracle and settings.without == "refusal":
        output = refusal_in_form(format)
        return replace(example, use="open_book", context=tuple(context), evidence=(), output=output), "refusal"
    try:
        output = _answer(source, context if oracle else (), format, settings.quotes)
    except InputError:
        return None, "the schema does not allow the quote before the answer"
    # by the passage's id, since a context on disk does not say which document a passage is from
    evidence = tuple(Evidence(id=passage.id) for passage in source.oracles) if oracle else ()
    row = replace(example, use="open_book", context=tuple(context), evidence=evidence, output=output)
    return row, "oracle" if oracle else "closed_book"


def _answer(source: _Source, context: Sequence[Passage], format: AnswerFormat, quotes: bool) -> JsonObject | str:
    """The answer, after its evidence as it is written there, with the labels under which the passages are shown."""
    text = text_of(source.example.output, format)
    places = {passage.id: f"S{at}" for at, passage in enumerate(context, start=1)}
    labels = tuple(sorted((places[p.id] for p in source.oracles if p.id in places), key=lambda label: int(label[1:])))
    if not labels:
        return source.example.output
    quoted = [item.quote for item in source.example.evidence if item.quote] if quotes else []
    if format.schema is not None:
        before = " ".join(f"“{quote}”" for quote in quoted)
        return answer_in_form(f"{before} {text}".strip(), labels, format)
    marks = "".join(f"[{label}]" for label in labels)
    before = " ".join(f"“{quote}”" for quote in quoted)
    return f"{before} {marks} {text}" if before else f"{text} {marks}"
