"""The gates as JUnit: what is not proven is never green."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import lxml.etree
from hypothesis import HealthCheck, given, settings

from harness.report.text.junit import render_junit
from tests.make import SCRIPT
from tests.report.runs import Reported, gate, span
from tests.test_characters import anything


def test_junit_fails_on_what_is_not_proven_and_skips_what_does_not_apply(run: Reported) -> None:
    gates = (
        gate("not proven", span(6, 1, 11, "points"), 5.0, name="task_success_gain"),
        gate("fail", span(0.09, 0.06, 0.14), 0.05, direction="<=", name="hallucination"),
        gate("not measured", name="safety"),
        gate("not applicable", name="cost_ratio"),
        gate("pass", span(0.997, 0.991, 0.999), 0.99, name="schema"),
    )
    xml = render_junit(replace(run.record, verdict=replace(run.record.verdict, gates=gates)))
    suite = ET.fromstring(xml).find("testsuite")
    assert suite is not None
    kinds = {case.get("name"): [child.tag for child in case] for case in suite.findall("testcase")}
    types = {c.get("name"): f.get("type") for c in suite.findall("testcase") if (f := c.find("failure")) is not None}
    assert types["task_success_gain"] == "not proven"
    assert types["hallucination"] == "fail"
    assert types["safety"] == "not measured"
    assert kinds["cost_ratio"] == ["skipped"]
    assert kinds["schema"] == ["system-out"]
    assert suite.get("failures") == str(len(types))
    assert suite.get("skipped") == "1"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=anything)
def test_junit_is_well_formed_whatever_a_record_holds(run: Reported, text: str) -> None:
    hostile = f"{text} a\x00 {SCRIPT} \ud800 ]]> \uffff \u2028\x85\x0b <!-- &amp; "
    gates = [gate(status, reason=hostile, name=hostile, title=hostile) for status in ("fail", "pass", "not applicable")]
    record = replace(
        run.record,
        run_id=hostile,
        created=hostile,
        scenario=replace(run.record.scenario, id=hostile),
        verdict=replace(run.record.verdict, gates=tuple(gates), candidate=hostile, ship=hostile),
    )
    xml = render_junit(record)
    root = ET.fromstring(xml)
    assert lxml.etree.fromstring(xml.encode()).tag == root.tag == "testsuites"
    assert len(root.findall(".//testcase")) == 3


def test_what_xml_cannot_carry_stays_visible(run: Reported) -> None:
    gates = (gate("fail", reason="a\x00b\x1bc\u202ed\ud800e\ufffff"),)
    xml = render_junit(replace(run.record, verdict=replace(run.record.verdict, gates=gates)))
    assert "a␀b␛c[U+202E]d\ufffde\ufffdf" in xml
