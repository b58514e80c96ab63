"""Inputs are open_file by `input_file` alone: whoever opens a file otherwise stands here with the reason why it may.

A pipe would be waited for, /dev/zero read for ever. What the harness wrote itself, and what ships with it, is neither.
"""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.documents.corpus import load_documents
from harness.errors import InputError
from harness.files.hashing import file_hash
from harness.files.input_file import (
    Unfit,
    fault_of,
    is_dir,
    is_file,
    is_there,
    open_file,
    read_bytes,
    read_text,
    sha256_of,
    whole,
)  # fmt: skip
from harness.runs.start import make_ready
from tests.make.small import write_small

PACKAGE = Path(__file__).resolve().parents[2] / "harness"
OPENS = frozenset({"read_text", "read_bytes"})  # as methods: of a Path
LIBRARIES = frozenset(
    {"ZipFile", "load_file", "safe_open", "from_file", "load_workbook", "PdfReader", "PersistentClient"}
)
MODES = re.compile(r"[rwax]b?\+?")

# module -> (opens, why)
ALLOWED: dict[str, tuple[int, str]] = {
    "files/input_file": (1, "the one way"),
    "files/hashing": (1, "files that were seen to be regular, of bounded size"),
    "files/locks": (1, "of the cache"),
    "process/memory": (1, "of the system"),
    "process/processor": (1, "of the system"),
    "advice/answers_file": (1, "a template of the package"),
    "cli/streams": (2, "the null device"),
    "documents/archives": (1, "bytes in memory"),
    "documents/hyphens": (1, "a vocabulary of a package"),
    "documents/pdf": (1, "bytes in memory"),
    "documents/word": (1, "bytes in memory"),
    "documents/workbook": (1, "bytes in memory"),
    "engine/known_servers": (1, "of the cache"),
    "engine/languages": (1, "a tokenizer that was seen to be a regular file"),
    "engine/store": (1, "the package's own source"),
    "generation/full_weights": (1, "weights whose head was read before"),
    "generation/builtin": (5, "a wheel held to its hash, and files of the package and of the cache"),
    "golden/importers/workbooks": (1, "bytes in memory"),
    "judges/classifiers": (1, "weights whose head was read before"),
    "judges/forecast": (1, "of the cache"),
    "record/codec": (2, "written by the run, and of the cache"),
    "record/files": (1, "copies of one run folder into another, after both were read"),
    "record/schema": (1, "the package's own source"),
    "report/charts/vega": (1, "of the cache"),
    "report/page/environment": (1, "a template of the package"),
    "report/text/github": (1, "the summary of a job, appended to where GitHub says"),
    "results/measure": (1, "of the cache"),
    "retrieval/bert": (1, "weights that were seen to be a regular file"),
    "retrieval/dense": (1, "of the cache"),
    "retrieval/embed": (2, "a tokenizer that was seen to be a regular file"),
    "retrieval/index_files": (3, "of the cache"),
    "retrieval/sparse": (1, "of the cache"),
    "scenario/ci_files": (1, "a template of the package"),
    "scenario/starters": (1, "a starter of the package"),
    "stages/answer_batches": (3, "of the cache"),
    "testing/session": (1, "of the cache"),
    "tuning/checkpoints": (2, "of the cache"),
    "runs/unchanged": (1, "of the cache"),
    "weights_file": (1, "of the cache"),
}


def opens_in(path: Path) -> Iterator[str]:
    """Every call in a module that opens a path."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        method = isinstance(node.func, ast.Attribute)
        first = node.args[0] if node.args else None
        mode = isinstance(first, ast.Constant) and bool(MODES.fullmatch(str(first.value)))
        opens = name == "open" and (not method or mode or _of_module(node.func))
        if opens or (method and name in OPENS) or (name in LIBRARIES and not _is_ours(path, name)):
            yield f"{name}:{node.lineno}"


def _of_module(call: ast.expr) -> bool:
    """Whether it is `os.open` and the like, not the method of an object of ours."""
    owner = call.value if isinstance(call, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in ("os", "io", "tokenize")


def _is_ours(path: Path, name: str) -> bool:
    """`load_file` of extensions is a function of the harness."""
    return name == "load_file" and path.name == "extensions.py"


def test_whatever_opens_a_file_does_it_in_the_one_way_or_is_listed_with_its_reason() -> None:
    files = PACKAGE.rglob("*.py")
    modules = {file.relative_to(PACKAGE).with_suffix("").as_posix(): list(opens_in(file)) for file in files}
    counted = Counter({name: len(calls) for name, calls in modules.items() if calls})
    strange = {name: modules[name] for name, count in counted.items() if count > ALLOWED.get(name, (0, ""))[0]}
    assert not strange, f"{strange}: open it with harness.files.input_file, or say here why not"
    assert {name: count for name, (count, _) in ALLOWED.items()} == dict(counted), "take out what is gone"


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """Paths that are no files, by name."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "nowhere").symlink_to("none")
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero").symlink_to("/dev/zero")
    return {name: tmp_path / name for name in ("pipe", "circle", "nowhere", "folder", "zero", "missing", "x" * 300)}


