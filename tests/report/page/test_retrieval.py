"""The retriever's page: what was measured, safely shown, in one file that asks for nothing; in a browser too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.engine.store import Store
from harness.record.codec import write_rows
from harness.report.page.retrieval import render_retrieval, shown_depth, worst
from harness.results.retrieval import measure, open_study
from harness.results.retrieval_figures import GridFigures, RetrievalFigures
from harness.results.retrieval_grid import compare
from harness.scenario.load import load_scenario
from tests import make
from tests.make.things import write_prices
from tests.report.page.browsing import PHONE, WIDE, Opened
from tests.retrieval.fakes import WordEmbedder

HOSTILE = "</details><script>alert(1)</script>{{ 123457 * 3 }}"
THINGS = ("badge", "refund", "laptop", "parking", "canteen", "invoice", "locker", "visitor")


def _write(folder: Path) -> None:
    cases = write_prices(folder, THINGS, after=f" {HOSTILE}\n".replace("{", "{{").replace("}", "}}"))
    for i, case in enumerate(cases):
        case["kind"] = "lookup" if i % 2 else "multi_hop"
    cases[0]["question"] = f"How dear is it? {HOSTILE}"
    (folder / "corpus" / "broken.pdf").write_bytes(b"%PDF-1.4 cut")
    write_rows(folder / "golden.jsonl", cases)
    yaml = f"title: 'Prices {HOSTILE}'\ncorpus: corpus/\ngolden: golden.jsonl\nretrieval: {{top_k: 1}}\n"
    (folder / "scenario.yaml").write_text(yaml, encoding="utf-8")


Measured = tuple[RetrievalFigures, GridFigures, str]  # of the scenario itself, of a grid, title


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """A small corpus measured by the real study on a bag of words."""
    folder = tmp_path_factory.mktemp("retrieval") / "demo"
    _write(folder)
    words, store = WordEmbedder(), Store(folder / "store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(folder / "cache"))
        patch.setattr("harness.retrieval.index.load_embedder", lambda name: words)
        scenario = load_scenario(folder)
        study = open_study(scenario, "all")
        figures = measure(study, [1, 3], folder / "index", store, per_query=True)
        grid = compare(study, 1, lambda s: folder / f"index-{s.chunking}", store)
        yield figures, grid, scenario.title


@pytest.fixture(scope="module")
def html(measured: Measured) -> str:
    figures, grid, title = measured
    return render_retrieval(
        figures, grid, title=title, created="2026-03-02T10:00:00+00:00", command="harness retrieval x"
    )


def test_the_page_says_what_was_measured(html: str, measured: Measured) -> None:
    figures, grid, _ = measured
    text = re.sub(r"<[^>]+>", " ", html)
    recall = figures.k["1"]["recall"].mean
    assert recall is not None
    assert f"{100 * recall:.1f} %" in text
    assert "1 passage hold" in text
    assert all(row.name in text for row in grid.variants)
    assert "broken.pdf" in text
    assert {"lookup", "multi_hop"} <= set(text.split())
    assert "harness retrieval x" in text


def test_what_others_wrote_cannot_act(html: str) -> None:
    assert "<script" not in html
    assert "370371" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search(r"""(src|href)=["'](?!#)""", html)
    assert re.search(r"default-src (?:'|&#39;)none", html)


def test_the_worst_come_first_with_what_stood_there_instead(measured: Measured) -> None:
    figures, _, _ = measured
    rows = worst(figures, "1")
    scores = {query.id: query.scores_at["1"] for query in figures.per_query or ()}
    lacking = [name for name, values in scores.items() if values is not None and values["recall"] < 1]
    assert sorted(row.id for row in rows) == sorted(lacking)
    assert rows, "the vague question was meant to be missed"
    for row in rows:
        assert len(row.shown) == 1
        assert not any(hit.found for hit in row.shown)
        assert row.shown[0].text
    assert shown_depth(figures) == "1"


def test_without_a_grid_the_section_says_why(measured: Measured) -> None:
    figures, _, title = measured
    page = render_retrieval(figures, None, title=title, created="2026-03-02", command="c")
    assert "Empty because no grid was run" in page


def test_a_tuned_reranker_is_told_with_both_figures(measured: Measured) -> None:
    figures, _, title = measured
    dropped = make.reranker(gain=0.0)
    assert dropped.dev is not None
    gain = replace(dropped.dev.difference, mean=-1.5, low=-4.0, high=1.0)
    dropped = replace(
        dropped,
        reason="its gain is not proven",
        left_out={"golden evidence": 7, "asked twice": 0},
        dev=replace(dropped.dev, without_it=make.around(0.5, 0.1), with_it=make.around(0.485, 0.1), difference=gain),
    )
    page = render_retrieval(replace(figures, reranker=dropped), None, title=title, created="2026-03-02", command="c")
    for words in ("not kept: its gain is not proven", "50.0 %", "48.5 %", "−1.5 points", "left out: 7 golden evidence"):
        assert words in page


# --- in a browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "retrieval.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "viewport"), [("light", WIDE), ("dark", PHONE)])
def test_nothing_is_requested_nothing_complains_and_nothing_overflows(
    browser: Any, shown: Path, scheme: str, viewport: Any
) -> None:
    tab = Opened(browser, shown, color_scheme=scheme, viewport=viewport)
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    tab.context.close()
    assert tab.asked == [shown.as_uri()]
    assert tab.said == []
    assert wide <= viewport["width"]


@pytest.mark.browser
def test_a_question_opens_by_keyboard(browser: Any, shown: Path) -> None:
    tab = Opened(browser, shown)
    tab.page.focus("#worst summary")
    tab.page.keyboard.press("Enter")
    is_open = tab.page.evaluate("document.querySelector('#worst details').open")
    visible = tab.page.locator("#worst details .passage").first.is_visible()
    tab.context.close()
    assert is_open
    assert visible


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Any, shown: Path, scheme: str) -> None:
    spec = find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python is not installed")
    tab = Opened(browser, shown, color_scheme=scheme)
    tab.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.page.evaluate((Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = tab.page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
    tab.context.close()
    faults = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:120] for node in v["nodes"][:3]]) for v in faults] == []
