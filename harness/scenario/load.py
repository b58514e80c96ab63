"""scenario.yaml -> Scenario: every setting of a project, checked once, frozen.

A wrong value and an unknown key are one line each: where it stands (file:line:column), what it is, what it should be.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Literal, cast, get_args, get_origin, get_type_hints

import msgspec

from harness.errors import InputError
from harness.paths import inside
from harness.scenario.answer_schema import read_schema
from harness.scenario.document import AnswerKeys, ScenarioFile
from harness.scenario.settings import AnswerFormat, DrillSettings, Scenario
from harness.scenario.yaml_file import Located, read_text, read_yaml


@dataclass(frozen=True, slots=True)
class NotYet:
    """A key of which this version does one thing only; scenarios that say so are read."""

    only: str | int  # the value that may stand there
    why: str


NOT_YET: Mapping[str, NotYet] = {
    "models.judge": NotYet("none", "metrics are computed by rule, no judge is asked"),
    "tuning.seeds": NotYet(1, "one adapter is trained; change 'seed' and run again for another"),
    "tuning.method": NotYet("sft", "adapters are trained on examples, not on preference pairs"),
    "tuning.adapter": NotYet("lora", "adapters are LoRA"),
}


def load_scenario(folder: Path) -> Scenario:
    """Read `folder/scenario.yaml`.

    Raises:
        InputError: file missing or not UTF-8, bad YAML, unknown key, wrong type, a path that leads out, a missing file.
    """
    file = folder / "scenario.yaml"
    source = _Source(folder, file, read_yaml(file))
    keys = source.keys()
    scenario = Scenario(
        id=folder.resolve().name,
        dir=folder,
        title=keys.title.strip(),
        advice=source.raw.get("advice"),  # as it was read, so that messages can name lines
        corpus=source.path("corpus", keys.corpus),
        golden=source.path("golden", keys.golden),
        examples=source.path("examples", keys.examples),
        probes=source.path("probes", keys.probes),
        models=replace(keys.models, generator=source.beside(keys.models.generator)),
        retrieval=keys.retrieval,
        answer=_answer(source, keys.answer),
        tuning=keys.tuning,
        arms=keys.arms,
        candidate=keys.candidate,
        prices=keys.prices,
        forgetting=replace(keys.forgetting, tasks=source.beside(keys.forgetting.tasks)),
        safety=replace(keys.safety, prompts=source.beside(keys.safety.prompts)),
        latency=keys.latency,
        drills=DrillSettings(
            keys.drills.cases,
            paraphrases=source.path("drills.paraphrases", keys.drills.paraphrases),
            changes=source.path("drills.changes", keys.drills.changes),
        ),
        gates=keys.gates,
        extensions=tuple(source.code("extensions", name) for name in keys.extensions),
        seed=keys.seed,
    )
    _check_ranges(scenario, file)
    return scenario


def _answer(source: _Source, keys: AnswerKeys) -> AnswerFormat:
    system = source.path("answer.system", keys.system)
    schema = source.path("answer.schema", keys.schema)
    return AnswerFormat(
        schema=None if schema is None else read_schema(schema),
        system="" if system is None else read_text(system).strip(),
        max_new_tokens=keys.max_new_tokens,
        text_field=keys.fields.text,
        status_field=keys.fields.status,
        refused_value=keys.fields.refused,
        citations_field=keys.fields.citations,
        refusal=keys.refusal,
        few_shot=source.path("answer.few_shot", keys.few_shot),
    )


# --- keys, types and paths, with the place where they stand -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A scenario's file as it was read, and the folder that its paths start from."""

    folder: Path
    file: Path
    raw: Located

    def keys(self) -> ScenarioFile:
        """Every key, typed. InputError names the nearest known key, or what the value should be."""
        if not isinstance(self.raw.get("title"), str) or not self.raw["title"].strip():
            _check_known(self, self.raw, ScenarioFile)
            if self.raw.get("title") is not None:
                raise InputError(f"{self.file}: title is {self.raw['title']!r}, expected text; put it in quotes")
            raise InputError(f"{self.file}: no 'title'; give the scenario a one-line title")
        try:
            return msgspec.convert(_check_known(self, self.raw, ScenarioFile), ScenarioFile)
        except msgspec.ValidationError as error:
            raise InputError(_wrong_type(self, str(error))) from None

    def at(self, name: str) -> str:
        """`file:line:column` of a dotted key."""
        block, place = self.raw, ""
        for key in name.split("."):
            if not isinstance(block, Located) or key not in block.marks:
                break
            place = ":{}:{}".format(*block.marks[key])
            block = block[key]
        return f"{self.file}{place}"

    def path(self, name: str, text: str | None) -> Path | None:
        """A file or folder of the scenario; golden sets may lie beside all scenarios."""
        if text is None:
            return None
        path = inside(
            self.folder, text, f"{self.at(name)}: {name}", (self.folder.resolve().parent.parent / "golden_sets",)
        )
        if not path.exists():
            raise InputError(f"{self.at(name)}: {name}: {text} does not exist; create it or take the key out")
        return path

    def code(self, name: str, text: str) -> Path:
        """A Python file inside the scenario's folder."""
        path = inside(self.folder, text, f"{self.at(name)}: {name}")
        if path.suffix != ".py" or not path.is_file():
            raise InputError(f"{self.at(name)}: {name}: {text} is no Python file; name files such as checks.py")
        return path

    def beside(self, name: str) -> str:
        """A name that is a file or folder beside the scenario means that one; every other name stays as it is."""
        local = self.folder / name
        return str(local) if local.exists() else name


