"""The hand-written pages."""

from __future__ import annotations

import json

from recipes.pocket import values


def test_handwritten_questions_are_answerable_and_enough():
    lines = [json.loads(x) for x in (values.HERE / "handwritten.jsonl").read_text().splitlines()]
    assert len(lines) >= 150
    assert len({row["id"] for row in lines}) == len(lines)
    for row in lines:
        text = " ".join(p["title"] + " " + p["text"] for p in row["passages"]).lower()
        assert any(a.lower() in text for a in row["accept"]), row["id"]
