"""`harness refresh`: new documents in, a light training from the last adapter, the same gates, the old one kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.corpus import tell_corpus
from harness.cli.options import AllowCodeOption, JsonOption, ScenarioArgument, WorkersOption
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from harness.runs.refresh import Refresh, RefreshOutcome


def refresh_command(
    scenario: ScenarioArgument,
    arm: Annotated[str | None, typer.Option(help="The tuned arm. Default: the candidate, else the first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is new and what would be done.")] = False,
    workers: WorkersOption = None,
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a tuned arm up to date: index, a light training from the last adapter, the same gates.

    Trained on are new examples, and those about pages that changed or that a failed case rests on. Every version is
    kept under adapters/; the one in use is the newest with GO. Killed, it goes on where it was.
    """
    from harness.engine.progress import shown_progress
    from harness.record.codec import to_json
    from harness.runs.refresh import perform_refresh, plan_refresh

    refresh = plan_refresh(scenario, arm, allow_code)
    corpus = refresh.ready.inputs.corpus
    tell_corpus(corpus.skipped, corpus.remarks)
    if dry_run:
        typer.echo(to_json(_facts(refresh), indent=1) if as_json else printable(_plan_text(refresh)))
        return
    if not as_json:
        typer.echo(printable(_plan_text(refresh)))
    with shown_progress() as progress:
        outcome = perform_refresh(refresh, progress, workers)
    typer.echo(to_json(outcome, indent=1) if as_json else printable(_outcome_text(outcome)))


def _facts(refresh: Refresh) -> dict[str, object]:
    changes = refresh.changes
    return {
        "before": refresh.before.name, "documents": changes.documents, "deleted": changes.deleted,
        "new_examples": len(changes.examples), "failures": [failure.case for failure in changes.failures],
        "examples": 0 if refresh.tune is None else len(refresh.tune.examples),
        "seconds": 0 if refresh.tune is None else refresh.tune.seconds(),
    }  # fmt: skip


def _plan_text(refresh: Refresh) -> str:
    changes, tune = refresh.changes, refresh.tune
    page_words = "pages, each of them for want of an index of before" if refresh.no_index else "pages new or changed"
    training = "nothing to train on" if tune is None else f"{tune.size()}, about {tune.seconds():.0f} s"
    return "\n".join(
        (
            f"{refresh.before.name} is in use (adapter {refresh.before.adapter})",
            f"new since: {len(changes.documents)} {page_words}, {len(changes.deleted)} gone, "
            f"{show_count(len(changes.examples), 'example')}, {show_count(len(changes.failures), 'failed case')}",
            f"light training: {training}",
        )
    )


def _outcome_text(outcome: RefreshOutcome) -> str:
    after = outcome.after or f"{outcome.before}, not trained on"
    kept_line = f"in use: {outcome.in_use}"
    if outcome.after is not None and outcome.in_use != outcome.after:
        kept_line += f"; {outcome.after} is kept beside it"
    return f"{after}: {outcome.verdict} in run {outcome.run}; {kept_line}"
