"""Tuning examples on disk: the row of each, and a new file of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.files.output_path import new_file
from harness.golden.imported import evidence_row
from harness.record.codec import write_rows
from harness.tuning.preferences import passage_rows
from harness.types import Example


def example_row(example: Example) -> dict[str, Any]:
    """The example as a row of a tuning file; keys without a value are left out."""
    prompt: dict[str, Any] = {"user": example.user}
    if example.context is not None:
        prompt["context"] = passage_rows(example.context)
    row = {
        "prompt": prompt,
        "output": example.output,
        "rejected": example.rejected,
        "evidence": [evidence_row(item) for item in example.evidence] or None,
        "use": example.use,
        "timestamp": example.timestamp,
        "replay": example.replay or None,
    }
    return {key: value for key, value in row.items() if value is not None}


def write_new(out: Path, rows: Iterable[object]) -> None:
    """Write rows as JSONL. InputError: the file is there already."""
    new_file(out)
    write_rows(out, rows)
