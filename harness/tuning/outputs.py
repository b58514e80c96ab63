"""An answer in the form that a scenario demands: the object of its schema, or plain text; and its refusal.

    answer_in_form("14 days.", ("S1",), format)    # {"status": "ok", "answer": "14 days.", "citations": ["S1"]}
    refusal_in_form(format)                        # {"status": "refused", "answer": "The pages do not say.", ...}

Examples that are made rather than written by people get their outputs here, each held to the schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.errors import InputError
from harness.prompts import completion_text
from harness.scenario.settings import AnswerFormat
from harness.structured import demand_of, read_form
from harness.types import JsonObject


def answer_in_form(text: str, labels: Sequence[str], format: AnswerFormat) -> JsonObject | str:
    """An answer's text with the labels of the passages that it rests on.

    Plain text carries no labels here: whoever wants them in it writes them there.

    Raises:
        InputError: the schema demands a field that no setting names, or does not allow such a text.
    """
    if format.schema is None:
        return text
    return _valid({**_status(format, refused=False), format.text_field: text, **_labels(format, labels)}, format)


def refusal_in_form(format: AnswerFormat) -> JsonObject | str:
    """The refusal of a scenario. InputError where it has no sentence for one."""
    if not format.refusal:
        raise InputError("no answer.refusal: name the sentence that means 'the passages do not say'")
    if format.schema is None:
        return format.refusal
    return _valid({**_status(format, refused=True), format.text_field: format.refusal, **_labels(format, ())}, format)


def text_of(output: JsonObject | str, format: AnswerFormat) -> str:
    """The answer itself in a demanded output: its text field, or all of it."""
    return read_form(completion_text(output), demand_of(format)).text


def is_refused(output: JsonObject | str, format: AnswerFormat) -> bool:
    """Whether an output is a refusal."""
    return read_form(completion_text(output), demand_of(format)).refused


def _status(format: AnswerFormat, refused: bool) -> dict[str, object]:
    """The field that says whether an answer is a refusal; its value for others is the first that the schema allows."""
    name = format.status_field
    if name is None:
        return {}
    if refused:
        return {name: format.refused_value}
    properties = (format.schema or {}).get("properties")
    field = properties.get(name) if isinstance(properties, Mapping) else None
    values = field.get("enum") if isinstance(field, Mapping) else None
    others = [value for value in values if value != format.refused_value] if isinstance(values, list) else []
    if not others:
        raise InputError(f"answer.schema: '{name}' has no 'enum' that says what it is in an answer; add one")
    return {name: others[0]}


def _labels(format: AnswerFormat, labels: Sequence[str]) -> dict[str, object]:
    return {} if format.citations_field is None else {format.citations_field: list(labels)}


def _valid(output: dict[str, object], format: AnswerFormat) -> JsonObject:
    """The output in the order of the schema's keys. InputError where the schema does not allow it."""
    properties = (format.schema or {}).get("properties")
    order = list(properties) if isinstance(properties, Mapping) else []
    whole = dict(sorted(output.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))
    form = read_form(completion_text(whole), demand_of(format)).form
    if not form.first_try:
        raise InputError(f"answer.schema does not allow {completion_text(whole)[:100]}: {form.error}")
    return whole
