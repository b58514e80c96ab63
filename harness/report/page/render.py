"""The page: a record, its traces and its scores in, one self-contained HTML file out. Pure, no network, no framework.

Style and script stand inside the page and are named by their hashes in its content security policy, which forbids
everything else: no request can leave the page, and text that others wrote cannot act in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.paths import cache_dir
from harness.report.charts.curves import forgetting_by_subject, loss_curve, recall_curve
from harness.report.charts.forest import MARKS, forest
from harness.report.charts.quality import latency_split, names, quality_against
from harness.report.charts.strip import strip
from harness.report.charts.vega import slots
from harness.report.outcomes import OUTCOMES, grid, outcome_map, score_table
from harness.report.page.costs import break_even, break_even_updates, cost_rows, question_cost
from harness.report.page.drills import drill_charts, freshness_rows, freshness_says
from harness.report.page.escape import clean, script_json
from harness.report.page.first import first
from harness.report.page.matrix import matrix
from harness.report.page.pattern import model_names, patterns, shipped
from harness.report.page.payload import payload
from harness.report.page.readiness import canary, checklists
from harness.report.page.slices import ceilings, empty_slices, slice_tables
from harness.stats import numbers
from harness.types import Case, Score, Trace

TEMPLATES = Path(__file__).resolve().parent / "templates"
OPTIONAL = (
    "models",
    "created",
    "command",
    "advice",
    "metrics",
    "slices",
    "differences",
    "forms",
    "retrieval",
    "latency",
    "latency_ratio",
    "latency_aa",
    "cost",
    "prices",
    "forgetting",
    "safety",
    "tuning",
    "identical_outputs",
    "stages",
    "versions",
    "hardware",
    "git",
    "hashes",
    "seeds",
    "unmeasured",
    "probes",
    "partial",
    "diagnosis",
    "drills",
    "freshness",
    "fixes",
    "changed",
    "flips",
    "prompts",
)


def render_html(
    record: Mapping[str, Any],
    traces: Sequence[Trace],
    scores: Sequence[Score],
    cases: Sequence[Case],
    prompts: Mapping[str, Any] | None = None,
) -> str:
    """The report of one run.

    Args:
        record: record.json as plain JSON, its verdict included.
        traces: every trace of the run; probes are counted in the record and not listed.
        scores: every score of the run.
        cases: the golden cases that were asked. Without them questions are shown by their ids.
        prompts: arm -> the messages before the user's turn; the page adds the turn of each question to them.
    """
    record = {**dict.fromkeys(OPTIONAL), **record}
    table = score_table(scores)
    by_id = {case.id: case for case in cases}
    outcomes = outcome_map(traces, table, by_id)
    heads = prompts or record.get("prompts") or {}
    data = payload(record, traces, table, cases, outcomes, heads)
    style, script = asset("report.css"), asset("report.js")
    page = environment().get_template("report.html.jinja")
    return page.render(
        **_frame(record),
        **_figures(record),
        **_questions(record, cases, outcomes, data),
        ceilings=ceilings(record, table, [case for case in cases if case.split == "test"]),
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script),
        data=Markup(script_json(data)),
    )


def policy(style: str, script: str) -> str:
    """The content security policy: this style, this script, nothing else and no request."""
    allowed = f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def asset(name: str) -> str:
    """A style or script that stands inside the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates, with every text escaped and control characters shown."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    made.globals.update(
        show=numbers.show,
        show_estimate=numbers.show_estimate,
        show_interval=numbers.show_interval,
        show_seconds=numbers.show_seconds,
        show_count=numbers.show_count,
        show_p=numbers.show_p,
        figure=numbers.figure,
    )
    return made


def _compiled() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept; None where no folder can be made, and every call compiles them."""
    folder = cache_dir() / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))


def _frame(record: Mapping[str, Any]) -> dict[str, Any]:
    """First screen, gates, matrix, provenance: what needs no drawing."""
    arms = names(record)
    return {
        "record": record,
        "first": first(record),
        "models": model_names(record),
        "forest": forest(record["verdict"]["gates"]),
        "marks": MARKS,
        "blocks": matrix(record),
        "slices": slice_tables(record),
        "empty_slices": empty_slices(record),
        "arms": arms,
        "slots": slots(arms),
        "outcomes": OUTCOMES,
        "stages": record.get("stages") or [],
        "costs": cost_rows(record),
        "ship": shipped(record),
        "patterns": patterns(record),
        "checklists": checklists(record),
        "canary": canary(record),
        "fresh": freshness_rows(record),
        "fresh_says": freshness_says(record),
        "diagnosis": _diagnosis(record),
        "unmeasured": _unmeasured(record),
    }


def _diagnosis(record: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Failure modes; a record that keeps only those that are present need not say so."""
    found = record["diagnosis"]
    return None if found is None else [{"status": "present", **mode} for mode in found]


def _unmeasured(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, why) of everything that was not measured: what the record lists, and every gate without a figure."""
    listed = [(str(row["what"]), str(row["why"])) for row in record["unmeasured"] or ()]
    gates = [(g["title"], g["reason"]) for g in record["verdict"]["gates"] if g["status"] == "not measured"]
    return list(dict.fromkeys([*listed, *gates]))


def _figures(record: Mapping[str, Any]) -> dict[str, Any]:
    """The charts."""
    latency = record.get("latency") or {}
    p95 = {arm: ((latency.get(arm) or {}).get("total") or {}).get("p95") or {} for arm in names(record)}
    costs, axis = question_cost(record)
    tuned = list((record.get("tuning") or {}).items())
    forgetting = record["forgetting"] or {}
    forgotten = list(forgetting.get("arms", {}).items()) if forgetting.get("status") == "measured" else []
    return {
        "quality_latency": quality_against(record, p95, "p95 latency, ms", "quality-latency"),
        "quality_cost": quality_against(record, costs, axis, "quality-cost"),
        "latency_chart": latency_split(record),
        "recall": recall_curve(record),
        "losses": {arm: loss_curve(arm, found, i) for i, (arm, found) in enumerate(tuned)},
        "forgotten": {arm: forgetting_by_subject(arm, found, i) for i, (arm, found) in enumerate(forgotten)},
        "break_even": break_even(record),
        "break_even_updates": break_even_updates(record),
        "drills": drill_charts(record),
    }


def _questions(
    record: Mapping[str, Any], cases: Sequence[Case], outcomes: Mapping[tuple[str, str], str], data: Mapping[str, Any]
) -> dict[str, Any]:
    """The question strip, its counts, and the suspects for a wrong label."""
    judged = [case for case in cases if case.split == "test"] or [Case(row["id"], "") for row in data["cases"]]
    found = grid(outcomes, names(record), judged)
    by_id = {case.id: case for case in judged}
    return {
        "strip": strip(found) if found.case_ids and any(found.cells) else None,
        "grid": found,
        "counts": found.counts(),
        "suspects": [by_id[name] for name in found.missed_by_all()],
        "asked": len(data["cases"]),
    }
