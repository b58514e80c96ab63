"""Loading golden cases, probes and examples: what is refused, and what the message says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.golden.clusters import case_clusters, version_pairs
from harness.golden.load import load_cases, load_examples, load_probes
from harness.types import Document, Evidence, Passage

CASE: dict[str, Any] = {
    "id": "c1",
    "question": "How long is the trial?",
    "accept": ["14 days"],
    "evidence": [{"doc": "plans.md", "quote": "The trial lasts\n14 days."}],
}
PLANS = Document("plans.md", "Plans", "# Plans\nThe trial lasts 14\ndays. It is free.")


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_case_is_read_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "g.jsonl"
    file.write_bytes(b"\xef\xbb\xbf\n" + json.dumps(CASE).encode() + b"\r\n")
    (case,) = load_cases(file, [PLANS])
    assert case.where == f"{file}:2"
    assert (case.kind, case.category, case.split) == ("lookup", "factual", "test")
    assert case.evidence == (Evidence("plans.md", "The trial lasts\n14 days."),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"acept": ["x"]}, "unknown key 'acept'; did you mean 'accept'?"),
        ({"kind": "lookups"}, "'kind' is \"lookups\", expected one of: lookup, multi_hop, style, unanswerable"),
        ({"accept": []}, "kind 'lookup' has no accepted answers; only 'unanswerable' cases may; add 'accept'"),
        ({"accept": "14 days"}, "'accept' is \"14 days\", expected array"),
        ({"accept": [" "]}, "'accept.0' is \" \", expected text that is not empty"),
        ({"kind": "unanswerable"}, "'unanswerable' has accepted answers"),
        ({"kind": "unanswerable", "accept": []}, "'unanswerable' has evidence"),
        ({"timestamp": "March"}, "expected ISO 8601 date"),
        ({"question": None}, "'question' is null, expected string"),
        ({"evidence": [{"quote": "x"}]}, "no 'doc' in 'evidence.0'"),
        ({"evidence": [{"doc": "plan.md"}]}, "did you mean 'plans.md'?"),
        ({"evidence": [{"doc": "plans.md", "quote": "16 days"}]}, "does not stand in 'plans.md'"),
        ({"evidence": ["nowhere.md#3"]}, "is no document or passage"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    file = write(tmp_path / "g.jsonl", {**CASE, "id": "c0"}, {**CASE, **change})
    with pytest.raises(InputError) as caught:
        load_cases(file, [PLANS])
    assert str(caught.value).startswith(f"{file}:2: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no cases in it"),
        (b"{", "not valid JSON"),
        (b"[1]", "found a list"),
        (b'{"id": "\xff"}', "not UTF-8 at byte 9"),
        (b'{"id": "a", "id": "b"}', "key 'id' stands twice"),
        (b'{"id": NaN}', "NaN is no JSON number"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_is_no_golden_set(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "g.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"g\.jsonl") as caught:
        load_cases(file)
    assert message in str(caught.value)


def test_missing_files_and_repeated_ids(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_cases(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"g\.jsonl:2: case id 'c1' stands already at .*g\.jsonl:1"):
        load_cases(write(tmp_path / "g.jsonl", CASE, CASE))
    probe = {"id": "p", "question": "Why?"}
    with pytest.raises(InputError, match="probe id 'p'"):
        load_probes(write(tmp_path / "p.jsonl", probe, probe))


def test_retrieval_alone_needs_no_accepted_answers(tmp_path: Path) -> None:
    file = write(tmp_path / "g.jsonl", {"id": "q", "question": "Why?", "evidence": ["plans.md#0", "p7"]})
    (case,) = load_cases(file, [PLANS], [Passage("p7", "p7", "", "text")], answers_required=False)
    assert case.accept == ()


def test_examples_say_how_they_are_used(tmp_path: Path) -> None:
    context = [{"id": "S1", "text": "t", "title": "T"}]
    rows = [
        {"prompt": {"user": "q"}, "output": "text"},
        {"prompt": {"user": "q", "context": context}, "output": {"answer": "a"}},
        {"prompt": {"user": "q"}, "output": "a", "evidence": ["plans.md"]},
        {"prompt": {"user": "q", "system": "Be brief. "}, "output": "a", "use": "closed_book", "replay": True},
    ]
    file = write(tmp_path / "t.jsonl", *rows)
    examples = load_examples(file, "Be brief.")
    assert [e.use for e in examples] == ["both", "open_book", "open_book", "closed_book"]
    assert examples[1].context == (Passage("S1", "S1", "T", "t"),)
    assert examples[0].context is None
    assert examples[3].replay
    with pytest.raises(InputError, match=r"t\.jsonl:4: its system message is not the scenario"):
        load_examples(file, "Be long.")
    with pytest.raises(InputError, match="unknown key 'usr' in 'prompt'; did you mean 'user'"):
        load_examples(write(file, {"prompt": {"usr": "q"}, "output": ""}))


def test_clusters_join_versions_and_shared_documents(tmp_path: Path) -> None:
    old = Document("a/old.md", "", "x")
    new = Document("a/new.md", "", "x", metadata={"supersedes": "old.md"})
    other = Document("b.md", "", "x")
    rows = [
        {**CASE, "id": "1", "evidence": ["a/old.md"]},
        {**CASE, "id": "2", "evidence": ["a/new.md#4"]},
        {**CASE, "id": "3", "evidence": ["b.md"]},
        {"id": "4", "question": "?", "kind": "unanswerable", "source": "a/new.md"},
        {"id": "5", "question": "?", "kind": "unanswerable"},
    ]
    cases = load_cases(write(tmp_path / "g.jsonl", *rows), [old, new, other])
    labels = case_clusters(cases, [old, new, other])
    assert version_pairs([old, new, other]) == [("a/new.md", "a/old.md")]
    assert labels["1"] == labels["2"] == labels["4"]
    assert len(set(labels.values())) == 3
