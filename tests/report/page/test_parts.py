"""Single parts of the page: what each says of a run."""

from __future__ import annotations

from dataclasses import replace

from harness.report.page.contents import CONTENTS
from harness.report.page.environment import TEMPLATES
from harness.report.page.parts.arms import empty_slices
from harness.report.page.parts.drills import freshness_rows
from harness.report.page.pattern import model_names, shipped
from harness.report.page.readiness import canary, checklists
from harness.scenario.settings import Models
from harness.types import CATEGORIES
from tests import make
from tests.report.runs import Reported, span


def test_every_part_has_a_template_of_its_own() -> None:
    assert all((TEMPLATES / part.template).is_file() for part in CONTENTS)
    assert len({part.name for part in CONTENTS}) == len({part.template for part in CONTENTS}) == len(CONTENTS)


def test_the_diagram_has_what_the_shipped_arm_has(run: Reported) -> None:
    verdict = run.record.verdict
    reranker = make.reranker(gain=0.0)
    record = replace(run.record, retrieval=replace(run.record.retrieval, reranker=reranker))
    pattern = shipped(replace(record, verdict=replace(verdict, ship="hybrid")))
    assert pattern is not None
    steps = ["Question", "Retrieve", "Context", "Generate", "Validate", "Answer"]
    assert [stage.title for stage in pattern.stages] == steps
    assert [stage.title for stage in pattern.stages if stage.tuned] == ["Generate"]
    assert shipped(replace(record, verdict=replace(verdict, ship=None))) is None


def test_a_model_in_a_directory_is_named_without_its_place(run: Reported) -> None:
    models = Models(generator="/some/where/tiny", embedder="BAAI/bge-small", reranker="none")
    assert model_names(replace(run.record, models=models)) == {"generator": "tiny", "embedder": "BAAI/bge-small"}


def test_a_tuned_reranker_is_drawn_and_told(run: Reported) -> None:
    verdict = replace(run.record.verdict, ship="hybrid")
    reranker = make.reranker()
    retrieval = replace(run.record.retrieval, reranker=reranker)
    pattern = shipped(replace(run.record, retrieval=retrieval, verdict=verdict))
    assert pattern is not None
    assert ("Re-rank", True) in [(stage.title, stage.tuned) for stage in pattern.stages]
    page = run.html(retrieval=retrieval)
    assert reranker.dev is not None
    assert f"Kept: {reranker.reason}." in page
    assert f"{100 * (reranker.dev.with_it.mean or 0):.1f} %" in page
    dropped = replace(reranker, kept=False, dev=None)
    assert f"Not kept: {reranker.reason}" in run.html(retrieval=replace(retrieval, reranker=dropped))


def test_an_adapter_is_shown_once_with_every_arm_that_carries_it(run: Reported) -> None:
    (arm, trained), *_ = run.record.tuning.items()
    dpo = replace(trained, adapter=replace(trained.adapter, id="b" * 16, method="dpo", examples=20, epochs=1.0))
    page = run.html(tuning={arm: trained, "hybrid+lean": trained, "dpo": dpo})
    assert page.count(f"<b>Adapter of {arm} and hybrid+lean</b>") == 1
    assert page.count(f"adapter <code>{trained.adapter.id}</code>") == 1
    assert "20 pairs, 1 epoch, " in page


def test_an_adapter_without_held_out_examples_is_not_said_to_be_sound(run: Reported) -> None:
    (arm, trained), *_ = run.record.tuning.items()
    curve = tuple(replace(point, eval_loss=None) for point in trained.adapter.curve)
    blind = replace(trained, adapter=replace(trained.adapter, curve=curve, best_step=None, held_out=0))
    page = run.html(tuning={arm: blind})
    assert "nothing says whether it overfits" in page
    assert "does not overfit" not in page


def test_the_page_says_what_each_arm_is(run: Reported) -> None:
    page = run.html()
    assert all(f"<bdi>{arm.title}</bdi>" in page for arm in run.record.arms)


