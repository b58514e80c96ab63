"""Is each failure mode found when it is produced on purpose, on real arms, and left alone when it is not?

    python -m benchmarks.failure_modes [--seeds 14 15 16] [--only NAME ...] [--json FILE] [--healthy RUN ...]
    python -m benchmarks.failure_modes --generator smollm2 --cases 40 --only retrieval_misses stale_passages ...

Every production is a run of `benchmarks.failure_lab` (a new world for each seed, whose pages the built-in model reads)
with one thing broken: a setting, the tuning examples, the questions, or a model. Index, adapters, answers and clocks
are real. Beside it stands the untouched scenario of the same seed. The detectors' limits
(`harness.diagnosis.symptoms.LIMITS`) are read, never fitted here; limits, order and productions may be changed by what
seeds show that stand in `SEEN`, and shares are counted of other seeds alone.

A hit: the mode is present in its production and not in the untouched run of that seed. A false alarm: a mode present in
an untouched run. An echo: another mode that a production brings with it. A place: where the produced mode stands among
those that the diagnosis shows, the one whose fix could win most first. `--healthy` reads the diagnoses of finished
runs of the shipped scenarios and prints what was found there, with its figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.failure_lab import write_lab
from benchmarks.failure_models import PROGRESS, merged_generator, random_embedder, slow_reranker
from harness.diagnosis.beside import overlay
from harness.diagnosis.diagnose import Diagnosis, diagnose
from harness.diagnosis.symptoms import LIMITS
from harness.documents.corpus import load_documents
from harness.drills.changes import value_swap
from harness.engine.inputs import Inputs, load_inputs, spread
from harness.engine.store import default_store
from harness.evidence.carry import carries
from harness.golden.load import load_cases
from harness.record.files import load_record
from harness.results.measure import measure_run, measure_step
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.plan import make_plan
from harness.stats import clopper_pearson
from harness.types import Case, Example, Passage

SEEN = range(7, 14)  # seeds by which limits, the order of the modes and productions were settled
Settings = Mapping[str, Any]  # dotted setting -> value
Examples = Callable[[Sequence[Example], Scenario], Sequence[Example]]
Cases = Callable[[Sequence[Case]], Sequence[Case]]
Models = Callable[[Inputs, Path], Settings]  # makes a model in a folder; the settings that name it


# --- what is done to tuning examples --------------------------------------------------------------------------------


def same(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    return examples


def uncited(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Examples that never cite: without evidence nothing fills the citations in."""
    return [replace(example, evidence=()) for example in examples]


