"""The architecture of the arm to ship as a diagram, and the four patterns of the hybrid chapter (7.2) beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

BOX, GAP, HEIGHT = 132, 34, 58


@dataclass(frozen=True, slots=True)
class Stage:
    """One box: its words, what stands below them, whether it carries tuned weights, and where it is drawn."""

    title: str
    detail: str
    tuned: bool
    x: int


@dataclass(frozen=True, slots=True)
class Diagram:
    name: str
    stages: tuple[Stage, ...]
    width: int
    height: int
    says: str
    fits: bool


def model_names(record: Mapping[str, Any]) -> dict[str, str]:
    """Role -> model, those that are none left out; of a directory only its own name, never where it lies."""
    roles = ("generator", "embedder", "reranker")
    found = {role: (record.get("models") or {}).get(role) for role in roles}
    return {
        role: PurePath(name).name if PurePath(name).is_absolute() else name
        for role, name in found.items()
        if name and name != "none"
    }


def shipped(record: Mapping[str, Any]) -> Diagram | None:
    """The path of a question through the arm to ship, or None where none is to be shipped."""
    name = record["verdict"].get("ship")
    arm = next((a for a in record["arms"] if a["name"] == name), None)
    if arm is None:
        return None
    models = model_names(record)
    steps: list[tuple[str, str, bool]] = [("Question", "as asked", False)]
    if arm.get("retriever"):
        steps.append(("Retrieve", f"BM25 + {models.get('embedder') or 'vectors'}", False))
        if ((record.get("retrieval") or {}).get("reranker") or {}).get("kept"):
            steps.append(("Re-rank", "tuned on its questions", True))
        elif "reranker" in models:
            steps.append(("Re-rank", models["reranker"], False))
        steps.append(("Context", "at most 6 passages", False))
    if arm.get("few_shot"):
        steps.append(("Examples", "fixed, in the prompt", False))
    adapter = (record.get("tuning") or {}).get(name, {}).get("adapter")
    detail = f"+ {str(adapter)[:14]}" if adapter else "base weights"
    steps.append(("Generate", f"{models.get('generator') or 'model'} {detail}", bool(arm.get("adapter"))))
    steps.append(("Validate", "repair once", False))
    steps.append(("Answer", "with citations" if arm.get("retriever") else "from weights alone", False))
    return _diagram(str(name), steps, "The path of one question through the arm to ship. Tuned parts are filled.", True)


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


def patterns(record: Mapping[str, Any]) -> list[Diagram]:
    """The four patterns; the one that the shipped arm is, marked."""
    arm = next((a for a in record["arms"] if a["name"] == record["verdict"].get("ship")), None)
    fitting = 0 if arm and arm.get("retriever") and arm.get("adapter") else -1
    return [
        _diagram(name, [(s, "tuned" if s in tuned else "base", s in tuned) for s in stages], says, i == fitting)
        for i, (name, stages, tuned, says) in enumerate(PATTERNS)
    ]


def _diagram(name: str, steps: list[tuple[str, str, bool]], says: str, fits: bool) -> Diagram:
    placed = tuple(Stage(t, d, tuned, i * (BOX + GAP)) for i, (t, d, tuned) in enumerate(steps))
    return Diagram(name, placed, len(steps) * (BOX + GAP) - GAP, HEIGHT, says, fits)
