"""The forecast of a run: every step says its own size and seconds; what is done says what it took."""

from __future__ import annotations

from pathlib import Path

from harness.engine.estimate import forecast
from harness.engine.store import Store
from tests.engine.steps import Note, NoteAlone, Noted, NoteTogether, log


def test_workers_share_what_may_be_done_beside_other_work(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stages = (
        Note(key="1", word="a", arm="a", costs=10.0),
        Note(key="2", word="b", arm="b", costs=30.0),
        NoteTogether(key="3", word="c", costs=5.0),
        NoteAlone(key="4", word="d", costs=7.0),
    )
    store.finish(stages[0], 99.0, Noted((), 1))
    expected = forecast(stages, store, 2, "so much")
    assert [(row.label, row.size, row.cached, row.seconds) for row in expected.stages] == [
        ("note a", "a word", True, 99.0),
        ("note b", "a word", False, 30.0),
        ("together", "a word", False, 5.0),
        ("alone", "a word", False, 7.0),
    ]
    assert (expected.seconds, expected.workers, expected.power) == (5.0 + 7.0 + 30.0 / 2, 2, "so much")
    assert log(store) == []