WORDS = {
    "pipe": "a named pipe", "circle": "in a circle", "nowhere": "leads nowhere", "folder": "is a folder",
    "zero": "is a device", "missing": "no such file", "x" * 300: "too long",
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_what_is_no_file_is_one_line_at_once(places: dict[str, Path], name: str) -> None:
    for read in (read_bytes, read_text, sha256_of):
        with pytest.raises(InputError, match=WORDS[name]) as error:
            read(places[name])  # type: ignore[operator]
        assert "\n" not in str(error.value)
    with pytest.raises(Unfit, match=WORDS[name]):
        whole(places[name])


@pytest.mark.parametrize("name", [name for name in WORDS if name != "folder"])
def test_a_corpus_that_is_no_folder_and_no_file(places: dict[str, Path], name: str) -> None:
    words = "no such corpus" if name == "missing" else WORDS[name]
    with pytest.raises(InputError, match=words):
        load_documents(places[name])


def test_a_file_larger_than_its_bound(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="more than 10 bytes"):
        read_bytes(tmp_path / "f", 10)
    assert read_bytes(tmp_path / "f", 11) == b"x" * 11


def test_what_becomes_a_pipe_between_the_look_and_the_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_text("x")
    look = os.stat

    def swapped(path: Path, **options: bool) -> os.stat_result:
        seen = look(path, **options)
        (tmp_path / "f").unlink()
        os.mkfifo(tmp_path / "f")
        monkeypatch.setattr(os, "stat", look)
        return seen

    monkeypatch.setattr(os, "stat", swapped)
    with pytest.raises(Unfit, match="replaced while it was read"), open_file(tmp_path / "f"):
        pass


def test_no_path_is_resolved_in_the_way_that_raises_on_a_circle_of_links() -> None:
    """`Path.resolve` raises RuntimeError on a circle; `input_file.real` does not. Our own files hold no circle."""
    calls = [
        f"{file.relative_to(PACKAGE)}:{number}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if ".resolve()" in line and "Path(__file__).resolve()" not in line
    ]
    assert calls == []


def test_nobody_asks_whether_a_path_exists_in_the_way_that_raises_on_names_that_cannot_be(tmp_path: Path) -> None:
    """`Path.exists`, `is_file` and `is_dir` raise on a name that is too long; those of `input_file` say no."""
    own = {
        "generation/builtin.py",
        "process/processor.py",
        "stages/answer_batches.py",
        "stages/tune.py",
        "files/locks.py",
        "engine/store.py",
        "retrieval/index_files.py",
    }  # of the cache or the package
    calls = {
        file.relative_to(PACKAGE).as_posix()
        for file in sorted(PACKAGE.rglob("*.py"))
        if ".exists()" in file.read_text(encoding="utf-8")
    }
    assert calls <= own
    long = tmp_path / ("n" * 300)
    assert not is_there(long)
    assert not is_file(long)
    assert not is_dir(long)


def test_a_name_of_items_that_is_too_long_is_the_callers_mistake(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "small")
    settings = folder / "scenario.yaml"
    settings.write_text(settings.read_text().replace("tasks: items", f"tasks: {'items' * 60}"))
    with pytest.raises(InputError):
        make_ready(str(folder))


def test_what_is_part_of_the_running_system_is_no_input(tmp_path: Path) -> None:
    link = tmp_path / "items"
    link.symlink_to("/proc/self")
    assert "part of the running system" in (fault_of(link, "folder") or "")
    for place in (link, Path("/proc/self/mem")):
        with pytest.raises(InputError, match="running system"):
            file_hash(place)
