"""The page about gates has every gate of the table, with its default and direction."""

from __future__ import annotations

from pathlib import Path

from harness.verdict.gates import GATES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "gates.md"
WORDS = {">=": "at least", ">": "more than", "<=": "at most"}


def test_every_gate_stands_on_the_page_as_it_is() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    rows = {cells[1].strip(" `"): cells for cells in (line.split("|") for line in lines)}
    assert list(rows) == [row.name for row in GATES]
    for row in GATES:
        passes, default = rows[row.name][3].strip(), rows[row.name][4].strip()
        assert default == ("none" if row.default is None else f"{row.default:g}")
        said = "at most" if row.scale < 0 else WORDS[row.direction]  # a loss, written as a positive number
        assert row.exact or passes.startswith(said)
