"""The form of an answer: read, validated against the scenario's JSON Schema, repaired once at most.

What fails is a form failure with its reason, never an exception. A form-less scenario demands plain text: there the
citations are the `[S1]` marks in the text and a refusal is the scenario's own sentence.

A demanded form, as generated: `{"status": "ok", "answer": "The limit is 50 GB.", "citations": ["S1"]}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from harness.refusals import is_refusal
from harness.scenario.answer_schema import validator_of
from harness.scenario.settings import AnswerFormat
from harness.types import Form, JsonObject

_MARK = re.compile(r"\[\s*(S\d+(?:\s*[,;]\s*S\d+)*)\s*\]", re.IGNORECASE)
_LABEL = re.compile(r"S\d+", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
# a text begins after what may stand before one, so that a quotation mark in prose opens none
_BRACE_OR_TEXT = re.compile(r'[{}]|(?<=[{\[,:])\s*"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
# how models mark their thoughts: the opening stands at the start of a line
_THINKING = r"(?:seed:)?think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis"
_OPENING = rf"(?:<(?:{_THINKING})>|\[THINK\]|◁think▷|<\|START_THINKING\|>|<\|channel\|>analysis<\|message\|>)"
_OPENED = re.compile(rf"(?:^|(?<=\n))[ \t]*{_OPENING}", re.IGNORECASE)
_OPENED_LAST = re.compile(rf"{_OPENING}\s*\Z", re.IGNORECASE)  # at the end of a prompt, right behind its turn's mark
_CLOSED = re.compile(
    rf"(?<!`)(?:</(?:{_THINKING})>|\[/THINK\]|◁/think▷|<\|END_THINKING\|>|<\|channel\|>final<\|message\|>)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<\|(?:START_RESPONSE|END_RESPONSE|return|end)\|>")


@dataclass(frozen=True, slots=True)
class FormDemand:
    """The form that a scenario demands of an answer. Without `schema` it is plain text and only `refusal` matters."""

    schema: JsonObject | None = None  # JSON Schema, of the draft that it names (else 2020-12)
    text_field: str | None = "answer"  # key that holds the answer itself
    status_field: str | None = None  # key that says whether the answer is a refusal ...
    refused_value: str | None = None  # ... and its value then
    citations_field: str | None = None  # key that holds the labels of the passages used
    refusal: str | None = None  # the exact sentence that means "the passages do not say"


def demand_of(format: AnswerFormat) -> FormDemand:
    """The form that a scenario demands of an answer."""
    return FormDemand(
        schema=format.schema,
        text_field=format.text_field,
        status_field=format.status_field,
        refused_value=format.refused_value,
        citations_field=format.citations_field,
        refusal=format.refusal,
    )


@dataclass(frozen=True, slots=True)
class FormReading:
    """One generated text, read by its form; the fields mean what they mean in `Answer`."""

    text: str
    parsed: JsonObject | None
    form: Form
    refused: bool
    cited: tuple[str, ...]


def read_form(text: str, demand: FormDemand) -> FormReading:
    """Read a generated text. Whatever it holds, the result is a value: this function raises nothing.

    The text and the citations of an object that is not valid are still read where they can be, so that an answer can
    be judged apart from its form; `parsed` is None then.
    """
    text = without_thoughts(text)
    if demand.schema is None:
        return _plain(text, demand)
    value, form = _validated(text, demand.schema)
    fields = value if isinstance(value, Mapping) else {}
    answer = _text_of(fields, demand.text_field, text)
    return FormReading(
        text=answer,
        parsed=value if form.valid and isinstance(value, Mapping) else None,
        form=form,
        refused=_says_refusal(fields, answer, demand),
        cited=_cited(fields, answer, demand),
    )


def without_thoughts(text: str) -> str:
    """The answer of a text: what stands in `<think>...</think>` and like tags is left out.

    A thought that is not closed leaves nothing. Where the prompt opens the thought, the text holds its end alone.
    """
    if not _OPENED.search(text) and not _CLOSED.search(text):
        return text
    if _strict(text)[1] is None:  # tags inside an object that is JSON as it stands are its own
        return text
    visible, at = "", 0
    while start := _OPENED.search(text, at):
        end = _CLOSED.search(text, start.end())
        visible += text[at : start.start()]
        if end is None:
            return _MARKUP.sub("", visible).strip()
        at = end.end()
    return _MARKUP.sub("", _CLOSED.split(visible + text[at:])[-1]).strip()


def is_thought_mark(text: str) -> bool:
    """Whether this is a mark that opens or closes a thought."""
    return bool(_OPENED.fullmatch(text) or _CLOSED.fullmatch(text))


def opened_thought(prompt: str) -> str:
    """The mark of a thought that the end of a prompt opens and does not close, with a line break; empty without."""
    mark = _OPENED_LAST.search(prompt)
    return f"{mark[0].strip()}\n" if mark else ""


def _plain(text: str, demand: FormDemand) -> FormReading:
    form = Form(demanded=False, first_try=True, valid=True, repaired=False)
    return FormReading(text.strip(), None, form, is_refusal(without_marks(text), demand.refusal), cited_labels(text))


def _validated(text: str, schema: JsonObject) -> tuple[object, Form]:
    """The object, and whether it was valid at once or after the one repair."""
    first, reason = _strict(text)
    error = reason or _schema_error(first, schema)
    if error is None:
        return first, Form(demanded=True, first_try=True, valid=True, repaired=False)
    second, error = (first, error) if reason is None else _repaired(text, schema)
    return second, Form(demanded=True, first_try=False, valid=error is None, repaired=True, error=error)


_NOTHING = object()


def _strict(text: str) -> tuple[object, str | None]:
    """The JSON value of a text that is nothing but JSON by the letter of RFC 8259, and else the reason it is not."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique), None
    except (ValueError, RecursionError) as error:
        return _NOTHING, f"not JSON: {error}"


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these pairs. Two values of one key are refused: readers disagree on which one counts."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key stands twice")
    return values


