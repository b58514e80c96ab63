"""House style by rule: tone (phrases, person, opening, length, reading level) and glossary (brands, terms, codes).

    faults("We will fix your Bicycle.", StyleRules(avoid_person=("first",), terms={"bike": ("bicycle",)}))
    # ("'We' speaks in the first person", "'Bicycle', the house says 'bike'")

The reading level is Flesch and Kincaid's grade (1975): 0.39 words / sentences + 11.8 syllables / words - 15.59.
Syllables are those of pyphen's hyphenation; textstat, which has the formula, fetches a dictionary from the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from harness.errors import MissingExtra
from harness.language.detect import language_of
from harness.language.sentences import border
from harness.metrics.correctness import complete
from harness.metrics.reading import Reading
from harness.scenario.style import Person, StyleRules
from harness.types import Unscored

if TYPE_CHECKING:
    from harness.language.rows import Language

PERSONS: Mapping[Person, re.Pattern[str]] = {
    "first": re.compile(
        r"\b(?:I(?:['’](?:m|ve|ll|d))?|[Mm]e|[Mm]y|[Mm]ine|[Ww]e(?:['’](?:re|ve|ll|d))?|us|[Oo]urs?)\b"
    ),
    "second": re.compile(r"\byou(?:['’](?:re|ve|ll|d)|r|rs)?\b", re.IGNORECASE),
}
_CODE = re.compile(r"\b(?=[A-Z0-9_-]*[A-Z])[A-Z0-9]+(?:[_-][A-Z0-9]+)+\b|\b[A-Z]+\d+[A-Z0-9]*\b")
_ADDRESS = re.compile(
    r"\S+@\S+|(?:https?://|www\.)\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b(?:/\S*)?"
)  # as it must be
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_NO_STYLE = Unscored("the scenario has no house style", applicable=False)
_ELSEWHERE = Unscored("the house style is not for cases of this category", applicable=False)
_REFUSED = Unscored("a refusal has its own words", applicable=False)


def tone(reading: Reading) -> float | Unscored:
    """1 if the answer keeps every rule of tone."""
    style = _style_of(reading)
    if isinstance(style, Unscored):
        return style
    if not style.has_tone:
        return Unscored("the house style has no rule of tone", applicable=False)
    language = language_of(reading.text)
    if (style.avoid_person or style.most_grade is not None) and language is not None and language.code != "en":
        return Unscored(f"person and reading level are read in English alone, found {language.name}")
    return float(not list(tone_faults(reading.text, style, language)))


def glossary(reading: Reading) -> float | Unscored:
    """Names, words and codes of the glossary written as the house writes them / all of them that the answer says."""
    style = _style_of(reading)
    if isinstance(style, Unscored):
        return style
    right, wrong = _counts(reading.text, style)
    return right / (right + wrong) if right + wrong else Unscored("says nothing of the glossary", applicable=False)


def in_style(reading: Reading) -> float | Unscored:
    """1 if the answer keeps the whole house style and says every key point of its case."""
    if reading.answer.refused:
        return 0.0
    parts = [part(reading) for part in (tone, glossary, complete)]
    unknown = next((part for part in parts if isinstance(part, Unscored) and part.applicable), None)
    values = [part for part in parts if not isinstance(part, Unscored)]
    if any(part < 1 for part in values):
        return 0.0
    return unknown or 1.0


def _style_of(reading: Reading) -> StyleRules | Unscored:
    if reading.style is None:
        return _NO_STYLE
    if reading.case.category not in reading.style.categories:
        return _ELSEWHERE
    return _REFUSED if reading.answer.refused else reading.style


# --- faults -------------------------------------------------------------------------------------------------------


def faults(text: str, style: StyleRules) -> tuple[str, ...]:
    """Everything in a text that is against the house style, in words."""
    return (*tone_faults(text, style, language_of(text)), *glossary_faults(text, style))


def tone_faults(text: str, style: StyleRules, language: Language | None = None) -> Iterator[str]:
    """What is against the rules of tone."""
    for rule in TONE:
        yield from rule(text, style, language)


def glossary_faults(text: str, style: StyleRules) -> Iterator[str]:
    """Names, words and codes that the house writes otherwise; an address is spelt as it must be."""
    text = _ADDRESS.sub(" ", text)
    for brand in style.brands:
        for match in _loosely(brand).finditer(text):
            if match[0] != brand:
                yield f"'{match[0]}', the house writes '{brand}'"
    for term, others in style.terms.items():
        for other in others:
            yield from (f"'{match[0]}', the house says '{term}'" for match in _phrase(other).finditer(text))
    if style.codes:
        yield from (f"'{code}' is no code of the house" for code in _codes(text) if not _is_code(code, style))


def _counts(text: str, style: StyleRules) -> tuple[int, int]:
    """(as the house writes it, otherwise) of the glossary's names, words and codes in a text."""
    text = _ADDRESS.sub(" ", text)
    right = sum(match[0] == brand for brand in style.brands for match in _loosely(brand).finditer(text))
    right += sum(1 for term in style.terms for _ in _phrase(term).finditer(text))
    right += sum(_is_code(code, style) for code in _codes(text)) if style.codes else 0
    return right, len(list(glossary_faults(text, style)))


