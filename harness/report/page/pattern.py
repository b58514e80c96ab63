"""The architecture of the arm to ship as a diagram, and the four patterns of the hybrid chapter (7.2) beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from harness.record.sections import ArmSection, Record

BOX, GAP, HEIGHT = 132, 34, 58

DiagramStep = tuple[str, str, bool]  # title, detail, whether it carries tuned weights


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its words, what stands below them, whether it carries tuned weights, and where it is drawn."""

    title: str
    detail: str
    tuned: bool
    x: int


@dataclass(frozen=True, slots=True)
class Diagram:
    name: str
    stages: tuple[Box, ...]
    width: int
    height: int
    says: str
    fits: bool


def model_names(record: Record) -> dict[str, str]:
    """Role -> model, those that are none left out; of a directory only its own name, never where it lies."""
    models = record.models
    roles = {"generator": models.generator, "embedder": models.embedder, "reranker": models.reranker}
    return {role: _own_name(name) for role, name in roles.items() if name and name != "none"}


def _own_name(model: str) -> str:
    return PurePath(model).name if PurePath(model).is_absolute() else model


def shipped(record: Record) -> Diagram | None:
    """The path of a question through the arm to ship, or None where none is to be shipped."""
    arm = _arm_to_ship(record)
    if arm is None:
        return None
    models = model_names(record)
    steps: list[DiagramStep] = [("Question", "as asked", False)]
    if arm.retriever:
        steps += [("Retrieve", f"BM25 + {models.get('embedder') or 'vectors'}", False), *_reranking(record, models)]
        steps.append(("Context", "at most 6 passages", False))
    if arm.few_shot:
        steps.append(("Examples", "fixed, in the prompt", False))
    detail = "+ adapter" if arm.adapter else "base weights"
    steps.append(("Generate", f"{models.get('generator') or 'model'} {detail}", arm.adapter is not None))
    steps.append(("Validate", "repair once", False))
    steps.append(("Answer", "with citations" if arm.retriever else "from weights alone", False))
    return _diagram(arm.name, steps, "The path of one question through the arm to ship. Tuned parts are filled.", True)


def _arm_to_ship(record: Record) -> ArmSection | None:
    return record.arm(record.verdict.ship) if record.verdict.ship else None


def _reranking(record: Record, models: Mapping[str, str]) -> list[DiagramStep]:
    reranker = record.retrieval.reranker if record.retrieval else None
    if reranker and reranker.kept:
        return [("Re-rank", "tuned on its questions", True)]
    return [("Re-rank", models["reranker"], False)] if "reranker" in models else []


PATTERNS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "1 RAG with a tuned generator",
        ("Retrieve", "Re-rank", "Generate"),
        ("Generate",),
        "facts from documents, behaviour from tuning",
    ),
    (
        "2 Tuned re-ranker, base generator",
        ("Retrieve", "Re-rank", "Generate"),
        ("Re-rank",),
        "when ordering is the weak part",
    ),
    ("3 Both tuned", ("Retrieve", "Re-rank", "Generate"), ("Re-rank", "Generate"), "rarely: the costs add up"),
    (
        "4 Distilled small model",
        ("Retrieve", "Re-rank", "Small model"),
        ("Small model",),
        "when serving cost is the problem",
    ),
)


def patterns(record: Record) -> tuple[Diagram, ...]:
    """The four patterns; the one that the shipped arm is, marked."""
    arm = _arm_to_ship(record)
    fitting = 0 if arm and arm.retriever and arm.adapter else -1
    return tuple(
        _diagram(name, [(s, "tuned" if s in trained else "base", s in trained) for s in stages], says, i == fitting)
        for i, (name, stages, trained, says) in enumerate(PATTERNS)
    )


def _diagram(name: str, steps: Sequence[DiagramStep], says: str, fits: bool) -> Diagram:
    placed = tuple(Box(title, detail, trained, i * (BOX + GAP)) for i, (title, detail, trained) in enumerate(steps))
    return Diagram(name, placed, len(steps) * (BOX + GAP) - GAP, HEIGHT, says, fits)
