"""The `advice:` block of a scenario (or an answers file) -> AdviceInput, or one error that says where and what.

answers: {1: yes, 2: no, 3: unsure}     # question number -> yes, no, true, false, unsure
facts: {labelled_examples: 640}
expect: both                            # optional: the outcome a test holds the advice to
evidence: {1: "prices change weekly"}   # optional: the phrase behind each answer, or the word assumed
story: text the evidence quotes         # optional
because: why the expected outcome is right   # optional
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from harness.advice.facts import FACT_SPECS, Facts
from harness.advice.questions import BY_NUMBER, RECOMMENDATIONS, AnswerValue, Recommendation
from harness.errors import InputError

KEYS = ("answers", "facts", "expect", "evidence", "story", "because")
_WORDS: Mapping[str, AnswerValue] = {
    "yes": AnswerValue.YES,
    "true": AnswerValue.YES,
    "no": AnswerValue.NO,
    "false": AnswerValue.NO,
    "unsure": AnswerValue.UNSURE,
}


@dataclass(frozen=True, slots=True)
class AdviceInput:
    """What a scenario says for the advice. Questions not answered are absent and count as unsure."""

    answers: Mapping[int, AnswerValue]
    facts: Facts
    expect: Recommendation | None = None
    evidence: Mapping[int, str] = field(default_factory=dict)
    story: str = ""
    because: str = ""


def parse_advice(block: object, where: str) -> AdviceInput:
    """Check and convert an `advice` block. `where` names it in errors (a file, or file and key). Raises InputError."""
    if block is None:
        raise InputError(f"{where}: found nothing; expected a mapping with 'answers' ({_example()})")
    keys = _mapping(block, where, "a mapping with 'answers'")
    for key in keys:
        if key not in KEYS:
            raise InputError(f"{where}: found unknown key {key!r}; expected {_one_of(KEYS)}{_nearest(str(key), KEYS)}")
    if "answers" not in keys:
        raise InputError(f"{where}: found no 'answers'; expected a mapping of question numbers ({_example()})")
    return AdviceInput(
        answers=_answers(keys["answers"], f"{where}.answers"),
        facts=_facts(keys.get("facts"), f"{where}.facts"),
        expect=_expect(keys.get("expect"), f"{where}.expect"),
        evidence=_evidence(keys.get("evidence"), f"{where}.evidence"),
        story=_text(keys.get("story"), f"{where}.story"),
        because=_text(keys.get("because"), f"{where}.because"),
    )


def parse_answer(value: object, where: str) -> AnswerValue:
    """One answer: yes, no, true, false or unsure, in any case; YAML's own booleans too. Raises InputError."""
    if isinstance(value, bool):
        return AnswerValue.YES if value else AnswerValue.NO
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise InputError(f"{where}: found {_show(value)}; expected yes, no or unsure")


def parse_fact(name: str, value: object, where: str) -> int | float | bool:
    """One fact of its own kind: a whole number, a number not below 0, or yes/no. Raises InputError."""
    kind = FACT_SPECS[name].kind
    if kind is bool:
        return _yes_no(value, where)
    expected = "a whole number, 0 or more" if kind is int else "a number, 0 or more"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{where}: found {_show(value)}; expected {expected} ({FACT_SPECS[name].unit})")
    fraction = kind is int and not float(value).is_integer()
    zero_size = name == "model_billions" and value == 0
    if not math.isfinite(value) or value < 0 or fraction or zero_size:
        expected = "a number above 0" if zero_size else expected
        raise InputError(f"{where}: found {_show(value)}; expected {expected} ({FACT_SPECS[name].unit})")
    return int(value) if kind is int else float(value)


def _yes_no(value: object, where: str) -> bool:
    answer = parse_answer(value, where)
    if answer is AnswerValue.UNSURE:
        raise InputError(f"{where}: found 'unsure'; expected yes or no; leave the fact out if it is not known")
    return answer is AnswerValue.YES


def _answers(block: object, where: str) -> dict[int, AnswerValue]:
    raw = _mapping(block, where, f"a mapping of question numbers ({_example()})")
    answers = {}
    for key, value in raw.items():
        number = _question(key, where)
        if number in answers:
            raise InputError(f"{where}: found question {number} twice; expected each number once")
        answers[number] = parse_answer(value, f"{where}.{number}")
    if not answers:
        raise InputError(f"{where}: found no answers; expected at least one of the questions 1 to 9 ({_example()})")
    return dict(sorted(answers.items()))


def _question(key: object, where: str) -> int:
    number = int(key) if isinstance(key, str) and key.strip().isdigit() else key
    if isinstance(number, bool) or not isinstance(number, int) or number not in BY_NUMBER:
        raise InputError(f"{where}: found question {key!r}; expected a number from 1 to 9, there are nine questions")
    return number


def _facts(block: object, where: str) -> Facts:
    if block is None:
        return Facts()
    values: dict[str, Any] = {}
    for name, value in _mapping(block, where, f"a mapping of {_one_of(tuple(FACT_SPECS))}").items():
        if name not in FACT_SPECS:
            names = tuple(FACT_SPECS)
            raise InputError(
                f"{where}: found unknown fact {name!r}; expected {_one_of(names)}{_nearest(str(name), names)}"
            )
        if value is not None:
            values[name] = parse_fact(str(name), value, f"{where}.{name}")
    return Facts(**values)


def _expect(value: object, where: str) -> Recommendation | None:
    for name in RECOMMENDATIONS:
        if value == name:
            return name
    if value is None:
        return None
    raise InputError(f"{where}: found {_show(value)}; expected {_one_of(RECOMMENDATIONS)}")


def _evidence(block: object, where: str) -> dict[int, str]:
    if block is None:
        return {}
    raw = _mapping(block, where, "a mapping of question numbers to a phrase or the word assumed")
    return {_question(k, where): _text(v, f"{where}.{k}") for k, v in raw.items()}


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{where}: found {_show(value)}; expected text")
    return " ".join(value.split())


def _mapping(block: object, where: str, expected: str) -> Mapping[Any, Any]:
    if isinstance(block, Mapping):
        return block
    raise InputError(f"{where}: found {_show(block)}; expected {expected}")


def _show(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return f"a mapping of {len(value)}"
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _one_of(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + " or " + names[-1]


def _nearest(word: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(word, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _example() -> str:
    return "for example answers: {1: yes, 2: no, 3: unsure}"
