"""`harness index` and `harness retrieval`: one JSON object out, messages aside, bad use named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.index import index_command
from harness.cli.retrieval import retrieval_command
from harness.errors import InputError
from tests.retrieval.fakes import WordEmbedder, use

APP = typer.Typer()
APP.command("index")(index_command)
APP.command("retrieval")(retrieval_command)
THINGS = ("badge", "refund", "laptop", "parking", "canteen", "invoice")


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "demo"
    (folder / "corpus").mkdir(parents=True)
    cases = []
    for i, thing in enumerate(THINGS):
        (folder / "corpus" / f"{thing}.md").write_text(
            f"# {thing}\n\nThe {thing} costs {i + 10} EUR.", encoding="utf-8"
        )
        evidence = [{"doc": f"{thing}.md", "quote": f"costs {i + 10} EUR"}]
        kind = "lookup" if i % 2 else "multi_hop"
        cases.append({"id": thing, "question": f"What does the {thing} cost?", "evidence": evidence, "kind": kind})
    cases.append({"id": "none", "question": "Who owns it?", "kind": "unanswerable", "source": "badge.md"})
    (folder / "corpus" / "broken.pdf").write_bytes(b"%PDF-1.4 cut")
    (folder / "golden.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases), encoding="utf-8")
    (folder / "scenario.yaml").write_text("title: Demo\ncorpus: corpus/\ngolden: golden.jsonl\n", encoding="utf-8")
    return folder


def _json(*arguments: object) -> dict[str, object]:
    result = CliRunner().invoke(APP, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert isinstance(figures, dict)
    return figures


def test_retrieval_prints_one_object_in_the_documented_form(scenario: Path) -> None:
    figures = _json("retrieval", scenario, "--k", "1,3", "--json", "--per-query")
    assert (figures["scenario"], figures["passages"], figures["queries"], figures["without_evidence"]) == (
        "demo",
        6,
        6,
        1,
    )
    assert list(figures["k"]) == ["1", "3"]  # type: ignore[call-overload]
    first = figures["k"]["1"]  # type: ignore[index]
    assert set(first) == {"recall", "precision", "hit", "mrr", "ndcg"}
    assert first["recall"]["mean"] == 1.0
    assert first["recall"]["n"] == 6
    assert first["recall"]["unit"] == "fraction"
    assert set(figures["slices"]["kind"]) == {"lookup", "multi_hop"}  # type: ignore[index]
    assert [row["file"] for row in figures["skipped"]] == ["broken.pdf"]  # type: ignore[attr-defined]
    assert len(figures["per_query"]) == 6  # type: ignore[arg-type]
    row = figures["per_query"][0]  # type: ignore[index]
    assert row["evidence"][0]["found_at"] == 1
    assert row["retrieved"][0]["found"]
    assert row["retrieved"][0]["text"]
    assert row["scores_at"]["3"] == row["scores"]


def test_index_says_what_it_did_and_how_stale_it_is(scenario: Path, tmp_path: Path) -> None:
    assert _json("index", scenario, "--json")["embedded"] == 6
    assert _json("index", scenario, "--json")["rebuilt"] is False
    _json("index", scenario, "--snapshot", tmp_path / "kept", "--json")
    (scenario / "corpus" / "badge.md").write_text("# badge\n\nFree.", encoding="utf-8")
    assert _json("index", scenario, "--status", "--json")["changed"] == ["badge.md"]
    assert _json("index", scenario, "--json")["embedded"] == 1
    _json("index", scenario, "--restore", tmp_path / "kept", "--json")
    assert _json("index", scenario, "--status", "--json")["changed"] == ["badge.md"]


def test_strict_refuses_a_corpus_with_a_broken_file(scenario: Path) -> None:
    with pytest.raises(InputError, match=r"1 unreadable, first broken\.pdf"):
        CliRunner().invoke(APP, ["index", str(scenario), "--strict"], catch_exceptions=False)


def test_compare_ranks_the_grid_against_what_is_configured(scenario: Path) -> None:
    figures = _json("retrieval", scenario, "--compare", "--k", "2", "--json")
    variants = figures["variants"]
    assert figures["tried"] == len(variants) == 12  # type: ignore[arg-type]
    assert figures["against"] == "as configured"
    scores = [row["metrics"]["ndcg"]["mean"] for row in variants]  # type: ignore[attr-defined]
    assert scores == sorted(scores, reverse=True)


def test_a_page_is_written_beside_the_json(scenario: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    figures = _json("retrieval", scenario, "--k", "1,3", "--json", "--html", page)
    assert "per_query" not in figures
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "Empty because no grid was run" in text
    _json("retrieval", scenario, "--k", "2", "--compare", "--json", "--html", page)
    assert "recursive + dense" in page.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="is a folder, expected a file name"):
        CliRunner().invoke(APP, ["retrieval", str(scenario), "--html", str(tmp_path)], catch_exceptions=False)


def test_a_grid_has_the_depth_nearest_to_what_a_prompt_shows(scenario: Path) -> None:
    figures = _json("retrieval", scenario, "--compare", "--json")
    assert figures["k"] == 3  # of 1, 3, 5, 10, 20; four passages reach a prompt
    (own,) = [row for row in figures["variants"] if row["name"] == figures["against"]]  # type: ignore[attr-defined]
    assert own["difference"]["ndcg"] == {**own["difference"]["ndcg"], "mean": 0.0, "low": 0.0, "high": 0.0}


@pytest.mark.parametrize("depths", ["0", "three", "1,,2", "2000"])
def test_a_depth_that_is_none_is_named(scenario: Path, depths: str) -> None:
    with pytest.raises(InputError, match=f"--k {depths}: expected whole numbers"):
        CliRunner().invoke(APP, ["retrieval", str(scenario), "--k", depths], catch_exceptions=False)


def test_without_a_golden_set_there_is_nothing_to_measure(scenario: Path) -> None:
    (scenario / "scenario.yaml").write_text("title: Demo\ncorpus: corpus/\n", encoding="utf-8")
    with pytest.raises(InputError, match="no 'golden'"):
        CliRunner().invoke(APP, ["retrieval", str(scenario)], catch_exceptions=False)
