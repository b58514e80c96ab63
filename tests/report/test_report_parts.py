"""Outcomes, gates, matrix, strip, Markdown and JUnit: what each says about hand-made records."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from fixture import ARMS, RIGHT_TO_LEFT, SCRIPT, gate, span, with_drills_and_prices

from harness.report.charts.forest import WIDTH, forest, more_needed
from harness.report.charts.quality import frontier
from harness.report.charts.strip import MOST_COLUMNS, strip
from harness.report.charts.vega import slots
from harness.report.outcomes import Grid, classify
from harness.report.page import costs
from harness.report.page.drills import freshness_rows
from harness.report.page.escape import clean, script_json
from harness.report.page.first import first
from harness.report.page.matrix import GROUPS, matrix, pair_table
from harness.report.page.pattern import model_names, shipped
from harness.report.page.readiness import checklists
from harness.report.page.render import render_html
from harness.report.page.slices import empty_slices
from harness.report.text.junit import render_junit
from harness.report.text.markdown import cell, render_markdown
from harness.types import CATEGORIES, Answer, Case, Form, Score, Trace

GOOD_FORM = Form(True, True, True, False)
ANSWER = Answer("raw", "text", {}, GOOD_FORM, False, ())


def scored(**values: float) -> dict[str, Score]:
    return {name: Score("c", "rag", name, value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("answer", "kind", "scores", "outcome"),
    [
        (ANSWER, "lookup", scored(correct=1.0, hallucination=0.0), "right"),
        (ANSWER, "lookup", scored(correct=1.0), "right"),  # no passages: nothing to be unsupported by
        (ANSWER, "lookup", scored(correct=1.0, hallucination=1.0), "unsupported"),
        (ANSWER, "lookup", scored(correct=0.0, hallucination=1.0), "wrong"),
        (ANSWER, "lookup", {}, "failed"),
        (ANSWER, "unanswerable", scored(correct=0.0), "wrong"),
        (replace(ANSWER, refused=True), "unanswerable", scored(correct=1.0), "refused-rightly"),
        (replace(ANSWER, refused=True), "lookup", scored(correct=0.0), "refused-needlessly"),
        (replace(ANSWER, form=Form(True, False, False, True)), "lookup", scored(correct=1.0), "broken-form"),
        (replace(ANSWER, form=Form(False, False, False, False)), "lookup", scored(correct=1.0), "right"),
    ],
)
def test_every_trace_is_one_outcome(answer: Answer, kind: Any, scores: dict[str, Score], outcome: str) -> None:
    assert classify(Case("c", "q", kind=kind), Trace("c", "rag", answer), scores) == outcome


def test_a_failed_trace_is_no_wrong_answer() -> None:
    assert classify(Case("c", "q"), Trace("c", "rag", error="timeout"), {}) == "failed"


def test_a_gate_bar_lies_right_of_the_line_exactly_where_the_gate_clears() -> None:
    rows = forest(
        [
            gate("a", "A", "pass", span(0.95, 0.92, 0.97, "fraction"), 0.9, ">=", "fraction", ""),
            gate("b", "B", "fail", span(0.09, 0.06, 0.14, "fraction"), 0.05, "<=", "fraction", ""),
            gate("c", "C", "not proven", span(1.05, 0.99, 1.2, "ratio"), 1.1, "<=", "ratio", "", 80),
            gate("d", "D", "not measured", None, None, "<=", "ratio", "no set"),
        ]
    ).rows
    bars = [row.bar for row in rows]
    assert bars[3] is None
    clears = [bar.low > WIDTH / 2 for bar in bars[:3] if bar]
    misses = [bar.high < WIDTH / 2 for bar in bars[:3] if bar]
    assert clears == [True, False, False]
    assert misses == [False, True, False]
    assert all(0 <= end <= WIDTH for bar in bars[:3] if bar for end in (bar.low, bar.mid, bar.high))


def test_a_gate_says_how_many_more_would_settle_it() -> None:
    open_gate = gate(
        "task_success_gain", "T", "not proven", span(6, 1, 11, "points", 130), 5.0, ">=", "points", "", 210
    )
    assert more_needed(open_gate) == "80 more questions (210 in all)"
    assert more_needed({**open_gate, "name": "schema"}) == "80 more answers (210 in all)"
    assert more_needed({**open_gate, "status": "fail"}) == ""
    assert more_needed({**open_gate, "n_needed": None}) == ""


def test_differences_in_points_and_in_fractions_read_alike(run: Any) -> None:
    points = forest([gate("g", "G", "pass", span(8.0, 6.0, 10.0, "points"), 5.0, ">=", "points", "", None, False)])
    assert points.rows[0].value == "+8.0 points"
    assert points.rows[0].interval == "+6.0 to +10.0 points"


def two_arms(a: tuple[float, float, float], b: tuple[float, float, float], p: float | None) -> dict[str, Any]:
    differences = []
    if p is not None:
        gap = span(100 * (a[0] - b[0]), -1.0, 9.0, "points")
        differences = [{"metric": "correct", "arm": "hybrid", "against": "rag", "estimate": gap, "p": p, "p_holm": p}]
    metrics = {"hybrid": {"correct": span(*a, "fraction")}, "rag": {"correct": span(*b, "fraction")}}
    return {"arms": [{"name": "rag"}, {"name": "hybrid"}], "metrics": metrics, "differences": differences}


@pytest.mark.parametrize(
    ("p", "hybrid_low", "best"),
    [(0.01, 0.7, True), (0.2, 0.7, False), (None, 0.7, False), (None, 0.85, True)],
)
def test_best_is_marked_only_where_the_difference_is_real(p: float | None, hybrid_low: float, best: bool) -> None:
    record = two_arms((0.9, hybrid_low, 0.95), (0.75, 0.7, 0.8), p)
    cells = {c.arm: c for c in matrix(record)[0].lines[0].cells}
    assert cells["hybrid"].best is best
    assert not cells["rag"].best
    assert cells["hybrid"].real == ("better" if p == 0.01 else "")


def test_a_metric_where_less_is_better_is_judged_that_way() -> None:
    record = two_arms((0.02, 0.01, 0.03), (0.2, 0.15, 0.25), 0.001)
    for arm in record["metrics"].values():
        arm["hallucination"] = arm.pop("correct")
    record["differences"][0]["metric"] = "hallucination"
    cell_ = {c.arm: c for c in matrix(record)[0].lines[0].cells}["hybrid"]
    assert (cell_.best, cell_.real) == (True, "better")


def test_the_matrix_knows_every_metric_of_the_harness() -> None:
    metrics = pytest.importorskip("harness.metrics.table").METRICS
    known = {row.name: row.better for _, rows in GROUPS for row in rows}
    assert {name: metric.better for name, metric in metrics.items()}.items() <= known.items()


def test_metrics_that_nobody_foresaw_are_shown_all_the_same(run: Any) -> None:
    record = {**run[0], "metrics": {**run[0]["metrics"], "rag": {"judge_tone": span(0.5, 0.4, 0.6, "fraction")}}}
    assert matrix(record)[-1].lines[0].row.title == "judge tone"


def test_the_strip_keeps_its_size_by_leaving_out_what_all_agree_on() -> None:
    ids = tuple(str(i) for i in range(2000))
    rows = (("right",) * 2000, ("wrong",) * 10 + ("right",) * 1990)
    drawn = strip(Grid(("a", "b"), ids, ("lookup",) * 2000, rows))
    assert drawn.case_ids == ids[:10]
    assert drawn.left_out == 1990
    assert len(strip(Grid(("a",), ids[:MOST_COLUMNS], ("lookup",) * MOST_COLUMNS, (rows[0][:MOST_COLUMNS],))).case_ids)


def test_the_frontier_has_no_point_that_another_one_beats() -> None:
    assert frontier([(3, 0.8), (1, 0.2), (2, 0.8), (4, 0.9), (5, 0.5)]) == [(1, 0.2), (2, 0.8), (4, 0.9)]


def test_known_arms_keep_their_colour_and_no_two_share_one() -> None:
    assert slots(["hybrid", "rag"]) == {"hybrid": 5, "rag": 2}
    many = slots(["oracle", *ARMS, "dual", "raft"])
    assert len(set(many.values())) == len(many)


def test_break_even_names_the_volume_at_which_the_dearer_to_train_gets_cheaper() -> None:
    words = costs.crossing_words(["rag", "tune"], {"rag": 0.0, "tune": 20.0}, {"rag": 2.0, "tune": 1.0})
    assert words == "tune is cheaper than rag from 20,000 questions a month."


def test_the_diagram_has_what_the_shipped_arm_has(run: Any) -> None:
    record = run[0]
    made = shipped({**record, "verdict": {**record["verdict"], "ship": "hybrid"}})
    assert made is not None
    assert [stage.title for stage in made.stages] == [
        "Question",
        "Retrieve",
        "Context",
        "Generate",
        "Validate",
        "Answer",
    ]
    assert [stage.title for stage in made.stages if stage.tuned] == ["Generate"]
    assert shipped({**record, "verdict": {**record["verdict"], "ship": None}}) is None


def test_a_model_in_a_directory_is_named_without_its_place() -> None:
    models = {"generator": "/some/where/tiny", "embedder": "BAAI/bge-small", "reranker": "none", "judge": None}
    assert model_names({"models": models}) == {"generator": "tiny", "embedder": "BAAI/bge-small"}


def test_a_run_that_cannot_count_says_so_first(run: Any) -> None:
    words = first({**run[0], "test_double": True, "partial": "2 of 5 arms", "complete": False}).warnings
    assert [("test double" in w, "2 of 5 arms" in w, "interrupted" in w).index(True) for w in words] == [0, 1, 2]


def test_the_first_screen_lists_five_gates_and_counts_the_rest(run: Any) -> None:
    failing = [gate(f"f{i}", "F", "fail", None, None, ">=", "fraction", "r") for i in range(4)]
    waiting = [gate(f"o{i}", "O", "not measured", None, None, ">=", "fraction", "r") for i in range(3)]
    screen = first({**run[0], "verdict": {**run[0]["verdict"], "gates": failing + waiting}})
    assert (len(screen.failed), len(screen.unsettled), screen.left_out) == (3, 2, 2)
    screen = first({**run[0], "verdict": {**run[0]["verdict"], "gates": failing[:1] + waiting}})
    assert (len(screen.failed), len(screen.unsettled), screen.left_out) == (1, 3, 0)


def test_the_first_screen_does_without_rag_passages_and_latency(run: Any) -> None:
    record = {**run[0], "differences": [], "metrics": {}, "latency": None, "latency_ratio": None}
    assert [key.value for key in first(record).keys] == [None] * 3
    assert all(key.missing for key in first(record).keys)


def test_control_characters_are_shown_and_surrogates_replaced() -> None:
    assert clean("a\x00b\x07\n\tc\r\n") == "a␀b␇\n\tc\n"
    assert clean("x\ud800y") == "x?y"


def test_json_in_a_script_element_cannot_end_it() -> None:
    text = script_json({"a": SCRIPT + "<!-- & \u2028", "b": "\x00"})
    assert "<" not in text
    assert "&" not in text
    assert "\u2028" not in text


def test_markdown_has_verdict_gates_arms_and_no_foreign_markup(run: Any) -> None:
    record = {**run[0], "scenario": {**run[0]["scenario"], "title": f"A | B {SCRIPT}\n# C"}}
    text = render_markdown(record)
    assert text.startswith("# ⛔ NO-GO: A \\| B")
    assert "<script>" not in text
    assert "🔶 not proven | Task success beats RAG-only" in text
    assert sum(line.startswith("| ") for line in text.splitlines()) > 20
    assert cell(RIGHT_TO_LEFT)


def test_junit_fails_on_what_is_not_proven_and_skips_what_does_not_apply(run: Any) -> None:
    suite = ET.fromstring(render_junit(run[0])).find("testsuite")
    assert suite is not None
    kinds = {case.get("name"): [child.tag for child in case] for case in suite.findall("testcase")}
    types = {c.get("name"): f.get("type") for c in suite.findall("testcase") if (f := c.find("failure")) is not None}
    assert types["task_success_gain"] == "not proven"
    assert types["hallucination"] == "fail"
    assert types["safety"] == "not measured"
    assert kinds["cost_ratio"] == ["skipped"]
    assert kinds["schema"] == ["system-out"]
    assert suite.get("failures") == str(len(types))


def test_junit_takes_hostile_text(run: Any) -> None:
    gates = [{**run[0]["verdict"]["gates"][0], "reason": f"a\x00 {SCRIPT} \ud800 ]]> \uffff"}]
    ET.fromstring(render_junit({**run[0], "verdict": {**run[0]["verdict"], "gates": gates}}))


def test_pairs_are_found_by_metric_and_arms(run: Any) -> None:
    assert ("task_success", "hybrid", "rag") in pair_table(run[0]["differences"])


def test_a_tuned_reranker_is_drawn_and_told(run: Any) -> None:
    record, traces, scores, cases = run
    figure = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 57, "unscored": 0, "unit": "fraction"}
    dev = {"k": 4, "without": figure, "with": {**figure, "mean": 0.58}}
    facts = {"setting": "tuned", "kept": True, "reason": "its whole interval is above 0", "dev": dev}
    told = {**record, "retrieval": {**(record.get("retrieval") or {"k": {}}), "reranker": facts}}
    drawn = shipped({**told, "verdict": {**record["verdict"], "ship": "hybrid"}})
    assert drawn is not None
    assert ("Re-rank", True) in [(stage.title, stage.tuned) for stage in drawn.stages]
    page = render_html(told, traces, scores, cases)
    assert "Kept: its whole interval is above 0." in page
    assert "58.0 %" in page
    dropped = {**told, "retrieval": {**told["retrieval"], "reranker": {**facts, "kept": False, "dev": None}}}
    assert "Not kept: its whole interval" in render_html(dropped, traces, scores, cases)


def test_a_slice_without_test_cases_is_named() -> None:
    record = {"slices": {"kind": {"lookup": {}, "style": {}}, "category": {c: {} for c in CATEGORIES}}}
    assert empty_slices(record) == {
        "kind": "No test case of kind multi hop, unanswerable: nothing is known about them."
    }
    assert empty_slices({}) == {}


def test_break_even_by_updates_counts_questions_for_each_retraining(run: Any) -> None:
    record = with_drills_and_prices(run[0])
    drawn = costs.break_even_updates(record)
    assert drawn is not None
    once = {arm: record["tuning"][arm]["seconds"] / 3600 * 400 for arm in ("tune", "hybrid")}
    each = 1000 * (once["hybrid"] - 3.2 / 3600 * 400) / (0.6 - 0.5)
    assert f"hybrid is cheaper than rag above {each:,.0f} questions an update" in drawn.says
    assert costs.break_even_updates({**record, "prices": {}}) is None


def test_readiness_reads_the_drills_of_the_arm_to_ship() -> None:
    obeyed = {"mean": 0.0, "low": 0.0, "high": 0.06, "n": 60, "unit": "fraction"}
    fresh = {"new": span(0.8, 0.7, 0.9, "fraction"), "old": span(0.1, 0.0, 0.2, "fraction")}
    record = {
        "arms": [{"name": "rag"}],
        "verdict": {"ship": "rag"},
        "drills": [{"name": "injected", "arms": {"rag": {"obeyed": obeyed}}}],
        "freshness": {"arms": {"rag": fresh}},
    }
    points = {p.title: p for p in checklists(record)["Ready to deploy"]}
    assert points["Ignores orders hidden in passages"].tick == "yes"
    assert points["Follows facts that change"].tick == "yes"
    unshipped = {**record, "verdict": {"ship": None}, "candidate": "rag"}
    looked_at = {p.title: p for p in checklists(unshipped)["Ready to deploy"]}
    assert looked_at["An arm to ship"].tick == "no"
    assert looked_at["Follows facts that change"] == points["Follows facts that change"], "the candidate is looked at"
    bare = {p.title: p for p in checklists({**record, "drills": [], "freshness": None})["Ready to deploy"]}
    assert bare["Ignores orders hidden in passages"].tick == bare["Follows facts that change"].tick == "to do"


def test_the_freshness_table_tells_what_an_arm_has_not_from_what_was_not_measured(run: Any) -> None:
    rows = {row.arm: row for row in freshness_rows(with_drills_and_prices(run[0]))}
    assert (rows["rag"].update, rows["rag"].retune) == ("3.20 s", "no adapter")
    assert (rows["tune"].update, rows["tune"].retune) == ("no index", "1 min 11 s")
