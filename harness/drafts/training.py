"""Drafts as training examples, in the form and the style that the scenario demands.

    a lookup -> {"prompt": {"user": question}, "output": "A kayak is lent for 3 days.", "evidence": [quote], ...}

The answer is the quote itself where the house style and the schema allow it, else the few words that answer: what is
taught is how to answer from passages, in words that stand in them. What nothing answers is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.drafts.draft import GoldenDraft
from harness.errors import InputError
from harness.metrics.style import faults
from harness.scenario.settings import AnswerFormat
from harness.scenario.style import StyleRules
from harness.tuning.outputs import answer_in_form, refusal_in_form
from harness.types import Example, JsonObject

Use = Literal["open_book", "closed_book", "both"]
USES: tuple[Use, ...] = ("open_book", "closed_book", "both")


@dataclass(frozen=True, slots=True)
class DraftExamples:
    """Examples made of drafts, and why others were not."""

    examples: tuple[Example, ...]
    kinds: Mapping[str, int]  # examples by kind, paraphrases apart
    left_out: Mapping[str, int] = field(default_factory=dict)  # drafts by reason


def draft_examples(
    drafts: Sequence[GoldenDraft],
    paraphrases: Sequence[GoldenDraft],
    format: AnswerFormat,
    style: StyleRules | None,
    use: Use,
) -> DraftExamples:
    """An example a draft, and one a paraphrase of it with the same output.

    Raises:
        InputError: the scenario has no sentence for a refusal, or its schema demands what no setting names.
    """
    rows: list[Example] = []
    kinds: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    refusal = refusal_in_form(format) if any(draft.kind == "unanswerable" for draft in drafts) else None
    for draft, kind in [*((d, d.kind) for d in drafts), *((p, "paraphrase") for p in paraphrases)]:
        output = refusal if draft.kind == "unanswerable" else _output(draft, format, style)
        if output is None:
            left_out["no wording of its answer keeps the house style and the schema"] += 1
            continue
        # a refusal has nothing to say from memory either: it is taught where passages are shown
        book: Use = "open_book" if draft.kind == "unanswerable" else use
        rows.append(Example(draft.question, output, book, evidence=draft.evidence))
        kinds[kind] += 1
    return DraftExamples(tuple(rows), dict(kinds), dict(left_out))


def _output(draft: GoldenDraft, format: AnswerFormat, style: StyleRules | None) -> JsonObject | str | None:
    """The first wording of the answer that the style and the schema allow; None where none is."""
    reasons: list[InputError] = []
    for text in _texts(draft):
        if style is not None and faults(text, style):
            continue
        try:
            return answer_in_form(text, (), format)
        except InputError as error:
            reasons.append(error)
    if reasons and style is None:
        raise reasons[0]
    return None


def _texts(draft: GoldenDraft) -> Iterator[str]:
    """Ways of saying the answer, the fullest first."""
    yield " ".join(draft.quotes)
    short = "; ".join(draft.answers)
    yield f"{short[0].upper()}{short[1:]}."
