"""The gates as JUnit: what is not proven is never green."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from harness.report.text.junit import render_junit
from tests.make import SCRIPT
from tests.report.runs import Reported, gate, span


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


def test_junit_takes_hostile_text(run: Reported) -> None:
    gates = (gate("fail", reason=f"a\x00 {SCRIPT} \ud800 ]]> \uffff"),)
    ET.fromstring(render_junit(replace(run.record, verdict=replace(run.record.verdict, gates=gates))))