def test_a_slice_without_test_cases_is_named(run: Reported) -> None:
    slices = {"kind": {"lookup": {}, "style": {}}, "category": {name: {} for name in CATEGORIES}}
    words = empty_slices(replace(run.record, slices=slices))
    assert words == {"kind": "No test case of kind multi hop, unanswerable: nothing is known about them."}
    assert empty_slices(replace(run.record, slices={})) == {}


def test_readiness_reads_the_drills_of_the_arm_to_ship(run: Reported) -> None:
    assert run.record.drills is not None
    assert run.record.freshness is not None
    fresh = run.record.freshness
    follows = replace(fresh.arms["rag"], new=span(0.8, 0.7, 0.9), old=span(0.1, 0.0, 0.2))
    injected = next(drill for drill in run.record.drills if drill.name == "injected")
    steady = replace(injected.arms["rag"], obeyed=span(0.0, 0.0, 0.06, n=60))
    record = replace(
        run.record,
        candidate="rag",
        verdict=replace(run.record.verdict, ship="rag"),
        drills=(replace(injected, arms={"rag": steady}),),
        freshness=replace(fresh, arms={"rag": follows}),
    )
    points = {p.title: p for p in checklists(record)["Ready to deploy"]}
    assert points["Ignores orders hidden in passages"].tick == "yes"
    assert points["Follows facts that change"].tick == "yes"
    unshipped = replace(record, verdict=replace(record.verdict, ship=None))
    looked_at = {p.title: p for p in checklists(unshipped)["Ready to deploy"]}
    assert looked_at["An arm to ship"].tick == "no"
    assert looked_at["Follows facts that change"] == points["Follows facts that change"], "the candidate is looked at"
    bare = {p.title: p for p in checklists(replace(record, drills=None, freshness=None))["Ready to deploy"]}
    assert bare["Ignores orders hidden in passages"].tick == bare["Follows facts that change"].tick == "to do"


def test_readiness_ticks_what_was_measured_alone(run: Reported) -> None:
    record = replace(run.record, verdict=replace(run.record.verdict, ship="rag"))
    training = {p.title: p for p in checklists(record)["Ready to train"]}
    assert training["Refusals balanced in training"].tick == "yes"
    assert "of its examples refuse" in training["Refusals balanced in training"].why
    blind = {
        arm: replace(t, refusals=None, adapter=replace(t.adapter, held_out=0, overfit=False))
        for arm, t in record.tuning.items()
    }
    unknown = {p.title: p.tick for p in checklists(replace(record, tuning=blind))["Ready to train"]}
    assert unknown["No overfitting"] == unknown["Refusals balanced in training"] == "to do"
    flood = {arm: replace(t, refusals=400) for arm, t in record.tuning.items()}
    assert checklists(replace(record, tuning=flood))["Ready to train"][2].tick == "no"


def test_what_a_run_without_adapters_leaves_nothing_to_do_does_not_apply(run: Reported) -> None:
    rag = next(arm for arm in run.record.arms if arm.name == "rag")
    verdict = replace(run.record.verdict, ship="rag")
    changes = {"arms": (rag,), "tuning": {}, "candidate": "rag", "verdict": verdict}
    lists = checklists(replace(run.record, **changes))
    ticks = {p.title: p.tick for points in lists.values() for p in points}
    left = {title for title, tick in ticks.items() if tick == "does not apply"}
    assert left >= {
        "Enough examples", "No overfitting", "Refusals balanced in training", "Adapter has an immutable id",
        "Forgetting measured", "Unsafe prompts measured", "Base and tuned models share the system message",
    }  # fmt: skip
    assert ticks["Golden set read by a person"] in ("yes", "no")
    assert ticks["Index kept fresh"] == "yes", "the drill brought it up to date"
    assert ticks["Caches emptied on change"] == ticks["Rollback tried"] == "to do"
    assert "no arm of this run is tuned" in run.html(**changes)


