"""The checks that a draft has to pass before a person reads it. CHECKS is the table; the cheap ones come first.

A check takes drafts together, since readers and retrievers work in batches, and gives each back (with its answer, where
the check found one) or says in words why it does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.drafts.draft import GoldenDraft, Neighbours
from harness.drafts.quotes import grammar_of
from harness.drafts.replies import Writer
from harness.drafts.spans import span_in
from harness.drafts.wording import ANSWER_TOKENS, SILENCE, answer_of, reading_prompt
from harness.evidence.carry import carries
from harness.evidence.fold import stands
from harness.golden.alike import Likeness, first_alike
from harness.metrics.acceptance import accepted
from harness.metrics.support import supports
from harness.metrics.wording import facts
from harness.refusals import is_refusal
from harness.types import Passage, Retriever

FEWEST_WORDS, MOST_WORDS = 4, 30  # of a question
MOST_ANSWER_WORDS = 16  # longer ones recite their quote, and no short answer can be held against them
FEWEST_ANSWER_WORDS = 2  # with meaning, where it holds no number, name or code
LEAST_NEW = 0.5  # share of an answer's content above which it has to be new to the question
WAY = ">"  # a way through menus repeats what it leads to
LEAST_SHARE = 0.6  # of a question's content that another wording of it has to keep
# a question about the page as a text, which nobody would ask who has only the product
_ABOUT_TEXT = re.compile(
    r"\b(?:sentence|passage|paragraph|this (?:page|text|section)|the (?:title|text|page|section)|question|means?\b)",
    re.IGNORECASE,
)


_LEANING = re.compile(r"\b(?:this|these|that|those|it|they|them|such|here|following)\b", re.IGNORECASE)
_OPENERS = re.compile(r"(?:^|[:.!?]\s)\W*(\w+)")


@dataclass(slots=True)
class Bench:
    """What drafts are held against; `passes` grows while drafts pass."""

    writer: Writer  # writes questions
    reader: Writer  # answers them
    retriever: Retriever
    neighbours: Neighbours = field(default_factory=Neighbours)
    group: Callable[[str], str] = lambda doc: ""  # what a draft of two documents may not mix, such as their splits
    passes: list[tuple[str, str]] = field(default_factory=list)  # (id, question) of drafts that passed

    @property
    def writers(self) -> tuple[Writer, ...]:
        """Writer and reader, once each."""
        return (self.writer,) if self.writer is self.reader else (self.writer, self.reader)


Finding = GoldenDraft | str  # the draft, or why it does not pass
DraftCheck = Callable[[Sequence[GoldenDraft], Bench], list[Finding]]


def _question(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """One clear question about the matter."""
    return [_question_fault(draft) or draft for draft in drafts]


def _question_fault(draft: GoldenDraft) -> str:
    text, words = draft.question, draft.question.split()
    if not text:
        return "no question was written"
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return f"{len(words)} words"
    if text.count("?") > 1 and draft.kind != "style":
        return "several questions"
    if _ABOUT_TEXT.search(text):
        return "it asks about the text"
    return "" if _speaks_of(draft) else "it names nothing of its passage"


def _speaks_of(draft: GoldenDraft) -> bool:
    """Whether the question shares a word with meaning with quote or title."""
    grammar = grammar_of(draft.topic.passages[0])
    content = {stem for stem in grammar.stems(draft.question) if stem not in grammar.stop}
    texts = [*draft.topic.quotes, *(passage.title for passage in draft.topic.passages)]
    return bool(content & {stem for text in texts for stem in grammar.stems(text)})


def _quote(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """Every quote stands in its passage."""

    def stand(draft: GoldenDraft) -> bool:
        pairs = zip(draft.topic.passages, draft.quotes, strict=False)
        return all(stands(quote, passage.text) for passage, quote in pairs)

    return [draft if stand(draft) else "a quote does not stand in its passage" for draft in drafts]


def _repeat(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """It asks nothing that the golden set, or a draft before it, asks already."""
    findings: list[Finding] = []
    earlier = [*bench.neighbours.golden, *bench.passes]
    for draft in drafts:
        twin = first_alike(draft.question, earlier)
        findings.append(draft if twin is None else f"like an earlier one: {twin[0]}")
        if twin is None:
            earlier.append((draft.id, draft.question))
    return findings


def _leak(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """It asks nothing that is on the other side of training, and rests on no quote that is spoken for there."""

    def fault(draft: GoldenDraft) -> str:
        twin = first_alike(draft.question, bench.neighbours.training)
        if twin is not None:
            return f"like one on the other side: {twin[0]}"
        return "its quote is spoken for" if bench.neighbours.owns(draft.topic) else ""

    return [fault(draft) or draft for draft in drafts]


def _retrieval(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """The scenario's own retriever brings back every quote."""
    retrievals = bench.retriever.retrieve([draft.question for draft in drafts])

    def brings(draft: GoldenDraft, passages: Sequence[Passage]) -> bool:
        return all(any(carries(item, passage) for passage in passages) for item in draft.evidence)

    return [
        draft if brings(draft, [hit.passage for hit in retrieval.hits]) else "the retriever does not bring its quote"
        for draft, retrieval in zip(drafts, retrievals, strict=True)
    ]


