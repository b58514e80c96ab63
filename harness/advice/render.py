"""The advice as JSON text, as a terminal page and as one self-contained HTML page: the same content three times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.advice import labels

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


def to_json(found: dict[str, Any]) -> str:
    """One JSON object, indented, without NaN. `found` is `content(...)`."""
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)


def to_html(found: dict[str, Any]) -> str:
    """One HTML page: no script, no request to anywhere, everything escaped. Raises nothing for valid content."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("harness.advice", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("percent", "signed_percent", "numbered", "cards", "sentence_case")
    environment.filters.update({name: getattr(labels, name) for name in names}, code=_code)
    return environment.get_template("advice.html.jinja").render(
        found=found,
        labels=labels,
        title=labels.title_of(found["recommendation"], found["first_step"]),
        cost=cost_sentence(found["before_tuning"]["cost"]),
    )


def _code(text: str) -> str:
    """Escaped text with `back-ticked` parts as code elements."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    shown = (Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
    return Markup("").join(shown)


def to_terminal(found: dict[str, Any], console: Console) -> None:
    """Print the advice; made for 80 columns and up. Colour only repeats what words say."""
    _headline(found, console)
    _firmness(found, console)
    for title, body in (
        ("Conflicts", _conflicts(found)),
        ("The guide, arrow by arrow", _walk(found)),
        ("The guide's tiers", _tiers(found)),
        ("Six signals", _signals(found)),
        ("Before tuning", _needs(found)),
        ("GPU memory to tune, GB (estimate)", _memory(found)),
        ("What each is like to live with", _profile(found)),
        ("How to combine them", _patterns(found)),
        ("Next", _next(found)),
    ):
        _section(title, body, console)


def _section(title: str, body: RenderableType | list[RenderableType], console: Console) -> None:
    console.print()
    console.print(title, style="bold", highlight=False)
    for part in body if isinstance(body, list) else [body]:
        console.print(part, highlight=False, markup=False)


def _headline(found: dict[str, Any], console: Console) -> None:
    from rich.text import Text

    kind = found["recommendation"]
    if found["title"]:
        console.print(Text(found["title"], style="dim"))
    console.print(Text(f"{labels.GLYPHS[kind]} {labels.title_of(kind, found['first_step'])}", style="bold cyan"))
    console.print(found["reason"], highlight=False, markup=False)
    console.print()
    table = _grid(("", 11), ("", None))
    table.add_row("Wanted", labels.SHORT[found["wanted"]])
    table.add_row("First step", found["first_step_text"])
    for number, support in enumerate(found["carried_by"]):
        table.add_row("" if number else "Because", f"{support['text']} ({labels.numbered(support['questions'])})")
    console.print(table)


def _firmness(found: dict[str, Any], console: Console) -> None:
    stable, flips = found["stability"], found["flips"]
    lines: list[RenderableType] = [_share_text(stable)]
    if flips:
        table = _grid(("", 4), ("", None))
        for flip in flips:
            change = f"question {flip['question']}: {flip['given']} → {flip['instead']}"
            table.add_row("  ⇄", f"{change} would make it {labels.SHORT[flip['recommendation']]}")
        lines += ["Single answers that would change it:", table]
    else:
        lines.append("No single answer would change it.")
    _section("How firm is this?", lines, console)


def _share_text(stable: dict[str, Any]) -> str:
    if not stable["unsure"]:
        return "Every question is answered: nothing is left open."
    shares = sorted(stable["shares"].items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{labels.SHORT[name]} {labels.percent(share)}" for name, share in shares if share)
    asked = labels.numbered(stable["unsure"])
    return f"Unsure: {asked}. Over the {stable['completions']} ways this can turn out: {listed}."


def _conflicts(found: dict[str, Any]) -> RenderableType:
    if not found["conflicts"]:
        return "None: answers, facts and the guide agree."
    table = _grid(("", 8), ("", None))
    for conflict in found["conflicts"]:
        table.add_row(conflict["kind"], f"{conflict['text']} [{conflict['name']}; {conflict['source']}]")
    return table


def _walk(found: dict[str, Any]) -> list[RenderableType]:
    table = _grid(("", 2), ("", 30), ("", None))
    for step in found["walk"]:
        given = step["answer"]
        said = given if given == step["taken_as"] else f"{given}, read as {step['taken_as']}"
        arrow = f"→ {labels.SHORT[step['outcome']]}" if step["outcome"] else "→ continue"
        table.add_row(str(step["question"]), step["topic"], f"{said} {arrow}")
    agrees = "the same as" if found["walk_outcome"] == found["wanted"] else "not"
    end = f"It ends at {labels.SHORT[found['walk_outcome']]}: {agrees} what all nine ask for."
    return [table, end]


def _tiers(found: dict[str, Any]) -> RenderableType:
    table = _grid(("", 2), ("", 26), ("", None))
    for tier in found["tiers"].values():
        triggers = f"triggered by {_numbers(tier['triggered_by'])}" if tier["triggered_by"] else "no trigger"
        blocked = f", blocked by {_numbers(tier['blocked_by'])}" if tier["blocked_by"] and tier["triggered_by"] else ""
        note = f"; {tier['note']}" if tier["note"] and tier["applies"] else ""
        table.add_row("●" if tier["applies"] else "○", tier["name"], triggers + blocked + note)
    return table


def _signals(found: dict[str, Any]) -> list[RenderableType]:
    table = _grid(("", 18), ("", 12), ("", None))
    for signal in found["signals"].values():
        table.add_row(signal["name"], labels.SHORT[signal["rating"]], signal["basis"])
    count = found["signal_tally"]
    marks = f"Check marks: RAG {count['rag']}, fine-tuning {count['fine_tune']}, unknown {count['unknown']}"
    return [table, f"{marks}; {labels.leaning_text(count['leaning'])}."]


def _needs(found: dict[str, Any]) -> list[RenderableType]:
    before = found["before_tuning"]
    table = _grid(("", 9), ("", None))
    for need in before["needs"]:
        have = f" (have: {need['have']})"
        table.add_row(labels.MET[need["met"]], f"{need['need']}{have}; {need['detail']}")
    lines: list[RenderableType] = [table, cost_sentence(before["cost"])]
    return (
        ["Tuning is not recommended now; this is kept for the day it is.", *lines]
        if found["wanted"] == "rag"
        else lines
    )


def cost_sentence(cost: dict[str, Any]) -> str:
    """What one training run and a month of serving cost, with the basis of the price."""
    training = labels.money(cost["training"], cost["currency"])
    serving = labels.money(cost["serving_month"], cost["currency"])
    return (
        f"One QLoRA run takes {labels.hours(cost['gpu_hours'])} ({training}); keeping one card up to serve "
        f"takes {serving} a month. Writing and checking the examples is usually the larger part. "
        f"Price: {cost['basis']}."
    )


def _memory(found: dict[str, Any]) -> list[RenderableType]:
    memory = found["before_tuning"]["memory_gb"]
    table = _grid(("", 24), *[("right", 10) for _ in memory["sizes"]])
    table.add_row("", *[f"{size:g}B" for size in memory["sizes"]])
    for method, name in memory["methods"].items():
        table.add_row(name, *[labels.gigabytes(cell["gb"]) for cell in memory["rows"][method]])
    errors = [abs(c["error"]) for c in found["before_tuning"]["published"] if c["error"] is not None]
    median = sorted(errors)[len(errors) // 2]
    note = f"Median error against {len(errors)} published figures: {labels.percent(median)}; the page lists each."
    return [table, note]


def _profile(found: dict[str, Any]) -> list[RenderableType]:
    table = _grid(("", 21), ("", 18), ("", 19), ("", None))
    table.add_row("", "RAG", "fine-tuning", "both")
    for row in found["profile"]:
        table.add_row(row["name"], *[_cell(row, approach) for approach in ("rag", "fine_tune", "both")])
    run = found["profile_from"]
    return [table, f"* measured in run {run}; the rest is expected."] if run else [table]


def _cell(row: dict[str, Any], approach: str) -> str:
    measured = row["measured"].get(approach)
    return row["expected"][approach] if measured is None else f"{measured} *"


def _patterns(found: dict[str, Any]) -> list[RenderableType]:
    table = _grid(("", 6), ("", 33), ("", None))
    for pattern in found["patterns"]["all"]:
        table.add_row(pattern["fit"], f"{pattern['number']} {pattern['name']}", pattern["when"])
    return [found["patterns"]["fitting"], table]


def _next(found: dict[str, Any]) -> RenderableType:
    table = _grid(("", 2), ("", None))
    for number, step in enumerate(found["next"], start=1):
        table.add_row(str(number), f"{step['name']}: {step['text']}")
    return table


def _numbers(questions: list[int] | tuple[int, ...]) -> str:
    return ", ".join(map(str, questions))


def _grid(*columns: tuple[str, int | None]) -> Table:
    """A table without lines: (justify or '', width or None for the rest)."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1))
    for justify, width in columns:
        table.add_column(justify="right" if justify == "right" else "left", width=width, ratio=None if width else 1)
    return table