def _check_known(source: _Source, raw: Mapping[object, object], kind: type, section: str = "") -> dict[str, object]:
    """The block without what stands in NOT_YET; a block inside that is left empty has its defaults."""
    hints = get_type_hints(kind)
    block: dict[str, object] = {}
    for key, value in raw.items():
        name = f"{section}.{key}" if section else str(key)
        if name in NOT_YET:
            _check_only(source, name, value)
        elif not isinstance(key, str) or key not in hints:
            raise InputError(f"{_key_at(source, raw, key)}: {_unknown(str(key), section, tuple(hints))}")
        elif not is_dataclass(hints[key]):
            block[key] = value
        elif value is not None:
            inner = cast(type, hints[key])
            block[key] = _check_known(source, value, inner, name) if isinstance(value, Mapping) else value
    return block


def _key_at(source: _Source, raw: Mapping[object, object], key: object) -> str:
    return ":".join(map(str, (source.file, *(raw.marks[key] if isinstance(raw, Located) else ()))))


def _unknown(key: str, section: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
    block = f" in '{section}'" if section else ""
    return f"unknown key '{key}'{block}; {hint}"


def _check_only(source: _Source, name: str, value: object) -> None:
    limit = NOT_YET[name]
    if value != limit.only or isinstance(value, bool):
        raise InputError(
            f"{source.at(name)}: {name} is {value!r}, which is not built into this version: {limit.why}; "
            f"write '{limit.only}' or take the key out"
        )


_WORDS = {"object": "a mapping", "array": "a list"}  # msgspec's word -> YAML's


def _wrong_type(source: _Source, error: str) -> str:
    """msgspec's message in the words of the others: the key with its place, its value, what was expected."""
    match = re.fullmatch(r"(.*) - at (`key` in )?`\$\.?([\w.]*)(.*)`", error)
    if match is None:
        return f"{source.file}: {error}"
    problem, is_key, name, inner = match.groups()
    value, kind = _looked_up(source.raw, name)
    if get_origin(kind) is Literal:
        return f"{source.at(name)}: {name} is {value!r}, expected one of: {', '.join(map(str, get_args(kind)))}"
    expected, got = re.findall(r"`(.*?)`", problem)
    expected = " or ".join(_WORDS.get(word, word) for word in expected.split(" | "))
    if is_key or inner:
        return f"{source.at(name)}: {name} has a {'key' if is_key else 'value'} of type {got}, expected {expected}"
    return f"{source.at(name)}: {name} is {value!r} ({type(value).__name__}), expected {expected}"


def _looked_up(raw: Mapping[str, object], name: str) -> tuple[object, object]:
    """The value of a dotted key and the type it should have."""
    value: object = raw
    kind: object = ScenarioFile
    for key in name.split("."):
        value = cast(Mapping[str, object], value)[key]
        kind = get_type_hints(kind)[key]
    return value, kind


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
        (bool(scenario.arms), "arms is empty, expected a list of names"),
        (bool(t.targets), "tuning.targets is empty, expected a list of names"),
        (t.rank >= 1, f"tuning.rank is {t.rank}, expected at least 1"),
        (t.epochs > 0, f"tuning.epochs is {t.epochs}, expected more than 0"),
        (0 < t.learning_rate < 1, f"tuning.learning_rate is {t.learning_rate}, expected between 0 and 1"),
        (0 <= t.replay < 1, f"tuning.replay is {t.replay}, expected 0 to 1"),
        (0 <= t.eval_share < 1, f"tuning.eval_share is {t.eval_share}, expected 0 to 1"),
        (t.batch >= 1, f"tuning.batch is {t.batch}, expected at least 1"),
        (scenario.safety.limit >= 1, f"safety.limit is {scenario.safety.limit}, expected at least 1"),
        (scenario.latency.questions >= 0, f"latency.questions is {scenario.latency.questions}, expected at least 0"),
        (scenario.latency.repeats >= 1, f"latency.repeats is {scenario.latency.repeats}, expected at least 1"),
        (scenario.drills.cases >= 1, f"drills.cases is {scenario.drills.cases}, expected at least 1"),
        (scenario.answer.max_new_tokens >= 1, "answer.max_new_tokens must be at least 1"),
    )
    for holds, message in rules:
        if not holds:
            raise InputError(f"{file}: {message}")
