"""Stages looked up by their type."""

from __future__ import annotations

import pytest

from harness.engine.planned import Planned
from tests.engine.steps import Note, NoteAlone, NoteTogether

A, B = Note(key="1", word="a", arm="a"), NoteTogether(key="2", word="b", arm="b")


def test_stages_are_found_by_type_arm_and_label() -> None:
    planned = Planned()
    for stage in (A, B):
        planned += [stage]
    assert list(planned) == [A, B]
    assert planned.all(NoteTogether) == (B,)
    assert planned.one(Note) == A
    assert planned.one(NoteAlone) is None
    assert planned.of_arm(Note, "b") == B
    assert planned.of_arm(Note, "c") is None
    assert planned.labelled("together b") == B
    with pytest.raises(KeyError):
        planned.labelled("together a")
    assert list(planned.only(NoteTogether)) == [B]
