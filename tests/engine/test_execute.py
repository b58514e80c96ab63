"""The engine knows no step by name: order, groups, shares, what is alone, what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.engine.execute import bring_to_end, execute, make_jobs
from harness.engine.planned import Planned
from harness.engine.progress import silent
from harness.engine.store import Store
from tests.engine.steps import Note, NoteAlone, NoteOfContent, NoteTogether, log

FIRST = Note(key="1", word="first", arm="a")
SECOND = Note(key="2", word="second", arm="b", after=("note a",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_step_is_done_after_what_it_needs_and_never_twice(store: Store, workers: int) -> None:
    done = execute(Planned((SECOND, FIRST)), store, silent, workers)
    assert log(store) == ["first", "second"]
    assert done.result(SECOND).words == ("second",)
    assert [timing.cached for timing in done.timings] == [False, False]
    again = execute((SECOND, FIRST), store, silent, workers)
    assert log(store) == ["first", "second"]
    assert [timing.cached for timing in again.timings] == [True, True]
    assert again.seconds(FIRST) == done.seconds(FIRST)


def test_what_is_done_when_a_step_fails_is_kept(store: Store) -> None:
    bad = Note(key="3", word="bad", arm="c", after=("note a",))
    with pytest.raises(ValueError, match="this step fails"):
        execute((FIRST, bad), store, silent, 1)
    assert store.done(FIRST) is not None
    assert store.done(bad) is None


def test_a_group_is_one_job_and_waits_for_what_its_members_need(store: Store) -> None:
    left = NoteTogether(key="4", word="left", arm="l", after=("note a",))
    right = NoteTogether(key="5", word="right", arm="r", after=("together l",))
    behind = Note(key="6", word="behind", arm="z", after=("together l",))
    jobs = {job.label: job for job in make_jobs((FIRST, left, right, behind), store, 2)}
    assert jobs["notes"].after == ("note a",)
    assert jobs["notes"].weight == 2.0
    assert jobs["note z"].after == ("notes",)
    done = execute((FIRST, left, right, behind), store, silent, 2)
    assert log(store) == ["first", "left", "right", "behind"]
    assert done.result(left).process == done.result(right).process


def test_what_is_alone_waits_for_everything_else_wherever_it_stands(store: Store) -> None:
    alone = NoteAlone(key="7", word="alone")
    jobs = {job.label: job for job in make_jobs((alone, FIRST, SECOND), store, 2)}
    assert set(jobs["alone"].after) == {"note a", "note b"}
    execute((alone, FIRST, SECOND), store, silent, 2)
    assert log(store)[-1] == "alone"


def test_shares_are_done_beside_each_other_and_joined_before_anything_that_needs_them(store: Store) -> None:
    shared = Note(key="8", word="part", arm="s", shares=2, costs=4.0)
    behind = Note(key="9", word="behind", arm="z", after=("note s",))
    jobs = {job.label: job for job in make_jobs((shared, behind), store, 2)}
    assert set(jobs) == {"note s, 0", "note s, 1", "note s, 99", "note z"}
    assert set(jobs["note s, 99"].after) == {"note s, 0", "note s, 1"}
    assert set(jobs["note z"].after) == {"note s, 0", "note s, 1", "note s, 99"}
    assert jobs["note s, 0"].weight == 2.0
    done = execute((shared, behind), store, silent, 2)
    assert sorted(done.result(shared).words) == ["part0", "part1", "part99"]
    assert done.seconds(shared) > 0
    assert log(store)[-1] == "behind"


def test_shares_of_a_run_that_was_killed_are_looked_at_again(store: Store) -> None:
    shared = Note(key="8", word="part", arm="s", shares=2)
    for shard in shared.shards(2):
        store.finish_share(shared, shard.label, 2, 99.0)
    done = execute((shared,), store, silent, 2)
    assert sorted(done.result(shared).words) == ["part0", "part1", "part99"]
    assert done.seconds(shared) < 99.0


def test_one_worker_shares_nothing(store: Store) -> None:
    shared = Note(key="8", word="part", arm="s", shares=2)
    assert [job.label for job in make_jobs((shared,), store, 1)] == ["note s"]


def test_a_step_done_here_and_now_is_taken_from_the_store_the_next_time(store: Store) -> None:
    first = bring_to_end(FIRST, store, silent)
    assert bring_to_end(FIRST, store, silent) == first
    assert log(store) == ["first"]


def test_what_comes_out_as_before_is_taken_over_under_another_key(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    first = NoteOfContent(key="8", word="same", arm="a", says="content")
    twin, other = replace(first, key="9"), replace(first, key="10", says="another")
    done = execute((first,), store, silent, 1)
    again = execute((twin,), store, silent, 1)
    assert log(store) == ["same"]
    assert [timing.cached for timing in again.timings] == [True]
    assert (again.result(twin), again.seconds(twin)) == (done.result(first), done.seconds(first))
    assert (store.folder(twin) / "note").read_text() == "same"
    assert "note-of-content a: what it is made of came out as before; taken over" in capsys.readouterr().err
    assert store.sound(twin)
    execute((other,), store, silent, 1)
    assert log(store) == ["same", "same"]


def test_what_was_edited_or_is_not_whole_is_not_taken_over(store: Store) -> None:
    first = NoteOfContent(key="8", word="same", arm="a", says="content")
    execute((first,), store, silent, 1)
    (store.folder(first) / "note").write_text("edited")
    execute((replace(first, key="9"),), store, silent, 1)
    assert log(store) == ["same", "same"]
    execute((replace(first, key="10"),), store, silent, 1)
    assert log(store) == ["same", "same"], "the one that was made anew is whole"
