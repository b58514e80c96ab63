"""Facts that change: for a golden case, a new value of the same type in the sentence that holds its answer.

value_swap("The Reed plan costs 19 euros a month.", ["19 euros", "€19"], ...)
# ('19', '52'): numbers keep their digits, roundness and magnitude, days and months become others, people other people

A scenario may ship the replacements (`drills.changes`, JSONL of {"id": case id, "old", "new"}); those come first.
"""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.drills.files import read_texts
from harness.evidence.fold import spans
from harness.files.hashing import content_hash
from harness.files.input_file import Unfit, is_dir, whole
from harness.metrics.words import normal_words
from harness.types import Case, Evidence

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_ORDINAL = re.compile(r"(?<!\w)(\d+)(?:st|nd|rd|th)\b")
_CLOCK = re.compile(r"(?<![\w:])(\d{1,2})(?=:\d\d|\s?[ap]\.?m\b)", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][a-zé]+(?: [A-Z][a-zé]+)+")
_PERSON = re.compile(r"\b(who|whose|whom|name)\b", re.IGNORECASE)
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is replaced."""

    case: Case  # as it is asked after the change: new accepted answers, new evidence
    doc: str
    old: str  # the words that are replaced in the sentence
    new: str
    was: tuple[str, ...]  # what was accepted before: an answer that gives it still gives the old fact


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed corpus: file -> new text, the facts that changed, and why others could not."""

    texts: Mapping[str, str]
    changes: tuple[Change, ...]
    skipped: Mapping[str, int]  # reason -> cases


def change_facts(
    cases: Sequence[Case], corpus: Path, most: int, seed: int, shipped: Mapping[str, tuple[str, str]]
) -> Changed:
    """Replace up to `most` facts in the texts of a corpus; the corpus itself is not touched.

    Args:
        cases: in order of preference; a case counts where its answer stands literally in a quote of its evidence.
        corpus: a folder of documents, or one file.
        shipped: case id -> (old, new) words, used instead of a value that is drawn.
    """
    texts: dict[str, str] = {}
    changes: list[Change] = []
    reasons: Counter[str] = Counter()
    people = sorted(
        {name for case in cases if _PERSON.search(case.question) for name in map(_name, case.accept) if name}
    )
    for case in cases:
        if len(changes) == most:
            break
        change = _change(case, people, seed, shipped.get(case.id))
        if isinstance(change, str):
            reasons[change] += 1
            continue
        name = change.doc if is_dir(corpus) else corpus.name
        text = texts.get(name) or _text(corpus / name if is_dir(corpus) else corpus)
        quote = next(e.quote for e in case.evidence if e.quote and change.old in e.quote and e.doc == change.doc)
        new_text = None if text is None else _edit(text, quote, change)
        if new_text is None:
            reasons["its sentence does not stand in the file word for word, or an earlier change touched it"] += 1
            continue
        texts[name] = new_text
        changes.append(change)
    return Changed(texts, tuple(changes), dict(reasons))


def shipped_changes(path: Path | None, cases: Iterable[Case]) -> dict[str, tuple[str, str]]:
    """Replacements that a scenario ships. InputError names the line that is no replacement, or no case."""
    ids = {case.id for case in cases}  # a part of a run leaves cases out
    rows = read_texts(path, "id", "old", "new") if path is not None else []
    return {row["id"]: (row["old"], row["new"]) for row in rows if row["id"] in ids}


def _text(file: Path) -> str | None:
    try:
        return whole(file).decode("utf-8")
    except (OSError, Unfit, UnicodeDecodeError):
        return None


