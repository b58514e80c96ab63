"""Sections of a made-up run that no answer decides: latency, ability, adapters, re-ranker, retrieval, drills."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import harness.stats as stats
from harness.arms import ARMS
from harness.drills.perturb import DRILLS, MARKER
from harness.drills.questions import FRESH, PARAPHRASED, DrillQuestion, drill_question
from harness.forgetting.items import Item, compare_items
from harness.metrics.retrieval import carried_items, curves, recall
from harness.record.measurements import (
    AbilitySection,
    AdapterSection,
    BaseModel,
    ChangedFact,
    DrillSection,
    ExampleCounts,
    FreshnessSection,
    LatencySection,
    RerankerSection,
    RerankerTrial,
    RetrievalSection,
    TuningSection,
)
from harness.record.score_table import tabulate
from harness.results.drills import drill_sections, freshness_section
from harness.results.latency import latency_section
from harness.results.scores import reference_of
from harness.safety.declined import PromptReply, compare_replies
from harness.safety.prompts import Label, SafetyPrompt
from harness.scenario.settings import SafetySettings, Tuning
from harness.stages.latency import CONTROL, Latency
from harness.tuning import curve as curves_of_loss
from harness.tuning.reranker import is_proven
from harness.types import Answer, Estimate, Form
from tests.make.answers import Outcome, Script, answer, raw_of, scores
from tests.make.world import TOP_K, World

SUBJECTS = ("arithmetic", "spelling", "geography", "logic", "dates", "units", "grammar", "stories")
SECONDS = {  # of generation
    "baseline": 0.118,
    "baseline+few-shot": 0.142,
    "rag": 0.171,
    "rag+few-shot": 0.236,
    "tune": 0.108,
    "tune+rag": 0.173,
    "hybrid": 0.174,
    "oracle": 0.169,
}


def proportion(hits: int, n: int) -> Estimate:
    """A rate of `hits` in `n` independent cases."""
    return stats.rate([1.0] * hits + [0.0] * (n - hits))


def around(middle: float, reach: float, unit: str = "fraction", n: int = 200) -> Estimate:
    """An estimate with this interval, where a test needs one that no sample has."""
    return Estimate(middle, middle - reach, middle + reach, n, 0, unit, "order statistics")


# --- latency ------------------------------------------------------------------------------------------------------


def latency(
    arms: Sequence[str], slower: Mapping[str, float] | None = None, control: float = 1.0, questions: int = 80
) -> LatencySection:
    """Every arm timed; a retrieval takes 41 ms.

    Args:
        slower: arm -> factor on what its generation takes by `SECONDS`.
        control: factor between the two runs of the control arm.
    """
    first = "rag" if "rag" in arms else arms[0]
    factors = {arm: (slower or {}).get(arm, 1.0) for arm in arms}
    rows = [row for arm in arms for row in _rows(arm, arm, factors[arm], questions)]
    rows += _rows(f"{first} {CONTROL}", first, factors[first] * control, questions)
    return latency_section(rows, reference_of(arms), questions, repeats=3)


def _rows(name: str, arm: str, factor: float, questions: int) -> list[Latency]:
    rng = random.Random(name)
    rows = []
    for question in range(questions):
        retrieval = 0.041 * rng.uniform(0.95, 1.05) if ARMS[arm].retriever else 0.0
        generation = SECONDS[arm] * factor * rng.uniform(0.9, 1.1)
        rows.append(Latency(name, question, retrieval, generation, 0.3 * generation, retrieval + generation))
    return rows


# --- adapters -----------------------------------------------------------------------------------------------------


def ability(
    arms: Sequence[str], lost: int = 4, gained: int = 2, items: int = 400, right: int = 300, tasks: str = "general"
) -> AbilitySection:
    """What the adapters of these arms lost of what the base could; all of them the same items."""
    base = [_item(i, i < right) for i in range(items)]
    tuned = [_item(i, (i >= lost if i < right else i < right + gained)) for i in range(items)]
    return compare_items(base, dict.fromkeys(arms, tuned), tasks)


def _item(i: int, right: bool) -> Item:
    subject = SUBJECTS[i % len(SUBJECTS)]
    return Item(f"{subject}/{i}", subject, float(right), 4)


def declined(arms: Sequence[str], label: Label, lost: int = 1, prompts: int = 400) -> AbilitySection:
    """Prompts declined by the base (97 % of unsafe ones, 5 % of safe ones) and by the adapters of these arms."""
    most = round(prompts * (0.97 if label == "unsafe" else 0.05))
    base, tuned = (_replies(label, prompts, hits) for hits in (most, most - lost))
    return compare_replies(base, dict.fromkeys(arms, tuned), label, SafetySettings("general", prompts))


def _replies(label: Label, prompts: int, declined: int) -> list[PromptReply]:
    form = Form(demanded=False, first_try=True, valid=True, repaired=False)
    texts = ("I cannot help with that.", "It takes an hour.")
    answers = [Answer(text, text, None, form, refused=False, cited=()) for text in texts]
    rows = [
        SafetyPrompt(f"{SUBJECTS[i % 8]}-{label}-{i}", f"Prompt {i}", label, SUBJECTS[i % 8]) for i in range(prompts)
    ]
    return [PromptReply(row, answers[0] if i < declined else answers[1]) for i, row in enumerate(rows)]


def adapter(name: str, turn: int = 400, settings: Tuning | None = None, seed: int = 7) -> AdapterSection:
    """An adapter whose held-out loss rises from step `turn` of 200 on."""
    history = [
        {
            "step": step,
            "epoch": step / 40,
            "loss": 2.1 * math.exp(-step / 45) + 0.12,
            "eval_loss": 2.1 * math.exp(-step / 45) + 0.22 + max(0, step - turn) * 0.002,
        }
        for step in range(0, 201, 20)
    ]
    curve = curves_of_loss.curve_of(history)
    overfit, reason = curves_of_loss.overfits(curve, 16)
    return AdapterSection(
        id=f"{name.encode().hex():0<16}"[:16],
        base=BaseModel("pocket", "5f3a9c"),
        method="sft",
        settings=settings or Tuning(),
        trainable=149_504,
        parameters=3_160_000,
        examples=640,
        held_out=16,
        counts=ExampleCounts(examples=608, replay=48, oracle_inserted=12, without_evidence=3),
        examples_hash="77ab01",
        seed=seed,
        epochs=5.0,
        seconds=69.2,
        curve=curve,
        best_step=curves_of_loss.best_step(curve),
        gap=curves_of_loss.gap(curve),
        overfit=overfit,
        overfit_reason=reason,
    )


def tuning(arms: Sequence[str], turn: Mapping[str, int] | None = None) -> dict[str, TuningSection]:
    """The training of each of these arms that has an adapter; `turn`: the step from which an arm's overfits."""
    tuned = [arm for arm in arms if ARMS[arm].adapter]
    return {arm: TuningSection(adapter(arm, (turn or {}).get(arm, 400)), 71.4, 560, 60) for arm in tuned}


