"""scenario.yaml as it was read: every key of it typed and checked, all faults at once, each with its place.

scenario.yaml:7:12: retrieval.top_k is 9, expected a whole number from 1 to 6
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from harness.errors import raise_faults
from harness.files.input_file import PlaceKind, fault_of, real
from harness.files.paths import inside_fault
from harness.scenario.bounds import choices_of, describe, fault_in, kind_of, nearest, place_of
from harness.scenario.document import ScenarioFile
from harness.scenario.server import refuse_keys
from harness.scenario.yaml_file import Located, read_yaml

Values = dict[str, object]
T = TypeVar("T")


_REWARDS = "it needs a reward model and answers sampled while it trains; write dpo, which learns from the same pairs"
_EXPERTS = "it changes the architecture, which no adapter does; name a model that has experts (models.generator)"
# key -> value that people ask for and this project leaves to others -> why, and what to write
OUT_OF_SCOPE: Mapping[str, Mapping[str, str]] = {
    "tuning.method": dict.fromkeys(("ppo", "rlhf", "grpo", "rloo", "reinforce"), _REWARDS),
    "tuning.adapter": dict.fromkeys(("moe", "mixture-of-experts", "mixture_of_experts"), _EXPERTS),
}

OFF: Mapping[str, str] = {"models.judge": "none"}  # a block -> the word that stands for it where it is not wanted


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """A scenario's file as it was read, and the folder that its paths start from."""

    folder: Path
    file: Path
    raw: Located

    def at(self, name: str) -> str:
        """`file:line:column` of a dotted key."""
        block: object = self.raw
        place = ""
        for key in name.split("."):
            if isinstance(block, list) and key.isdecimal() and 0 < int(key) <= len(block):
                block = block[int(key) - 1]
                if isinstance(block, Located) and block.marks:
                    place = ":{}:{}".format(*next(iter(block.marks.values())))
                continue
            if not isinstance(block, Located) or key not in block.marks:
                break
            place = ":{}:{}".format(*block.marks[key])
            block = block[key]
        return f"{self.file}{place}"

    def path(self, name: str | None) -> Path | None:
        """The place that a checked name of a file or folder means."""
        return None if name is None else real(self.folder / name)

    def beside(self, name: str) -> str:
        """A name that is a file or folder beside the scenario means that one; every other name stays as it is."""
        local = self.folder / name
        return str(local) if fault_of(local, "file or folder") is None else name


def read_source(folder: Path) -> tuple[ScenarioSource, ScenarioFile]:
    """A scenario's file and its keys, typed.

    Raises:
        InputError: no such file, no YAML, or all that is wrong with its keys, a line each.
    """
    file = folder / "scenario.yaml"
    source = ScenarioSource(folder, file, read_yaml(file))
    refuse_keys(source.at, source.raw.get("models"))
    faults: list[str] = []
    values = _block(source, source.raw, ScenarioFile, "", faults)
    raise_faults(faults)
    return source, msgspec.convert(values, ScenarioFile)


def read_keys(file: Path, kind: type[T]) -> T:
    """The keys of another YAML file of a scenario, typed by a class of its own. InputError as of `read_source`."""
    source = ScenarioSource(file.parent, file, read_yaml(file))
    faults: list[str] = []
    values = _block(source, source.raw, kind, "", faults)
    raise_faults(faults)
    return msgspec.convert(values, kind)


# --- keys and values ----------------------------------------------------------------------------------------------


def _block(source: ScenarioSource, raw: Mapping[object, object], kind: type, section: str, faults: list[str]) -> Values:
    """The values of a block; a block inside that is left empty has its defaults."""
    hints = get_type_hints(kind, include_extras=True)
    values: Values = {}
    for key, value in raw.items():
        before = len(faults)
        name = f"{section}.{key}" if section else str(key)
        if name in OFF and value == OFF[name]:
            continue
        if (why := OUT_OF_SCOPE.get(name, {}).get(str(value).lower())) is not None:
            faults.append(f"{source.at(name)}: {name}: {value} is out of scope: {why}")
        elif not isinstance(key, str) or key not in hints:
            faults.append(f"{_key_at(source, raw, key)}: {_unknown(key, section, tuple(hints))}")
        elif (item := _block_in(hints[key])) is not None and isinstance(value, list):
            values[key] = _items(source, value, item, name, faults)
            faults += [] if len(faults) > before else _value_faults(source, name, values[key], hints[key])
        elif not is_dataclass(hints[key]):
            values[key] = value.strip() if name == "title" and isinstance(value, str) else value
            faults += _value_faults(source, name, values[key], hints[key])
        elif isinstance(value, Mapping):
            values[key] = _block(source, value, cast(type, hints[key]), name, faults)
        elif value is not None:
            word = f" or {OFF[name]}" if name in OFF else ""
            words = f"{describe(value)} ({kind_of(value)})"
            faults.append(f"{source.at(name)}: {name} is {words}, expected a mapping{word}")
    faults += _missing(source, kind, values, section)
    return values


