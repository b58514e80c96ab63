"""Checks of a golden set and its tuning examples: findings with file:line, and notes.

A finding makes a measurement wrong (evidence that is not there, a golden question in the training data, personal data);
a note is something to know before believing it (few cases, no human verified them).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.golden.alike import Likeness, first_alike
from harness.golden.evidence import in_another_form, unresolved
from harness.golden.example_faults import foreign_evidence, foreign_texts, over_window, spoilt
from harness.record.codec import plain
from harness.record.sections import FileRemark, SkippedFile
from harness.references import references
from harness.types import CATEGORIES, KINDS, SPLITS, Case, Document, Example, Passage, Probe

FEWEST_CASES = 50  # the decision guide's smallest golden set
FEWEST_UNANSWERABLE = 0.05  # share of the cases, so that needless and missed refusals can be told apart


@dataclass(frozen=True, slots=True)
class Finding:
    where: str  # file:line
    rule: str  # name in RULES
    message: str
    level: Literal["finding", "note"] = "finding"


@dataclass(frozen=True, slots=True)
class Material:
    """The cases, examples, probes and corpus that are checked together."""

    cases: Sequence[Case]
    examples: Sequence[Example] = ()
    probes: Sequence[Probe] = ()
    documents: Sequence[Document] = ()
    passages: Sequence[Passage] = ()
    golden: str = ""  # the golden file, for notes about the whole set
    window: int | None = None  # tokens that a training example may have; None where nothing is tuned or it is not known
    marks: Sequence[str] = ()  # special tokens of the model that is tuned
    example_tokens: Sequence[int] = ()  # of each example as it is trained on, retrieved passages left out
    skipped: tuple[SkippedFile, ...] = ()  # files of the corpus that were not read
    remarks: tuple[FileRemark, ...] = ()  # files of the corpus that were read otherwise than they are written
    corpus_known: bool = field(default=True)  # False: only the golden file was given, so evidence cannot be resolved


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of `golden check`: what was looked at, findings and notes, and corpus files that it did not see."""

    cases: int
    summary: Mapping[str, Mapping[str, int]]  # cases by split, kind, category, verifier
    findings: tuple[Finding, ...]  # notes too
    skipped: tuple[SkippedFile, ...]
    remarks: tuple[FileRemark, ...]

    @property
    def serious(self) -> int:
        """Findings that are no notes: what makes the exit code 2."""
        return sum(finding.level == "finding" for finding in self.findings)

    def as_object(self) -> dict[str, Any]:
        """The JSON object of it."""
        return {**plain(self), "serious": self.serious}


def check(material: Material) -> list[Finding]:
    """Findings and notes of every rule, in the order of the files' lines within each rule."""
    return [finding for rule in RULES.values() for finding in rule(material)]


def summary(cases: Iterable[Case]) -> dict[str, dict[str, int]]:
    """Cases by split, kind, category and who verified them."""
    every = list(cases)
    return {
        "split": _count((case.split for case in every), SPLITS),
        "kind": _kinds(every),
        "category": _count((case.category for case in every), CATEGORIES),
        "verified_by": dict(Counter(case.verified_by or "nobody named" for case in every)),
    }


def _kinds(cases: Sequence[Case]) -> dict[str, int]:
    """Cases by kind; those without a label are counted as such, whatever kind they are to be."""
    kinds = [case.kind for case in cases if not is_unlabelled(case)]
    unlabelled = len(cases) - len(kinds)
    return _count(kinds, KINDS) | ({"unlabelled": unlabelled} if unlabelled else {})


def is_unlabelled(case: Case) -> bool:
    """Whether nobody has said what a right answer is: no accepted answer, and not unanswerable either."""
    return not case.accept and case.kind != "unanswerable"


def _count(values: Iterable[str], order: Sequence[str]) -> dict[str, int]:
    counts = Counter(values)
    return {value: counts[value] for value in order}


def _evidence(material: Material) -> Iterator[Finding]:
    if material.corpus_known:
        for case, problem in unresolved(material.cases, material.documents, material.passages, material.skipped):
            yield Finding(case.where, "evidence", problem)
        form = in_another_form(material.cases, material.documents, material.passages, material.skipped)
        if form.quotes:
            many = "quotes stand" if len(form.quotes) > 1 else "quote stands"
            message = f"{len(form.quotes)} {many} after folding (case, quotes, marks); the first is at {form.quotes[0]}"
            yield _note(material, "evidence", message)
        if form.names:
            many = "documents are" if len(form.names) > 1 else "document is"
            message = f"{len(form.names)} {many} named in another form; the first is at {form.names[0]}"
            yield _note(material, "evidence", message)


def _unlabelled(material: Material) -> Iterator[Finding]:
    """Cases that cannot be scored. A set without any label measures retrieval alone, as BEIR's do: one note."""
    cases = [case for case in material.cases if is_unlabelled(case)]
    if cases and len(cases) == len(material.cases) and all(case.evidence for case in cases):
        yield _note(
            material, "unlabelled", f"{len(cases)} cases, none with an accepted answer: it measures retrieval alone"
        )
        return
    for case in cases:
        message = "no accepted answer; add 'accept', or kind 'unanswerable' if the corpus does not say"
        yield Finding(case.where, "unlabelled", message)


