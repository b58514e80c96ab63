"""The step summary of a CI job."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.record.sections import MetricSection
from harness.report.text.markdown import cell, code, render_markdown
from tests.make import RIGHT_TO_LEFT, SCRIPT
from tests.report.runs import Reported, gate, span


def test_markdown_has_verdict_gates_arms_and_no_foreign_markup(run: Reported) -> None:
    record = run.record
    open_gate = gate("not proven", span(6, 1, 11, "points"), 5.0, title="Task success beats RAG-only")
    text = render_markdown(
        replace(
            record,
            scenario=replace(record.scenario, title=f"A | B {SCRIPT}\n# C"),
            verdict=replace(record.verdict, word="NO-GO", gates=(*record.verdict.gates, open_gate)),
        )
    )
    assert text.startswith("# ⛔ NO-GO: A \\| B")
    assert "<script>" not in text
    assert "🔶 not proven | Task success beats RAG-only" in text
    assert sum(line.startswith("| ") for line in text.splitlines()) > 20
    assert cell(RIGHT_TO_LEFT)


def test_a_metric_that_a_user_adds_is_in_the_summary(run: Reported) -> None:
    own = MetricSection("judge_tone", "Tone", "House rules", "fraction", "higher", needs_passages=False, compared=False)
    metrics = {arm: {**row, own.name: span(0.5, 0.4, 0.6)} for arm, row in run.record.metrics.items()}
    text = render_markdown(replace(run.record, metric_rows=(*run.record.metric_rows, own), metrics=metrics))
    assert "| Tone | 50.0 %" in text


HOSTILE = (
    "a | b\n# c `code` ``` [x](javascript:1) ![i](http://e.com/p.png) <img src=x> @octocat https://e.com www.e.com "
    "&lt;b&gt; ~~gone~~ \u2028 - x \x1b[2J \u202e"
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("@octocat", "@\u2060octocat"),
        ("mail@example.com", "mail@\u2060example.com"),
        ("https://e.com", "https://\u2060e.com"),
        ("<b>&lt;", "&lt;b&gt;&amp;lt;"),
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("97.4 %", "97.4 %"),
        ("-3 points", "-3 points"),
        ("\u202eb", "\\[U+202E\\]b"),
        ("a\u2028b\x85\nc", "a b␤ c"),
    ],
)
def test_a_cell_holds_no_markup_and_calls_nobody(text: str, shown: str) -> None:
    assert cell(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x", "`x`"), ("a`b", "``a`b``"), ("`a``b`", "``` `a``b` ```"), ("a|b", "`a\\|b`"), ("a\nb", "`a b`"), ("", "")],
)
def test_nothing_ends_a_code_span_from_inside(text: str, shown: str) -> None:
    assert code(text, table=True) == shown


def _bars(text: str) -> list[int]:
    """How many bars divide each row of the tables."""
    rows = [line for line in text.split("\n") if line.startswith("|")]
    return [len(re.findall(r"(?<!\\)\|", row)) for row in rows]


def test_the_summary_of_a_hostile_record_has_as_many_rows_as_that_of_another(run: Reported) -> None:
    record, verdict = run.record, run.record.verdict
    gates = tuple(replace(row, title=HOSTILE, name=HOSTILE, reason=HOSTILE) for row in verdict.gates)
    hostile = render_markdown(
        replace(
            record,
            run_id=HOSTILE,
            created=HOSTILE,
            command=HOSTILE,
            scenario=replace(record.scenario, title=HOSTILE),
            waterfalls=tuple(replace(row, arm=HOSTILE) for row in record.waterfalls),
            metric_rows=tuple(replace(row, title=HOSTILE) for row in record.metric_rows),
            verdict=replace(verdict, gates=gates, sentence=HOSTILE, notes=(HOSTILE,), agreement_reason=HOSTILE),
        )
    )
    plain = render_markdown(replace(record, verdict=replace(verdict, notes=("one",))))
    assert _bars(hostile) == _bars(plain)
    assert [line[:2] for line in hostile.split("\n") if line.startswith("#")] == ["# ", "##", "##", "##"]
    assert "\x1b" not in hostile
    kinds = {token.type for block in parsed(hostile) for token in (block, *(block.children or ()))}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "s_open", "fence"}
    texts = [t.content for block in parsed(hostile) for t in block.children or () if t.type == "text"]
    assert not [text for text in texts if "@octocat" in text or "https://e" in text or "www.e" in text]


def parsed(text: str) -> list[Token]:
    """As a CI server reads it."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
