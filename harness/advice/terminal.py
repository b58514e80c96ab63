"""The advice as text for a terminal of 80 columns and up. Colour only repeats what words say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.advice import labels
from harness.advice.content import AdviceContent
from harness.advice.labels import name_of
from harness.advice.profile import APPROACHES, ProfileRow
from harness.advice.questions import BY_NUMBER
from harness.advice.recommendations import RECOMMENDATIONS, Outcome
from harness.advice.stability import Stability
from harness.stats.numbers import percent

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table


SHORT_FLIPS = 3  # single answers that would change it, in the short text


def to_terminal(content: AdviceContent, console: Console, long: bool = False) -> None:
    """Print the advice, the answer last; made for 80 columns and up. Colour only repeats what words say.

    Args:
        long: everything that it rests on before it, too.
    """
    if content.title:
        from rich.text import Text

        console.print(Text(content.title, style="dim"))
    _section("Against each other", _conflicts(content, long), console)
    if long:
        for title, body in _grounds(content):
            _section(title, body, console)
    _section("How firm is this?", _firmness(content, long), console)
    if content.wanted != "rag" and not long:
        _section("What tuning takes", _needs_in_short(content), console)
    console.print()
    _answer(content, console, long)


def _grounds(content: AdviceContent) -> list[tuple[str, RenderableType | list[RenderableType]]]:
    """Everything that the answer rests on, and that is good to know beside it."""
    return [
        ("The guide, arrow by arrow", _walk(content)),
        ("The guide's tiers", _tiers(content)),
        ("Six signals", _signals(content)),
        ("Before tuning", _needs(content)),
        ("GPU memory to tune, GB (estimate)", _memory(content)),
        ("What each is like to live with", _profile(content)),
        ("How to combine them", _patterns(content)),
        ("Sources, and what they rest on", _sources(content)),
    ]


def _section(title: str, body: RenderableType | list[RenderableType], console: Console) -> None:
    console.print()
    console.print(title, style="bold", highlight=False)
    for part in body if isinstance(body, list) else [body]:
        console.print(part, highlight=False, markup=False)


def _answer(content: AdviceContent, console: Console, long: bool) -> None:
    from rich.text import Text

    kind = content.recommendation
    console.print(Text(f"{RECOMMENDATIONS[kind].glyph} {labels.title_of(kind, content.first_step)}", style="bold cyan"))
    console.print(content.reason, highlight=False, markup=False)
    console.print()
    table = _grid(("", 11), ("", None))
    if long:
        table.add_row("Wanted", name_of(content.wanted))
        for number, premise in enumerate(content.carried_by):
            table.add_row("" if number else "Because", f"{premise.text} ({labels.numbered(premise.questions)})")
    table.add_row("First step", content.first_step_text)
    for number, step in enumerate(content.next, start=1):
        table.add_row("Then" if number == 1 else "", f"{step.name}: {step.text}" if long else step.name)
    console.print(table)
    if not long:
        rest = "--long: the guide's own reading, signals, memory, costs, patterns, sources"
        console.print(rest, style="dim", highlight=False, markup=False)


def _firmness(content: AdviceContent, long: bool) -> list[RenderableType]:
    lines: list[RenderableType] = [_share_text(content.stability)]
    if not content.flips:
        return [*lines, "No single answer would change it."]
    rows = content.flips if long else content.flips[:SHORT_FLIPS]
    table = _grid(("", 4), ("", None))
    for flip in rows:
        topic = BY_NUMBER[flip.question].topic
        change = f"question {flip.question} ({topic}): {flip.given} → {flip.instead}"
        table.add_row("  ⇄", f"{change} would make it {name_of(flip.recommendation)}")
    if len(rows) < len(content.flips):
        table.add_row("", f"and {len(content.flips) - len(rows)} more (--long)")
    return [*lines, "Single answers that would change it:", table]


def _share_text(stability: Stability) -> str:
    if not stability.unsure and not stability.contradicted:
        return "Every question is answered: nothing is left open."
    shares = sorted(stability.shares.items(), key=lambda pair: -pair[1])
    shares_text = ", ".join(f"{name_of(name)} {percent(share)}" for name, share in shares if share)
    kinds = (("Unsure", stability.unsure), ("Contradicted by a fact", stability.contradicted))
    kinds_text = "; ".join(f"{kind}: {labels.numbered(questions)}" for kind, questions in kinds if questions)
    return f"{kinds_text}. Over the {stability.completions} ways this can turn out: {shares_text}."


def _conflicts(content: AdviceContent, long: bool) -> RenderableType | list[RenderableType]:
    """The conflicts, those that decide something first; in short those of the guide with itself are counted."""
    if not content.conflicts:
        return "Nothing: answers, facts and the guide agree."
    rows = [row for row in content.conflicts if long or row.kind != "guide"]
    hidden = len(content.conflicts) - len(rows)
    table = _grid(("", 8), ("", None))
    for row in rows:
        decides = "Decides the recommendation. " if row.decides else ""
        table.add_row(row.kind, f"{decides}{row.text} [{f'{row.name}; ' if long else ''}{row.source}]")
    if hidden:
        places = "one place" if hidden == 1 else f"{hidden} places"
        table.add_row("guide", f"reads otherwise in {places}; all nine answers were read (--long shows both)")
    return table


def _sources(content: AdviceContent) -> RenderableType:
    table = _grid(("", 16), ("", None))
    for row in content.sources:
        table.add_row(row.name, f"{row.what}: {row.rests_on}")
    return table


def _needs_in_short(content: AdviceContent) -> list[RenderableType]:
    """What is missing before tuning, and what it costs."""
    table = _grid(("", 9), ("", None))
    for need in content.before_tuning.needs:
        if need.met is not True and need.name != "golden_set":
            table.add_row(labels.MET[need.met], f"{need.need}; {need.detail}")
    return [table, labels.cost_sentence(content.before_tuning.cost)]


def _walk(content: AdviceContent) -> list[RenderableType]:
    table = _grid(("", 2), ("", 30), ("", None))
    for step in content.walk:
        reading = "" if step.answer == step.taken_as else f", read as {step.taken_as}"
        arrow = f"→ {name_of(step.outcome)}" if step.outcome else "→ continue"
        table.add_row(str(step.question), step.topic, f"{step.answer}{reading} {arrow}")
    agrees = "the same as" if content.walk_outcome == content.wanted else "not"
    end = f"It ends at {name_of(content.walk_outcome)}: {agrees} what all nine ask for."
    return [table, end]


def _tiers(content: AdviceContent) -> RenderableType:
    table = _grid(("", 2), ("", 26), ("", None))
    for tier in content.tiers.values():
        triggers = f"triggered by {_numbers(tier.triggered_by)}" if tier.triggered_by else "no trigger"
        blocked = f", blocked by {_numbers(tier.blocked_by)}" if tier.blocked_by and tier.triggered_by else ""
        note = f"; {tier.note}" if tier.note and tier.applies else ""
        table.add_row("●" if tier.applies else "○", tier.name, triggers + blocked + note)
    return table


def _signals(content: AdviceContent) -> list[RenderableType]:
    table = _grid(("", 18), ("", 12), ("", None))
    for signal in content.signals.values():
        table.add_row(signal.name, name_of(signal.rating), signal.basis)
    count = content.signal_tally
    marks = f"Check marks: RAG {count.rag}, fine-tuning {count.fine_tune}, unknown {count.unknown}"
    return [table, f"{marks}; {labels.leaning_text(count.leaning)}."]


def _needs(content: AdviceContent) -> list[RenderableType]:
    before = content.before_tuning
    table = _grid(("", 9), ("", None))
    for need in before.needs:
        have = f" (have: {need.have})"
        table.add_row(labels.MET[need.met], f"{need.need}{have}; {need.detail}")
    lines: list[RenderableType] = [table, labels.cost_sentence(before.cost)]
    return (
        ["Tuning is not recommended now; this is kept for the day it is.", *lines] if content.wanted == "rag" else lines
    )


def _memory(content: AdviceContent) -> list[RenderableType]:
    memory = content.before_tuning.memory_gb
    table = _grid(("", 24), *[("right", 10) for _ in memory.sizes])
    table.add_row("", *[f"{size:g}B" for size in memory.sizes])
    for method, name in memory.methods.items():
        table.add_row(name, *[labels.gigabytes(cell.gb) for cell in memory.rows[method]])
    errors = [abs(c.error) for c in content.before_tuning.published if c.error is not None]
    median = sorted(errors)[len(errors) // 2]
    note = f"Median error against {len(errors)} published figures: {percent(median)}; the page lists each."
    return [table, note]


def _profile(content: AdviceContent) -> list[RenderableType]:
    table = _grid(("", 21), ("", 18), ("", 19), ("", None))
    table.add_row("", *map(name_of, APPROACHES))
    for row in content.profile:
        table.add_row(row.name, *[_cell(row, approach) for approach in APPROACHES])
    run = content.profile_from
    return [table, f"* measured in run {run}; the rest is expected."] if run else [table]


def _cell(row: ProfileRow, approach: Outcome) -> str:
    figure = row.measured.get(approach)
    return row.expected[approach] if figure is None else f"{figure} *"


def _patterns(content: AdviceContent) -> list[RenderableType]:
    table = _grid(("", 6), ("", 33), ("", None))
    for one in content.patterns.all:
        table.add_row(one.fit, f"{one.number} {one.name}", one.when)
    return [content.patterns.fitting, table]


def _numbers(questions: Sequence[int]) -> str:
    return ", ".join(map(str, questions))


def _grid(*columns: tuple[str, int | None]) -> Table:
    """A table without lines: (justify or '', width or None for the rest)."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1))
    for justify, width in columns:
        table.add_column(justify="right" if justify == "right" else "left", width=width, ratio=None if width else 1)
    return table
