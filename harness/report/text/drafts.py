"""Drafts in lines and as facts: how many were written, what passed which check, why the others were dropped."""

from __future__ import annotations

from pathlib import Path

from harness.drafts.draft import Drafts
from harness.from_documents import GoldenDrafts, TrainingDrafts, commonest
from harness.stats.numbers import show_count


def draft_facts(drafts: Drafts) -> dict[str, object]:
    """The funnel and the reasons of a draw, for `--json`."""
    return {
        "funnels": drafts.funnels, "makers": makers(drafts), "reasons": commonest(drafts.drops),
        "documents": drafts.documents, "replies": drafts.replies, "remembered": drafts.remembered,
    }  # fmt: skip


def makers(drafts: Drafts) -> dict[str, dict[str, int]]:
    """Drafts that passed, by kind and by who wrote the question."""
    counts: dict[str, dict[str, int]] = {}
    for draft in drafts.drafts:
        own = counts.setdefault(draft.kind, {})
        own[draft.maker] = own.get(draft.maker, 0) + 1
    return counts


def golden_drafts_text(draw: GoldenDrafts, scenario: str) -> str:
    """A draw of golden drafts in lines: what is in the file, what passed which check, what comes next."""
    file = draw.file
    missing = {kind: count - draw.passed.get(kind, 0) for kind, count in draw.asked_for.items()}
    short = ", ".join(f"{kind} {count}" for kind, count in missing.items() if count > 0)
    lines = [
        f"{file.file}: {file.drafts} drafts: {file.new} new, {file.stayed} as before; {file.gone} taken out",
        *funnel_lines(draw.drafts, draw.seconds, draw.writer),
        *([f"  fewer than asked for: {short}"] if short else []),
        f"nobody has read them yet: harness golden review {scenario}",
    ]
    return "\n".join(lines)


def funnel_lines(drafts: Drafts, seconds: float, writer: str) -> list[str]:
    """A draw in lines: who wrote, and by kind how many came to each check and passed it."""
    head = (
        f"  by {writer}, {show_count(drafts.documents, 'document')}, {seconds / 60:.1f} min; {drafts.replies} replies"
    )
    lines = [f"{head}, {drafts.remembered} of them known"]
    for kind, rows in drafts.funnels.items():
        steps = ", ".join(f"{row.check} {row.passed}" for row in rows)
        by = ", ".join(f"{maker} {count}" for maker, count in makers(drafts).get(kind, {}).items())
        lines.append(
            f"  {kind}: {rows[0].entered if rows else 0} written; passed: {steps}" + (f"; by {by}" if by else "")
        )
    lines += [f"  dropped, {reason}: {count}" for reason, count in commonest(drafts.drops).items()]
    return lines


def training_drafts_text(draw: TrainingDrafts, out: Path) -> str:
    """A draw of training examples in lines."""
    kinds = ", ".join(f"{name} {number}" for name, number in draw.examples.kinds.items())
    lines = [f"{out}: {show_count(len(draw.examples.examples), 'example')}: {kinds}"]
    lines += [f"  left out, {why}: {number}" for why, number in draw.examples.left_out.items()]
    return "\n".join([*lines, *funnel_lines(draw.drafts, draw.seconds, draw.writer)])
