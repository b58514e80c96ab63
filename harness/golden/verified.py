"""Who verified a golden case, by the words of `verified_by`: people, or something else.

by_people("person: Ada, 2026-11-29, accepted")     # True
by_people("machine: written by a language model")  # False
"""

from __future__ import annotations

from collections.abc import Mapping

UNTOLD = "not said"  # by whom a case was verified, where it says nothing
DRAFT_WORDS = "machine: drafted by"  # how `verified_by` begins where nobody has read the case yet
PEOPLE = ("person", "people", "human", "domain expert")  # how `verified_by` begins where somebody read the case


def by_people(words: str | None) -> bool:
    """Whether somebody read the case."""
    return words is not None and words.strip().casefold().startswith(PEOPLE)


def share_by_people(verified_by: Mapping[str, int], cases: int) -> tuple[int, float]:
    """(cases that people verified, their share of all)."""
    people = sum(count for words, count in verified_by.items() if by_people(words))
    return people, people / cases if cases else 0.0


def unread_drafts(verified_by: Mapping[str, int]) -> int:
    """Cases that were drafted and that nobody has read."""
    return sum(count for words, count in verified_by.items() if is_unread_draft(words))


def is_unread_draft(words: str | None) -> bool:
    """Whether a case was drafted by a machine and nobody has read it."""
    return words is not None and words.startswith(DRAFT_WORDS)
