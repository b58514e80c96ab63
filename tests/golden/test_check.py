"""Each rule of `golden check`, by the smallest material that breaks it and the smallest that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.golden.alike import Likeness, first_alike
from harness.golden.check import Finding, Material, check, summary
from harness.golden.pii import scan, texts_of
from harness.golden.split import split_by_cluster, split_by_time
from harness.record.sections import SkippedFile
from harness.types import Case, Document, Evidence, Example, Probe

QUOTE = Evidence("a.md", "The trial lasts 14 days.")
CASE = Case("c1", "How long is the trial?", ("14 days",), evidence=(QUOTE,), verified_by="Ada Keller", where="g:1")
DOCUMENT = Document("a.md", "A", "The trial lasts 14 days.")


def rules(material: Material, level: str = "finding") -> list[tuple[str, str]]:
    return [(finding.rule, finding.where) for finding in check(material) if finding.level == level]


def example(user: str, use: str = "closed_book", **changes: object) -> Example:
    return Example(user, "14 days", use, where="t:1", **changes)  # type: ignore[arg-type]


def test_a_sound_set_has_no_finding() -> None:
    assert rules(Material([CASE], [example("State the trial's length.")], documents=[DOCUMENT])) == []


def test_evidence_that_is_not_there() -> None:
    assert rules(Material([CASE])) == [("evidence", "g:1")]
    assert rules(Material([CASE], corpus_known=False)) == []


@pytest.mark.parametrize(
    ("doc", "says"),
    [
        ("a.pdf", "evidence names document 'a.pdf', which was skipped: a password"),
        ("docs/A.PDF", "evidence names document 'a.pdf', which was skipped: a password"),
        ("a", "it could be 'a.md' or 'a.pdf' ('a.pdf' was skipped); write its folder and extension"),
    ],
)
def test_evidence_in_a_skipped_file_is_not_looked_for_in_its_namesake(doc: str, says: str) -> None:
    case = replace(CASE, evidence=(Evidence(doc, QUOTE.quote),))
    material = Material([case], documents=[DOCUMENT], skipped=(SkippedFile("a.pdf", "a password"),))
    (finding,) = [one for one in check(material) if one.level == "finding"]
    assert says in finding.message


@pytest.mark.parametrize("question", ["how long is the trial", "How long exactly is the free trial period here?"])
def test_duplicates(question: str) -> None:
    twin = replace(CASE, id="c2", question=question, where="g:2")
    expected = [("duplicates", "g:2")] if question.startswith("how") else []
    assert rules(Material([CASE, twin], documents=[DOCUMENT])) == expected


def test_questions_that_differ_in_a_name_or_number_are_two() -> None:
    known = [("g:1", "What does the Reed plan cost in 2026 for one month?")]
    assert first_alike("What does the Oak plan cost in 2026 for one month?", known) is None
    assert first_alike("What does the Reed plan cost in 2025 for one month?", known) is None
    assert first_alike("What would the Reed plan cost in 2026 for one month?", known) == ("g:1", Likeness.NEAR)


def test_golden_questions_in_training() -> None:
    assert rules(Material([CASE], [example("How long is the trial")], documents=[DOCUMENT])) == [("leaks", "t:1")]
    train = replace(CASE, split="train")
    assert rules(Material([train], [example("How long is the trial")], documents=[DOCUMENT])) == []


def test_golden_evidence_in_open_book_training() -> None:
    shared = example("State the length.", "open_book", evidence=(QUOTE,))
    assert rules(Material([CASE], [shared], documents=[DOCUMENT])) == [("shared evidence", "t:1")]
    assert rules(Material([CASE], [replace(shared, use="closed_book")], documents=[DOCUMENT])) == []


def test_probes_in_training() -> None:
    material = Material([CASE], [example("Say it.")], [Probe("p1", "say  it.")], [DOCUMENT])
    assert rules(material) == [("probes", "t:1")]


def test_notes_do_not_fail_a_set() -> None:
    wrong = replace(CASE, accept=("21 days",), verified_by="machine: a model", where="g:2", id="c2", question="Why?")
    bare = replace(CASE, accept=("x",), evidence=(), verified_by=None, where="g:3", id="c3", question="Who is it?")
    notes = [rule for rule, _ in rules(Material([CASE, wrong, bare], documents=[DOCUMENT]), "note")]
    assert set(notes) == {"accepted answers", "counts", "balance", "verified"}


def test_summary_counts_every_value() -> None:
    assert summary([CASE])["kind"] == {"lookup": 1, "multi_hop": 0, "style": 0, "unanswerable": 0}
    assert summary([replace(CASE, verified_by=None)])["verified_by"] == {"nobody named": 1}


def test_personal_data_is_found_and_masked() -> None:
    pytest.importorskip("presidio_analyzer")
    leaky = replace(CASE, question="Mail ann.lee@corp.com, card 4111 1111 1111 1111, key AKIAABCDEFGHIJKLMNOP?")
    clean = replace(CASE, question="Mail help@firm.example about invoice 12 of 2026-03-02?", where="g:2")
    tuned = Example("q", {"answer": "IBAN DE89370400440532013000"}, "both", where="t:1")
    findings: list[Finding] = list(scan(texts_of([leaky, clean], [tuned])))
    assert [item.where for item in findings if item.level == "finding"] == ["g:1", "g:1", "g:1", "t:1"]
    assert all("ann.lee" not in item.message and "4111" not in item.message for item in findings)


def test_split_keeps_clusters_whole_and_is_seeded() -> None:
    cases = [replace(CASE, id=str(i), split="train" if i == 0 else "test") for i in range(41)]
    clusters = {case.id: f"doc{int(case.id) // 4}" for case in cases}
    moved = split_by_cluster(cases, clusters, dev=0.25, seed=3)
    assert moved == split_by_cluster(cases, clusters, dev=0.25, seed=3)
    assert moved[0].split == "train"
    dev = {clusters[case.id] for case in moved if case.split == "dev"}
    test = {clusters[case.id] for case in moved if case.split == "test"}
    assert not dev & test
    assert 8 <= sum(case.split == "dev" for case in moved) <= 12
    with pytest.raises(InputError, match=r"--dev is 1\.5"):
        split_by_cluster(cases, clusters, dev=1.5)


def test_split_by_time() -> None:
    old, new = replace(CASE, timestamp="2025-12-31"), replace(CASE, id="c2", timestamp="2026-01-01")
    assert [case.split for case in split_by_time([old, new], "2026-01-01")] == ["dev", "test"]
    with pytest.raises(InputError, match="g:1: case 'c1' has no timestamp"):
        split_by_time([CASE], "2026")


def test_cases_without_a_label_are_findings() -> None:
    unlabelled = replace(CASE, id="c2", question="Who pays for it?", accept=(), where="g:2")
    material = Material([CASE, unlabelled], documents=[DOCUMENT])
    assert ("unlabelled", "g:2") in rules(material)
    assert summary(material.cases)["kind"] == {
        "lookup": 1, "multi_hop": 0, "style": 0, "unanswerable": 0, "unlabelled": 1,
    }  # fmt: skip
    retrieval = Material([unlabelled], documents=[DOCUMENT])
    assert rules(retrieval) == []
    assert ("unlabelled", "golden set") in rules(retrieval, "note")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"output": " "}, "its output is empty"),
        ({"output": {}}, "its output is empty"),
        ({"output": "14 days</s>"}, "its output holds '</s>'"),
        ({"user": "[INST] State it."}, "its prompt holds '[INST]'"),
        ({"rejected": "No<|eot_id|>"}, "its rejected holds '<|eot_id|>'"),
    ],
)
def test_spoilt_examples(change: dict[str, object], part: str) -> None:
    spoilt = replace(example("State the trial's length."), **change)  # type: ignore[arg-type]
    findings = [f for f in check(Material([CASE], [spoilt], documents=[DOCUMENT])) if f.rule == "examples"]
    assert [f.where for f in findings] == ["t:1"]
    assert part in findings[0].message


def test_examples_longer_than_the_window() -> None:
    examples = [replace(example(f"State length {i}."), where=f"t:{i}") for i in range(4)]
    material = Material([CASE], examples, documents=[DOCUMENT], window=100, example_tokens=(90, 101, 100, 300))
    findings = [f for f in check(material) if f.rule == "window"]
    assert [f.where for f in findings] == ["t:1", "t:3"]
    assert "101 tokens, the window has 100" in findings[0].message
    assert "2 of 4 examples are too long" in findings[0].message


def test_examples_about_other_documents() -> None:
    foreign = Evidence("reed.md", "The Reed plan costs 9 euros.")
    examples = [replace(example(f"State plan {i}.", evidence=(foreign,)), where=f"t:{i}") for i in range(3)]
    findings = [f for f in check(Material([CASE], examples, documents=[DOCUMENT])) if f.rule == "another corpus"]
    assert [f.where for f in findings] == ["t:0"]
    assert "document 'reed.md', which the corpus does not have (so do 2 more examples)" in findings[0].message
    known = [replace(example("State it.", evidence=(QUOTE,)), where="t:0")]
    assert [f for f in check(Material([CASE], known, documents=[DOCUMENT])) if f.rule == "another corpus"] == []


def test_probes_and_examples_that_name_nothing_of_the_corpus() -> None:
    names = ["Tarrow", "Lundra", "Osmir", "Vell", "Korbin", "Hask"]
    probes = [Probe(f"p{i}", f"What does the hub in {name} charge?") for i, name in enumerate(names)]
    examples = [replace(example(f"Say what {name} charges."), where=f"t:{i}") for i, name in enumerate(names)]
    material = Material([CASE], examples, probes, documents=[DOCUMENT])
    findings = [f for f in check(material) if f.rule == "another corpus"]
    assert [f.where for f in findings] == ["t:0", "probe 'p0'"]
    assert "6 of 6 probes that name something name nothing of the corpus (here 'Tarrow')" in findings[1].message
    ours = Document("b.md", "B", f"Hubs: {', '.join(names)}.")
    assert [f for f in check(replace(material, documents=[DOCUMENT, ours])) if f.rule == "another corpus"] == []
    cases = [replace(CASE, id=n, question=f"A message of {n} to sort.", where=f"g:{n}") for n in names]
    sorting = [f for f in check(replace(material, cases=cases)) if f.rule == "another corpus"]
    assert sorting == [], "golden questions that name nothing of the corpus either: names tell nothing"