def _examples(material: Material) -> Iterator[Finding]:
    """Examples that training would learn wrongly, or leave out without being asked."""
    for where, message in spoilt(material.examples, material.marks):
        yield Finding(where, "examples", message)
    if material.window is not None and material.example_tokens:
        for where, message in over_window(material.examples, material.example_tokens, material.window):
            yield Finding(where, "window", message)
    if material.corpus_known:
        for where, message in foreign_evidence(material.examples, material.documents, material.passages):
            yield Finding(where, "another corpus", message)
        sets = (material.examples, material.probes, material.cases, material.documents, material.passages)
        for where, message in foreign_texts(*sets):
            yield Finding(where, "another corpus", message)


def _duplicates(material: Material) -> Iterator[Finding]:
    """Questions asked twice, which would count twice; the later one is named."""
    earlier: list[tuple[str, str]] = []
    for case in material.cases:
        twin = first_alike(case.question, earlier)
        if twin is not None:
            what = "the same question as" if twin[1] is Likeness.SAME else "nearly the same question as"
            yield Finding(case.where, "duplicates", f"{what} {twin[0]}; keep one")
        earlier.append((case.where, case.question))


def _leaks(material: Material) -> Iterator[Finding]:
    """Golden questions of the dev and test splits, or paraphrases of them, in the training prompts."""
    questions = [(case.where, case.question) for case in material.cases if case.split != "train"]
    for example in material.examples:
        twin = first_alike(example.user, questions)
        if twin is not None:
            how = "is" if twin[1] is Likeness.SAME else "is nearly"
            message = f"the training prompt {how} the golden question at {twin[0]}; take one out"
            yield Finding(example.where, "leaks", message)


def _shared_evidence(material: Material) -> Iterator[Finding]:
    """Golden evidence in open-book examples; closed-book ones may train on it, for facts can be tuned in."""
    owners = {item: case.where for case in material.cases if case.split != "train" for item in case.evidence}
    for example in material.examples:
        shared = [owners[item] for item in example.evidence if item in owners]
        if shared and example.use == "open_book":
            yield Finding(example.where, "shared evidence", f"its evidence is that of the golden case at {shared[0]}")


def _accepted(material: Material) -> Iterator[Finding]:
    """Cases whose own quotes hold no accepted answer: perhaps a wrong label, perhaps a conclusion."""
    from harness.golden.alike import stands_in

    for case in material.cases:
        quotes = [item.quote for item in case.evidence if item.quote]
        if quotes and case.kind == "lookup" and not any(stands_in(a, " ".join(quotes)) for a in case.accept):
            message = "no accepted answer stands in its evidence quotes; is the label right?"
            yield Finding(case.where, "accepted answers", message, "note")


def _references(material: Material) -> Iterator[Finding]:
    """Cases whose only accepted answers are sentences, which an answer in other words leaves unscored."""
    long = references(material.cases)
    if long.says:
        yield _note(material, "references", f"{long.says} (the first is at {long.undecided[0]})")
    if long.by_points:
        message = f"{len(long.by_points)} cases accept only sentences; their key points decide"
        yield _note(material, "references", message)


def _counts(material: Material) -> Iterator[Finding]:
    tested = sum(case.split == "test" for case in material.cases)
    if tested < FEWEST_CASES:
        yield _note(material, "counts", f"{tested} cases in the test split; verdicts need at least {FEWEST_CASES}")


def _balance(material: Material) -> Iterator[Finding]:
    categories = {case.category for case in material.cases}
    for missing in (category for category in CATEGORIES if category not in categories):
        yield _note(material, "balance", f"no case of category '{missing}'; its slice stays empty")
    unanswerable = sum(case.kind == "unanswerable" for case in material.cases)
    if unanswerable < FEWEST_UNANSWERABLE * len(material.cases):
        message = f"{unanswerable} of {len(material.cases)} cases are unanswerable; missed refusals will hardly show"
        yield _note(material, "balance", message)
    for case in material.cases:
        if not case.evidence and not case.source:
            yield Finding(case.where, "balance", "no evidence and no 'source': a cluster of its own", "note")


def _verified(material: Material) -> Iterator[Finding]:
    unnamed = sum(case.verified_by is None for case in material.cases)
    if unnamed:
        yield _note(material, "verified", f"{unnamed} cases do not say in 'verified_by' who or what verified them")
    machine = sum((case.verified_by or "").casefold().startswith("machine") for case in material.cases)
    if machine:
        yield _note(material, "verified", f"{machine} cases were verified by a machine only; the verdict will say so")


def _probes(material: Material) -> Iterator[Finding]:
    """Probes that training repeats word for word: they would prove memory, not form."""
    prompts = {_fold(example.user): example.where for example in material.examples}
    for probe in material.probes:
        if _fold(probe.question) in prompts:
            where = prompts[_fold(probe.question)]
            yield Finding(where, "probes", f"the training prompt is probe '{probe.id}' word for word; reword the probe")


def _note(material: Material, rule: str, message: str) -> Finding:
    return Finding(material.golden or "golden set", rule, message, "note")


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


RULES: Mapping[str, Callable[[Material], Iterator[Finding]]] = {
    "unlabelled": _unlabelled,
    "evidence": _evidence,
    "duplicates": _duplicates,
    "leaks": _leaks,
    "shared evidence": _shared_evidence,
    "examples": _examples,
    "probes": _probes,
    "accepted answers": _accepted,
    "references": _references,
    "counts": _counts,
    "balance": _balance,
    "verified": _verified,
}
