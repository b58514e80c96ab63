"""Every setting of scenario.yaml in docs/scenario.md: what it takes, its default and meaning, from the code itself.

python -m tests.settings     # writes it anew (`make docs`); test_architecture.py compares
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from harness.record.schema import class_schema
from harness.scenario.arm_entries import ArmKeys
from harness.scenario.bounds import choices_of, expected, place_of
from harness.scenario.document import ScenarioFile
from harness.types import JsonObject
from tests.generated import Block

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = Block(ROOT / "docs" / "scenario.md", "settings")
HEAD = "| key | takes | default | meaning |\n| --- | --- | --- | --- |\n"

# what a block is for, where its class does not say it, and the page that says more
SECTIONS: Mapping[str, str] = {
    "models": "Which models answer, search and judge: [own-model.md](own-model.md), [servers.md](servers.md).",
    "models.judge": "A model that judges answers: [judges.md](judges.md).",
    "retrieval": "How documents are cut and searched: [own-documents.md](own-documents.md).",
    "answer": "The form of an answer. Without `schema` an answer is plain text.",
    "answer.fields": "Where the parts of an answer stand in its JSON object.",
    "tuning": "How adapters are trained: [own-model.md](own-model.md).",
    "prices": "What things cost, in any currency, the same for all.",
    "forgetting": "General ability before and after tuning: [forgetting.md](forgetting.md).",
    "safety": "Unsafe prompts and safe look-alikes: [safety.md](safety.md).",
    "latency": "How the time of an answer is measured: warm, one question at a time.",
    "drills": "Questions asked again under harder conditions, by `harness run --drills`: [metrics.md](metrics.md).",
    "arms: an entry": "An arm from elsewhere, in place of a name: [compare.md](compare.md).",
}
TAKES: Mapping[str, str] = {  # where the type says less than a reader needs, or more
    "advice": "a mapping",
    "arms": "a list of names and entries",
    "filters": "a mapping of names to a value, or to a list of values",
    "gates": "a mapping of gates to a threshold, or to `null`",
    "request": "a mapping",
}
ELSEWHERE: Mapping[str, str] = {  # keys whose own keys another page has
    "gates": "[gates.md](gates.md)",
    "style": "[style.md](style.md)",
    "advice": "[advice.md](advice.md)",
    "golden": "[golden-sets.md](golden-sets.md)",
    "corpus": "[own-documents.md](own-documents.md)",
    "extensions": "`examples/`",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of a block."""

    name: str
    takes: str  # its type and range in words
    default: str  # as YAML; empty where it must be given, or is nothing
    meaning: str  # the comment beside it in the code; empty where there is none


def settings_of(kind: type) -> Iterator[Setting]:
    """The keys of a block, in the order of the code; blocks inside it are left to `blocks`."""
    hints = get_type_hints(kind, include_extras=True)
    schema = class_schema(kind)["properties"]
    assert isinstance(schema, dict)
    for field in fields(kind):
        if not is_dataclass(hints[field.name]):
            hint = hints[field.name]
            yield Setting(
                field.name, TAKES.get(field.name) or _takes(hint), _default(field, hint), _meaning(schema[field.name])
            )


def blocks(kind: type = ScenarioFile, prefix: str = "") -> Iterator[tuple[str, type]]:
    """(dotted name, class) of every block below a class, outer ones first."""
    for name, hint in get_type_hints(kind).items():
        if is_dataclass(hint) and isinstance(hint, type):
            yield f"{prefix}{name}", hint
            yield from blocks(hint, f"{prefix}{name}.")


def text() -> str:
    """The reference as Markdown: the keys at the top, then a table a block."""
    parts = ["## At the top\n", _table(ScenarioFile, ELSEWHERE)]
    for name, kind in (*blocks(), ("arms: an entry", ArmKeys)):
        parts += [f"## {name}\n", f"{SECTIONS.get(name) or kind.__doc__}\n", _table(kind)]
    return "\n" + "\n".join(parts)


def _table(kind: type, more: Mapping[str, str] | None = None) -> str:
    rows = []
    for setting in settings_of(kind):
        link = (more or {}).get(setting.name)
        meaning = "; ".join(part for part in (setting.meaning, link) if part)
        cells = (f"`{setting.name}`", setting.takes, setting.default, meaning)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
    return HEAD + "".join(rows)


def _takes(hint: Any) -> str:
    if place := place_of(hint):
        return f"a {place}"
    if choices := choices_of(hint):
        return ", ".join(f"`{choice}`" for choice in choices)
    if get_origin(get_args(hint)[0] if get_args(hint) else hint) is tuple and choices_of(_inner(hint)):
        return f"a list of {', '.join(f'`{choice}`' for choice in choices_of(_inner(hint)))}"
    words = expected(hint)
    return "text" if words.startswith("text on one line") else words.replace("1e+09", "1,000,000,000")


def _inner(hint: Any) -> Any:
    return get_args(get_args(hint)[0])[0]


def _default(field: Field[Any], hint: Any) -> str:
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    if value is MISSING:
        return "must be given"
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, tuple):
        everything = value == choices_of(_inner(hint)) if get_args(hint) else False
        return "all of them" if everything else f"`[{', '.join(value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) and (value >= 1e-3 or not value) else f"`{value}`"


def _meaning(schema: JsonObject) -> str:
    return str(schema.get("description", "")).replace("None:", "left out:")


if __name__ == "__main__":
    SETTINGS.write(text())
