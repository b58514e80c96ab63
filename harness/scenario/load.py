"""scenario.yaml -> Scenario: every setting of a project, checked once, frozen.

Unknown keys are errors that name the nearest known key, with line and column. Values are read with YAML's safe loader.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

import yaml

from harness.errors import InputError
from harness.paths import inside
from harness.scenario.settings import (
    AnswerFormat,
    DrillSettings,
    ForgettingSettings,
    LatencySettings,
    Models,
    Prices,
    RetrievalSettings,
    Scenario,
    Tuning,
)

# --- reading -----------------------------------------------------------------------------------------------------

_FIELDS = {"text": "text_field", "status": "status_field", "refused": "refused_value", "citations": "citations_field"}
_SECTIONS: dict[str, type] = {
    "models": Models,
    "retrieval": RetrievalSettings,
    "tuning": Tuning,
    "prices": Prices,
    "forgetting": ForgettingSettings,
    "latency": LatencySettings,
}
_FILES = ("corpus", "golden", "examples", "probes")
_ANSWER_KEYS = ("schema", "system", "max_new_tokens", "fields", "refusal", "few_shot")
_TOP = ("title", "advice", *_FILES, *_SECTIONS, "answer", "drills", "arms", "candidate", "gates", "seed")


class _Located(yaml.SafeLoader):
    """Safe loader that remembers where each mapping key stands."""


class _Mapping(dict[Any, Any]):
    marks: dict[Any, tuple[int, int]]


def _construct(loader: _Located, node: yaml.MappingNode) -> _Mapping:
    result = _Mapping()
    result.marks = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
        if not isinstance(key, str | int | bool | float | None):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word or a number", key_node.start_mark)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"key '{key}' stands twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)  # type: ignore[no-untyped-call]
        result.marks[key] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
    return result


_Located.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct)
# `2e-4` is a number to everybody but YAML 1.1
_Located.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    __import__("re").compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def load_scenario(folder: Path) -> Scenario:
    """Read `folder/scenario.yaml`.

    Raises:
        InputError: file missing or not UTF-8, bad YAML, unknown key, wrong type, a path that leads out, a missing file.
    """
    file = folder / "scenario.yaml"
    raw = read_yaml(file)
    _known(raw, _TOP, file)
    if not isinstance(raw.get("title"), str) or not raw["title"].strip():
        raise InputError(f"{file}: no 'title'; give the scenario a one-line title")
    paths = {name: _path(folder, raw, name, file) for name in _FILES}
    sections = {name: _section(kind, raw.get(name), f"{name}", file) for name, kind in _SECTIONS.items()}
    sections["models"] = _beside(sections["models"], "generator", folder)
    sections["forgetting"] = _beside(sections["forgetting"], "tasks", folder)
    scenario = Scenario(
        id=folder.resolve().name,
        dir=folder,
        title=raw["title"].strip(),
        advice=_mapping(raw, "advice", file),
        answer=_answer(folder, _mapping(raw, "answer", file), file),
        drills=_drills(folder, _mapping(raw, "drills", file) or {}, file),
        arms=_words(raw.get("arms", ["baseline", "rag", "tune", "hybrid"]), "arms", file),
        candidate=_typed(raw.get("candidate", "hybrid"), str, "candidate", file),
        gates=_mapping(raw, "gates", file) or {},
        seed=_typed(raw.get("seed", 7), int, "seed", file),
        **cast(dict[str, Any], {**paths, **sections}),
    )
    _check_ranges(scenario, file)
    return scenario


def read_yaml(
    file: Path, needs: str = "a mapping with at least 'title'", starter: str = "write a starter with: harness init DIR"
) -> _Mapping:
    """The mapping in a YAML file; every mapping in it knows the (line, column) of its keys as `.marks`.

    Raises:
        InputError: no such file (`starter` says what to do), not UTF-8, bad YAML, a key twice, or not what it `needs`.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise InputError(f"{file}: no such file; {starter}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    try:
        raw = yaml.load(text, Loader=_Located)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        raise InputError(f"{where}: not valid YAML: {error.problem}") from None
    if not isinstance(raw, _Mapping):
        found = "nothing" if raw is None else f"a {type(raw).__name__}"
        raise InputError(f"{file}: found {found}, expected {needs}")
    return raw


def _known(raw: Mapping[Any, Any], known: tuple[str, ...], file: Path, section: str = "") -> None:
    for key in raw:
        if key in known:
            continue
        near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
        line, column = raw.marks[key] if isinstance(raw, _Mapping) else (0, 0)
        inside_section = f" in '{section}'" if section else ""
        raise InputError(f"{file}:{line}:{column}: unknown key '{key}'{inside_section}; {hint}")


def _mapping(raw: Mapping[str, Any], name: str, file: Path) -> Mapping[str, Any] | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InputError(f"{file}: '{name}' is a {type(value).__name__}, expected a mapping")
    return value


def _path(folder: Path, raw: Mapping[str, Any], name: str, file: Path) -> Path | None:
    value = raw.get(name)
    if value is None:
        return None
    text = _typed(value, str, name, file)
    path = inside(folder, text, f"{file}: {name}", roots=(folder.resolve().parent.parent / "golden_sets",))
    if not path.exists():
        raise InputError(f"{file}: {name}: {text} does not exist; create it or take the key out")
    return path


def _section(kind: type, value: Any, name: str, file: Path) -> Any:
    if value is None:
        return kind()
    if not isinstance(value, Mapping):
        raise InputError(f"{file}: '{name}' is a {type(value).__name__}, expected a mapping")
    hints = get_type_hints(kind)
    _known(value, tuple(hints), file, name)
    return kind(**{key: _coerce(item, hints[key], f"{name}.{key}", file) for key, item in value.items()})


def _beside(section: Any, name: str, folder: Path) -> Any:
    """A name that is a file or folder beside the scenario means that one; every other name stays as it is."""
    local = folder / getattr(section, name)
    return replace(section, **{name: str(local)}) if local.exists() else section


def _coerce(value: Any, hint: Any, name: str, file: Path) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise InputError(f"{file}: {name} is {value!r}, expected one of: {', '.join(map(str, get_args(hint)))}")
        return value
    options = get_args(hint)
    if get_origin(hint) is tuple:
        return _words(value, name, file)
    if type(None) in options:
        return None if value is None else _coerce(value, options[0], name, file)
    if get_origin(hint) is not None:  # Mapping[str, Any]
        return _typed(value, dict, name, file)
    return _typed(value, hint, name, file)


def _typed(value: Any, kind: type, name: str, file: Path) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    raise InputError(f"{file}: {name} is {value!r} ({type(value).__name__}), expected {kind.__name__}")


def _words(value: Any, name: str, file: Path) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise InputError(f"{file}: {name} is {value!r}, expected a list of names")


def _answer(folder: Path, raw: Mapping[str, Any] | None, file: Path) -> AnswerFormat:
    if raw is None:
        return AnswerFormat()
    _known(raw, _ANSWER_KEYS, file, "answer")
    named = _mapping(raw, "fields", file) or {}
    _known(named, tuple(_FIELDS), file, "answer.fields")
    names = {_FIELDS[key]: _typed(value, str, f"answer.fields.{key}", file) for key, value in named.items()}
    system = _path(folder, raw, "system", file)
    schema = _path(folder, raw, "schema", file)
    return AnswerFormat(
        schema=None if schema is None else _schema(schema),
        system="" if system is None else read_text(system).strip(),
        max_new_tokens=_typed(raw.get("max_new_tokens", 96), int, "answer.max_new_tokens", file),
        refusal=_coerce(raw.get("refusal"), str | None, "answer.refusal", file),
        few_shot=_path(folder, raw, "few_shot", file),
        **names,
    )


def _drills(folder: Path, raw: Mapping[str, Any], file: Path) -> DrillSettings:
    _known(raw, ("cases", "paraphrases", "changes"), file, "drills")
    files = {name: _path(folder, raw, name, file) for name in ("paraphrases", "changes")}
    return DrillSettings(_typed(raw.get("cases", DrillSettings().cases), int, "drills.cases", file), **files)


def read_text(path: Path) -> str:
    """A text file's content; InputError names the byte where it stops being UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None


def _schema(path: Path) -> Mapping[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    if not isinstance(schema, dict):
        raise InputError(f"{path}: found a {type(schema).__name__}, expected a JSON Schema object")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        at = "/".join(map(str, error.path)) or "the top"
        raise InputError(f"{path}: not a JSON Schema: at {at}: {error.message}; see json-schema.org") from None
    return cast(Mapping[str, Any], schema)


def _check_ranges(scenario: Scenario, file: Path) -> None:
    r, t = scenario.retrieval, scenario.tuning
    rules: tuple[tuple[bool, str], ...] = (
        (1 <= r.top_k <= 6, f"retrieval.top_k is {r.top_k}, expected 1 to 6"),
        (r.candidates >= r.top_k, f"retrieval.candidates is {r.candidates}, expected at least top_k ({r.top_k})"),
        (r.chunk_tokens >= 16, f"retrieval.chunk_tokens is {r.chunk_tokens}, expected at least 16"),
        (
            0 <= r.overlap_tokens < r.chunk_tokens,
            f"retrieval.overlap_tokens is {r.overlap_tokens}, expected 0 to below chunk_tokens",
        ),
        (0 <= r.convex_weight <= 1, f"retrieval.convex_weight is {r.convex_weight}, expected 0 to 1"),
        (r.heading_weight >= 0, f"retrieval.heading_weight is {r.heading_weight}, expected at least 0"),
        (0 < r.rerank_weight <= 1, f"retrieval.rerank_weight is {r.rerank_weight}, expected more than 0, at most 1"),
        (r.document_weight >= 0, f"retrieval.document_weight is {r.document_weight}, expected at least 0"),
        (r.mmr is None or 0 < r.mmr <= 1, f"retrieval.mmr is {r.mmr}, expected more than 0, at most 1"),
        (t.rank >= 1, f"tuning.rank is {t.rank}, expected at least 1"),
        (t.epochs > 0, f"tuning.epochs is {t.epochs}, expected more than 0"),
        (0 < t.learning_rate < 1, f"tuning.learning_rate is {t.learning_rate}, expected between 0 and 1"),
        (0 <= t.replay < 1, f"tuning.replay is {t.replay}, expected 0 to 1"),
        (0 <= t.eval_share < 1, f"tuning.eval_share is {t.eval_share}, expected 0 to 1"),
        (t.seeds >= 1, f"tuning.seeds is {t.seeds}, expected at least 1"),
        (t.batch >= 1, f"tuning.batch is {t.batch}, expected at least 1"),
        (scenario.latency.questions >= 0, f"latency.questions is {scenario.latency.questions}, expected at least 0"),
        (scenario.latency.repeats >= 1, f"latency.repeats is {scenario.latency.repeats}, expected at least 1"),
        (scenario.drills.cases >= 1, f"drills.cases is {scenario.drills.cases}, expected at least 1"),
        (scenario.answer.max_new_tokens >= 1, "answer.max_new_tokens must be at least 1"),
    )
    for holds, message in rules:
        if not holds:
            raise InputError(f"{file}: {message}")