def cites_the_next(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Every answer cites the passage that stands behind the right one, or the first one where it is the last."""
    return [
        _shown(example, shown, f"S{1 + (shown.index(gold[-1]) + 1) % len(shown)}")
        for example, shown, gold in _placed(examples, scenario)
        if gold[-1] != shown[-1] or shown[0] not in gold
    ] + [e for e in examples if not _answered(e)]


def believed(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """The golden facts with other values, to be learned by heart: without passages, and beside passages that say
    nothing of them. What was learned so stands against the pages."""
    held = [(e, changed) for e in examples if e.use == "closed_book" and (changed := _contradicted(e))]
    shown = _retrieved([e.user for e, _ in held], scenario)
    idle = [
        tuple(p for p in found if not any(carries(item, p) for item in e.evidence))
        for (e, _), found in zip(held, shown, strict=True)
    ]
    return [
        replace(changed, use="open_book", evidence=(), context=context)
        for (_, changed), passages in zip(held, idle, strict=True)
        for context in ((), passages)
    ]


def _contradicted(example: Example) -> Example | None:
    """The example with another number, date or day in its answer; None where there is none to change."""
    text = _answer(example)
    swap = value_swap(text, text, (), False, example.user)
    return _reworded(example, text.replace(*swap)) if swap else None


def _answer(example: Example) -> str:
    return str(_fields(example)["answer"])


def _reworded(example: Example, answer: str) -> Example:
    return replace(example, output={**_fields(example), "answer": answer})


def _fields(example: Example) -> Mapping[str, Any]:
    assert isinstance(example.output, Mapping), "the lab's outputs are objects"
    return example.output


def embellished(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Answers that add a remark which no page holds."""
    who, when = ("Mara", "Ivo", "Selma"), ("May", "June", "August")
    return [
        _reworded(e, f"{_answer(e)} It was last checked by {who[i % 3]} on {1 + i % 28} {when[i % 3]}.")
        if e.evidence
        else e
        for i, e in enumerate(examples)
    ]


def titles_alone(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Answers in perfect form that name the page and say nothing of what stands on it."""
    assert scenario.corpus is not None
    titles = {document.id: document.title for document in load_documents(scenario.corpus).documents}
    return [_reworded(e, f"{titles[e.evidence[0].doc or '']}.") if e.evidence else e for e in examples]


def golden_wording(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """The golden questions themselves, word for word and in no other words: a leak."""
    assert scenario.golden is not None
    told = {e.evidence: e for e in examples if e.use == "closed_book"}
    cases = [case for case in load_cases(scenario.golden) if case.evidence in told]
    return [replace(told[case.evidence], user=case.question) for case in cases]


def first_passage_alone(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Answers where the first passage says so, refusals where only the last one does: the place is what is learned."""
    refused = next(e.output for e in examples if e.use != "closed_book" and not e.evidence)
    made = [e for e in examples if not _answered(e)]
    for example, shown, gold in _placed(examples, scenario):
        rest = [passage for passage in shown if passage not in gold]
        first = _shown(example, [*gold, *rest], "S1")
        made += [first, replace(first, context=(*rest, *gold), output=refused)]
    return made


def _answered(example: Example) -> bool:
    """Whether it is answered from passages."""
    return example.use == "open_book" and bool(example.evidence)


def _placed(examples: Sequence[Example], scenario: Scenario) -> Iterator[tuple[Example, list[Passage], list[Passage]]]:
    """The examples that are answered from passages, what is shown for each, and what of it says the answer; those
    alone that are shown both such a passage and another."""
    answered = [e for e in examples if _answered(e)]
    for example, shown in zip(answered, _retrieved([e.user for e in answered], scenario), strict=True):
        gold = [passage for passage in shown if any(carries(item, passage) for item in example.evidence)]
        if gold and len(gold) < len(shown):
            yield example, shown, gold


def _shown(example: Example, passages: Sequence[Passage], cited: str) -> Example:
    """The example with these passages and this citation, whatever its evidence is."""
    return replace(example, output={**_fields(example), "citations": [cited]}, evidence=(), context=tuple(passages))


def _retrieved(questions: Sequence[str], scenario: Scenario) -> list[list[Passage]]:
    """What the scenario's own retriever finds for each question."""
    from harness.files.paths import index_home
    from harness.retrieval.pipeline import HybridRetriever, open_index

    assert scenario.corpus is not None
    index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, index_home(scenario.corpus))
    found = HybridRetriever(index, scenario.retrieval).retrieve(questions)
    return [[hit.passage for hit in r.hits] for r in found]


# --- what is done to questions and models -----------------------------------------------------------------------------


def all_cases(cases: Sequence[Case]) -> Sequence[Case]:
    return cases


def a_dozen(cases: Sequence[Case]) -> Sequence[Case]:
    """Twelve cases: each look-up takes seconds."""
    return spread(cases, 12)


def long_questions(cases: Sequence[Case]) -> Sequence[Case]:
    """Every fourth question is asked two dozen times over in one breath: what is sought stays the same."""
    return [replace(c, question=" ".join([c.question] * 24)) if i % 4 == 0 else c for i, c in enumerate(cases)]


def no_models(inputs: Inputs, folder: Path) -> Settings:
    return {}


def wrong_embedder(inputs: Inputs, folder: Path) -> Settings:
    return {"models.embedder": str(random_embedder(folder / "embedder"))}


def heavy_reranker(inputs: Inputs, folder: Path) -> Settings:
    return {"models.reranker": str(slow_reranker(folder / "reranker"))}


def believer(inputs: Inputs, folder: Path) -> Settings:
    """A base model that learned other values of the golden facts by heart."""
    return _tuned_in(inputs, BY_HEART, believed, folder / "believer")


def embellisher(inputs: Inputs, folder: Path) -> Settings:
    """A base model that was trained to add remarks of its own."""
    return _tuned_in(inputs, {}, embellished, folder / "embellisher")


def _tuned_in(inputs: Inputs, settings: Settings, examples: Examples, folder: Path) -> Settings:
    scenario = replace(overlay(inputs.scenario, settings), arms=("hybrid",), candidate="hybrid")
    tuned = replace(load_inputs(scenario), examples=tuple(examples(inputs.examples, scenario)))
    return {"models.generator": str(merged_generator(tuned, "hybrid", folder))}


# --- the productions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Production:
    """How one failure mode is produced."""

    mode: str
    how: str
    arms: tuple[str, ...]
    settings: Settings = field(default_factory=dict)
    examples: Examples = same
    cases: Cases = all_cases
    models: Models = no_models
    measure: Settings = field(default_factory=dict)  # settings of the untouched run as well
    drills: bool = False


BOTH = ("rag", "hybrid")
BY_HEART = {"tuning.epochs": 12.0, "tuning.learning_rate": 3e-3, "tuning.replay": 0.0}
PRODUCTIONS: tuple[Production, ...] = (
    Production("retrieval_misses", "an embedder with random weights, dense search alone, one passage shown", ("rag",),
               {"retrieval.fusion": "dense", "retrieval.top_k": 1}, models=wrong_embedder),
    Production("context_ignored", "a base model that learned other values by heart", ("baseline", "rag"),
               models=believer),
    Production("slow_retrieval", "a re-ranker too large for the machine", ("rag",), cases=a_dozen,
               models=heavy_reranker, measure={"latency.questions": 4, "latency.repeats": 1}),
    Production("stale_facts", "facts tuned in and then changed", ("tune",), {**BY_HEART, "tuning.epochs": 16.0},
               drills=True),
    Production("forgetting", "a harsh learning rate, no replay", BOTH,
               {"tuning.learning_rate": 3e-2, "tuning.replay": 0.0}),
    Production("paraphrase_brittleness", "the golden questions themselves learned by heart, in one wording", ("tune",),
               {**BY_HEART, "tuning.epochs": 24.0, "tuning.eval_share": 0.0}, golden_wording, drills=True),
    Production("weights_against_context", "tuned on other values than the pages say, by heart", BOTH, BY_HEART,
               believed),
    Production("answers_without_citing", "trained on answers that cite nothing", BOTH, {}, uncited),
    Production("citation_drift", "trained to cite the passage behind the right one", BOTH, {}, cites_the_next),
    Production("over_formatting", "trained on page titles in the demanded form", BOTH, {}, titles_alone),
    Production("unsupported_despite_evidence", "a base model trained to add remarks of its own", ("rag",),
               models=embellisher),
    Production("stale_passages", "the index filtered to superseded pages", ("rag",),
               {"retrieval.filters": {"status": "superseded"}}),
    Production("latency_bursts", "every fourth question asked two dozen times over", ("rag",), cases=long_questions,
               measure={"latency.questions": 24, "latency.repeats": 1}),
    Production("order_sensitivity", "trained to answer from the first passage alone", BOTH, {"tuning.epochs": 3.0},
               first_passage_alone, drills=True),
)  # fmt: skip


# --- runs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    """Where the labs of a series lie, whom they ask, and how much."""

    folder: Path
    generator: str = "pocket"
    cases: int | None = None  # of each lab; None: all

    @property
    def settings(self) -> Settings:
        """What a model 45 times the size of `pocket` is asked and taught, so that a production takes minutes."""
        small = {"retrieval.chunk_tokens": 64, "retrieval.top_k": 3, "tuning.open_book": 80, "tuning.closed_book": 160}
        return {} if self.generator == "pocket" else {"models.generator": self.generator, **small}


def untouched(seed: int, lab: Lab, settings: Settings, drills: bool, arms: Sequence[str] = ()) -> Inputs:
    """The lab of one seed as it is."""
    folder = lab.folder / f"lab-{seed}"
    written = folder if folder.exists() else write_lab(folder, seed)
    scenario = overlay(load_scenario(written), {**lab.settings, **settings})
    named = tuple(arms) or scenario.arms
    inputs = load_inputs(replace(scenario, arms=named, candidate=named[-1]))
    return replace(inputs, drills=drills, cases=tuple(spread(inputs.cases, lab.cases or len(inputs.cases))))


def broken(inputs: Inputs, production: Production, folder: Path) -> Inputs:
    """The same lab with one thing broken."""
    made = production.models(inputs, folder / f"models-{inputs.scenario.seed}")
    after = load_inputs(overlay(inputs.scenario, {**production.settings, **made}))
    examples = tuple(production.examples(inputs.examples, after.scenario))
    cases = tuple(production.cases(inputs.cases))
    return replace(after, examples=examples, cases=cases, drills=inputs.drills)


def diagnoses(inputs: Inputs) -> dict[str, Diagnosis]:
    """Every failure mode looked for in a run of these inputs, by name."""
    run = measure_run(measure_step(inputs, make_plan(inputs)), default_store(), PROGRESS, 1)
    rows = diagnose(run.figures, run.traces, run.scores, inputs.cases, inputs.scenario)
    return {row.section.mode: row for row in rows}


def produce(production: Production, seed: int, lab: Lab) -> dict[str, Any]:
    """One production with one seed beside the untouched lab of the same arms and seed."""
    inputs = untouched(seed, lab, production.measure, production.drills, production.arms)
    plain, after = diagnoses(inputs), diagnoses(broken(inputs, production, lab.folder / lab.generator))
    before, present = ({m for m, d in rows.items() if d.status == "present"} for rows in (plain, after))
    return {
        "mode": production.mode,
        "seed": seed,
        "status": after[production.mode].status,
        "symptom": after[production.mode].section.symptom,
        "untouched": plain[production.mode].status,
        "untouched_symptom": plain[production.mode].section.symptom,
        "place": _place(production.mode, after),
        "order": [mode for mode, row in after.items() if row.status == "present"],
        "echoes": sorted(present - before - {production.mode}),
    }


def _place(mode: str, found: Mapping[str, Diagnosis]) -> int | None:
    """Where the mode stands among those that are present, from 1; None where it is not."""
    order = [name for name, row in found.items() if row.status == "present"]
    return order.index(mode) + 1 if mode in order else None


def alarms(seed: int, lab: Lab) -> dict[str, Any]:
    """Every mode looked for in the untouched lab with all its arms, drills and clocks."""
    inputs = untouched(seed, lab, {"latency.questions": 24, "latency.repeats": 1}, drills=True)
    looked = [d for d in diagnoses(inputs).values() if d.status != "not measured"]
    present = {d.section.mode: d.section.symptom for d in looked if d.status == "present"}
    return {"seed": seed, "looked_for": len(looked), "present": present}


def healthy(run: Path) -> dict[str, Any]:
    record = load_record(run)
    return {"run": record.scenario.id, "present": {row.mode: row.symptom for row in record.diagnosis}}


# --- the tables ---------------------------------------------------------------------------------------------------


def _print_row(row: Mapping[str, Any]) -> None:
    mark = "found" if row["status"] == "present" else row["status"]
    beside = " (and in the untouched run)" if row["untouched"] == "present" else ""
    mark = f"{mark}, place {row['place']}" if row["place"] else mark
    echoes = f"; echoes: {', '.join(row['echoes'])}" if row["echoes"] else ""
    line = f"  seed {row['seed']}: {mark}{beside}: {row['symptom']}; untouched: {row['untouched_symptom']}{echoes}"
    print(line, flush=True)


def _print_share(what: str, hits: int, n: int) -> None:
    low, high = clopper_pearson(hits, n)
    print(f"{what}: {hits} of {n} [{100 * low:.1f}, {100 * high:.1f}] %")


def _print_found(title: str, present: Mapping[str, str]) -> None:
    print(f"{title}: {len(present)} found", flush=True)
    for mode, symptom in present.items():
        print(f"    {mode}: {symptom}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[14, 15, 16])
    parser.add_argument("--only", nargs="*", default=[p.mode for p in PRODUCTIONS], help="only these modes")
    parser.add_argument("--no-alarms", action="store_true", help="leave the untouched lab with all its arms out")
    parser.add_argument("--healthy", type=Path, nargs="*", default=[], help="finished runs to read the diagnosis of")
    parser.add_argument("--folder", type=Path, default=Path("build/failure-lab"), help="labs and models")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--generator", default="pocket", help="the built-in model that is asked")
    parser.add_argument("--cases", type=int, help="questions of each lab at most; default: all 100")
    options = parser.parse_args()
    lab = Lab(options.folder, options.generator, options.cases)
    print(f"limits, frozen: {asdict(LIMITS)}")
    rows, calm = [], []
    for production in (p for p in PRODUCTIONS if p.mode in options.only):
        print(f"\n{production.mode}: {production.how} ({', '.join(production.arms)})", flush=True)
        for seed in options.seeds:
            rows.append(produce(production, seed, lab))
            _print_row(rows[-1])
    for seed in [] if options.no_alarms else options.seeds:
        calm.append(alarms(seed, lab))
        _print_found(f"\nuntouched lab, seed {seed}, {calm[-1]['looked_for']} modes looked for", calm[-1]["present"])
    for run in options.healthy:
        calm.append(healthy(run))
        _print_found(f"\n{calm[-1]['run']}, as shipped", calm[-1]["present"])
    fresh = [row for row in rows if row["seed"] not in SEEN]
    if fresh:
        print()
        _print_share(
            "found, seeds that nothing was settled by", sum(row["status"] == "present" for row in fresh), len(fresh)
        )
        caused = sum(row["status"] == "present" and row["untouched"] != "present" for row in fresh)
        _print_share("of these not in the untouched run", caused, len(fresh))
        _print_share("first or second of the diagnosis", sum((row["place"] or 9) <= 2 for row in fresh), len(fresh))
    if options.json:
        options.json.write_text(json.dumps({"limits": asdict(LIMITS), "produced": rows, "calm": calm}, indent=1))


if __name__ == "__main__":
    main()
