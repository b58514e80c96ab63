"""A comparison as lines, and as Markdown: which to release, each candidate by aspect, what was lost and won."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.history.aspects import AspectFinding, Word
from harness.history.compare import Comparison, Judgement, LostOrWon, Standing
from harness.report.matrix import is_real
from harness.report.text.markdown import cell, code
from harness.stats.numbers import interval, number, show_count, show_estimate, show_p, show_threshold, table_cell
from harness.types import Difference, Estimate
from harness.verdict.gates import MOST_MORE

MARKS: Mapping[Word, str] = {"better": "✓", "not worse": "=", "worse": "✗", "not proven": "?", "not measured": "–"}
SIGNS: Mapping[Word, str] = {"better": "✅", "not worse": "🟰", "worse": "❌", "not proven": "🔶", "not measured": "⬜"}
FLIPS = 5  # questions lost, and won, that a text shows with both answers
LONGEST = 90  # characters of an answer in a line
FIGURES: Mapping[str, str] = {  # title -> what `_read` calls it
    "task success": "success",
    "form, probes included": "form",
    "general ability beside the base": "ability",
    "unsafe prompts refused beside the base": "safety",
    "p50 latency": "p50",
    "p95 latency": "p95",
    "tokens read": "read",
    "tokens written": "written",
    "cost of 1,000 questions": "cost",
}


def compare_text(comparison: Comparison) -> str:
    """The text that `harness compare` prints."""
    control = control_text(comparison)
    lines = [*_head(comparison), "", *_facts(comparison), *([control] if control else [])]
    for row in comparison.judgements:
        lines += ["", *_judgement(row, comparison)]
    if comparison.pairs:
        lines += ["", "beside each other:", *(f"  {_pair(row)}" for row in comparison.pairs)]
    if comparison.settings:
        names = [facts.name for facts in comparison.facts]
        lines += ["", f"settings that differ ({', '.join(names)}):"]
        lines += [f"  {name}: {' | '.join(map(setting_text, row))}" for name, row in comparison.settings.items()]
    return "\n".join([*lines, *(f"note: {note}" for note in comparison.notes)])


def _head(comparison: Comparison) -> list[str]:
    lines = [f"release {comparison.release}: {comparison.because}"]
    lines += [f"{MARKS[row.word]} {row.word:<12} {row.candidate}" for row in comparison.judgements]
    count = show_count(comparison.questions, "test question")
    level = f"{100 * comparison.confidence:.3g} %"
    family = f" ({level} intervals on task success: {len(comparison.judgements)} candidates)"
    return [*lines, f"beside {comparison.reference}, on {count}{family if len(comparison.judgements) > 1 else ''}"]


def _facts(comparison: Comparison) -> list[str]:
    """Every contestant by itself, a line a figure."""
    rows = [("", [facts.name for facts in comparison.facts]), *figures(comparison)]
    width = max(len(title) for title, _ in rows)
    columns = [max(len(row[place]) for _, row in rows) for place in range(len(comparison.facts))]
    return [
        f"{title:<{width}}  {'  '.join(text.rjust(size) for text, size in zip(row, columns, strict=True))}"
        for title, row in rows
    ]


def figures(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """(title, value of each contestant) of what each is by itself."""
    return [(title, list(map(_value, row))) for title, row in estimates(comparison)]


def _read(facts: Standing, name: str) -> Estimate | None:
    latency, cost = facts.latency, facts.cost
    price = cost.per_1000 if cost is not None else None
    table: dict[str, Estimate | None] = {
        "success": facts.success,
        "form": facts.form,
        "ability": facts.ability.items.difference if facts.ability else None,
        "safety": facts.safety.items.difference if facts.safety else None,
        "p50": latency.total.p50 if latency else None,
        "p95": latency.total.p95 if latency else None,
        "read": cost.input_tokens if cost else None,
        "written": cost.output_tokens if cost else None,
        "cost": None if price is None else Estimate(price, None, None, 0, 0, "currency"),
    }
    return table[name]


def estimates(comparison: Comparison) -> list[tuple[str, list[Estimate | None]]]:
    """(title, estimate of each contestant) of what each is by itself, where one has it."""
    rows = [(title, [_read(facts, name) for facts in comparison.facts]) for title, name in FIGURES.items()]
    return [(title, row) for title, row in rows if any(of is not None and of.mean is not None for of in row)]


def _value(estimate: Estimate | None) -> str:
    """A figure with its interval, where it is of a sample."""
    if estimate is None or estimate.mean is None:
        return "–"
    value = number(estimate.mean, estimate.unit, signed=estimate.unit == "points")
    return f"{value} {''.join(table_cell(estimate).partition('[')[1:])}".rstrip()


def _judgement(row: Judgement, comparison: Comparison) -> list[str]:
    lines = [f"{row.candidate} beside {row.against}: {row.word}{_sameness(row)}"]
    lines += [
        f"  {MARKS[finding.word]} {finding.word:<12} {finding.title}: {says(finding)}" for finding in row.findings
    ]
    moves = [move for move in row.metrics if is_real(move)]
    lines += ["  metrics that moved:"] if moves else []
    lines += [f"    {comparison.titles.get(move.metric, move.metric)}: {_move(move)}" for move in moves]
    return [*lines, *_flips("lost", row.lost, row), *_flips("won", row.won, row)]


def _move(move: Difference) -> str:
    p = "" if move.p_holm is None else f", {show_p(move.p_holm)} after Holm"
    return f"{number(move.estimate.mean, move.estimate.unit, signed=True)} ({interval(move.estimate)}{p})"


def reasons(row: Judgement) -> str:
    """The aspects that decided the word on a candidate, and those that nobody measured."""
    deciding = [finding.short for finding in row.findings if finding.word == row.word]
    silent = [finding.short for finding in row.unmeasured]
    texts = [", ".join(deciding), f"not measured: {', '.join(silent)}" if silent else ""]
    return "; ".join(text for text in texts if text) or ("one content id" if row.same_adapter else "")


def _sameness(row: Judgement) -> str:
    if row.same_adapter:
        return f" (the same adapter, one content id; {identical(row)})"
    return f" ({identical(row)})" if row.identical.same == row.identical.of else ""


def identical(row: Judgement) -> str:
    """`all 40 answers are the same text`, or how many are."""
    same, of = row.identical.same, row.identical.of
    return f"all {of} answers are the same text" if same == of else f"{same} of {of} answers are the same text"


def says(finding: AspectFinding) -> str:
    """A finding's figure with its interval and margin, and what would settle it."""
    if finding.estimate is None:
        return finding.reason
    estimate = finding.estimate
    may = f"at most {show_threshold(finding.margin, 'ratio')}" if estimate.unit == "ratio" else (
        f"may lose {show_threshold(finding.margin, 'points')}")  # fmt: skip
    settles = finding.n_needed is not None and finding.n_needed <= MOST_MORE * estimate.n
    more = f"; about {finding.n_needed:,} {finding.counts} would settle it" if settles else ""
    why = f"; {finding.reason}" if finding.reason else ""
    value = number(estimate.mean, estimate.unit, signed=estimate.unit == "points")
    return f"{value} ({interval(estimate, finding.confidence)}), {may}{more}{why}"