def _answer(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """Round trip: a reader of the passage, who does not know the quote, answers with words of the quote.

    After Alberti et al. 2019 (arXiv 1906.05416). The answer is what the quote says, whole ways and amounts.
    """
    replies = bench.reader.write([reading_prompt(d.question, d.topic.passages) for d in drafts], ANSWER_TOKENS)
    return [_answered(draft, reply) for draft, reply in zip(drafts, replies, strict=True)]


def _answered(draft: GoldenDraft, reply: str | None) -> Finding:
    text = answer_of(reply)
    if not text:
        return "nothing was answered"
    if is_refusal(text, SILENCE):
        return "the reader finds no answer"
    span = span_in(text, draft.topic.quotes[0])
    if span is None:
        return f"the reader answers from elsewhere: {text[:60]!r}"
    if len(span.split()) > MOST_ANSWER_WORDS:
        return "the answer is as long as its quote"
    fault = _answer_fault(span, draft)
    return fault or replace(draft, answers=(span,))


def _answer_fault(span: str, draft: GoldenDraft) -> str:
    """Why a stretch of the quote is no answer that others could be held against."""
    grammar, quote = grammar_of(draft.topic.passages[0]), draft.topic.quotes[0]
    content = {stem for stem in grammar.stems(span) if stem not in grammar.stop}
    new = content - set(grammar.stems(draft.question))
    if not new or (len(new) <= LEAST_NEW * len(content) and WAY not in span):
        return "the question gives the answer away"
    if _LEANING.search(span):
        return "the answer points elsewhere"
    # a capital opens a sentence, and what follows a label: 'Shortcuts: Enable or disable ...'
    names = facts(quote, grammar) - {word for first in _OPENERS.findall(quote) for word in grammar.words(first)}
    if len(content) < FEWEST_ANSWER_WORDS and not names & set(grammar.words(span)):
        return "the answer is one common word"
    return ""


def _follows(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """The claim detector finds the answer supported by the passages."""

    def fault(draft: GoldenDraft) -> str:
        for answer in draft.answers:
            judgements = supports(answer, draft.topic.passages, draft.question)
            weak = next((one for one in judgements if not one.supported), None)
            if weak is not None:
                return weak.reason
        return ""

    return [fault(draft) or draft for draft in drafts]


def _same_matter(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """It keeps the names, numbers and most of the content of the question that it was made of."""

    def fault(draft: GoldenDraft) -> str:
        grammar = grammar_of(draft.topic.passages[0])
        content = {stem for stem in grammar.stems(draft.base) if stem not in grammar.stop}
        own = set(grammar.stems(draft.question))
        missing = facts(draft.base, grammar) - set(grammar.words(draft.question))
        if missing:
            return f"'{min(missing)}' is lost"
        if content and len(content & own) < LEAST_SHARE * len(content):
            return "it is about something else"
        return ""

    return [fault(draft) or draft for draft in drafts]


def _other_words(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """It is no copy of the question that it was made of."""

    def copy(draft: GoldenDraft) -> bool:
        twin = first_alike(draft.question, [("", draft.base)])
        return twin is not None and twin[1] is Likeness.SAME

    return ["the same words" if copy(draft) else draft for draft in drafts]


def _both_needed(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """Neither passage holds both answers."""

    def alone(draft: GoldenDraft) -> bool:
        return any(all(stands(answer, p.text) for answer in draft.answers) for p in draft.topic.passages)

    return ["one passage holds both answers" if alone(draft) else draft for draft in drafts]


def _silence(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """Nothing that the retriever brings answers it: it asks about a name or number that stands nowhere there, or for
    another word that does not, and then the reader refuses."""
    retrievals = bench.retriever.retrieve([draft.question for draft in drafts])
    shows = [[hit.passage for hit in retrieval.hits] for retrieval in retrievals]
    prompts = [reading_prompt(draft.question, passages) for draft, passages in zip(drafts, shows, strict=True)]
    replies = bench.reader.write(prompts, ANSWER_TOKENS)
    return [
        _silence_fault(draft, passages, answer_of(reply)) or draft
        for draft, passages, reply in zip(drafts, shows, replies, strict=True)
    ]


def _silence_fault(draft: GoldenDraft, passages: Sequence[Passage], reply: str) -> str:
    grammar = grammar_of(draft.topic.passages[0])
    words = {stem for text in (f"{p.title} {p.text}" for p in (*passages, *draft.topic.passages))
             for stem in grammar.stems(text)}  # fmt: skip
    if all(stem in words for stem in grammar.stems(draft.question) if stem not in grammar.stop):
        return "every word of it stands in the passages"
    new = facts(draft.question, grammar) - words  # a name that no passage has: whatever is answered is about another
    return "" if new or is_refusal(reply, SILENCE) else f"the reader answers: {reply[:60]!r}"


def _same_answer(drafts: Sequence[GoldenDraft], bench: Bench) -> list[Finding]:
    """Round trip of a question in other words: the reader still answers what was answered before."""
    replies = bench.reader.write([reading_prompt(d.question, d.topic.passages) for d in drafts], ANSWER_TOKENS)
    return [
        draft if reply and accepted(answer_of(reply), draft.answers, [draft.question]) else "it is answered otherwise"
        for draft, reply in zip(drafts, replies, strict=True)
    ]


CHECKS: Mapping[str, DraftCheck] = {
    "question": _question,
    "quote": _quote,
    "repeat": _repeat,
    "leak": _leak,
    "same matter": _same_matter,
    "other words": _other_words,
    "both needed": _both_needed,
    "retrieval": _retrieval,
    "answer": _answer,
    "follows": _follows,
    "silence": _silence,
    "same answer": _same_answer,
}
