"""The terms of the page: each in one plain sentence, shown on hover wherever it stands and in the glossary at the end.

with_terms("One row a gate.")    # 'One row a <a class="term" href="#term-gate" title="...">gate</a>.'
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from harness.characters import clean

TERMS: Mapping[str, str] = {
    "95 % interval": "The range in which the true value lies, as far as this many questions can tell, 95 times of 100.",
    "A/A control": "The same arm timed twice: what it differs from itself by is what this machine can't tell apart.",
    "adapter": "The small set of weights that fine-tuning adds to a model; the model itself stays as it is.",
    "arm": "One way to answer: a model, with or without retrieval, with or without fine-tuning.",
    "baseline": "The model alone: no retrieval, no fine-tuning.",
    "break-even": "The number of questions or updates from which one arm is cheaper than another.",
    "candidate": "The arm that the gates judge; the others are there to compare it with.",
    "ceiling": "An arm that is given the right passages: what perfect retrieval could reach. It is never shipped.",
    "cluster": "Questions about the same documents. They stand or fall together, so they count as fewer.",
    "drill": "The same questions made harder: facts changed, distractors added, passages shuffled, questions reworded.",
    "fixed answer": "One and the same answer to every question, such as refusing all: what any arm has to beat.",
    "forgetting": "General ability that a model loses by being fine-tuned.",
    "gate": "A limit that the candidate has to meet with its whole interval before it may be shipped.",
    "golden set": "The questions with accepted answers by which every arm is measured.",
    "groundedness": "The share of an answer's claims that the passages it was given support.",
    "hallucination": "An answer with at least one claim that no given passage supports.",
    "Holm": "A correction of p values: with many comparisons, some look real by chance. It keeps such errors rare.",
    "hybrid": "Retrieval and fine-tuning together.",
    "MRR": "Mean reciprocal rank: 1 where the first passage is a right one, a half where the second is, and so on.",
    "McNemar": "A test for pairs: it looks only at the questions on which two arms differ.",
    "nDCG": "How near the order of the retrieved passages is to the best possible one; 1 is perfect.",
    "p value": "How often chance alone would give a difference at least as large, if there were none.",
    "p95": "The time within which 95 of 100 answers are there; the slowest five take longer.",
    "paired": "Compared question by question, so that hard questions weigh on both arms alike.",
    "passage": "A piece of a document: what is searched, shown to the model and cited.",
    "points": "Percentage points: from 60 % to 65 % is a gain of 5 points.",
    "probe": "A question without a known answer, asked only to see whether the answer keeps the demanded form.",
    "RAG-only": "Retrieval without fine-tuning: passages are looked up and given to the untuned model.",
    "recall@k": "The share of the evidence that is among the first k passages.",
    "task success": "The answer is right (or rightly refused), keeps the form, and claims nothing without support.",
    "test split": "The questions kept for the verdict; settings are chosen on others.",
    "tune-only": "Fine-tuning without retrieval: the model answers from its weights.",
    "uncalibrated": "A judge or a detector stands behind the figure, and no people rated enough answers to correct it.",
}
SPELLINGS: Mapping[str, str] = {  # as a text writes it -> the term
    "arms": "arm",
    "clusters": "cluster",
    "drills": "drill",
    "gates": "gate",
    "p values": "p value",
    "passages": "passage",
    "probes": "probe",
    "oracle": "ceiling",
    "best constant answer": "fixed answer",
}
_WORDS = {**{term: term for term in TERMS}, **SPELLINGS}
_KNOWN = {word.casefold(): term for word, term in _WORDS.items()}
_PLACE = re.compile(
    rf"(?<![\w@-])(?:{'|'.join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))})(?![\w@-])",
    re.IGNORECASE,
)

_ESTIMATE = re.compile(r"([+−]?[\d,.]+ ?[^\s()]*) \((.+, n = [\d,]+(?:, [\d,]+ unscored)?)\)")


def term_id(term: str) -> str:
    """The id of a term's line in the glossary."""
    return f"term-{re.sub(r'[^a-z0-9]+', '-', term.casefold()).strip('-')}"


def with_terms(text: str) -> Markup:
    """A text in which each known term leads to the glossary the first time, with its meaning on hover."""
    out, last, done = Markup(), 0, set[str]()
    for match in _PLACE.finditer(text):
        term = _KNOWN[match[0].casefold()]
        if term in done:
            continue
        done.add(term)
        out += escape(text[last : match.start()]) + _link(term, match[0])
        last = match.end()
    return out + escape(text[last:])


def stacked(value: object) -> Markup:
    """An estimate as `show_estimate` tells it, its interval on a line of its own; anything else as it is."""
    text = str(value)
    parts = _ESTIMATE.fullmatch(text)
    lines = Markup('<span class="num">{}</span> <small class="muted num">{}</small>')
    return lines.format(*map(clean, parts.groups())) if parts else escape(clean(text))


def _link(term: str, word: str) -> Markup:
    link = '<a class="term" href="#{}" title="{}">{}</a>'
    return Markup(link).format(term_id(term), TERMS[term], word)
