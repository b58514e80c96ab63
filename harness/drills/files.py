"""The files that a scenario ships for its drills: JSONL rows of texts."""

from __future__ import annotations

import json
from pathlib import Path

from harness.characters import parse_json
from harness.errors import InputError
from harness.golden.rows import read_lines


def read_texts(path: Path, *fields: str) -> list[dict[str, str]]:
    """These fields of every row.

    Raises:
        InputError: a line that is no JSON object, a field that is missing or no text, the first of them twice, or a
            change of something into itself; names file and line.
    """
    rows: dict[str, dict[str, str]] = {}
    for where, line in read_lines(path):
        row = _texts(line, where, fields)
        if row[fields[0]] in rows:
            raise InputError(f"{where}: {fields[0]} '{row[fields[0]]}' stands in an earlier line already; keep one")
        if "old" in row and row["old"] == row["new"]:
            raise InputError(f"{where}: old and new are the same words, so that nothing changes; write another fact")
        rows[row[fields[0]]] = row
    return list(rows.values())


def _texts(line: str, where: str, fields: tuple[str, ...]) -> dict[str, str]:
    demand = f"{', '.join(fields[:-1])} and {fields[-1]}"
    try:
        row = parse_json(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: not JSON ({error}); expected {demand}") from None
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) and row[key].strip() for key in fields):
        here = sorted(row) if isinstance(row, dict) else type(row).__name__
        raise InputError(f"{where}: expected {demand}, each a text; found {here}")
    return {key: row[key] for key in fields}
