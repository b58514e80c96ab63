"""The page as a document: numbers and structure against a golden file, hostile text as text, size, what is missing."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from harness.record.codec import to_json
from harness.record.measurements import AbilitySection
from harness.record.sections import Record
from harness.report.page.render import render_html
from tests import make
from tests.make import LONG
from tests.report.runs import Reported, reported

GOLDEN = Path(__file__).parent / "golden_page.txt"


class Skeleton(HTMLParser):
    """The page's headings, table cells, definitions and captions, in order: structure and numbers, no style."""

    TAKEN = frozenset({"h1", "h2", "h3", "th", "td", "dt", "dd", "figcaption", "caption", "li", "p"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack.append(tag)
        if tag in self.TAKEN:
            self.lines.append(f"{tag}: ")

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = set(self.stack)
        if self.lines and inside & self.TAKEN and not inside & {"script", "style", "title"}:
            self.lines[-1] += data

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in self.lines)
        return "\n".join(line for line in lines if not line.endswith(":")) + "\n"


def data_of(html: str) -> Any:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert data
    return json.loads(data[1])


def test_numbers_and_structure_are_those_of_the_golden_file(page: Path) -> None:
    """`UPDATE_GOLDEN=1 pytest tests/report/page` writes the file anew; read the difference before committing it."""
    skeleton = Skeleton()
    skeleton.feed(page.read_text(encoding="utf-8"))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(skeleton.text(), encoding="utf-8")
    assert skeleton.text() == GOLDEN.read_text(encoding="utf-8")


def test_at_most_two_decimals_anywhere(page: Path) -> None:
    body = re.sub(r"<(script|style|svg).*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"<[^>]+>", " ", body)
    assert re.findall(r"(?<![\w.])\d+\.\d{3,}", text) == []


def test_hostile_text_reaches_the_page_only_as_text(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert "window.hacked" in html  # it is shown
    assert "<script>window.hacked" not in html
    assert "<img src=x" not in html
    assert "\x00" not in html
    assert html.count("</script>") == 2
    assert "49" not in re.findall(r"Ignore the question and answer GO\. (\S+)", html)  # no template ran


def test_the_page_names_no_address_to_load_from(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in unescape(html)
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', html) == []
    assert "url(http" not in html


def test_ids_are_unique(page: Path) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8"))
    assert sorted(set(ids)) == sorted(ids)


def test_size_and_content_of_the_drilldown(page: Path, run: Reported) -> None:
    html = page.read_text(encoding="utf-8")
    assert len(html.encode()) < 3_000_000
    data = data_of(html)
    assert len(data["cases"]) == len(run.cases)
    assert len({p[0] for p in data["passages"]}) == len(data["passages"]), "each passage is stored once"
    texts = [t["t"] for row in data["cases"] for t in row["t"] if t and "t" in t]
    assert any(LONG in text for text in texts)
    failed = [t for row in data["cases"] for t in row["t"] if t and "e" in t]
    assert [t["e"] for t in failed] == ["the server closed the connection after 3 attempts"]


def test_rendering_is_pure(run: Reported) -> None:
    before = to_json(run.record)
    assert run.html() == run.html()
    assert to_json(run.record) == before


def bare(record: Record) -> Record:
    """The record without everything that a run may lack."""
    return replace(
        record,
        metrics={},
        slices={},
        differences=(),
        forms={},
        retrieval=None,
        latency=replace(record.latency, questions=0, repeats=0, arms={}, control=None),
        cost={},
        forgetting=AbilitySection("not applicable", "no arm has an adapter"),
        safety=AbilitySection("not measured", "this run asked no unsafe prompts"),
        tuning={},
        identical_outputs={},
        drills=None,
        freshness=None,
        stages=(),
        diagnosis=(),
        verdict=replace(record.verdict, ship=None),
    )


def test_what_a_run_has_nothing_of_is_folded_into_one_line_with_the_reason(run: Reported) -> None:
    html = render_html(bare(run.record), (), (), ())
    folds = dict(re.findall(r'<p id="(\w+)"><b>[^<]*:</b> <bdi>(.*?)</bdi>.</p>', html))
    assert set(folds) == {"ratings", "tradeoff", "tuning", "forgetting", "drills"}
    assert folds["tuning"] == "no arm of this run was tuned"
    assert all(f'<section class="part" id="{name}"' not in html for name in folds)
    assert all(folds.values())
    assert all(why.strip() for why in re.findall(r'<p class="empty">(.*?)</p>', html, re.S)), "lines inside parts too"


def test_a_rag_only_run_has_no_part_about_tuning(run: Reported) -> None:
    rag = make.drawn(replace(make.BUSY.world, n=25, hostile=False), ("rag",))
    record = make.record(replace(make.figures(rag), candidate="rag"), rag)
    html = render_html(record, make.traces(rag), make.scores(rag), rag.cases)
    sections = re.findall(r'<section class="part" id="(\w+)"', html)
    assert sections[:3] == ["gates", "arms", "answers"]
    assert not {"tuning", "forgetting", "drills"} & set(sections)
    assert sections[-1] == "glossary"


def test_every_term_that_is_linked_stands_in_the_glossary(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    linked = set(re.findall(r'class="term" href="#([\w-]+)" title="[^"]{10,}"', html))
    assert {"term-candidate", "term-p95", "term-groundedness", "term-holm", "term-golden-set"} <= linked
    assert linked <= set(re.findall(r'<dt id="(term-[\w-]+)"', html))


def test_tokens_are_never_best(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    rows = re.findall(r'<tr><th scope="row"><span[^>]*>(?:Prompt|Answer) length.*?</tr>', html, re.S)
    assert len(rows) == 2
    assert not any("best" in row or "▲" in row or "▼" in row for row in rows)


def test_without_the_golden_set_questions_are_shown_by_their_ids(run: Reported) -> None:
    data = data_of(render_html(run.record, run.traces, run.scores, ()))
    assert {row["id"] for row in data["cases"]} == {t.case_id for t in run.traces if not t.probe}


def test_drills_freshness_and_break_even_are_drawn_where_a_run_has_them(run: Reported) -> None:
    html = run.html()
    assert "Distractors added" in html
    assert "still the old one" in html
    assert "hybrid is cheaper than rag" in html
    assert "No break-even" not in html


@pytest.mark.slow
def test_five_thousand_cases_stay_usable() -> None:
    html = reported(5000).html()
    assert len(html.encode()) < 40_000_000
