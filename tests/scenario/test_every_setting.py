"""Every field of the settings has its bounds beside it, and refuses nonsense of any kind in one line a fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import yaml

from harness.errors import InputError, InputFaults
from harness.scenario.bounds import bounds_of
from harness.scenario.document import ScenarioFile
from harness.scenario.load import load_scenario

TEXTS = ("", " ", "x" * 5000, "a\nb", "a\u2028b", "a\x85b")
NUMBERS = (0, -1, 10**9, 2**63, 2**64, 10**300, 10**4000, math.nan, math.inf, -math.inf, 1.5)
OTHERS = (True, None, [], {}, [1, "a"], ["a", [None]], {"a": {"b": [1]}}, {1: 2})
NONSENSE = (*TEXTS, *NUMBERS, *OTHERS)


def leaves(kind: type = ScenarioFile, section: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its dotted key, with its type."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if is_dataclass(hint):
            yield from leaves(hint, f"{section}{name}.")  # type: ignore[arg-type]
        else:
            yield f"{section}{name}", hint


LEAVES = dict(leaves())
FREE = ("advice", "gates", "retrieval.filters")  # checked by those who read them, with the tables that they know


def numbers_of(hint: Any) -> list[Any]:
    """The numbers of a type that have no bounds."""
    bare = hint.__origin__ if hasattr(hint, "__metadata__") else hint
    if bare in (int, float):
        return [] if bounds_of(hint) else [hint]
    return [inner for part in get_args(bare) for inner in numbers_of(part)]


@pytest.mark.parametrize("name", sorted(set(LEAVES) - set(FREE)))
def test_every_number_has_a_finite_range_beside_it(name: str) -> None:
    assert numbers_of(LEAVES[name]) == [], f"{name}: write its range beside it, Annotated[int, between(1, 100)]"


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_nonsense_is_accepted_for_a_reason_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    for value in NONSENSE:
        try:
            scenario = load_scenario(written(tmp_path, name, value))
        except InputError as error:
            for line in str(error).split("\n"):
                assert line.startswith(str(tmp_path)), line
                assert line.isprintable(), line
                assert len(line) < 900, line
                assert name.split(".")[0] in line or "YAML" in line, line
        else:
            assert may_be(value, LEAVES[name]), f"{name}: {str(value)[:40]} was accepted"
            assert scenario.hash  # whatever is accepted can be hashed


def may_be(value: object, hint: Any) -> bool:
    """What a documented range or an optional key lets through."""
    bounds = bounds_of(hint)
    if value is None:
        return type(None) in get_args(hint)
    if isinstance(value, bool | int | float) and bounds:
        return not isinstance(value, bool) and bounds[0] <= value <= bounds[1]
    origin = get_origin(hint.__origin__ if hasattr(hint, "__metadata__") else hint)
    if isinstance(value, list | dict):
        return not value or (origin is not tuple and "Mapping" in str(hint) and isinstance(value, dict))
    return isinstance(value, bool) and (hint is bool or bool in get_args(hint))


def written(folder: Path, name: str, value: object) -> Path:
    block: Any = value
    for key in reversed(name.split(".")):
        block = {key: block}
    text = yaml.dump({"title": "T", **block}, Dumper=yaml.CSafeDumper, width=10**6)
    (folder / "scenario.yaml").write_bytes(text.encode())
    return folder


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "title: T\ntuning: {rank: 0, epochs: .inf}\nseed: many\ngolden: none.jsonl\nlatency: {repeat: 1}\n"
    )
    with pytest.raises(InputFaults) as error:
        load_scenario(tmp_path)
    places = [line.removeprefix(f"{tmp_path}/scenario.yaml:").split(" ")[0] for line in error.value.faults]
    assert places == ["2:10:", "2:19:", "3:1:", "4:1:", "5:11:"]


def test_a_choice_that_was_misspelt_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("title: T\ntuning: {scheduler: cosin}\n")
    with pytest.raises(InputError, match=r"expected one of: cosine, .*; did you mean 'cosine'\?"):
        load_scenario(tmp_path)


def test_the_schema_shows_what_the_loader_refuses() -> None:
    from harness.formats import schema_of

    schema = schema_of("scenario")
    tuning = schema["$defs"]["Tuning"]["properties"]
    assert (tuning["batch"]["minimum"], tuning["batch"]["maximum"]) == (1, 1024)
    assert schema["$defs"]["RetrievalSettings"]["properties"]["top_k"]["maximum"] == 6
    json.dumps(schema)
