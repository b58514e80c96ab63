"""Gaps between a scenario's models and its languages, named before anything is computed.

    the embedder minilm knows English; 10 of 10 pages are Chinese: the search will rest on words alone; name a
    multilingual one (embedder: intfloat/multilingual-e5-small)

A model's languages are those of its card; a card that names none, or none there, says nothing. Whether a tokenizer can
carry a script is measured: how many letters of a sample come back from it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from harness.arms import ARMS
from harness.documents.corpus import Corpus
from harness.errors import InputError
from harness.files.input_file import DOCUMENT, is_file, read_text
from harness.generation.load import model_here
from harness.language.detect import language_of
from harness.language.rows import Language
from harness.language.table import LANGUAGES
from harness.retrieval.embed import embedder_here
from harness.scenario.settings import Scenario
from harness.types import Case

MULTILINGUAL = "intfloat/multilingual-e5-small"
LEAST = 0.1  # share of the pages, or of the questions, from which a language is one of the scenario's
MOST_LOST = 0.05  # share of the letters that a tokenizer may lose
_TEXTS, _LETTERS = 40, 2000  # of a sample: texts, and letters of each
_CARD = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)


def unknown_languages(scenario: Scenario, corpus: Corpus, cases: Sequence[Case]) -> tuple[str, ...]:
    """One line for each model that does not know a language of the pages or questions; empty where all do."""
    pages = _sampled([*(d.text for d in corpus.documents), *(p.text for p in corpus.passages)])
    questions = _sampled([case.question for case in cases])
    if all(text.isascii() for text in (*pages, *questions)) and not _foreign(pages) and not _foreign(questions):
        return ()
    lines: list[str] = []
    if any(name in ARMS and ARMS[name].retriever for name in scenario.arms):
        lines += _search(scenario, pages, questions)
    if scenario.models.base_url is None:
        lines += _generator(scenario, pages, questions)
    return tuple(lines)


def _search(scenario: Scenario, pages: Sequence[str], questions: Sequence[str]) -> list[str]:
    of_pages, of_questions = _main(pages), _main(questions)
    lines: list[str] = []
    name, fusion = scenario.models.embedder, scenario.retrieval.fusion
    folder = embedder_here(name)
    strange = _stranger(_languages_of(folder), pages, questions) if folder is not None and fusion != "sparse" else None
    if strange:
        rests = "the search will miss meanings" if fusion == "dense" else "the search will rest on words alone"
        lines.append(f"the embedder {name} {strange}: {rests}; name a multilingual one (embedder: {MULTILINGUAL})")
    if of_pages and of_questions and of_pages != of_questions and (fusion == "sparse" or lines):
        lines.append(f"the questions are {of_questions.name}, the pages {of_pages.name}: words alone find nothing")
    if folder is not None and fusion != "sparse" and not lines:
        lines += _loss("embedder", name, folder, [*pages, *questions])
    return lines


def _stranger(languages: Sequence[str], pages: Sequence[str], questions: Sequence[str]) -> str | None:
    """`knows English; 10 of 10 pages are Chinese`, where a card names languages and theirs is not among them."""
    for kind, texts in (("pages", pages), ("questions", questions)):
        strangers = Counter(row for row in map(language_of, texts) if row is not None and row.code not in languages)
        if languages and sum(strangers.values()) >= max(1.0, LEAST * len(texts)):
            names = " or ".join(sorted(row.name for row in strangers))
            which = ", ".join(LANGUAGES[code].name if code in LANGUAGES else code for code in languages)
            return f"knows {which}; {sum(strangers.values())} of {len(texts)} {kind} are {names}"
    return None


def _generator(scenario: Scenario, pages: Sequence[str], questions: Sequence[str]) -> Iterable[str]:
    name = scenario.models.generator
    folder = model_here(name)
    strange = None if folder is None else _stranger(_languages_of(folder), pages, questions)
    if strange:
        yield f"the generator {name} {strange}: its answers will mean little; name a generator that knows the language"
    else:
        yield from _loss("generator", name, folder, [*pages, *questions])


def _main(texts: Sequence[str]) -> Language | None:
    """The language of more than half of the texts."""
    counts = Counter(row for row in map(language_of, texts) if row is not None)
    return next((row for row, n in counts.most_common(1) if 2 * n > len(texts)), None)


def _foreign(texts: Sequence[str]) -> bool:
    rows = [row for row in map(language_of, texts) if row is not None and row.code != "en"]
    return bool(rows) and len(rows) >= LEAST * len(texts)


def _sampled(texts: Sequence[str]) -> list[str]:
    step = max(1, len(texts) // _TEXTS)
    return [text[:_LETTERS] for text in texts[::step][: 2 * _TEXTS]]


@lru_cache(maxsize=8)
def _languages_of(folder: Path) -> tuple[str, ...]:
    """ISO codes of the languages that a model's card names; empty where it names none, or 'multilingual'."""
    from harness.files.yaml_text import YamlFault, load_yaml

    try:
        card = _CARD.match(read_text(folder / "README.md", DOCUMENT))
        value = (load_yaml(card[1]) or {}).get("language") if card else None
    except (OSError, InputError, YamlFault, AttributeError):
        return ()
    codes = tuple(str(code).casefold() for code in (value if isinstance(value, list) else [value] if value else []))
    return () if "multilingual" in codes else codes


# --- tokenizers --------------------------------------------------------------------------------------------------


def _loss(role: str, name: str, folder: Path | None, texts: Sequence[str]) -> Iterable[str]:
    file = None if folder is None else folder / "tokenizer.json"
    if file is None or not is_file(file):
        return
    loss = lost_letters(file, texts)
    if loss > MOST_LOST:
        yield (
            f"the tokenizer of the {role} {name} can not carry {100 * loss:.0f} % of the letters of the pages "
            f"({_scripts(texts)}): it will not see them; name a {role} that knows the language"
        )


def lost_letters(tokenizer: Path, texts: Sequence[str]) -> float:
    """The share of the letters of the texts that do not come back from a tokenizer; case and accents do not count."""
    from tokenizers import Tokenizer

    read = Tokenizer.from_file(str(tokenizer))
    read.no_truncation()
    before: Counter[str] = Counter()
    missing = 0
    for text in texts:
        letters = _letters(text)
        back = read.decode(read.encode(text, add_special_tokens=False).ids, skip_special_tokens=True)
        before.update(letters)
        missing += sum((letters - _letters(back)).values())
    return missing / total if (total := sum(before.values())) else 0.0


def _letters(text: str) -> Counter[str]:
    return Counter(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalpha())


def _scripts(texts: Sequence[str]) -> str:
    names = dict.fromkeys(row.name for row in map(language_of, texts) if row is not None and row.code != "en")
    return ", ".join(list(names)[:3]) or "its language"
