"""Files of weights are refused at their head, before anything of their size is read."""

from __future__ import annotations

import hashlib
import json
import struct
import time
from pathlib import Path

import pytest

from harness import weights_file
from harness.errors import InputError
from harness.weights_file import digest, tensors, weights_sha256


def _whole(file: Path, data: int = 8, end: int = 8) -> Path:
    head = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, end]}}).encode()
    file.write_bytes(struct.pack("<Q", len(head)) + head + b"\0" * data)
    return file


def test_a_whole_file_is_read_by_its_head(tmp_path: Path) -> None:
    assert tensors(_whole(tmp_path / "model.safetensors")) == {"w": [2]}


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_terabyte_of_holes_is_refused_at_once(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    with file.open("wb") as stream:
        try:
            stream.truncate(1 << 40)
        except OSError:
            pytest.skip("the file system has no files with holes of this size")
    began = time.monotonic()
    with pytest.raises(InputError, match="copy the model again"):
        weights_sha256(file)
    assert time.monotonic() - began < 5


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="truncated"):
        weights_sha256(_whole(tmp_path / "model.safetensors", data=5))


@pytest.mark.parametrize(
    "row",
    [{"shape": {}, "data_offsets": [0, 8]}, {"shape": [{}], "data_offsets": [0, 8]}, {"shape": [2], "data_offsets": {}},
     {"shape": [2], "data_offsets": [0, "8"]}, {"shape": None, "data_offsets": [0, 8]}, {"shape": ["2"]}, [], None, 3],
)  # fmt: skip
def test_a_head_with_other_types_is_refused(row: object, tmp_path: Path) -> None:
    head = json.dumps({"w": row}).encode()
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(head)) + head + b"\0" * 8)
    with pytest.raises(InputError, match="truncated or damaged"):
        tensors(file)


def test_the_hash_follows_the_bytes(tmp_path: Path) -> None:
    file = _whole(tmp_path / "model.safetensors")
    before = weights_sha256(file)
    _whole(file, data=16, end=16)
    assert weights_sha256(file) != before


def _cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of weights, and a cache of its own."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"weights")
    return file


def test_weights_are_read_once_on_a_machine_and_again_where_they_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _cached(tmp_path, monkeypatch)
    an_hour_later = time.time_ns() + 3_600_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: an_hour_later)  # nobody edits it any more
    read = digest((file,))
    assert read == hashlib.sha256(file.read_bytes()).hexdigest()

    def fail(_: Path) -> None:
        raise AssertionError("read again")

    weights_file._digest_at.cache_clear()  # another process
    with monkeypatch.context() as patch:
        patch.setattr(weights_file, "open_file", fail)
        assert digest((file,)) == read
    file.write_bytes(b"others!")
    assert digest((file,)) == hashlib.sha256(file.read_bytes()).hexdigest() != read
    (memory,) = [path for path in (tmp_path / "cache" / "weights").iterdir() if path.read_text() != read]
    memory.write_text("no digest")
    weights_file._digest_at.cache_clear()
    assert digest((file,)) == hashlib.sha256(file.read_bytes()).hexdigest(), "a damaged memory is none"


def test_weights_that_were_written_a_moment_ago_are_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _cached(tmp_path, monkeypatch)
    assert digest((file,)) == hashlib.sha256(file.read_bytes()).hexdigest()
    assert not (tmp_path / "cache" / "weights").exists()


def test_a_cache_that_cannot_be_written_to_remembers_nothing_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _cached(tmp_path, monkeypatch)
    (tmp_path / "cache").write_text("a file in its place")
    an_hour_later = time.time_ns() + 3_600_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: an_hour_later)
    assert digest((file,)) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_goes_before_it_is_hashed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _cached(tmp_path, monkeypatch)
    file.unlink()
    with pytest.raises(InputError, match=r"model\.safetensors: no such file"):
        digest((file,))
