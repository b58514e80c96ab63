"""Rows of a JSONL file, each held to its JSON Schema; errors name file, line, what was found and what was expected."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.input_file import read_bytes
from harness.golden.schemas import SCHEMAS
from harness.types import JsonObject

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError


def checked_rows(path: Path, kind: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield (`file:line`, row) of every non-empty line; `kind` is a name of SCHEMAS.

    Raises:
        InputError: no such file, not UTF-8, not JSON, or a row that its schema does not allow.
    """
    allows = row_check(kind)
    for where, line in read_lines(path):
        row = _object(line, where)
        error = None if allows(row) else min(_validator(kind).iter_errors(row), key=_order, default=None)
        if error is not None:
            raise InputError(f"{where}: {_foreign(row, kind, path) or _in_words(error)}")
        yield where, row


# Keys by which rows of other tools are known, and the command that reads them.
FOREIGN: Mapping[str, Mapping[str, str]] = {
    "example": {
        "instruction": "alpaca", "messages": "chat", "conversations": "sharegpt", "completion": "completion",
        "chosen": "preference", "preferred_output": "preference",
    },
    "pair": {"prompt": "preference", "input": "preference", "preferred_output": "preference"},
    "case": {
        "user_input": "ragas", "ground_truth": "ragas", "expected_output": "deepeval", "vars": "promptfoo",
        "retrieval_gt": "autorag", "expected_response": "trulens", "ideal": "openai", "inputs": "langsmith",
        "answers": "jsonl", "answer": "jsonl", "reference": "jsonl",
    },
}  # fmt: skip


def _foreign(row: JsonObject, kind: str, path: Path) -> str | None:
    """A word on a row of another tool's form; None where it is none."""
    key = next((key for key in FOREIGN.get(kind, {}) if key in row), None)
    if key is None:
        return None
    group, out = ("golden", "NEW_FOLDER") if kind == "case" else ("examples", "NEW_FILE.jsonl")
    command = f"harness {group} import {FOREIGN[kind][key]} {path} {out}"
    return f"unknown key '{key}', as other tools write it; import the file with: {command}"


def _order(error: ValidationError) -> tuple[int, bool, list[str]]:
    """The order of errors: outermost first, and a misspelt key before the key that it leaves missing."""
    path = list(map(str, error.absolute_path))
    return len(path), error.validator != "additionalProperties", path


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (`file:line`, text) of every non-empty line. A byte order mark is skipped."""
    raw = read_bytes(path)
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", _utf8(line, f"{path}:{number}")


def _utf8(line: bytes, where: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8") from None


def _object(line: str, where: str) -> JsonObject:
    try:
        row = parse_json(line, parse_constant=_no_number, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        if line.strip() in ("[", "{", "[{"):
            what = "not valid JSON: a value over several lines, expected one object a line"
            raise InputError(
                f"{where}: {what}; harness golden import and harness examples import read such files"
            ) from None
        raise InputError(f"{where}:{error.colno}: not valid JSON: {error.msg}; one object a line is expected") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: found a {type(row).__name__}, expected a JSON object a line")
    return row


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number; leave the key out where a value is unknown")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key '{next(key for key in keys if keys.count(key) > 1)}' stands twice; keep one")
    return row


@cache
def row_check(kind: str) -> Callable[[JsonObject], bool]:
    """Whether a row is allowed, by code made from its schema: sixteen times as fast as reading the schema each time.

    What is wrong with a row that is not, `_validator` knows in words.
    """
    import fastjsonschema

    check = fastjsonschema.compile(SCHEMAS[kind], use_default=False)

    def allows(row: JsonObject) -> bool:
        try:
            check(row)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return allows


def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(SCHEMAS[kind])


def _in_words(error: Any) -> str:
    """A schema error in words: what stands there, what was expected, what to do."""
    at = ".".join(map(str, error.absolute_path))
    place = f" in '{at}'" if at else ""
    value = f"'{at}' is {_short(error.instance)}"
    match error.validator:
        case "additionalProperties":
            return _unknown_key(error, place)
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return f"no '{missing[0]}'{place}; every row needs: {', '.join(error.validator_value)}"
        case "enum":
            return f"{value}, expected one of: {', '.join(map(str, error.validator_value))}"
        case "type":
            types = error.validator_value
            kinds = " or ".join(types) if isinstance(types, list) else types
            return f"{value}, expected {kinds}; change the value"
        case "pattern":
            form = error.schema.get("description", "text that is not empty")
            return f"{value}, expected {form}; change the value or leave the key out"
    return f"{value}: {error.message}"


def _unknown_key(error: Any, place: str) -> str:
    keys = list(error.schema["properties"])
    unknown = next(key for key in error.instance if key not in keys)
    near = difflib.get_close_matches(unknown, keys, n=1, cutoff=0.5)
    return f"unknown key '{unknown}'{place}; " + (
        f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(keys)}"
    )


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
