"""The `advice:` block of a scenario (or an answers file) -> Questionnaire, or one error that says where and what.

answers: {1: yes, 2: no, 3: unsure}     # question number -> yes, no, true, false, unsure
facts: {labelled_examples: 640}
expect: both                            # optional: the outcome a test holds the advice to
evidence: {1: "prices change weekly"}   # optional: the phrase behind each answer, or the word assumed
story: text the evidence quotes         # optional
because: why the expected outcome is right   # optional
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from harness.advice.facts import FACT_SPECS, Facts, FactValue
from harness.advice.questions import BY_NUMBER, AnswerValue
from harness.advice.recommendations import RECOMMENDATIONS, Recommendation
from harness.errors import InputError

KEYS = ("answers", "facts", "expect", "evidence", "story", "because")
LARGEST = 1e12  # of any fact; more is a slip of the keyboard
_WORDS: Mapping[str, AnswerValue] = {
    "yes": AnswerValue.YES,
    "true": AnswerValue.YES,
    "no": AnswerValue.NO,
    "false": AnswerValue.NO,
    "unsure": AnswerValue.UNSURE,
}


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A scenario's answers and facts for the advice. Questions not answered are absent and count as unsure."""

    answers: Mapping[int, AnswerValue]
    facts: Facts
    expect: Recommendation | None = None
    evidence: Mapping[int, str] = field(default_factory=dict)
    story: str = ""
    because: str = ""


def parse_advice(block: object, where: str) -> Questionnaire:
    """Check and convert an `advice` block. Raises InputError.

    `where` names it in errors: "FILE: advice", or "FILE: " where the keys stand at the top of the file.
    """
    if block is None:
        raise InputError(f"{where}: found nothing; expected a mapping with 'answers' ({_example()})")
    keys = _mapping(block, where, "a mapping with 'answers'")
    for key in keys:
        if key not in KEYS:
            at, near = where.rstrip(": ") + _line(keys, key), _nearest(str(key), KEYS)
            raise InputError(f"{at}: found unknown key {key!r}; expected {_one_of(KEYS)}{near}")
    if "answers" not in keys:
        raise InputError(
            f"{where.rstrip(': ')}: found no 'answers'; expected a mapping of question numbers ({_example()})"
        )
    return Questionnaire(
        answers=_answers(keys["answers"], _at(where, "answers")),
        facts=_facts(keys.get("facts"), _at(where, "facts")),
        expect=_expect(keys.get("expect"), _at(where, "expect")),
        evidence=_evidence(keys.get("evidence"), _at(where, "evidence")),
        story=_text(keys.get("story"), _at(where, "story")),
        because=_text(keys.get("because"), _at(where, "because")),
    )


def parse_answer(value: object, where: str) -> AnswerValue:
    """One answer: yes, no, true, false or unsure, in any case; YAML's own booleans too. Raises InputError."""
    if isinstance(value, bool):
        return AnswerValue.YES if value else AnswerValue.NO
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise InputError(f"{where}: found {_show(value)}; expected yes, no or unsure")


def parse_fact(name: str, value: object, where: str) -> FactValue:
    """One fact of its own kind: a whole number, a number not below 0, or yes/no. Raises InputError."""
    kind = FACT_SPECS[name].kind
    if kind is bool:
        return _yes_no(value, where)
    demand = "a whole number, 0 or more" if kind is int else "a number, 0 or more"
    demand = "a number above 0" if name == "model_billions" else demand
    if not _fits(name, value):
        raise InputError(f"{where}: found {_show(value)}; expected {demand} ({FACT_SPECS[name].unit})")
    assert isinstance(value, (int, float))
    return int(value) if kind is int else float(value)


def _fits(name: str, value: object) -> bool:
    """A finite number of the fact's own kind, not below 0; a model's size above 0. True and False are no numbers."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST:
        return False
    whole = FACT_SPECS[name].kind is not int or isinstance(value, int) or value.is_integer()
    return whole and not (name == "model_billions" and value == 0)


def _yes_no(value: object, where: str) -> bool:
    answer = parse_answer(value, where)
    if answer is AnswerValue.UNSURE:
        raise InputError(f"{where}: found 'unsure'; expected yes or no; leave the fact out if it is not known")
    return answer is AnswerValue.YES


def _answers(block: object, where: str) -> dict[int, AnswerValue]:
    raw = _mapping(block, where, f"a mapping of question numbers ({_example()})")
    answers = {}
    for key, value in raw.items():
        number = _question(key, where + _line(raw, key))
        if number in answers:
            raise InputError(f"{where}: found question {number} twice; expected each number once")
        answers[number] = parse_answer(value, f"{where}.{number}{_line(raw, key)}")
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
    names = tuple(FACT_SPECS)
    raw = _mapping(block, where, f"a mapping of {_one_of(names)}")
    values: dict[str, Any] = {}  # parse_fact makes each of its own kind
    for name, value in raw.items():
        at = _line(raw, name)
        if name not in FACT_SPECS:
            near = _nearest(str(name), names)
            raise InputError(f"{where}{at}: found unknown fact {name!r}; expected {_one_of(names)}{near}")
        if value is not None:
            values[name] = parse_fact(name, value, f"{where}.{name}{at}")
    return Facts(**values)


def _expect(value: object, where: str) -> Recommendation | None:
    for name in RECOMMENDATIONS:
        if value == name:
            return name
    if value is None:
        return None
    raise InputError(f"{where}: found {_show(value)}; expected {_one_of(tuple(RECOMMENDATIONS))}")


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


def _at(where: str, key: str) -> str:
    return f"{where}{key}" if where.endswith(": ") else f"{where}.{key}"


def _line(raw: Mapping[Any, Any], key: object) -> str:
    """' (line 3)' where the reader of the file remembers it (harness.scenario.yaml_file does), else nothing."""
    marks = getattr(raw, "marks", {})
    return f" (line {marks[key][0]})" if key in marks else ""


def _mapping(block: object, where: str, demand: str) -> Mapping[Any, Any]:
    if isinstance(block, Mapping):
        return block
    raise InputError(f"{where}: found {_show(block)}; expected {demand}")


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
