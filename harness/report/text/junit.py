"""The gates and the questions as a JUnit file: one test case each, so that any CI server shows which one blocks.

A gate that is not proven is a failure of type `not proven`: an unproven release must not look green. What was not
measured fails in the same way; what does not apply is skipped. A question without an answer is an error, one that could
not be scored is skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from harness.characters import in_xml, printable
from harness.errors import one_line
from harness.record.files import StoredRun
from harness.record.score_table import by_trace
from harness.record.sections import Record
from harness.report.charts.forest import ShownGate, forest
from harness.types import Score, Trace
from harness.verdict.status import STATUSES

SUCCESS = "task_success"
TAGS = ("failure", "error", "skipped")


@dataclass(frozen=True, slots=True)
class JUnitCase:
    """One test case."""

    name: str
    kind: str  # "", failure, error, skipped
    message: str = ""
    text: str = ""  # in full
    type: str = ""  # of a failure
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class JUnitSuite:
    """Test cases under one heading."""

    name: str
    classname: str
    cases: tuple[JUnitCase, ...]
    properties: Mapping[str, str] = field(default_factory=dict)


def render_junit(record: Record, run: StoredRun | None = None) -> str:
    """An XML document with a suite for the verdict and, given the run, one for the candidate's questions."""
    verdict, scenario = record.verdict, record.scenario.id
    facts = {"verdict": verdict.word, "ship": verdict.ship or "none", "run": record.run_id}
    gates = tuple(_of_gate(row) for row in forest(verdict.gates).rows)
    suites = [JUnitSuite(f"harness.{scenario}.{verdict.candidate}", f"gates.{scenario}", gates, facts)]
    if run is not None:
        questions = tuple(_questions(run, verdict.candidate))
        classname = f"questions.{scenario}.{verdict.candidate}"
        suites.append(JUnitSuite(f"harness.{classname}", classname, questions))
    root = ElementTree.Element("testsuites")
    for suite in suites:
        _write(root, suite, record.created)
    ElementTree.indent(root)
    xml: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _of_gate(row: ShownGate) -> JUnitCase:
    words = f"{row.title} [{row.name}]: {row.value}, threshold {row.threshold}: {row.reason}"
    kind = STATUSES[row.status].junit
    if kind == "failure":
        more = f"\nTo settle it: {row.more}" if row.more else ""
        return JUnitCase(row.name, kind, words, row.hover + more, row.status)
    if kind == "skipped":
        return JUnitCase(row.name, kind, row.reason)
    return JUnitCase(row.name, "", text=row.hover)


def _questions(run: StoredRun, arm: str) -> Iterable[JUnitCase]:
    """The test questions of an arm, in the order in which they were asked."""
    tested, scores = run.record.golden.cluster_of, by_trace(score for score in run.scores if score.arm == arm)
    for trace in run.traces:
        if trace.arm == arm and not trace.probe and trace.case_id in tested:
            yield _of_question(trace, scores.get((trace.case_id, arm), {}))


def _of_question(trace: Trace, scores: Mapping[str, Score]) -> JUnitCase:
    answer, success = trace.answer, scores.get(SUCCESS)
    if answer is None:
        return JUnitCase(trace.case_id, "error", str(trace.error), type="no answer")
    if success is None or success.value is None:
        reason = "no score" if success is None else str(success.reason)
        return JUnitCase(trace.case_id, "skipped", f"unscored: {reason}", seconds=answer.seconds)
    if success.value >= 1:
        return JUnitCase(trace.case_id, "", text=answer.text, seconds=answer.seconds)
    misses = [name for name, score in scores.items() if score.value == 0 and name != SUCCESS]
    why = f"; 0 in {', '.join(misses)}" if misses else ""
    return JUnitCase(trace.case_id, "failure", f"{one_line(answer.text)}{why}", answer.raw, SUCCESS, answer.seconds)


def _write(root: ElementTree.Element, suite: JUnitSuite, created: str) -> None:
    kinds = [case.kind for case in suite.cases]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    totals = {name: str(kinds.count(kind)) for name, kind in counts.items()}
    element = _element(
        root, "testsuite", name=suite.name, tests=str(len(kinds)), **totals, timestamp=created,
        time=f"{sum(case.seconds for case in suite.cases):.3f}",
    )  # fmt: skip
    if suite.properties:
        properties = _element(element, "properties")
        for name, value in suite.properties.items():
            _element(properties, "property", name=name, value=value)
    for case in suite.cases:
        _write_case(element, suite.classname, case)


def _write_case(suite: ElementTree.Element, classname: str, case: JUnitCase) -> None:
    element = _element(suite, "testcase", classname=classname, name=case.name, time=f"{case.seconds:.3f}")
    if case.kind in TAGS:
        kind = {"type": case.type} if case.type else {}
        _element(element, case.kind, case.text or None, message=case.message, **kind)
    elif case.text:
        _element(element, "system-out", case.text)


def _element(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """A new element; whatever it holds is text that XML can carry."""
    element = ElementTree.SubElement(parent, tag, {name: _text(value) for name, value in attributes.items()})
    element.text = None if text is None else _text(text)
    return element


def _text(text: str) -> str:
    """XML 1.0 has no place for control characters, not even escaped; `printable` leaves their pictures."""
    return printable(in_xml(text))
