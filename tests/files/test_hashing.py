"""Content hashes: equal for equal content however it is held, different for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pytest

from harness.files.hashing import content_hash


@dataclass(frozen=True)
class Holder:
    name: str
    parts: tuple[int, ...]

    @cached_property
    def longest(self) -> int:
        return max(self.parts)


def test_order_and_container_do_not_matter_and_content_does() -> None:
    assert content_hash({"a": 1, "b": (1, 2)}) == content_hash(MappingProxyType({"b": [1, 2], "a": 1}))
    assert content_hash({"a": 1}) != content_hash({"a": 2})
    assert content_hash([1, 2]) != content_hash([2, 1])
    assert content_hash({1: "a"}) == content_hash({"1": "a"})
    assert content_hash(None) != content_hash("") != content_hash(0)


def test_a_value_is_its_fields_and_not_what_was_cached_beside_them() -> None:
    value = Holder("x", (1, 3))
    before = content_hash([value])
    assert value.longest == 3
    assert content_hash([value]) == before == content_hash([{"parts": [1, 3], "name": "x"}])


def test_a_path_counts_by_its_name_alone() -> None:
    assert content_hash(Path("/here/file.md")) == content_hash(Path("/there/file.md")) != content_hash(Path("other.md"))


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        content_hash({"a": {1, 2}})


def test_integers_of_any_length_have_a_hash_of_their_own() -> None:
    long = 10**40
    assert content_hash({"most": long}) != content_hash({"most": long + 1})
    assert content_hash([-(2**63) - 1]) != content_hash([2**64])
    assert content_hash({"most": long}) != content_hash({"most": str(long)})
