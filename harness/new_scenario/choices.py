"""The choices that material allows: which arms can be built of it, which gates apply to them, what stays unmeasured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.new_scenario.material import OwnMaterial
from harness.scenario.settings import Scenario
from harness.stats.numbers import show_count
from harness.verdict.gates import GATES
from harness.verdict.reach import applies


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """An arm, and what it needs of the material."""

    name: str
    words: str  # what it is, for somebody who reads of it for the first time
    fits: Callable[[OwnMaterial], bool]
    without: str  # why it is left out


def _all_evidence(material: OwnMaterial) -> bool:
    """Whether every question with an answer names where that stands: a ceiling of some would be none."""
    return material.has_pages and 0 < material.answerable == material.with_evidence


ARM_CHOICES: tuple[ArmChoice, ...] = (
    ArmChoice("baseline", "the model alone", lambda material: True, ""),
    ArmChoice("rag", "the model with the passages that search finds", lambda m: m.has_pages, "there are no documents"),
    ArmChoice(
        "oracle", "the model with the right passages given: the ceiling of any search, never shipped", _all_evidence,
        "not every question names its evidence (columns doc and quote)",
    ),
    ArmChoice("tune", "the model tuned without documents", lambda m: False, "there are no training examples"),
    ArmChoice("hybrid", "the model tuned on passages", lambda m: False, "there are no training examples"),
)  # fmt: skip


def arms_for(material: OwnMaterial) -> tuple[ArmChoice, ...]:
    return tuple(choice for choice in ARM_CHOICES if choice.fits(material))


def candidate_for(material: OwnMaterial) -> str:
    """The arm that the gates judge: the last that could be shipped."""
    return [choice.name for choice in arms_for(material) if choice.name != "oracle"][-1]


def gates_for(material: OwnMaterial) -> Mapping[str, float]:
    """The gates that apply to these arms, at their defaults."""
    arms = tuple(choice.name for choice in arms_for(material))
    scenario = Scenario("new", Path(), "new", arms=arms, candidate=candidate_for(material))
    return {
        row.name: row.default for row in GATES if row.default is not None and not row.exact and applies(row, scenario)
    }


def unmeasured(material: OwnMaterial) -> list[str]:
    """What the material leaves unmeasured, a line each, and what would change that."""
    lines = []
    blank = material.answerable - material.with_evidence
    if material.has_pages and blank:
        share = "no question says" if not material.with_evidence else f"{blank} of {material.answerable} do not say"
        lines.append(f"recall of the search: {share} where its answer stands; columns 'doc' and 'quote' say it")
    if not any(case.kind == "unanswerable" for case in material.tested):
        lines.append("right refusals: no question is marked as unanswerable (a column 'kind')")
    lines.append("tuning, and what it makes a model forget: there are no training examples")
    if material.sentences:
        lines.append(f"part of task success: {material.sentences}")
    return lines


def size_line(material: OwnMaterial) -> str:
    """The material in numbers."""
    cases = len(material.imported.cases)
    dev = sum(case.split == "dev" for case in material.imported.cases)
    pages = len(material.corpus.documents) or len(material.corpus.passages) or len(material.imported.passages)
    noun = "document" if material.corpus.documents else "passage"
    beside = f", {dev} of them for choosing settings (dev)" if dev else ""
    return ", ".join([*[show_count(pages, noun)] * material.has_pages, show_count(cases, "question")]) + beside