# --- retrieval ----------------------------------------------------------------------------------------------------


def retrieval(world: World, reranker: RerankerSection | None = None) -> RetrievalSection:
    """What the retriever finds in this world."""
    numbered = [(i, case) for i, case in enumerate(world.cases) if case.evidence]
    cases = [case for _, case in numbered]
    ranked = [[hit.passage for hit in world.hits(i)] for i, _ in numbered]
    cluster_of = world.clusters  # made at every asking
    clusters = [cluster_of[case.id] for case in cases]
    found = {
        case.id: recall(carried_items(case.evidence, shown), len(case.evidence), len(shown))
        for case, shown in zip(cases, ranked, strict=True)
    }
    return RetrievalSection(curves(cases, ranked, range(1, TOP_K + 1), clusters), len(cases), reranker, found)


def reranker(gain: float = 0.08, queries: int = 57) -> RerankerSection:
    """A tuned re-ranker, kept where its gain in nDCG on dev is proven."""
    without = [0.3 + 0.4 * (i / queries) for i in range(queries)]
    with_it = [value + gain * (0.5 + i % 3 / 2) for i, value in enumerate(without)]
    trial = RerankerTrial(
        metric="ndcg",
        k=TOP_K,
        queries=queries,
        without_it=stats.mean(without, unit="fraction"),
        with_it=stats.mean(with_it, unit="fraction"),
        difference=stats.paired(with_it, without),
    )
    proven = is_proven(trial)
    return RerankerSection(
        kept=proven,
        reason="its whole interval is above 0" if proven else "its gain is not proven",
        start="minilm",
        questions=240,
        left_out={"no evidence": 3, "asked twice": 1},
        golden_passages_kept_out=31,
        dev_questions=queries,
        seed=7,
        pairs=720,
        steps=100,
        held_out=48,
        weight=0.5,
        dev=trial,
        seconds=118.2,
    )


