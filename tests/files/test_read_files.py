"""What was hashed is what was read: a file edited while it is read, or while a run is at work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.engine.inputs import RunPart
from harness.errors import InputError
from harness.files import read_files
from harness.files.hashing import file_hash
from harness.files.read_files import hash_now, note, read_settled, refuse_changed
from harness.record.files import StoredRun
from harness.runs.start import make_ready, perform
from tests.make.small import write_small
from tests.retrieval.fakes import WordEmbedder, use


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_files, "PAUSE", 0.0)
    path = tmp_path / "f"
    path.write_text("0")
    seen: list[str] = []

    def load(file: Path) -> str:
        seen.append(file.read_text())
        if len(seen) < 3:
            path.write_text(seen[-1] + "1")
        return seen[-1]

    value, file = read_settled(path, load)
    assert (value, file.hash) == ("011", file_hash(path))
    assert len(seen) == 3


def test_a_file_that_never_stands_still_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_files, "PAUSE", 0.0)
    path = tmp_path / "f"
    path.write_text("0")
    with pytest.raises(InputError, match="f: is being written; run again when it is whole"):
        read_settled(path, lambda file: file.write_text(file.read_text() + "1"))


@pytest.mark.parametrize("edit", ["edited", "added", "removed", "renamed"])
def test_a_folder_changes_with_any_of_its_files(tmp_path: Path, edit: str) -> None:
    for name in ("a.md", "b/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    folder = note(tmp_path)
    assert not folder.changed
    (tmp_path / "a.md").touch()
    assert not folder.changed, "what was touched and not edited is the same"
    changes: dict[str, Callable[[], object]] = {
        "edited": lambda: (tmp_path / "b" / "c.md").write_text("test"),
        "added": lambda: (tmp_path / "d.md").write_text("text"),
        "removed": lambda: (tmp_path / "a.md").unlink(),
        "renamed": lambda: (tmp_path / "a.md").rename(tmp_path / "z.md"),
    }
    changes[edit]()
    with pytest.raises(InputError, match="changed while the run was at work"):
        refuse_changed([folder])
    names = {"edited": "c.md", "added": "d.md", "removed": tmp_path.name, "renamed": "z.md"}
    assert edit == "removed" or folder.changed_file.name == names[edit]


def test_what_is_gone_has_no_hash_of_anything(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    file = note(tmp_path / "f")
    (tmp_path / "f").unlink()
    assert file.changed
    assert hash_now(tmp_path / "f") != file.hash


# --- edited while a run is at work --------------------------------------------------------------------------------

LATER = ("begin", "generate baseline", "generate rag", "latency")
MOMENTS = ("retrieve", *(pytest.param(moment, marks=pytest.mark.slow) for moment in LATER))
EDITS: dict[str, tuple[str, str, str]] = {  # what -> its file, words in it, what stands there then
    "corpus": ("corpus/amber.md", "The Amber plan costs", "New since May. The Amber plan costs"),
    "golden set": ("golden.jsonl", "What does Amber cost?", "How much is Amber?"),
    "scenario": ("scenario.yaml", "max_new_tokens: 8", "max_new_tokens: 5"),
}
PART = RunPart(arms=("baseline", "rag"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_small(tmp_path_factory.mktemp("edited") / "scenarios" / "plans")
    text = (folder / "scenario.yaml").read_text()
    (folder / "scenario.yaml").write_text(text + "latency: {questions: 2, repeats: 1}\n")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use(monkeypatch, WordEmbedder())
    monkeypatch.setattr("harness.retrieval.embed.load_embedder", lambda name: WordEmbedder())
    return tmp_path


def run(
    small: Path, monkeypatch: pytest.MonkeyPatch, cache: Path, at: str = "", edit: Callable[[], object] = list
) -> StoredRun:
    """One run in a cache; `edit` is called once, when the progress first names a moment."""
    from harness.stages import index

    index._open.cache_clear()
    monkeypatch.setenv("HARNESS_CACHE", str(cache))
    monkeypatch.setenv("HARNESS_REPORTS", str(cache / "reports"))
    ready = make_ready(str(small), PART)
    left = [edit]

    def progress(label: str, done: int, total: int) -> None:
        if at and label.startswith(at) and left:
            left.pop()()

    progress("begin", 0, 1)
    return perform(ready, progress, workers=1)


def shape(run: StoredRun) -> object:
    """All of a run that does not depend on the clock."""
    answers = [
        (t.arm, t.case_id, t.answer.text, [hit.passage.text for hit in t.answer.hits])
        for t in run.traces
        if t.answer is not None
    ]
    recall = run.record.retrieval.k if run.record.retrieval is not None else None
    return sorted(answers), recall, run.record.hashes, run.record.golden.hash, run.record.scenario.hash


ALONE: dict[tuple[str, ...], object] = {}


def alone(small: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> object:
    """A run of the files as they stand, in a cache that no other run has touched."""
    key = tuple(file_hash(small / name) for name, _, _ in EDITS.values())
    if key not in ALONE:
        ALONE[key] = shape(run(small, monkeypatch, home / "alone" / file_hash(small)))
    return ALONE[key]


def attempted(*arguments: Any) -> tuple[StoredRun | None, str]:
    """A run, or why there is none."""
    try:
        return run(*arguments), ""
    except InputError as error:
        return None, str(error)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("what", [pytest.param(w, marks=() if w == "golden set" else pytest.mark.slow) for w in EDITS])
def test_what_is_edited_during_a_run_is_never_taken_for_what_was_there(
    small: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str, moment: str
) -> None:
    name, old, new = EDITS[what]
    file = small / name
    before = file.read_bytes()
    original = alone(small, monkeypatch, home)
    capsys.readouterr()

    def edit() -> None:
        file.write_bytes(before.replace(old.encode(), new.encode()))

    try:
        result, problem = attempted(small, monkeypatch, home / "cache", moment, edit)
        if result is not None:
            assert shape(result) == original
            problem = capsys.readouterr().err
        assert f"{file}: changed " in problem
        assert what == "corpus" or result is not None, "what is in memory is used to the end"
        edited = shape(run(small, monkeypatch, home / "cache"))
        assert edited == alone(small, monkeypatch, home)
        assert edited != original
    finally:
        file.write_bytes(before)
    assert shape(run(small, monkeypatch, home / "cache")) == original
