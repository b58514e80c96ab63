"""Golden sets for other tools: what each is given, and that an import reads it back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from harness.errors import InputError
from harness.golden.exporters.formats import EXPORTS, export
from harness.golden.imported import Imported
from harness.golden.importers.formats import import_data
from harness.golden.importers.tables import Source
from harness.types import Case, Document, Evidence, Passage

DOCUMENTS = (Document("ferry.md", "Ferry", "The ferry leaves at noon. It takes bikes."),)
PASSAGES = (Passage("p7", "p7", "", "Pier 4 is at the north gate."),)
CASES = (
    Case("a", "When does it leave?", ("noon", "12 o'clock"), ("noon",), (Evidence("ferry.md", "leaves at noon"),)),
    Case("b", "Where is pier 4?", ("north gate | gate N",), (), (Evidence(id="p7"),), split="dev", source="p7"),
    Case("c", "What does it cost?", kind="unanswerable", source="ferry.md", timestamp="2026-03-01"),
    Case("d", "Bikes?", ("yes",), (), (Evidence("ferry.md"),), "style", "tone", verified_by="Ada Keller"),
    Case("e", "Who steers it?", ()),
)


def there_and_back(name: str, folder: Path) -> tuple[Imported, list[str]]:
    out = folder / f"out{EXPORTS[name].endings[0]}"
    remarks = export(name, CASES, DOCUMENTS, PASSAGES, out)
    return import_data(name, Source(out)), remarks


@pytest.mark.parametrize("name", list(EXPORTS))
def test_a_round_trip_keeps_what_a_case_says(tmp_path: Path, name: str) -> None:
    imported, _ = there_and_back(name, tmp_path)
    texts = {passage.id: passage.text for passage in imported.passages}
    for before, after in zip(CASES, imported.cases, strict=True):
        for field in ("id", "question", "accept", "key_points", "kind", "category", "split", "source"):
            assert getattr(after, field) == getattr(before, field), field
        assert (after.timestamp, after.verified_by) == (before.timestamp, before.verified_by)
    evidence = [[texts[str(item.id)] for item in case.evidence] for case in imported.cases]
    assert evidence == [["leaves at noon"], [PASSAGES[0].text], [], [DOCUMENTS[0].text], []]


def test_each_tool_is_given_its_own_columns(tmp_path: Path) -> None:
    for name, row in EXPORTS.items():
        export(name, CASES, DOCUMENTS, PASSAGES, tmp_path / f"{name}{row.endings[0]}")
    ragas = [json.loads(line) for line in (tmp_path / "ragas.jsonl").read_text().splitlines()]
    assert (ragas[0]["user_input"], ragas[0]["reference"]) == ("When does it leave?", "noon")
    assert ragas[1]["reference_contexts"] == [PASSAGES[0].text]
    assert ragas[1]["reference_context_ids"] == ["p7"]
    assert "reference" not in ragas[2]
    goldens = json.loads((tmp_path / "deepeval.json").read_text())
    assert (goldens[0]["input"], goldens[0]["expected_output"], goldens[0]["name"]) == (CASES[0].question, "noon", "a")
    tests = yaml.safe_load((tmp_path / "promptfoo.yaml").read_text())["tests"]
    assert tests[0]["assert"][0] == {"type": "icontains-any", "value": ["noon", "12 o'clock"]}
    assert tests[1]["assert"] == [{"type": "icontains", "value": "north gate | gate N"}]
    assert tests[2]["assert"] == [{"type": "is-refusal"}]
    assert isinstance(tests[0]["vars"]["context"], str), "promptfoo makes a test of each item of a list"


def test_what_is_lost_is_said_and_nothing_is_overwritten(tmp_path: Path) -> None:
    _, remarks = there_and_back("ragas", tmp_path)
    assert remarks[0] == "1 case: accepted answers beyond the first stand in 'accept', which it does not read"
    lost = export("ragas", CASES, (), (), tmp_path / "x.jsonl")
    assert lost[-1] == "2 cases: evidence whose text the corpus does not have was left out"
    with pytest.raises(InputError, match="exists already"):
        export("ragas", CASES, DOCUMENTS, PASSAGES, tmp_path / "x.jsonl")
    with pytest.raises(InputError, match=r"are read from \.jsonl; name such a file"):
        export("ragas", CASES, DOCUMENTS, PASSAGES, tmp_path / "x.csv")
    with pytest.raises(InputError, match="format 'beir' is not known; expected one of: ragas, deepeval, promptfoo"):
        export("beir", CASES, DOCUMENTS, PASSAGES, tmp_path / "x.csv")