# --- drills -------------------------------------------------------------------------------------------------------


def drills(
    of: Script, names: Sequence[str] = tuple(DRILLS), lost: int = 5, cases: int = 40, obeyed: int = 2
) -> tuple[DrillSection, ...]:
    """Every drill of every arm that sees a difference.

    Args:
        lost: cases, of those that were right before, that are lost under each drill.
        cases: that each drill is made of, the first ones.
        obeyed: hidden instructions that are followed.
    """
    answered = {arm: [row for name in names for row in _drilled(of, arm, name, lost, cases, obeyed)] for arm in of.arms}
    return drill_sections(answered, tabulate(scores(of)), of.world.clusters)


def _drilled(of: Script, arm: str, name: str, lost: int, cases: int, obeyed: int) -> list[tuple[DrillQuestion, Answer]]:
    outcomes = dict(of.outcomes)[arm][:cases]
    right = [i for i, outcome in enumerate(outcomes) if outcome in ("right", "repaired")]
    rows = []
    for i, before in enumerate(outcomes):
        after: Outcome = "wrong" if i in right[:lost] or before == "error" else before
        if name == "oracle_removed":
            after = "wrong" if i in right[:lost] else "refused"
        row = _question(of.world, i, name)
        if not row.is_for(ARMS[arm]):
            continue
        raw = raw_of(of.world, i, after, ARMS[arm].retriever)
        if name == "injected" and i in right[:obeyed]:
            raw = MARKER
        rows.append((row, answer(of.world, row.case.question, arm, raw, row.hits)))
    return rows


def _question(world: World, i: int, name: str) -> DrillQuestion:
    case = world.cases[i]
    if name == "oracle_removed":
        case = replace(case, kind="unanswerable")
    return drill_question(name, case, world.hits(i), source="rule" if name == PARAPHRASED else "")


def freshness(
    of: Script, facts: int = 20, follows: Sequence[str] = ("rag", "rag+few-shot", "hybrid")
) -> FreshnessSection:
    """The facts of the first cases changed; arms in `follows` give the new one, the others still the old."""
    changed = [i for i, case in enumerate(of.cases) if case.accept][:facts]
    new = {i: f"{9000 + i} euros" for i in changed}
    rows: dict[str, list[tuple[DrillQuestion, Answer]]] = {}
    for arm in of.arms:
        for i in changed:
            golden = of.cases[i]
            case = replace(golden, accept=(new[i],))
            row = drill_question(FRESH, case, of.world.hits(i), was=golden.accept)
            raw = raw_of(of.world, i, "right", ARMS[arm].retriever)
            raw = raw.replace(golden.accept[0], new[i]) if arm in follows else raw
            rows.setdefault(arm, []).append((row, answer(of.world, case.question, arm, raw, row.hits)))
    changes = tuple(
        ChangedFact(of.cases[i].id, of.world.passages[i].doc, of.cases[i].accept[0], new[i]) for i in changed
    )
    refreshed = FreshnessSection(
        facts=len(changed),
        documents=len({change.doc for change in changes}),
        embedded=len(changed),
        reused=of.world.n - len(changed),
        skipped={},
        changes=changes,
        arms={},
    )
    update = {arm: 3.2 for arm in of.arms if ARMS[arm].retriever}
    retune = {arm: 71.4 for arm in of.arms if ARMS[arm].adapter}
    return freshness_section(refreshed, rows, tabulate(scores(of)), of.world.clusters, update, retune)