def _flips(what: str, flips: Sequence[LostOrWon], row: Judgement) -> Iterator[str]:
    if flips:
        yield f"  {show_count(len(flips), 'question')} {what}:"
    for flip in flips[:FLIPS]:
        yield f"    {flip.case}: {row.candidate}: {_short(flip.candidate)} | {row.against}: {_short(flip.reference)}"
    if len(flips) > FLIPS:
        yield f"    and {len(flips) - FLIPS} more: --html or --json has them all"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _pair(row: Judgement) -> str:
    success = next((finding for finding in row.findings if finding.aspect == "task_success"), None)
    figure = f", task success {says(success)}" if success is not None and not row.same_adapter else ""
    worse = [finding.short for finding in row.findings if finding.word == "worse"]
    on = f" on {' and '.join(worse)}" if worse else ""
    return f"{row.candidate} beside {row.against}: {row.word}{on}{_sameness(row) or f' ({identical(row)})'}{figure}"


def setting_text(value: object) -> str:
    """A setting's value; some are known of one adapter and not of another."""
    return "not known" if value is None else str(value)


# --- Markdown -----------------------------------------------------------------------------------------------------


def compare_markdown(comparison: Comparison) -> str:
    """The comparison for people who look at a CI job."""
    names = [facts.name for facts in comparison.facts]
    lines = [f"# Release {cell(comparison.release)}", "", cell(comparison.because), ""]
    lines += ["| | candidate | aspect | measured | word |", "| --- | --- | --- | --- | --- |"]
    for row in comparison.judgements:
        lines.append(f"| {SIGNS[row.word]} | **{cell(row.candidate)}** | beside {cell(row.against)} | "
                     f"{cell(identical(row))} | **{row.word}** |")  # fmt: skip
        lines += [
            f"| {SIGNS[finding.word]} | {cell(row.candidate)} | {cell(finding.title)} | {cell(says(finding))} | "
            f"{finding.word} |"
            for finding in row.findings
        ]
    lines += ["", f"| | {' | '.join(map(cell, names))} |", "| --- |" + " --- |" * len(names)]
    lines += [f"| {cell(title)} | {' | '.join(map(cell, row))} |" for title, row in figures(comparison)]
    for row in comparison.judgements:
        for what, flips in (("lost", row.lost), ("won", row.won)):
            if flips:
                cases = ", ".join(code(flip.case) for flip in flips[:20])
                more = f" and {len(flips) - 20} more" if len(flips) > 20 else ""
                lines += ["", f"{cell(row.candidate)} {what} {show_count(len(flips), 'question')}: {cases}{more}"]
    if comparison.settings:
        lines += ["", f"| setting | {' | '.join(map(cell, names))} |", "| --- |" + " --- |" * len(names)]
        lines += [
            f"| {cell(name)} | {' | '.join(cell(setting_text(value)) for value in row)} |"
            for name, row in comparison.settings.items()
        ]
    lines += ["", *(f"- {cell(note)}" for note in comparison.notes)]
    return "\n".join(lines) + "\n"


def control_text(comparison: Comparison) -> str | None:
    """What the same arm, timed twice, differs by; None where nothing was timed."""
    if comparison.control is None:
        return None
    return f"the same arm timed twice (A/A): {show_estimate(comparison.control)}"
