"""A file of rows -> a table: CSV with any separator, workbook, JSON, JSONL, Parquet, YAML. What it is, it says itself.

    golden.csv (Question; Answer) -> Table("CSV, separated by ';'", columns ("question", "answer"), two rows)

Headers lose case, spaces and camel case (`Ground Truth`, `groundTruth` -> `ground_truth`), blank rows are passed over.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.characters import parse_json
from harness.errors import InputError
from harness.files.yaml_text import YamlFault, load_yaml
from harness.golden.importers.cells import Written, missing
from harness.golden.importers.files import PARQUET, one_file, read_bytes, read_text
from harness.golden.importers.workbooks import read_sheet

Row = Mapping[str, Any]
_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)  # how a cell is kept from Excel: ="0042"
LONGEST_CELL = 1 << 30  # characters; the library's own limit is less than a row of retrieved pages
SEPARATORS: Mapping[str, str] = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
# Keys under which a JSON object holds its list of rows.
LISTS = (
    "goldens", "test_cases", "testcases", "tests", "examples", "samples", "questions", "data", "rows", "items",
    "records", "results", "evaluation_dataset",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """The source of an import."""

    path: Path
    sheet: str | None = None  # of a workbook
    columns: Mapping[str, str] = field(default_factory=dict)  # our field -> the column that the user names for it


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a source under folded headers."""

    file: Path
    kind: str  # what the file is, for a person
    rows: tuple[tuple[str, Row], ...]  # (place for messages, values by folded header)
    columns: tuple[str, ...]  # folded headers, in order of appearance
    cells: bool = False  # its values are text cells (CSV, a sheet), so that lists are written into them
    named: Mapping[str, str] = field(default_factory=dict)  # our field -> folded header, as the user named it

    def demand(self, columns: Sequence[str], rows_of: str) -> None:
        """InputError where one of these columns is not there; `rows_of` says what they would make of the table."""
        absent = [name for name in columns if name not in self.columns]
        if absent:
            columns_here = ", ".join(self.columns[:12])
            raise InputError(f"{self.file}: not rows of {rows_of}: no column '{absent[0]}'; found {columns_here}")


