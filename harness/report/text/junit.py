"""The gates as a JUnit file: one test case a gate, so that any CI server shows which one blocks.

A gate that is not proven is a failure of type `not proven`: an unproven release must not look green. What was not
measured fails in the same way; what does not apply is skipped.
"""

from __future__ import annotations

from xml.etree import ElementTree

from harness.characters import in_xml, printable
from harness.record.sections import Record
from harness.report.charts.forest import ShownGate, forest
from harness.verdict.status import STATUSES


def render_junit(record: Record) -> str:
    """An XML document with one suite for the verdict."""
    verdict = record.verdict
    rows = forest(verdict.gates).rows
    kinds = [STATUSES[row.status].junit for row in rows]
    root = ElementTree.Element("testsuites")
    suite = _element(
        root,
        "testsuite",
        name=f"harness.{record.scenario.id}.{verdict.candidate}",
        tests=str(len(rows)),
        failures=str(kinds.count("failure")),
        skipped=str(kinds.count("skipped")),
        errors="0",
        timestamp=record.created,
    )
    properties = _element(suite, "properties")
    facts = {"verdict": verdict.word, "ship": verdict.ship or "none", "run": record.run_id}
    for name, value in facts.items():
        _element(properties, "property", name=name, value=value)
    for row in rows:
        _case(suite, record.scenario.id, row)
    ElementTree.indent(root)
    xml: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _case(suite: ElementTree.Element, scenario: str, row: ShownGate) -> None:
    case = _element(suite, "testcase", classname=f"gates.{scenario}", name=row.name, time="0")
    words = f"{row.title} [{row.name}]: {row.value}, threshold {row.threshold}: {row.reason}"
    kind = STATUSES[row.status].junit
    if kind == "failure":
        more = f"\nTo settle it: {row.more}" if row.more else ""
        _element(case, "failure", row.hover + more, type=row.status, message=words)
    elif kind == "skipped":
        _element(case, "skipped", message=row.reason)
    else:
        _element(case, "system-out", row.hover)


def _element(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """A new element; whatever it holds is text that XML can carry."""
    element = ElementTree.SubElement(parent, tag, {name: _text(value) for name, value in attributes.items()})
    element.text = None if text is None else _text(text)
    return element


def _text(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped; `printable` leaves their pictures."""
    return printable(in_xml(text))
