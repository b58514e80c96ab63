"""The gates as a JUnit file: one test case a gate, so that any CI server shows which one blocks.

A gate that is not proven is a failure of type `not proven`: an unproven release must not look green. What was not
measured fails in the same way; what does not apply is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from harness.report.charts.forest import GateRow, forest
from harness.report.page.escape import clean

FAILING = ("fail", "not proven", "not measured")


def render_junit(record: Mapping[str, Any]) -> str:
    """An XML document with one suite for the verdict."""
    verdict = record["verdict"]
    rows = forest(verdict["gates"]).rows
    failures = sum(row.status in FAILING for row in rows)
    skipped = sum(row.status == "not applicable" for row in rows)
    suite = ElementTree.Element(
        "testsuite",
        name=_text(f"harness.{record['scenario']['id']}.{verdict['candidate']}"),
        tests=str(len(rows)),
        failures=str(failures),
        skipped=str(skipped),
        errors="0",
        timestamp=str(record.get("created") or ""),
    )
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"verdict": verdict["word"], "ship": verdict.get("ship") or "none", "run": record["run_id"]}
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=_text(str(value)))
    for row in rows:
        _case(suite, record["scenario"]["id"], row)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, scenario: str, row: GateRow) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_text(f"gates.{scenario}"), name=_text(row.name), time="0"
    )
    words = f"{row.title}: {row.value}, threshold {row.threshold}: {row.reason}"
    if row.status in FAILING:
        found = ElementTree.SubElement(case, "failure", type=row.status, message=_text(words))
        found.text = _text(row.hover + (f"\nTo settle it: {row.more}" if row.more else ""))
    elif row.status == "not applicable":
        ElementTree.SubElement(case, "skipped", message=_text(row.reason))
    else:
        ElementTree.SubElement(case, "system-out").text = _text(row.hover)


def _text(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped; `clean` leaves their pictures."""
    return clean(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
