"""Lint of what a scenario trains on: raw text, facts that change, golden questions, settings, balance.

A finding is what makes the training teach something else than was meant; a note is to be known. Each has file and line.
Limits on rank, alpha and trained share are those of the decision guide: r 8 to 64, alpha = 2 r, 0.1 to 1 % of the
weights. RULES is the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.evidence.fold import fold
from harness.golden.alike import Likeness, first_alike
from harness.golden.check import Finding
from harness.golden.clusters import version_pairs
from harness.golden.evidence import unresolved
from harness.golden.example_faults import example_text
from harness.scenario.settings import AnswerFormat, Tuning
from harness.tuning.balance import balance
from harness.tuning.preferences import PreferencePair
from harness.types import Case, Document, Example, Passage

RAW_WORDS = 12  # words of a prompt that stand in a document as they are: more than a title that a question names
LEAST_RANK, MOST_RANK = 8, 64
ALPHA_PER_RANK = 2
LEAST_SHARE, MOST_SHARE = 0.001, 0.01  # of the weights
_ENDS = re.compile(r"[.!?。！？।؟:…\"'”»)\]}>]\s*$")
# what a document says today and may not say tomorrow
_VOLATILE = re.compile(
    r"\b(?:currently|at present|as of|this (?:year|month|week)|latest|newest|until further notice|v?\d+\.\d+\.\d+)\b"
    r"|[€$£]\s?\d|\b\d+(?:[.,]\d+)?\s?(?:euros?|dollars?|EUR|USD|GBP|pounds?|%|percent)"
    r"|\b20\d\d-\d\d-\d\d\b|\b(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./]20\d\d\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TrainingMaterial:
    """What is looked at together."""

    settings: str  # the scenario's file, for findings about settings
    tuning: Tuning
    format: AnswerFormat
    examples: Sequence[Example] = ()
    pairs: Sequence[PreferencePair] = ()
    cases: Sequence[Case] = ()
    documents: Sequence[Document] = ()
    passages: Sequence[Passage] = ()
    updates_per_month: float | None = None  # of the documents, as the advice's facts say
    shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)  # weights of the model; empty: not here

    @property
    def from_memory(self) -> tuple[Example, ...]:
        """Examples that are trained on without passages: what they say is learned by heart."""
        return tuple(e for e in self.examples if e.use != "open_book" and not e.replay and not e.context)


def lint(material: TrainingMaterial) -> list[Finding]:
    """Findings and notes of every rule, in the order of the table."""
    return [finding for rule in RULES.values() for finding in rule(material)]


def _raw_text(material: TrainingMaterial) -> Iterator[Finding]:
    """Prompts that are a piece of a document and outputs that go on with it, in place of instructions and answers."""
    pages = [fold(text).text for text in _texts(material)]
    advice = "write what a user would ask, and the answer: models trained on raw text learn to continue text"
    for example in material.examples:
        prompt = fold(example.user).text
        if len(prompt.split()) >= RAW_WORDS and any(prompt in page for page in pages):
            yield Finding(example.where, "raw text", f"its prompt is a piece of a document; {advice}")
        elif _breaks_off(example.user) and example_text(example.output)[:1].islower():
            yield Finding(example.where, "raw text", f"its prompt breaks off and its output goes on; {advice}")


def _breaks_off(text: str) -> bool:
    return len(text.split()) >= RAW_WORDS and not _ENDS.search(text)


def _texts(material: TrainingMaterial) -> Iterator[str]:
    yield from (document.text for document in material.documents)
    yield from (passage.text for passage in material.passages)


def _facts(material: TrainingMaterial) -> Iterator[Finding]:
    """Facts that are learned by heart and change: the guide's cardinal mistake."""
    older = {name for _, name in version_pairs([*material.documents, *material.passages])}
    examples = material.from_memory
    for example in examples:
        for name in sorted({item.doc or item.id or "" for item in example.evidence} & older):
            yield Finding(example.where, "facts", f"teaches by heart what '{name}' says, which a newer page replaces")
    cases = [Case(e.where, e.user, evidence=e.evidence, where=e.where) for e in examples if e.evidence]
    if material.documents or material.passages:
        for case, problem in unresolved(cases, material.documents, material.passages):
            yield Finding(case.where, "facts", f"teaches by heart what its page does not say (any more): {problem}")
    yield from _volatile(material, examples)


def _volatile(material: TrainingMaterial, examples: Sequence[Example]) -> Iterator[Finding]:
    values = [e for e in examples if _VOLATILE.search(example_text(e.output))]
    updates = material.updates_per_month
    if values:
        text = _VOLATILE.search(example_text(values[0].output))
        what = f"{len(values)} of {len(examples)} closed-book examples teach prices, dates, shares or versions by heart"
        first = f"the first is {text[0]!r}" if text else ""
        more = f", and the documents change {updates:g} times a month" if updates else ""
        advice = "facts that change belong to retrieval: train on them with passages (use: open_book)"
        yield Finding(values[0].where, "facts", f"{what} ({first}){more}; {advice}", "finding" if updates else "note")


