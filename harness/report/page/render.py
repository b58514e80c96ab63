"""The page of one run: a record, its traces and its scores in, one self-contained HTML file out. Pure, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from harness.characters import without_halves
from harness.record.sections import Record
from harness.report.charts.vega import slots
from harness.report.escape import script_json
from harness.report.headline import headline
from harness.report.outcomes import OUTCOMES
from harness.report.page.contents import CONTENTS
from harness.report.page.environment import asset, environment, policy
from harness.report.page.pattern import model_names
from harness.report.page.payload import payload
from harness.report.page.view import view_of
from harness.types import Case, Prompt, Score, Trace


def render_html(
    record: Record,
    traces: Sequence[Trace],
    scores: Sequence[Score],
    cases: Sequence[Case],
    prompts: Mapping[str, Prompt] | None = None,
) -> str:
    """The report of one run.

    Args:
        record: of the run, its verdict included.
        traces: every trace of the run; probes are counted in the record and not listed.
        scores: every score of the run.
        cases: the golden cases that were asked. Without them questions are shown by their ids.
        prompts: arm -> the messages before the user's turn; the page adds the turn of each question to them.
    """
    run = view_of(record, traces, scores, cases, prompts or {})
    style, script = asset("report.css"), asset("report.js")
    contents = [(part, part.absent(run)) for part in CONTENTS]
    page = environment().get_template("report.html.jinja")
    html = page.render(
        record=record,
        first=headline(record, cases),
        models=model_names(record),
        arms=run.arms,
        slots=slots(run.arms),
        outcomes=OUTCOMES,
        contents=[(part, part.build(run)) for part, why in contents if not why],
        folds=[(part, why) for part, why in contents if why],
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
        data=Markup(script_json(payload(run))),
    )
    return without_halves(html)  # what is left of cut emojis: no file can carry it
