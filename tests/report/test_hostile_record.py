"""A record in which every text is hostile: the page runs and requests nothing, JUnit is XML, Markdown is text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import lxml.etree
import pytest
from markdown_it import MarkdownIt

from harness.record.codec import to_json
from harness.report.text.junit import render_junit
from harness.report.text.markdown import render_markdown
from tests.make.hostile import KEPT, PAYLOAD, hostile
from tests.report.page.browsing import Opened
from tests.report.runs import Reported, reported


@pytest.fixture(scope="module")
def spoilt() -> Reported:
    whole: Reported = hostile(reported(12))
    return whole


@pytest.fixture(scope="module")
def file(spoilt: Reported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text(spoilt.html(), encoding="utf-8")
    return path


def test_every_text_of_it_is_hostile(spoilt: Reported) -> None:
    record = spoilt.record
    texts = (record.run_id, record.created, record.scenario.title, record.arms[0].name, record.verdict.sentence)
    assert all(text.endswith(PAYLOAD) for text in texts)
    assert all(trace.case_id.endswith(PAYLOAD) and trace.arm.endswith(PAYLOAD) for trace in spoilt.traces)
    assert {score.metric for score in spoilt.scores} <= KEPT


@pytest.mark.browser
def test_no_script_of_it_runs_and_nothing_is_requested(browser: Any, file: Path) -> None:
    shown = Opened(browser, file)
    shown.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    shown.page.wait_for_timeout(1000)
    assert shown.page.locator("#list details.q").count() == 12, "the page is drawn, by its own script"
    for field in ("#f-text",):
        shown.page.fill(field, "<img src=x onerror=window.hacked=1>")
        shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("window.hacked") is None
    assert shown.asked == [file.as_uri()]
    assert shown.said == []
    foreign = "iframe, object, embed, link[href], img, svg[onload], a[href^=javascript], [onerror], base, form[action]"
    assert shown.page.locator(foreign).count() == 0
    assert shown.page.locator("script").count() == file.read_text(encoding="utf-8").count("<script")
    assert "<script>window.hacked=1</script>" in shown.page.inner_text("body"), "it is shown as what it is"
    shown.context.close()


def test_a_canary_that_did_run_would_be_seen(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "bare.html").write_text(f"<!doctype html><p>{PAYLOAD}", encoding="utf-8", errors="replace")
    bare = Opened(browser, tmp_path / "bare.html")
    bare.page.wait_for_timeout(300)
    assert bare.page.evaluate("window.hacked") == 1
    assert len(bare.asked) > 1
    bare.context.close()


def test_junit_of_it_is_xml_with_its_gates(spoilt: Reported) -> None:
    xml = render_junit(spoilt.record)
    root = ET.fromstring(xml)
    assert lxml.etree.fromstring(xml.encode()).tag == root.tag == "testsuites"
    assert len(root.findall(".//testcase")) == len(spoilt.record.verdict.gates)
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "skipped", "system-out", "properties", "property",
    }  # fmt: skip
    assert "\x1b" not in xml


def test_markdown_of_it_is_text_and_tables(spoilt: Reported) -> None:
    text = render_markdown(spoilt.record)
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    tokens = [token for block in blocks for token in (block, *(block.children or []))]
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "image", "link_open"}, kinds
    assert len([token for token in tokens if token.type == "heading_open"]) == text.count("\n#") + text.startswith("#")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800-\udfff]", text)
    assert not any("@octocat" in token.content for token in tokens if token.type == "text"), "nobody is called"


def test_the_record_of_it_can_be_written(spoilt: Reported) -> None:
    assert to_json(spoilt.record).isprintable() or to_json(spoilt.record)
