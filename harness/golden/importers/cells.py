"""One value of a source -> texts: lists in a CSV cell, missing values, Excel's numbers. Nothing here is guessed: what a
cell cannot be read as is said.

    "['A kayak ...', 'A canoe ...']" -> two texts     "grep FAIL | wc -l" -> one text     NaN -> none
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Mapping, Sequence
from typing import Any

from harness.characters import parse_json
from harness.errors import InputError

BAR = "|"  # between several values in one cell of a column that holds several; `\|` is a bar
# Texts that an export writes where there is no value (pandas, Excel, SQL); as an answer they are a missing one.
NO_VALUE = frozenset({"nan", "none", "null", "<na>", "nat", "n/a", "#n/a", "#ref!", "#value!", "#name?", "#div/0!"})
TEXT_KEYS = ("text", "content", "contents", "page_content", "chunk", "passage", "context", "value")
_NUMPY = re.compile(r"array\((\[.*?\])(?:,\s*dtype=[\w<>.']+)?\)", re.DOTALL)


class Written(float):
    """A number of a JSON file as it is written there: a price of 3.10 is not 3.1."""

    written: str

    def __new__(cls, text: str) -> Written:
        number = super().__new__(cls, text)
        number.written = text
        return number

    def __str__(self) -> str:
        return self.written

    __repr__ = __str__


def missing(value: Any) -> bool:
    """Whether a cell holds no value: null, NaN, blank, an empty list, or a word that exports write for it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, str):
        return not value.strip() or value.strip().casefold() in NO_VALUE
    return isinstance(value, list) and all(map(missing, value))


def plain_text(value: Any, *, words: bool = True) -> str | None:
    """The value as text, None where it is missing; `words` False: a word such as "none" is a value, as in a list."""
    if missing(value) and (words or not isinstance(value, str) or not value.strip()):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strip() if isinstance(value, str) else str(value)


def as_list(value: Any) -> list[Any]:
    """The value as a list: a list as it is, one value alone, nothing where it is missing."""
    return list(value) if isinstance(value, list | tuple) else [] if missing(value) else [value]


def identity(value: Any) -> str | None:
    """The value as an id: a whole float is a whole number that passed through pandas or Excel."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else plain_text(value)


def structured(value: Any) -> Any:
    """A text cell that holds a list of texts, or an object, as that; every other value as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        items = _json(text)
        items = items if isinstance(items, list) else listed_texts(text)
        return items if isinstance(items, list) and all(isinstance(i, str | Mapping | list) for i in items) else value
    if text.startswith("{") and text.endswith("}"):
        parsed_object = _json(text)
        parsed_object = parsed_object if isinstance(parsed_object, Mapping) else _python(_NUMPY.sub(r"\1", text))
        return parsed_object if isinstance(parsed_object, Mapping) else value
    return value


def _json(text: str) -> Any:
    try:
        return parse_json(text)
    except (ValueError, RecursionError):
        return None


def _python(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def listed_texts(text: str) -> list[str] | None:
    """The texts of a list as Python or numpy prints it; numpy writes no commas, which Python would join in silence."""
    items: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING:
                value = ast.literal_eval(token.string)
                if not isinstance(value, str):
                    return None
                items.append(value)
            elif (token.type == tokenize.OP and token.string not in "[],") or (
                token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.ERRORTOKEN) and token.string.strip()
            ):
                return None
    except (tokenize.TokenError, SyntaxError, ValueError, IndentationError):
        return None
    return items


def texts(value: Any, where: str, *, divided: bool = False) -> tuple[str, ...]:
    """The texts of a cell, without blank ones and repeats.

    Args:
        value: a text, number, list of those, list of objects with a text, or such a list written into a text cell.
        where: for the message.
        divided: bars in a text cell stand between several values.

    Raises InputError where an object has no text.
    """
    whole, value = value, structured(value)
    if isinstance(value, Mapping) and isinstance(whole, str) and not set(TEXT_KEYS) & set(value):
        value = whole  # an answer may be a form: JSON without a text of ours stays the text that it is
    if isinstance(value, Mapping) and isinstance(value.get("aliases"), list):  # TriviaQA
        value = [value.get("value"), *value["aliases"]]
    if isinstance(value, Mapping):
        value = [value] if not isinstance(value.get("text"), list) else value["text"]
    if isinstance(value, str) and divided:
        value = [part.replace("\\|", BAR) for part in re.split(r"(?<!\\)\|", value)]
    several = isinstance(value, list | tuple)
    items = _flat(value) if several else [value]
    item_texts = (_item_text(item, where, words=not several) for item in items)
    return tuple(dict.fromkeys(text for text in item_texts if text is not None))


def _flat(items: Sequence[Any]) -> list[Any]:
    return [inner for item in items for inner in (_flat(item) if isinstance(item, list | tuple) else [item])]


def _item_text(item: Any, where: str, *, words: bool) -> str | None:
    if isinstance(item, Mapping):
        key = next((key for key in TEXT_KEYS if isinstance(item.get(key), str)), None)
        if key is None:
            keys = ", ".join(map(str, item))
            raise InputError(f"{where}: found an object with the keys {keys}, expected text or a list of texts")
        item = item[key]
    return plain_text(item, words=words)


def truth(value: Any) -> bool | None:
    """A yes or no, None where the cell is neither."""
    if isinstance(value, bool):
        return value
    word = str(identity(value)).casefold()
    return True if word in ("true", "yes", "1") else False if word in ("false", "no", "0") else None
