"""Personal data and secrets in golden sets and training data.

Personal data: Presidio's pattern recognisers (extra `pii`), without a spaCy model, so names of people are not looked
for. Secrets: the published shapes of access keys. Found values are shown masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from harness.errors import MissingExtra
from harness.golden.check import Finding
from harness.types import Case, Example, JsonObject

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

SURE = 0.5  # Presidio's score from which a match is a finding and not a note
POSSIBLE = 0.35  # below this it is noise

SECRETS: Mapping[str, re.Pattern[str]] = {
    "AWS access key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    "API key": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}\b"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
}
_RESERVED = re.compile(r"@(?:[\w-]+\.)*(?:example(?:\.\w+)?|\w+\.(?:example|invalid|test))$", re.IGNORECASE)


def scan(texts: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Findings in (place, text) pairs; the same value is named once a place.

    Raises:
        MissingExtra: Presidio is not installed.
    """
    recognisers = _recognisers()
    for where, text in texts:
        places: set[str] = set()
        for what, value, sure in (*_secrets(text), *_personal(text, recognisers)):
            if value not in places:
                places.add(value)
                message = f"{what} {_masked(value)}; take it out or replace it by an invented one"
                yield Finding(where, "personal data", message, "finding" if sure else "note")


def texts_of(cases: Iterable[Case], examples: Iterable[Example]) -> Iterator[tuple[str, str]]:
    """(place, text) of everything that people wrote into golden cases and tuning examples."""
    for case in cases:
        yield case.where, "\n".join([case.question, *case.accept, *case.key_points])
    for example in examples:
        context = [passage.text for passage in example.context or ()]
        yield example.where, "\n".join([example.user, _spoken(example.output), _spoken(example.rejected), *context])


def _spoken(output: JsonObject | str | None) -> str:
    if isinstance(output, Mapping):
        return "\n".join(str(value) for value in output.values())
    return output or ""


def _secrets(text: str) -> Iterator[tuple[str, str, bool]]:
    for name, pattern in SECRETS.items():
        for match in pattern.finditer(text):
            yield name, match[0], True


def _personal(text: str, recognisers: list[EntityRecognizer]) -> Iterator[tuple[str, str, bool]]:
    for recogniser in recognisers:
        for result in recogniser.analyze(text, recogniser.supported_entities, None):
            value = text[result.start : result.end]
            if result.score >= POSSIBLE and not _RESERVED.search(value):
                yield result.entity_type.lower().replace("_", " "), value, result.score >= SURE


def _recognisers() -> list[EntityRecognizer]:
    try:
        from presidio_analyzer import PatternRecognizer
        from presidio_analyzer import predefined_recognizers as known
    except ImportError:
        raise MissingExtra("presidio-analyzer", "pii") from None
    # the e-mail recogniser proper looks its top-level domains up on the network; its patterns alone do not
    email = PatternRecognizer(supported_entity="EMAIL_ADDRESS", patterns=known.EmailRecognizer.PATTERNS)
    kinds = (known.CreditCardRecognizer, known.IbanRecognizer, known.IpRecognizer, known.UsSsnRecognizer)
    return [email, *(kind() for kind in kinds), known.PhoneRecognizer()]


def _masked(value: str) -> str:
    """The first two and last two characters of a value: enough to look it up, too little to leak it."""
    return f"'{value[:2]}…{value[-2:]}' ({len(value)} characters)"
