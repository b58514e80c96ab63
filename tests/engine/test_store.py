"""The store: a stage is whole or it is not, and its result comes back as the value it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine.store import StagePlace, Store, code_key, code_of
from tests.engine.steps import Note, Noted

STAGE = Note(key="k", word="word", arm="a", shares=2)


def test_a_result_is_read_back_as_the_value_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.done(STAGE) is None
    with pytest.raises(KeyError, match="note a is not done"):
        store.result(STAGE)
    written = store.finish(STAGE, 1.5, Noted(("x", "y"), 7))
    assert store.done(STAGE) == written
    assert store.result(STAGE) == Noted(("x", "y"), 7)
    assert store.folder(STAGE) == store.folder(StagePlace("note", "k")) == tmp_path / "note" / "k"


@pytest.mark.parametrize(
    "text", ["", "{", '{"seconds": 1.0}', '{"seconds": 1, "finished": "x", "result": {"words": 1}}']
)
def test_what_was_cut_or_written_by_another_version_is_not_done(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.finish(STAGE, 1.5, Noted((), 7))
    (store.folder(STAGE) / "done.json").write_text(text, encoding="utf-8")
    assert store.done(STAGE) is None


def test_shares_count_only_when_all_of_one_number_of_workers_are_there(tmp_path: Path) -> None:
    store, labels = Store(tmp_path), [shard.label for shard in STAGE.shards(2)]
    for label in labels:
        assert store.shares(STAGE, labels, 2) is None
        store.finish_share(STAGE, label, 2, 1.0)
    assert store.shares(STAGE, labels, 2) == [1.0, 1.0, 1.0]
    assert store.shares(STAGE, labels, 3) is None


def test_a_part_of_the_code_that_there_is_not_is_an_error() -> None:
    assert code_key("stats", "prompts", "engine/store") == code_key("stats", "prompts", "engine/store")
    for name in ("prompt", "engine/stores", "stages/templates"):
        with pytest.raises(ValueError, match="is no folder or module of the package"):
            code_key("stats", name)


def test_somebody_elses_function_is_known_by_its_name_and_the_file_it_stands_in() -> None:
    mine, other = code_of(test_a_result_is_read_back_as_the_value_it_was), code_of(Note(key="k", word="w").size)
    assert mine[:2] == ["tests.engine.test_store", "test_a_result_is_read_back_as_the_value_it_was"]
    assert mine[2] != other[2]
