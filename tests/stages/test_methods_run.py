"""Arms of every method in one run on a random model: each is trained and asked; seeds and a curve beside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.engine.inputs import load_inputs
from harness.engine.store import Store
from harness.metrics.reading import Grounds
from harness.record.files import load_record
from harness.record.sections import Record
from harness.results.variants import learning_section, seed_sections
from harness.runs.start import make_ready
from harness.scenario.load import load_scenario
from harness.stages.answer import Generate
from harness.stages.detect import DetectClaims
from harness.stages.plan import make_plan
from harness.stages.rerank import TuneReranker
from harness.stages.retrieve import Retrieve, RetrieveExamples
from harness.stages.tune import TuneAdapter
from harness.tuning.preferences import load_preferences
from harness.types import Answer, Form, Hit, Passage, Trace
from tests.judges.test_classifiers import build
from tests.make.command import command, edited
from tests.make.small import write_rows, write_small

ARMS = "rag, hybrid, raft, dpo, rag+constrained, hybrid+constrained, rag+lean"
OLD_ARMS = "[baseline, rag, rag+few-shot, tune, hybrid]"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with the scenario, run once with every arm, two seeds and a learning curve."""
    folder = tmp_path_factory.mktemp("home")
    scenario = write_small(folder / "scenarios" / "plans")
    file = scenario / "scenario.yaml"
    text = (
        file.read_text()
        .replace(OLD_ARMS, f"[{ARMS}]")
        .replace("eval_share: 0.2", "eval_share: 0.2, seeds: 2, curve: [2]")
    )
    text = text.replace("max_new_tokens: 8", "max_new_tokens: 8\n  refusal: The passages do not say.")
    text = text.replace("safety: {limit: 4}", "safety: {prompts: none}")
    text = text.replace("{generator: model}", f"{{generator: model, grounding: {build(scenario / 'nli', 'nli').name}}}")
    file.write_text(text + "preferences: pairs.jsonl\nlatency: {questions: 1, repeats: 1}\ncandidate: hybrid\n")
    pairs = [{"question": f"What is plan {i}?", "chosen": "Amber.", "rejected": "Birch."} for i in range(6)]
    write_rows(scenario / "pairs.jsonl", pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("HARNESS_CACHE", "HARNESS_REPORTS"):
            patch.delenv(name, raising=False)
        assert command("run", "plans", "--workers", "1") == 0
        yield folder


@pytest.fixture
def record(home: Path) -> Record:
    (run,) = (home / "reports").iterdir()
    return load_record(run)


def test_each_arm_has_the_adapter_of_its_recipe(record):
    adapters = {arm.name: arm.adapter for arm in record.arms}
    assert adapters["hybrid"] == adapters["hybrid+constrained"] != adapters["dpo"]
    assert adapters["rag"] is adapters["rag+constrained"] is adapters["rag+lean"] is None
    dpo = record.tuning["dpo"].adapter
    assert (dpo.method, dpo.start) == ("dpo", adapters["hybrid"]), "it goes on from the adapter that hybrid has"
    assert dpo.settings.learning_rate == 5e-5


def test_raft_rows_are_counted_by_kind(record):
    adapter = record.tuning["raft"].adapter
    assert adapter.method == "raft"
    assert adapter.counts.kinds["with the oracle"] == 5, "0.8 of six"
    assert adapter.counts.kinds["refusing without it"] == 1
    assert adapter.id != record.tuning["hybrid"].adapter.id


def test_constrained_answers_that_end_have_the_form(home, record):
    (run,) = (home / "reports").iterdir()
    traces = [json.loads(line) for line in (run / "traces.jsonl").read_text().splitlines()]
    answers = [t["answer"] for t in traces if t["arm"].endswith("+constrained")]
    assert answers
    assert all(a["raw"].startswith('{"status"') for a in answers)
    assert not any(t["answer"]["raw"].startswith('{"status"') for t in traces if t["arm"] == "rag")


def test_a_lean_prompt_is_a_part_of_the_whole_one(record):
    tokens = {arm: record.metrics[arm]["prompt_tokens"].mean for arm in ("rag", "rag+lean")}
    assert tokens["rag+lean"] < 0.8 * tokens["rag"]


def test_seeds_are_shown_beside_the_one_that_answers(record):
    section = record.seeds["hybrid"]
    assert [outcome.seed for outcome in section.outcomes] == [7, 8]
    assert section.outcomes[0].adapter == record.arm("hybrid").adapter != section.outcomes[1].adapter
    assert set(record.seeds) == {"hybrid", "raft", "dpo"}
    assert section.low <= section.high
    assert any("2 seeds" in note for note in record.verdict.notes)


def test_the_learning_curve_ends_with_all_examples(record):
    learning = record.learning
    assert learning.arm == "hybrid"
    assert [point.examples for point in learning.points] == [2, 6]
    assert learning.points[-1].adapter == record.arm("hybrid").adapter
    assert learning.points[0].gain is not None
    assert str(learning.points[-1].examples) in learning.says
    assert all(point.likelihood is not None or point.forgetting is not None for point in learning.points)


@pytest.mark.parametrize("supported", [True, False])
def test_a_classifier_that_is_named_reads_the_claims_of_every_training(home, monkeypatch, supported):
    """What it finds decides, as it does for the arm: nobody falls back to the rules."""
    ready = make_ready("plans")
    expected = {case.id: case.accept for case in ready.inputs.cases}

    def traces(stage: Generate, store: Store) -> list[Trace]:
        hit = Hit(Passage("p", "p", "", "Amber costs 12 euros." if not supported else "Nothing."), 1.0)
        texts = {request.id: expected[request.id][0] for request in stage.golden if expected[request.id]}
        form = Form(True, True, True, False)
        answers = {case: Answer(text, text, None, form, False, (), (hit,), ("p",)) for case, text in texts.items()}
        return [Trace(case, stage.to.name, answer) for case, answer in answers.items()]

    def grounds(stage: DetectClaims, store: Store) -> dict[str, Grounds]:
        return {request.id: Grounds(float(supported), not supported) for request in stage.generate.golden}

    monkeypatch.setattr(Generate, "traces", traces)
    monkeypatch.setattr(DetectClaims, "grounds", grounds)
    sections = seed_sections(ready.inputs, ready.planned, ready.store)
    learning = learning_section(ready.inputs, ready.planned, ready.store)
    found = [o.success.mean for section in sections.values() for o in section.outcomes]
    found += [point.success.mean for point in learning.points]
    assert len(found) == 2 * 3 + 2
    assert set(found) == {float(supported)}


def test_the_page_shows_seeds_and_curve(home):
    (run,) = (home / "reports").iterdir()
    page = (run / "report.html").read_text()
    assert "Learning curve" in page
    assert "2 seeds" in page


def test_parts_of_a_curve_lie_in_each_other(home):
    with edited(Path("scenarios/plans/scenario.yaml"), "curve: [2]", "curve: [4, 2, 9]"):
        inputs = load_inputs(load_scenario(Path("scenarios/plans")))
    stages = [s for s in make_plan(inputs).all(TuneAdapter) if s.variant is not None and s.variant.examples]
    own = [{e.user for e in s.examples if e.use == "open_book"} for s in stages]
    assert [len(users) for users in own] == [2, 4]
    assert own[0] < own[1]


def test_another_number_of_seeds_trains_nothing_anew(home):
    before = {s.key for s in make_plan(load_inputs(load_scenario(Path("scenarios/plans")))).all(TuneAdapter)}
    with edited(Path("scenarios/plans/scenario.yaml"), "seeds: 2, curve: [2]", "seeds: 1"):
        after = {s.key for s in make_plan(load_inputs(load_scenario(Path("scenarios/plans")))).all(TuneAdapter)}
    assert after < before


def test_an_arm_with_a_reranker_of_its_own_looks_up_its_own_passages(home):
    arms = f"arms: [{ARMS}]"
    with edited(Path("scenarios/plans/scenario.yaml"), arms, "arms: [rag, hybrid, tuned-reranker, dual]"):
        planned = make_plan(load_inputs(load_scenario(Path("scenarios/plans"))))
    plain, tuned = planned.all(Retrieve)
    (reranker,) = planned.all(TuneReranker)
    assert (plain.search.reranker, tuned.search.reranker) == (None, reranker)
    hits = {stage.to.name: stage.hits for stage in planned.all(Generate)}
    assert hits["rag"] == hits["hybrid"] == plain.place
    assert hits["tuned-reranker"] == hits["dual"] == tuned.place
    (tune,) = [stage for stage in planned.all(TuneAdapter) if stage.variant is None]
    assert tune.hits == planned.all(RetrieveExamples)[0].place, "hybrid and dual share an adapter"


def test_mistakes_are_one_line(home, capsys):
    file = Path("scenarios/plans/scenario.yaml")
    for old, new, message in (
        ("seeds: 2", "seeds: 2, method: ppo", "tuning.method: ppo is out of scope: it needs a reward model"),
        ("seeds: 2", "seeds: 2, adapter: moe", "tuning.adapter: moe is out of scope: it changes the architecture"),
        ("preferences: pairs.jsonl\n", "", "no preference pairs for an open-book arm"),
        ("  refusal: The passages do not say.\n", "", "no answer.refusal"),
    ):
        with edited(file, old, new):
            capsys.readouterr()
            assert command("run", "plans", "--dry-run") == 2
            assert message in capsys.readouterr().err


def test_pairs_of_the_runs_own_failures_are_written_checked_and_taken(home, capsys, tmp_path):
    """What `examples pairs` writes is what `preferences` takes: one command's output is no other's fault."""
    made = Path("scenarios/plans/made.jsonl")
    assert command("examples", "pairs", "latest", str(made), "--json") == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["arm"], outcome["cases"], outcome["pairs"]) == ("rag", 1, 1), (
        "one dev case, which a random model fails"
    )
    (pair,) = load_preferences(made)
    assert (pair.case, pair.question) == ("c01", "What does Amber store?")
    assert pair.chosen["answer"] == "The Amber plan has 3 GB"
    assert pair.passages
    assert command("examples", "pairs", "latest", str(made)) == 2
    assert "exists already" in capsys.readouterr().err
    assert command("examples", "pairs", "latest", str(tmp_path / "none.jsonl"), "--arm", "hybrid") == 2
    assert "arm 'hybrid': no untuned arm" in capsys.readouterr().err
    assert not (tmp_path / "none.jsonl").exists()
    command("examples", "check", "plans", "--pairs", str(made), "--json")
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert not [f for f in findings if f["rule"] == "leaks" and "made.jsonl" in f["where"]]
    with edited(Path("scenarios/plans/scenario.yaml"), "preferences: pairs.jsonl", "preferences: made.jsonl"):
        assert command("run", "plans", "--dry-run") == 0
        inputs = load_inputs(load_scenario(Path("scenarios/plans")))
    assert [p.case for p in inputs.preferences] == ["c01"]


def test_a_pair_about_a_golden_case_is_refused(home, capsys):
    leak = '{"question": "What does Amber cost?", "chosen": "12 euros", "rejected": "3 euros"}\n'
    with edited(Path("scenarios/plans/pairs.jsonl"), "", leak):
        assert command("run", "plans", "--dry-run") == 2
        assert "pairs.jsonl:7: a preference pair about a golden case of the test split" in capsys.readouterr().err
