"""The gates as a JUnit file: one test case a gate, so that any CI server shows which one blocks.

A gate that is not proven is a failure of type `not proven`: an unproven release must not look green. What was not
measured fails in the same way; what does not apply is skipped.
"""

from __future__ import annotations

from xml.etree import ElementTree

from harness.record.sections import Record
from harness.report.charts.forest import ShownGate, forest
from harness.report.escape import clean
from harness.verdict.status import STATUSES


def render_junit(record: Record) -> str:
    """An XML document with one suite for the verdict."""
    verdict = record.verdict
    rows = forest(verdict.gates).rows
    kinds = [STATUSES[row.status].junit for row in rows]
    suite = ElementTree.Element(
        "testsuite",
        name=_text(f"harness.{record.scenario.id}.{verdict.candidate}"),
        tests=str(len(rows)),
        failures=str(kinds.count("failure")),
        skipped=str(kinds.count("skipped")),
        errors="0",
        timestamp=record.created,
    )
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"verdict": verdict.word, "ship": verdict.ship or "none", "run": record.run_id}
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=_text(value))
    for row in rows:
        _case(suite, record.scenario.id, row)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    xml: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _case(suite: ElementTree.Element, scenario: str, row: ShownGate) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_text(f"gates.{scenario}"), name=_text(row.name), time="0"
    )
    words = f"{row.title} [{row.name}]: {row.value}, threshold {row.threshold}: {row.reason}"
    kind = STATUSES[row.status].junit
    if kind == "failure":
        failure = ElementTree.SubElement(case, "failure", type=row.status, message=_text(words))
        failure.text = _text(row.hover + (f"\nTo settle it: {row.more}" if row.more else ""))
    elif kind == "skipped":
        ElementTree.SubElement(case, "skipped", message=_text(row.reason))
    else:
        ElementTree.SubElement(case, "system-out").text = _text(row.hover)


def _text(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped; `clean` leaves their pictures."""
    return clean(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
