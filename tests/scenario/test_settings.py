"""No setting promises what nothing does: every field of the settings is read by something outside the loader."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import fields
from functools import cache

import pytest

from harness.files.paths import PACKAGE
from harness.scenario import settings

# what a value of each class is called where it is read: `scenario.tuning.rank`, `settings.rank`
CALLED: Mapping[type, tuple[str, ...]] = {
    settings.Scenario: ("scenario", "s", "loaded"),
    settings.Models: ("models",),
    settings.RetrievalSettings: ("settings", "retrieval"),
    settings.JudgeSettings: ("judge", "settings"),
    settings.AnswerFormat: ("answer", "format"),
    settings.Tuning: ("tuning", "settings"),
    settings.Prices: ("prices",),
    settings.ForgettingSettings: ("forgetting", "settings"),
    settings.SafetySettings: ("safety", "settings"),
    settings.LatencySettings: ("latency",),
    settings.DrillSettings: ("drills",),
}


@cache
def _reads() -> frozenset[tuple[str, str]]:
    """(name before the dot, name after it) of every attribute that the package reads outside scenario/."""
    files = [file for file in PACKAGE.rglob("*.py") if "scenario" not in file.relative_to(PACKAGE).parts]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    return frozenset(
        (node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
        if isinstance(node.value, ast.Attribute | ast.Name)
    )


@pytest.mark.parametrize("kind", CALLED, ids=lambda kind: kind.__name__)
def test_every_field_is_read_by_something_outside_the_loader(kind: type) -> None:
    unread = [f.name for f in fields(kind) if not any((name, f.name) in _reads() for name in CALLED[kind])]
    assert unread == [], f"{kind.__name__}: nothing reads {', '.join(unread)}; wire it or take it out"


def test_every_class_of_settings_is_looked_at() -> None:
    classes = {
        value for value in vars(settings).values() if isinstance(value, type) and value.__module__ == settings.__name__
    }
    assert classes == set(CALLED)