def fold(header: object) -> str:
    """A header without case, spaces and camel case; leading underscores stay, they mean something to promptfoo."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(header).strip().lstrip("\ufeff"))
    return re.sub(r"[\s\-]+", "_", text.strip()).lower()


def read_table(source: Source) -> Table:
    """The rows of a file, or of the one file of rows in a folder. InputError: no such file, no rows, a damaged one."""
    file = one_file(source.path, "*.csv", "*.tsv", "*.jsonl", "*.json", "*.xlsx", "*.parquet")
    name = file.name.lower().removesuffix(".gz")
    if name.endswith((".xlsx", ".xlsm")):
        sheet, lines = read_sheet(file, source.sheet)
        kind, cells, rows = f"workbook, sheet '{sheet}'", True, _lines(file, lines, "row")
    elif name.endswith(".parquet"):
        kind, cells, rows = "Parquet", False, _numbered(file, _parquet(file), "row")
    elif name.endswith((".json", ".jsonl", ".ndjson")):
        kind, cells, rows = _json(file)
    elif name.endswith((".yaml", ".yml")):
        kind, cells, rows = "YAML", False, _numbered(file, _yaml(file), "item")
    else:
        kind, cells, rows = _csv(file)
    by_user = {ours: fold(column) for ours, column in source.columns.items()}
    table = _table(file, kind, rows, cells, by_user)
    absent = [name for name in by_user.values() if name not in table.columns]
    if absent:
        raise InputError(f"{file}: no column '{absent[0]}'; found: {', '.join(table.columns)}")
    return table


def _table(
    file: Path, kind: str, rows: Iterable[tuple[str, Row]], cells: bool, by_user: Mapping[str, str] | None = None
) -> Table:
    every_row = tuple((where, _fold_row(row, where)) for where, row in rows)
    full = tuple((where, row) for where, row in every_row if not all(map(missing, row.values())))
    if not full:
        raise InputError(f"{file}: no rows in it; expected one question a row, under a header")
    columns = tuple(dict.fromkeys(name for _, row in full for name in row))
    return Table(file, kind, full, columns, cells, by_user or {})


def _fold_row(row: Row, where: str) -> Row:
    values: dict[str, Any] = {}
    for header, value in row.items():
        name = fold(header)
        if not name and missing(value):  # the empty column that a separator at the line's end makes
            continue
        if name in values and not missing(value):
            if not missing(values[name]):
                raise InputError(f"{where}: two columns '{name}' (case and spaces do not count); rename one")
            values[name] = value
        values.setdefault(name, value)
    return values


# --- CSV and sheets -----------------------------------------------------------------------------------------------


def _csv(file: Path) -> tuple[str, bool, Iterator[tuple[str, Row]]]:
    text = read_text(file)
    csv.field_size_limit(LONGEST_CELL)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own line
        separator, text = first.strip()[4], rest
    else:
        separator = _separator(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    return (
        f"CSV, separated by {SEPARATORS.get(separator, repr(separator))}",
        True,
        _lines(file, _parse_lines(lines, file), "row"),
    )


def _separator(text: str) -> str:
    """The separator by which the header has most columns; a comma where none divides it."""
    header = next((line for line in text.replace("\r", "\n").split("\n") if line.strip()), "")
    counts = {separator: len(next(csv.reader([header], delimiter=separator), [])) for separator in SEPARATORS}
    return max(counts, key=lambda separator: counts[separator])


def _parse_lines(lines: Iterator[list[str]], file: Path) -> Iterator[Sequence[Any]]:
    number = 0
    while True:
        try:
            line = next(lines, None)
        except csv.Error as error:
            raise InputError(f"{file}: row {number}: {error}; a quote within a quoted cell is written twice") from None
        if line is None:
            return
        number += 1
        yield line


def _lines(file: Path, lines: Iterable[Sequence[Any]], noun: str) -> Iterator[tuple[str, Row]]:
    """Rows under the first line that is not blank; rows are counted from 1 below the header, blank ones too."""
    header: list[str] | None = None
    for number, line in enumerate(_from_header(lines)):
        if header is None:
            header = [str("" if cell is None else cell) for cell in line]
            continue
        where = f"{file}: {noun} {number}"
        over = [cell for cell in line[len(header) :] if not missing(cell)]
        if over:
            raise InputError(
                f"{where}: {len(line)} cells, the header has {len(header)}; quote the cell that holds the separator"
            )
        yield where, dict(_pairs(header, line))


def _from_header(lines: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    inside = False
    for line in lines:
        inside = inside or not all(map(missing, line))
        if inside:
            yield line


def _pairs(header: Sequence[str], line: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Cells with their headers; two headers of one name differ by a space, which `_fold_row` takes for a repeat."""
    counts: dict[str, int] = {}
    for name, cell in zip(header, line, strict=False):
        counts[name] = counts.get(name, -1) + 1
        formula = _AS_TEXT.match(cell) if isinstance(cell, str) else None
        yield name + " " * counts[name], formula.group(1) if formula else cell


# --- JSON, YAML, Parquet ------------------------------------------------------------------------------------------


def _json(file: Path) -> tuple[str, bool, Iterator[tuple[str, Row]]]:
    text = read_text(file)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    jsonl = file.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    if (jsonl and not text.lstrip().startswith("[")) or _objects(lines):
        return "JSONL", False, _json_lines(file, lines)
    try:
        value = parse_json(text, parse_float=Written)
    except json.JSONDecodeError as error:
        raise InputError(f"{file}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{file}: JSON nested too deeply") from None
    return "JSON", False, _numbered(file, rows_of(value, file), "item")


