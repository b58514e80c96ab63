"""Runs that share a store: one does a stage, the other waits for it, does what else there is, and takes its result."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from harness.engine.execute import Done, bring_to_end, execute
from harness.engine.progress import silent
from harness.engine.store import Store
from harness.files import locks
from tests.engine.steps import Note, Noted, NoteTogether, log

FIRST = Note(key="1", word="first", arm="a")
SECOND = Note(key="2", word="second", arm="b")
BEHIND = Note(key="3", word="behind", arm="c", after=("note a",))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(locks, "PATIENCE", 0.0)
    monkeypatch.setattr(locks, "LAST_WORDS", 0.0)
    return Store(tmp_path)


def in_thread(store: Store, *stages: Note) -> tuple[threading.Thread, list[Done]]:
    done: list[Done] = []
    thread = threading.Thread(target=lambda: done.append(execute(stages, store, silent, 1)))
    thread.start()
    return thread, done


def until(store: Store, word: str) -> None:
    deadline = time.monotonic() + 20
    while word not in log(store):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_another_run_is_at_work_on_is_waited_for_and_taken(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    other = store.lock(FIRST)
    assert other.take()
    thread, done = in_thread(store, FIRST, SECOND, BEHIND)
    until(store, "second")  # what else there is to do is done meanwhile
    assert "first" not in log(store)
    store.finish(FIRST, 1.0, Noted(("theirs",), 7))
    other.release()
    thread.join(20)
    (run,) = done
    assert log(store) == ["second", "behind"]
    assert run.result(FIRST) == Noted(("theirs",), 7)
    assert [(timing.stage.label, timing.cached) for timing in run.timings] == [
        ("note a", True), ("note b", False), ("note c", False),
    ]  # fmt: skip
    assert "waiting for another run that does the step 'note a' (pid " in capsys.readouterr().err
    assert list((store.root / "locks").iterdir()) == []


def test_what_another_run_left_undone_is_done_here(store: Store) -> None:
    other = store.lock(FIRST)
    assert other.take()
    store.finish_share(FIRST, "note a, 1", 2, 1.0)
    thread, done = in_thread(store, FIRST, SECOND)
    until(store, "second")
    other.release()
    thread.join(20)
    assert log(store) == ["second", "first"]
    assert done[0].result(FIRST).words == ("first",)
    assert list(store.folder(FIRST).glob("share-*")) == [], "marks of a run that ended are not trusted"


def test_a_group_waits_for_all_of_its_stages_and_keeps_none_meanwhile(store: Store) -> None:
    one, two = (NoteTogether(key=word, word=word, arm=word) for word in ("one", "two"))
    other = store.lock(two)
    assert other.take()
    thread, done = in_thread(store, one, two)
    time.sleep(0.3)
    for _ in range(50):  # the other run can have the first stage whenever it is not being looked at
        third = store.lock(one)
        if third.take():
            break
        time.sleep(0.01)
    else:
        pytest.fail("a run keeps a stage that it does not work on")
    third.release()
    other.release()
    thread.join(20)
    assert log(store) == ["one", "two"]
    assert len(done[0].timings) == 2


def test_a_failure_gives_every_lock_back(store: Store) -> None:
    with pytest.raises(ValueError, match="this step fails"):
        execute((FIRST, Note(key="4", word="bad", arm="d")), store, silent, 1)
    assert list((store.root / "locks").iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "edited", "gone"])
def test_a_stage_whose_files_are_not_what_it_left_is_done_again_and_that_is_said(
    store: Store, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = store.folder(FIRST) / "batches.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text("whole\n")
    bring_to_end(FIRST, store, silent)
    if damage == "gone":
        file.unlink()
    else:
        file.write_text("who" if damage == "cut" else "whale\n")
    assert (store.done(FIRST) is None) == (damage != "edited"), "an edit of the same size is seen when it is used"
    run = execute((FIRST,), store, silent, 1)
    assert [timing.cached for timing in run.timings] == [False]
    assert log(store) == ["first", "first"]
    assert not file.exists(), "what is broken is not gone on with"
    err = capsys.readouterr().err
    assert err == f"harness: {file}: missing, cut or edited in the cache; the step 'note a' is done again\n"


def test_a_mark_that_cannot_be_read_is_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    bring_to_end(FIRST, store, silent)
    (store.folder(FIRST) / "done.json").write_text("{")
    bring_to_end(FIRST, store, silent)
    assert "done.json: cannot be read; the step 'note a' is done again" in capsys.readouterr().err
    assert log(store) == ["first", "first"]