def _change(case: Case, people: Sequence[str], seed: int, shipped: tuple[str, str] | None) -> Change | str:
    """The change of one case, or why there is none."""
    item = next((e for e in case.evidence if e.doc and e.quote and any(a in e.quote for a in case.accept)), None)
    if case.kind == "unanswerable" or item is None or item.quote is None or item.doc is None:
        return "its accepted answer does not stand literally in a quote of its evidence"
    value = next(text for text in case.accept if text in item.quote)
    swap = shipped or value_swap(value, item.quote, people, _is_person(case), f"{seed} {case.id}")
    if swap is None:
        return "its value is no number, date or person's name, and the scenario ships no replacement"
    old, new = swap
    if old not in item.quote or _substitute(case.question, old, new) != case.question:
        return "its question names the value, or its quote does not"
    was = tuple(text for text in case.accept if _substitute(text, old, new) != text)
    others = [text for text in case.accept if text not in was]
    same = {normal_words(text) for text in was}
    if not was or any(c.isdigit() for text in others if normal_words(text) not in same for c in text):
        return "it accepts several values, or none that holds the words that change"
    accept = tuple(_substitute(text, old, new) for text in was)
    quote = _substitute(item.quote, old, new)
    evidence = tuple(Evidence(e.doc, quote) if e is item else e for e in case.evidence)
    points = tuple(_substitute(point, old, new) for point in case.key_points)
    after = replace(case, accept=accept, evidence=evidence, key_points=points)
    return Change(after, item.doc, old, new, was)


def _is_person(case: Case) -> bool:
    return bool(_PERSON.search(case.question))


def _name(text: str) -> str | None:
    return text if _NAME.fullmatch(text) else None


def value_swap(value: str, quote: str, people: Sequence[str], person: bool, key: str) -> tuple[str, str] | None:
    """(old words, new words) of the same type inside `value`; None where it holds no number, date or person's name.

    Args:
        value: an accepted answer that stands in the quote.
        quote: the sentence; the new words may not stand in it already.
        people: names to choose a person's from.
        person: whether the question asks for a person.
        key: decides the draw.
    """
    rng = random.Random(content_hash(["change", key]))
    for _ in range(_TRIES):
        swap = _draw(value, people if person else (), rng)
        if swap is None:
            return None
        if swap[0] != swap[1] and swap[1] not in quote:
            return swap
    return None


def _draw(value: str, people: Sequence[str], rng: random.Random) -> tuple[str, str] | None:
    for names in (DAYS, MONTHS):
        day = next((name for name in names if re.search(rf"\b{name}", value)), None)
        if day:
            return day, rng.choice(names)
    if ordinal := _ORDINAL.search(value):
        return ordinal[0], _ordinal(rng.randint(2, 27))
    if hour := _CLOCK.search(value):
        return hour[0], str(rng.randint(1, 11))
    if number := _NUMBER.search(value):
        return number[0], _number(number[0], rng)
    name = _name(value)
    return (name, rng.choice(people)) if name and people else None


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _number(token: str, rng: random.Random) -> str:
    """Another number of as many digits, as round, in the same punctuation; a year stays in its century."""
    digits = [c for c in token if c.isdigit()]
    century = 2 if re.fullmatch(r"(19|20)\d\d", token) else 0
    round_from = len("".join(digits).rstrip("0")) or 1
    others = [
        c if i < century or i >= round_from or (i == 0 and c == "0") else str(rng.randint(2 if i == 0 else 1, 9))
        for i, c in enumerate(digits)
    ]
    rest = iter(others)
    return "".join(next(rest) if c.isdigit() else c for c in token)


def _substitute(text: str, old: str, new: str) -> str:
    """`old` replaced where it stands as a whole: 19 is not part of 190 or of 19.5."""
    before, after = (r"(?<![\w])(?<!\d[.,])", r"(?!\d)(?![.,]\d)") if old[0].isdigit() else (r"\b", "")
    return re.sub(f"{before}{re.escape(old)}{after}", lambda _: new, text)


def _edit(text: str, quote: str, change: Change) -> str | None:
    """The file with the sentence changed wherever it stands, line breaks and HTML escapes aside."""
    for spelling in (quote, html.escape(quote, quote=False), html.escape(quote)):
        pattern = r"\s+".join(map(re.escape, spelling.split()))
        new_text, count = re.subn(pattern, lambda match: _substitute(match[0], change.old, change.new), text)
        if count:
            return new_text
    return _edited_folded(text, quote, change)


def _edited_folded(text: str, quote: str, change: Change) -> str | None:
    """The same where the file writes the sentence in another form: marks, quotes, Unicode."""
    places = spans(quote, text)
    if not places:
        return None
    start, end = places[0][0], places[-1][1]
    sentence = _substitute(text[start:end], change.old, change.new)
    return None if sentence == text[start:end] else text[:start] + sentence + text[end:]