def _objects(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether a file is JSONL under another ending: its first two lines are an object each."""
    if len(lines) < 2:
        return False
    try:
        return all(isinstance(json.loads(line), dict) for _, line in lines[:2])
    except (ValueError, RecursionError):
        return False


def _json_lines(file: Path, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[str, Row]]:
    for number, line in lines:
        where = f"{file}:{number}"
        try:
            yield where, as_row(parse_json(line, parse_float=Written), where)
        except json.JSONDecodeError as error:
            raise InputError(
                f"{where}:{error.colno}: not valid JSON: {error.msg}; expected one object a line"
            ) from None
        except RecursionError:
            raise InputError(f"{where}: JSON nested too deeply") from None


def rows_of(value: Any, file: Path) -> list[Any]:
    """The list of rows in a JSON value: itself, under a key of LISTS, or one of pandas' ways to write a table."""
    if isinstance(value, list):
        return [_unwrapped(row) for row in value]
    if isinstance(value, Mapping):
        inner = next((value[key] for key in LISTS if isinstance(value.get(key), list)), None)
        if inner is not None and isinstance(value.get("columns"), list):  # pandas, orient="split"
            return [dict(zip(value["columns"], row, strict=False)) for row in inner]
        if inner is not None:
            return [_with_defaults(_unwrapped(row), value.get("defaultTest")) for row in inner]
        if value and all(isinstance(column, list) for column in value.values()):  # datasets, Dataset.to_dict
            return [dict(zip(value, row, strict=False)) for row in zip(*value.values(), strict=False)]
        if value and all(isinstance(column, Mapping) for column in value.values()):
            return _by_column(value)
    raise InputError(f"{file}: found no list of rows in it; expected a list, or an object with one under {LISTS[0]}")


def _by_column(value: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """pandas' `to_json()`: {"question": {"0": ...}, "answer": {"0": ...}}; else objects by their id."""
    columns = list(value.values())
    if len({tuple(column) for column in columns}) == 1 and all(str(key).isdigit() for key in columns[0]):
        return [{name: column[key] for name, column in value.items()} for key in columns[0]]
    return [{"id": key, **row} for key, row in value.items()]


def _with_defaults(row: Any, defaults: Any) -> Any:
    """A promptfoo test with the variables and assertions that its configuration gives to every test."""
    if not isinstance(defaults, Mapping) or not isinstance(row, Mapping):
        return row
    variables = {**(defaults.get("vars") or {}), **(row.get("vars") or {})}
    return {**row, "vars": variables, "assert": [*(row.get("assert") or []), *(defaults.get("assert") or [])]}


def _unwrapped(row: Any) -> Any:
    """A row of the hub's viewer stands under `row`."""
    return row["row"] if isinstance(row, Mapping) and isinstance(row.get("row"), Mapping) and "row_idx" in row else row


def _numbered(file: Path, rows: Iterable[Any], noun: str) -> Iterator[tuple[str, Row]]:
    for number, row in enumerate(rows, start=1):
        where = f"{file}: {noun} {number}"
        yield where, as_row(row, where)


def as_row(value: Any, where: str) -> Row:
    """The value as an object. InputError where it is none."""
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: found a {type(value).__name__}, expected an object")
    return {str(key): item for key, item in value.items()}


def _yaml(file: Path) -> list[Any]:
    try:
        value = load_yaml(read_text(file))
    except YamlFault as fault:
        raise InputError(f"{file}: not valid YAML: {fault}") from None
    return rows_of(value, file)


def _parquet(file: Path) -> list[Any]:
    """Through Arrow, not pandas: lists stay lists, and whole numbers beside a missing one stay whole."""
    import pyarrow
    import pyarrow.parquet

    raw = read_bytes(file)
    if not raw.startswith(PARQUET):
        raise InputError(f"{file}: not a Parquet file; a Git LFS pointer or a page is what a failed download leaves")
    try:
        rows: list[Any] = pyarrow.parquet.read_table(pyarrow.BufferReader(raw)).to_pylist()
    except pyarrow.ArrowException as error:
        raise InputError(f"{file}: a damaged Parquet file ({error}); fetch it again") from None
    return rows
