"""The import of real data sets, on invented ones of their shapes: rows are counted twice, and a loss is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import import_real


def written(folder: Path, *answers: str) -> Path:
    rows = [{"id": f"q{i}", "question": f"What is {i}?", "accept": [text]} for i, text in enumerate(answers)]
    folder.mkdir()
    (folder / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_table_goes_in_and_out_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_real, "TOOLS", {"ragas": "jsonl"})
    file = tmp_path / "insurance_tickets" / "test.tsv"
    file.parent.mkdir()
    file.write_text("text\tlabel\nMy canoe leaks.\tDamage\nIs the weir open?\tOpening hours\n", encoding="utf-8")
    rows = dict(import_real.imported(tmp_path, ["insurance_tickets", "nq_oracle"]))
    by_file = {f"{item.set}/{item.file}": row for item, row in rows.items()}
    row = by_file["insurance_tickets/test.tsv"]
    assert row is not None
    assert (row.rows, row.cases, row.answers, row.back, row.right) == (2, 2, "2 answered", "equal: ragas", True)
    assert row.recognised.startswith("classified texts")
    assert by_file["nq_oracle/nq-open-oracle.jsonl.gz"] is None


def test_what_does_not_come_back_is_unequal(tmp_path: Path) -> None:
    one, same = written(tmp_path / "a", "5 days", "noon"), written(tmp_path / "b", "5 days", "noon")
    other = written(tmp_path / "c", "5 days", "midnight")
    assert import_real.comparable(one) == import_real.comparable(same)
    assert import_real.comparable(one) != import_real.comparable(other)