def _leaks(material: TrainingMaterial) -> Iterator[Finding]:
    """Golden questions of dev and test in examples, which are `golden check`'s too, and of test in preference pairs:
    failures are taken from dev."""
    held_out = [(case.where, case.question) for case in material.cases if case.split != "train"]
    exam = [(case.where, case.question) for case in material.cases if case.split == "test"]
    split = {case.id: case.split for case in material.cases}
    prompts = [(e.where, e.user, held_out) for e in material.examples]
    for where, text, questions in (*prompts, *((p.where, p.question, exam) for p in material.pairs)):
        twin = first_alike(text, questions)
        if twin is not None:
            how = "is" if twin[1] is Likeness.SAME else "is nearly"
            yield Finding(where, "leaks", f"the training prompt {how} the golden question at {twin[0]}; take one out")
    for pair in material.pairs:
        if split.get(pair.case or "") == "test":
            yield Finding(
                pair.where, "leaks", f"made of the test case '{pair.case}', which judges the arm; take it out"
            )


def _shared_evidence(material: TrainingMaterial) -> Iterator[Finding]:
    """Golden quotes in open-book examples, whatever words stand around them."""
    owners = {
        (item.doc, fold(item.quote).text): case.where
        for case in material.cases
        if case.split != "train"
        for item in case.evidence
        if item.quote
    }
    for example in material.examples:
        for item in example.evidence if example.use == "open_book" else ():
            quote = fold(item.quote).text if item.quote else ""
            twin = next(
                (w for (doc, g), w in owners.items() if quote and doc == item.doc and (g in quote or quote in g)), None
            )
            if twin is not None:
                yield Finding(example.where, "shared evidence", f"its evidence is that of the golden case at {twin}")
                break


def _pairs(material: TrainingMaterial) -> Iterator[Finding]:
    """Pairs that teach length, not preference: where the better answer is nearly always the longer one."""
    lengths = [(len(example_text(p.chosen)), len(example_text(p.rejected))) for p in material.pairs]
    longer = sum(better > worse for better, worse in lengths)
    if len(lengths) >= 20 and longer > 0.9 * len(lengths):
        message = f"in {longer} of {len(lengths)} pairs the better answer is the longer one: length will be learned"
        yield Finding(material.pairs[0].where, "pairs", message, "note")


def _rank(material: TrainingMaterial) -> Iterator[Finding]:
    """Rank and alpha outside the guide's advice."""
    tuning, where = material.tuning, material.settings
    if not LEAST_RANK <= tuning.rank <= MOST_RANK:
        advice = f"the guide: {LEAST_RANK} to 16 for style, 32 to {MOST_RANK} for reasoning in a domain"
        yield Finding(where, "rank", f"tuning.rank is {tuning.rank}; {advice}", "note")
    if tuning.alpha != ALPHA_PER_RANK * tuning.rank:
        message = f"tuning.alpha is {tuning.alpha} with rank {tuning.rank}; the guide keeps it at 2 x rank"
        yield Finding(where, "rank", message, "note")


def _share(material: TrainingMaterial) -> Iterator[Finding]:
    """The share of the weights that LoRA matrices of these settings have, outside the guide's 0.1 to 1 %."""
    share = trained_share(material.tuning, material.shapes)
    if share is None:
        if material.shapes:
            targets = ", ".join(material.tuning.targets)
            yield Finding(material.settings, "trained share", f"no layer of the model is named {targets}")
        return
    if not LEAST_SHARE <= share <= MOST_SHARE:
        message = f"LoRA trains {100 * share:.2f} % of the weights; the guide expects 0.1 to 1 %"
        more = "; lower tuning.rank or name fewer targets" if share > MOST_SHARE else ""
        yield Finding(material.settings, "trained share", message + more, "note")


def trained_share(tuning: Tuning, shapes: Mapping[str, Sequence[int]]) -> float | None:
    """LoRA weights / weights of the model; None where no layer is meant.

    A matrix of d x k gets r (d + k) weights. `all-linear` leaves out embeddings and the output layer, as PEFT does.
    """
    total = sum(_size(shape) for shape in shapes.values())
    matrices = {name.removesuffix(".weight"): shape for name, shape in shapes.items() if len(shape) == 2}
    linear = {n: s for n, s in matrices.items() if not n.endswith(("embed_tokens", "lm_head", "wte", "wpe"))}
    every = "all-linear" in tuning.targets
    layers = [shape for name, shape in linear.items() if every or name.endswith(tuple(tuning.targets))]
    return tuning.rank * sum(map(sum, layers)) / total if layers and total else None


def _size(shape: Sequence[int]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def _balance(material: TrainingMaterial) -> Iterator[Finding]:
    own = [example for example in material.examples if not example.replay]
    if own:
        for message in balance(own, material.format).remarks:
            yield Finding(own[0].where.rpartition(":")[0], "balance", message, "note")


LintRule = Callable[[TrainingMaterial], Iterator[Finding]]
RULES: Mapping[str, LintRule] = {
    "raw text": _raw_text,
    "facts": _facts,
    "leaks": _leaks,
    "shared evidence": _shared_evidence,
    "pairs": _pairs,
    "rank": _rank,
    "trained share": _share,
    "balance": _balance,
}