def _codes(text: str) -> list[str]:
    return _CODE.findall(text)


def _is_code(code: str, style: StyleRules) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in style.codes)


def _phrases(text: str, style: StyleRules, _language: Language | None) -> Iterator[str]:
    yield from (f"'{phrase}' is not said" for phrase in style.required if not _phrase(phrase).search(text))
    for phrase in style.forbidden:
        yield from (f"'{match[0]}' is not to be said" for match in _phrase(phrase).finditer(text))


def _person(text: str, style: StyleRules, _language: Language | None) -> Iterator[str]:
    for person in style.avoid_person:
        match = PERSONS[person].search(text)
        if match is not None:
            yield f"'{match[0]}' speaks in the {person} person"


def _frame(text: str, style: StyleRules, _language: Language | None) -> Iterator[str]:
    words = text.strip().casefold()
    if style.openings and not words.startswith(tuple(opening.casefold() for opening in style.openings)):
        yield f"does not begin with {_one_of(style.openings)}"
    if style.closings and not words.endswith(tuple(closing.casefold() for closing in style.closings)):
        yield f"does not end with {_one_of(style.closings)}"


def _length(text: str, style: StyleRules, language: Language | None) -> Iterator[str]:
    words = len(_WORD.findall(text))
    if words < style.least_words:
        yield f"{words} words, at least {style.least_words} are wanted"
    if style.most_words is not None and words > style.most_words:
        yield f"{words} words, at most {style.most_words} are wanted"
    sentences = len(_sentences(text, language))
    if style.most_sentences is not None and sentences > style.most_sentences:
        yield f"{sentences} sentences, at most {style.most_sentences} are wanted"


def _level(text: str, style: StyleRules, language: Language | None) -> Iterator[str]:
    if style.most_grade is not None and (grade := reading_grade(text, language)) > style.most_grade:
        yield f"reading grade {grade:.1f}, at most {style.most_grade:g} is wanted"


Rule = Callable[[str, StyleRules, "Language | None"], Iterator[str]]
TONE: tuple[Rule, ...] = (_phrases, _person, _frame, _length, _level)


def reading_grade(text: str, language: Language | None = None) -> float:
    """Flesch and Kincaid's grade of an English text; 0 for one without words. MissingExtra without pyphen."""
    words = [word for word in _WORD.findall(text) if any(c.isalpha() for c in word)]
    if not words:
        return 0.0
    syllables = sum(len(_hyphenation().positions(word)) + 1 for word in words)
    sentences = max(1, len(_sentences(text, language)))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


@cache
def _hyphenation() -> Any:
    try:
        from pyphen import Pyphen
    except ImportError:
        raise MissingExtra("pyphen", "style") from None
    return Pyphen(lang="en_US", left=1, right=1)


def _sentences(text: str, language: Language | None) -> list[str]:
    return [part for part in border(language).split(text) if part and part.strip()]


def _one_of(phrases: tuple[str, ...]) -> str:
    return " or ".join(f"'{phrase}'" for phrase in phrases)


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    """A phrase as whole words, in any case and with any white space, its last word in the plural too."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    plural = r"(?:s|es)?" if phrase[-1:].isalpha() else ""
    return re.compile(rf"(?<!\w){words}{plural}(?!\w)", re.IGNORECASE)


@cache
def _loosely(brand: str) -> re.Pattern[str]:
    """A name in any case, its parts joined, apart or hyphenated."""
    parts = re.findall(r"[A-Z]?[^\sA-Z-]+|[A-Z]+(?![^\sA-Z-])|\S", brand)
    return re.compile(rf"(?<!\w){'[ -]?'.join(map(re.escape, parts))}(?!\w)", re.IGNORECASE)