def _repaired(text: str, schema: JsonObject) -> tuple[object, str | None]:
    """The last whole object of a text, its syntax mended once, and its error; nothing is invented.

    An object that was cut off is still read, and never valid. A text without an object is mended as it stands.
    """
    objects, broken = _objects(text)
    value = _mended(objects[-1] if objects else text)
    if value is _NOTHING:
        return value, "no JSON value in the answer"
    error = _schema_error(value, schema)
    if not objects and broken:
        return value, "cut off: an object is not closed"
    if error is not None and objects:  # what is demanded may be a list around the objects
        whole = _mended(text)
        if isinstance(whole, list) and _schema_error(whole, schema) is None:
            return whole, None
    return value, error


def _mended(text: str) -> object:
    """The JSON value of a text whose syntax may be broken, or nothing."""
    import json_repair

    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING
    return _NOTHING if value == "" else value


def _objects(text: str) -> tuple[list[str], bool]:
    """The outermost `{...}` of a text, in order, and whether the text ends inside one.

    Braces inside quoted text do not count. Where a stray quote leaves no object whole although the text ends with a
    brace, they do.
    """
    objects, broken = _braced(text, _BRACE_OR_TEXT)
    if broken and not objects and text.rstrip("` \n\t").endswith("}"):
        return _braced(text, _BRACE)
    return objects, broken


def _braced(text: str, token: re.Pattern[str]) -> tuple[list[str], bool]:
    texts: list[str] = []
    depth = start = 0
    for match in token.finditer(text):
        if match[0] == "{":
            start = match.start() if depth == 0 else start
            depth += 1
        elif match[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                texts.append(text[start : match.end()])
    return texts, depth > 0


def _schema_error(value: object, schema: JsonObject) -> str | None:
    """The first schema error in words, or None."""
    from jsonschema.exceptions import best_match

    try:
        error = best_match(validator_of(schema).iter_errors(cast(Any, value)))
    except RecursionError:
        return "nested too deeply to be validated"
    if error is None:
        return None
    at = "/".join(map(str, error.absolute_path))
    return f"at {at}: {error.message[:200]}" if at else error.message[:200]


def _text_of(fields: JsonObject, name: str | None, raw: str) -> str:
    value = fields.get(name) if name else None
    return value.strip() if isinstance(value, str) else raw.strip()


def _says_refusal(fields: JsonObject, answer: str, demand: FormDemand) -> bool:
    """Whether it is a refusal, by status or by words: 'the pages do not say' refuses, whatever the status."""
    by_status = demand.status_field is not None and fields.get(demand.status_field) == demand.refused_value
    return (by_status and demand.refused_value is not None) or is_refusal(without_marks(answer), demand.refusal)


def _cited(fields: JsonObject, answer: str, demand: FormDemand) -> tuple[str, ...]:
    if demand.citations_field is None:
        return cited_labels(answer)
    value = fields.get(demand.citations_field)
    items = value if isinstance(value, list) else [value]
    return _without_repeats(item.strip().strip("[]") for item in items if isinstance(item, str) and item.strip())


def cited_labels(text: str) -> tuple[str, ...]:
    """Labels marked in a plain text as `[S1]` or `[S1, S3]`, in upper case, in order, without repeats."""
    return _without_repeats(label.upper() for mark in _MARK.findall(text) for label in _LABEL.findall(mark))


def without_marks(text: str) -> str:
    """The text without its `[S1]` marks."""
    return _MARK.sub("", text).strip()


def _without_repeats(labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(labels))