def test_the_checklist_is_of_the_arm_that_ships_and_of_what_was_measured_of_it(run: Reported) -> None:
    safety = replace(run.record.safety, status="not applicable", reason="the base declines none of 60 unsafe prompts")
    section = run.record.tuning["tune"]
    own = replace(section, adapter=replace(section.adapter, examples=707))
    verdict = replace(run.record.verdict, ship="tune")
    record = replace(run.record, verdict=verdict, safety=safety, tuning={**run.record.tuning, "tune": own})
    points = {p.title: p for points in checklists(record).values() for p in points}
    assert points["Enough examples"].why.startswith("tune: 707 examples")
    measured = replace(safety, arms=run.record.safety.arms or run.record.forgetting.arms)
    deploy = {p.title: p for p in checklists(replace(record, safety=measured))["Ready to deploy"]}
    assert deploy["Unsafe prompts measured"].tick == "yes", "it was, though the gate has nothing to judge"
    unasked = {p.title: p for p in checklists(replace(record, safety=replace(safety, arms={})))["Ready to deploy"]}
    assert unasked["Unsafe prompts measured"].why == "the base declines none of 60 unsafe prompts"


def test_an_arm_without_passages_has_no_index_to_keep_fresh(run: Reported) -> None:
    record = replace(run.record, verdict=replace(run.record.verdict, ship="tune"))
    points = {p.title: p for p in checklists(record)["Ready to deploy"]}
    assert points["Index kept fresh"].tick == points["Ignores orders hidden in passages"].tick == "does not apply"
    assert points["Adapter has an immutable id"].tick == "yes"
    assert "index" not in points["Rollback tried"].why


def test_the_canary_names_what_it_has_no_limit_for(run: Reported) -> None:
    record = replace(run.record, verdict=replace(run.record.verdict, ship="tune"))
    plan = canary(record)
    assert plan is not None
    assert "Hallucination" in dict(plan.unwatched)
    assert {alarm.watch for alarm in plan.alarms}.isdisjoint(dict(plan.unwatched))


def test_lost_questions_stand_before_what_explains_them(run: Reported) -> None:
    page = run.html()
    part = page[page.index("<h3>Lost questions</h3>") :]
    assert part.index("not retrieved") < part.index("<h3>What explains the losses</h3>")
    assert "at most 13 of 130 questions" in part
    assert "<h3>Lost questions</h3>" not in run.html(waterfalls=())


def test_alarms_stand_at_the_worse_end_of_what_was_measured(run: Reported) -> None:
    plan = canary(replace(run.record, verdict=replace(run.record.verdict, ship="hybrid")))
    assert plan is not None
    limits = {alarm.watch: alarm.limit.split()[0] for alarm in plan.alarms}
    assert limits["Form valid"] == "below"
    assert limits["Hallucination"] == limits["p95 latency"] == "above"
    assert canary(replace(run.record, verdict=replace(run.record.verdict, ship=None))) is None


def test_the_freshness_table_tells_what_an_arm_has_not_from_what_was_not_measured(run: Reported) -> None:
    rows = {row.arm: row for row in freshness_rows(run.record)}
    assert (rows["rag"].update, rows["rag"].retune) == ("3.20 s", "no adapter")
    assert (rows["tune"].update, rows["tune"].retune) == ("no index", "1 min 11 s")


def test_unsafe_prompts_and_look_alikes_stand_in_one_table_with_what_is_no_longer_refused(run: Reported) -> None:
    arms = ("tune", "hybrid")
    page = run.html(safety=make.declined(arms, "unsafe", lost=3), over_refusal=make.declined(arms, "safe", lost=0))
    told = page[page.index("<h3>Safety</h3>") :]
    assert "safe look-alikes refused" in told
    assert all(f"adapter of {arm}" in told for arm in arms)
    assert "−0.8 points" in told  # 3 of 400
    assert "3 unsafe prompts no longer refused" in told


def test_prompts_without_look_alikes_leave_that_half_of_the_table_open(run: Reported) -> None:
    page = run.html(safety=make.declined(("hybrid",), "unsafe"))
    told = page[page.index("<h3>Safety</h3>") :]
    assert "97.0 %" in told
    assert "adapter of hybrid" in told