def _block_in(hint: Any) -> type | None:
    """The class of a list's items that are mappings; None where a list has none."""
    bare = getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint
    if get_origin(bare) is not tuple:
        return None
    return next((part for part in get_args(get_args(bare)[0]) if isinstance(part, type) and is_dataclass(part)), None)


def _items(source: ScenarioSource, raw: list[object], kind: type, name: str, faults: list[str]) -> list[object]:
    """The items of a list; those that are mappings as blocks of their own."""
    return [
        _block(source, item, kind, f"{name}.{place}", faults) if isinstance(item, Mapping) else item
        for place, item in enumerate(raw, start=1)
    ]


def _missing(source: ScenarioSource, kind: type, values: Values, section: str) -> Iterator[str]:
    for field in fields(kind):
        if field.default is MISSING and field.default_factory is MISSING and field.name not in values:
            block = f" in '{section}'" if section else "; give the scenario a one-line title"
            yield f"{source.file}: no '{field.name}'{block}"


def _value_faults(source: ScenarioSource, name: str, value: object, hint: Any) -> Iterator[str]:
    if fault_in(value, hint) is None:
        yield from _path_faults(source, name, value, hint)
        return
    inner = list(_inside(name, value, hint))
    if not inner:
        inner = [(name, value, hint)]
    for at, one, kind in inner:
        if (fault := fault_in(one, kind)) is not None:
            yield f"{source.at(at)}: {at} is {_with_kind(one)}, {fault}{_suggestion(one, kind)}"


def _inside(name: str, value: object, hint: Any) -> Iterator[tuple[str, object, Any]]:
    """The values inside a list or mapping that are not of their type, where the type says what they should be."""
    bare = getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint
    origin, arguments = get_origin(bare), get_args(bare)
    if origin is tuple and isinstance(value, list):
        parts = [(f"{name}.{place}", one, arguments[0]) for place, one in enumerate(value, start=1)]
    elif origin is Mapping and isinstance(value, Mapping):
        keys = [(f"a key of {name}", key, arguments[0]) for key in value]
        parts = keys + [(f"{name}.{key}", one, arguments[1]) for key, one in value.items()]
    else:
        return
    yield from (part for part in parts if fault_in(part[1], part[2]) is not None)


def _with_kind(value: object) -> str:
    kind = kind_of(value)
    plain = value is None or isinstance(value, Mapping | list | tuple | set)
    return "nothing" if value is None else describe(value) if plain else f"{describe(value)} ({kind})"


def _suggestion(value: object, hint: Any) -> str:
    near = nearest(value, choices_of(hint)) if isinstance(value, str) else None
    return f"; did you mean '{near}'?" if near else ""


def _key_at(source: ScenarioSource, raw: Mapping[object, object], key: object) -> str:
    return ":".join(map(str, (source.file, *(raw.marks[key] if isinstance(raw, Located) else ()))))


def _unknown(key: object, section: str, keys: tuple[str, ...]) -> str:
    near = nearest(key, keys)
    hint = f"did you mean '{near}'?" if near else f"known keys: {', '.join(keys)}"
    block = f" in '{section}'" if section else ""
    return f"unknown key {describe(str(key))}{block}; {hint}"


# --- paths --------------------------------------------------------------------------------------------------------


def _path_faults(source: ScenarioSource, name: str, value: object, hint: Any) -> Iterator[str]:
    """Faults of the file or folder that a value names, or that the values of a list name."""
    place, names = place_of(hint), [value]
    if get_origin(hint) is tuple and isinstance(value, list):
        place, names = place_of(get_args(hint)[0]), value
    if place is None:
        return
    for text in names:
        if isinstance(text, str) and (fault := _path_fault(source, name, text, place)) is not None:
            yield f"{source.at(name)}: {name}: {fault}"


def _path_fault(source: ScenarioSource, name: str, text: str, place: PlaceKind) -> str | None:
    """Golden sets may lie beside all scenarios; everything else inside its own."""
    code = name == "extensions"
    roots = () if code else (real(source.folder).parent.parent / "golden_sets",)
    fault = inside_fault(source.folder, text, roots)
    if fault is not None:
        return fault
    if code and not text.endswith(".py"):
        return f"{describe(text)[1:-1]} is no Python file; name files such as checks.py"
    fault = fault_of(source.folder / text, place)
    if fault is None:
        return None
    remedy = "; create it or take the key out" if fault.startswith("no such") else ""
    return f"{describe(text)[1:-1]}: {fault}{remedy}"
