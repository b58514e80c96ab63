"""`golden synth`, `golden review` and `examples make`, from a folder of pages to cases that count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.generation.doubles import ScriptedGenerator
from harness.golden.load import load_cases, load_examples
from harness.ratings.review import ReviewDecision, apply_decisions
from harness.types import Message
from tests.make.chat_server import chat_server
from tests.make.command import command
from tests.make.office import passage, script, write_office
from tests.retrieval.fakes import WordEmbedder, use


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("harness.from_documents.base_generator", lambda models, how: ScriptedGenerator(script))
    monkeypatch.setattr("harness.from_documents._key", lambda models: models.generator)
    return write_office(tmp_path / "office")


def test_from_pages_to_golden_cases(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("golden", "synth", str(office), "--count", "10", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    drafts = office / "golden.drafts.jsonl"
    cases = load_cases(drafts)
    assert facts["file"]["drafts"] == facts["file"]["new"] == len(cases)
    assert {case.kind for case in cases} == {"lookup", "multi_hop", "unanswerable"}, "no house style, no style cases"
    assert all((case.verified_by or "").startswith("machine: drafted by") for case in cases)
    assert command("golden", "check", str(drafts), "--no-pii") == 0

    assert command("golden", "synth", str(office), "--count", "10", "--json") == 0
    assert load_cases(drafts) == cases, "the same pages, the same drafts"

    sheet_case = cases[0]
    apply_decisions(drafts, [ReviewDecision(sheet_case.id, "reject", "Ada", "2026-11-29")])
    assert command("golden", "synth", str(office), "--count", "10") == 0
    after = load_cases(drafts)
    assert sheet_case.question not in {case.question for case in after}, "what people rejected is not offered again"


def test_accepted_drafts_move_to_the_golden_set(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("golden", "synth", str(office), "--count", "4", "--kind", "lookup") == 0
    words = iter(["a", "a", "q"])
    monkeypatch.setattr("harness.cli.golden_review._ask", lambda question: next(words))
    assert command("golden", "review", str(office), "--by", "Ada") == 0
    golden, drafts = load_cases(office / "golden.jsonl"), load_cases(office / "golden.drafts.jsonl")
    assert (len(golden), len(drafts)) == (2, 2)
    assert all((case.verified_by or "").startswith("person: Ada") for case in golden)
    (office / "scenario.yaml").write_text((office / "scenario.yaml").read_text() + "golden: golden.jsonl\n")
    assert command("golden", "synth", str(office), "--count", "4", "--kind", "lookup") == 0
    monkeypatch.setattr("harness.cli.golden._languages", lambda material, target: [])  # it would open the models
    capsys.readouterr()
    assert command("golden", "check", str(office), "--no-pii") == 0
    assert "note: drafts: 4 drafts wait to be read" in capsys.readouterr().out
    more = load_cases(office / "golden.drafts.jsonl")
    assert not {case.question for case in more} & {case.question for case in golden}
    splits = {item.doc: case.split for case in golden for item in case.evidence}
    assert all(splits.get(item.doc, case.split) == case.split for case in more for item in case.evidence)


def test_a_changed_page_renews_only_its_own_drafts(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("golden", "synth", str(office), "--count", "10", "--kind", "lookup") == 0
    before = {case.id: case for case in load_cases(office / "golden.drafts.jsonl")}
    page = passage("gym", 99)
    (office / "corpus" / page.doc).write_text(f"# {page.title}\n\n{page.text}\n", encoding="utf-8")
    capsys.readouterr()
    assert command("golden", "synth", str(office), "--count", "10", "--kind", "lookup") == 0
    said = capsys.readouterr().out
    after = {case.id: case for case in load_cases(office / "golden.drafts.jsonl")}
    assert "10 drafts: 1 new, 9 as before; 1 taken out" in said
    (new,) = after.keys() - before.keys()
    assert after[new].evidence[0].doc == "gym.md"


def test_examples_keep_away_from_the_golden_set(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("golden", "synth", str(office), "--count", "6", "--kind", "lookup") == 0
    out = office / "train.jsonl"
    capsys.readouterr()
    assert command("examples", "make", str(office), str(out), "--count", "8", "--refusals", "0.25", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    examples = load_examples(out)
    assert len(examples) == sum(facts["kinds"].values())
    assert facts["kinds"]["unanswerable"] >= 2
    assert facts["kinds"]["paraphrase"] >= 1
    golden = load_cases(office / "golden.drafts.jsonl")
    quotes = {item.quote for case in golden for item in case.evidence}
    assert not quotes & {item.quote for example in examples for item in example.evidence}
    refusals = [example for example in examples if example.output == "The pages do not say."]
    assert len(refusals) == facts["kinds"]["unanswerable"]
    assert all(example.use == "open_book" and not example.evidence for example in refusals)
    answers = [example for example in examples if example.evidence]
    assert all(str(e.output) == " ".join(str(item.quote) for item in e.evidence) for e in answers)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kind", "poem"], "--kind poem: expected one of: lookup"),
        (["--base-url", "http://127.0.0.1:1"], "--base-url without --by"),
    ],
)
def test_wrong_options_are_named(
    office: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("golden", "synth", str(office), *words) == 2
    assert message in capsys.readouterr().err


def test_a_model_behind_a_server_writes_by_the_same_prompts(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(body: Mapping[str, Any]) -> str:
        return script(tuple(Message(turn["role"], turn["content"]) for turn in body["messages"]))

    assert command("golden", "synth", str(office), "--count", "6", "--kind", "lookup") == 0
    here = load_cases(office / "golden.drafts.jsonl")
    (office / "golden.drafts.jsonl").unlink()
    monkeypatch.setattr("tests.make.chat_server.answer_to", reply)
    with chat_server("good") as server:
        words = ["--by", "big-model", "--base-url", server.url]
        assert command("golden", "synth", str(office), "--count", "6", "--kind", "lookup", *words) == 0
    served = load_cases(office / "golden.drafts.jsonl")
    assert [(c.question, c.accept, c.evidence) for c in served] == [(c.question, c.accept, c.evidence) for c in here]
    assert {case.verified_by for case in served} == {"machine: drafted by big-model, read by nobody"}
