"""Is each failure mode found when it is produced on purpose, on real arms, and left alone when it is not?

    python benchmarks/failure_modes.py [--scenario scenarios/helpdesk] [--limit 40] [--examples 160] [--seeds 7 8 9 10]
                                       [--only NAME ...] [--healthy] [--drill-cases 20] [--json FILE]

Every production is a run of the scenario with one thing broken: a setting, or the tuning examples. Index, adapters and
answers are real and cached by content, so that a run that was cut goes on. The detectors' limits
(`harness.verdict.symptoms.LIMITS`) are read, never fitted here. The first seed is shown apart (limits may be looked at
on it and on no other), the others are hits and misses; a mode found in a production of another one, and not in the
untouched scenario with the same seed, is listed as an echo.
`--healthy` runs the three shipped scenarios as they are and counts what is found there: false alarms, if their arms are
healthy, which the table of their figures has to say.

A random model cannot show most of these: with a model that hardly reads, read the figures beside each line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.run.changes import value_swap
from harness.run.engine import default_store
from harness.run.fixes import overlay
from harness.run.inputs import Inputs, Part, corpus_key_of, load_inputs, spread
from harness.run.measured import measure_run
from harness.run.plan import make_plan
from harness.run.progress import plain_lines
from harness.scenario import load_scenario
from harness.settings import DrillSettings, Scenario
from harness.types import Example, Passage
from harness.verdict.diagnose import Diagnosis, diagnose
from harness.verdict.symptoms import LIMITS

HEALTHY = ("scenarios/helpdesk", "scenarios/wiki", "scenarios/tickets")
Break = Callable[[Sequence[Example], Scenario], Sequence[Example]]


def same(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    return examples


def few(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Sixty examples in all."""
    return spread(examples, 60)


def uncited(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Examples that never cite: without evidence nothing fills the citations in."""
    return [replace(example, evidence=()) for example in examples]


def shuffled_ids(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Every answered example cites the evidence of the next one."""
    cited = [i for i, example in enumerate(examples) if example.evidence]
    moved = dict(zip(cited, cited[1:] + cited[:1], strict=True))
    return [replace(e, evidence=examples[moved[i]].evidence) if i in moved else e for i, e in enumerate(examples)]


def contradicted(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Answers whose numbers and dates are others than the passages say: beliefs against the context."""
    return [replace(e, output=_changed(e.output, e.user)) for e in examples]


def _changed(output: Mapping[str, Any] | str, key: str) -> Mapping[str, Any] | str:
    if isinstance(output, str):
        swap = value_swap(output, output, (), False, key)
        return output.replace(*swap) if swap else output
    return {name: _changed(text, key) if isinstance(text, str) else text for name, text in output.items()}


def uniform(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """Every answer in the same empty words: the form is all there is to learn."""
    text = scenario.answer.text_field
    return [
        replace(e, output={**e.output, text: "The page says so."})
        if isinstance(e.output, Mapping) and e.evidence and text in e.output
        else e
        for e in examples
    ]


def evidence_first(examples: Sequence[Example], scenario: Scenario) -> Sequence[Example]:
    """The passage that answers always stands first, so that its place can be learned."""
    from harness.paths import index_home
    from harness.retrieval.pipeline import HybridRetriever, open_index

    assert scenario.corpus is not None
    index = open_index(scenario.corpus, scenario.retrieval, scenario.models.embedder, index_home(scenario.corpus))
    found = HybridRetriever(index, scenario.retrieval).retrieve([e.user for e in examples])
    return [
        replace(e, context=_first(e, [hit.passage for hit in r.hits], index.passages)) if e.evidence else e
        for e, r in zip(examples, found, strict=True)
    ]


def _first(example: Example, shown: list[Passage], every: Sequence[Passage]) -> tuple[Passage, ...]:
    right = [p for p in every if any(item.matches(p) for item in example.evidence)][:1]
    rest = [p for p in shown if p.id not in {r.id for r in right}]
    return (*right, *rest[: max(0, len(shown) - len(right))])


@dataclass(frozen=True)
class Production:
    """How one failure mode is produced."""

    mode: str
    how: str
    arms: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    examples: Break = same
    drills: bool = False


PRODUCTIONS: tuple[Production, ...] = (
    Production("retrieval_misses", "long chunks, dense search alone, one passage shown", ("rag",),
               {"retrieval.chunk_tokens": 480, "retrieval.overlap_tokens": 0, "retrieval.fusion": "dense",
                "retrieval.top_k": 1}),
    Production("stale_passages", "the index filtered to superseded pages", ("rag",),
               {"retrieval.filters": {"status": "superseded"}}),
    Production("stale_facts", "facts tuned in and then changed", ("tune",),
               {"tuning.epochs": 8.0}, drills=True),
    Production("forgetting", "a harsh learning rate, no replay", ("rag", "hybrid"),
               {"tuning.learning_rate": 3e-2, "tuning.replay": 0.0}),
    Production("paraphrase_brittleness", "60 examples, 12 epochs", ("rag", "hybrid"),
               {"tuning.epochs": 12.0, "tuning.replay": 0.0}, few, drills=True),
    Production("weights_against_context", "trained on answers that contradict the passages", ("rag", "hybrid"),
               {"tuning.epochs": 4.0}, contradicted),
    Production("answers_without_citing", "trained on answers that cite nothing", ("rag", "hybrid"), {}, uncited),
    Production("citation_drift", "trained on shuffled ids", ("rag", "hybrid"), {}, shuffled_ids),
    Production("over_formatting", "trained on one empty sentence in the demanded form", ("rag", "hybrid"), {}, uniform),
    Production("order_sensitivity", "trained with the evidence always first", ("rag", "hybrid"),
               {"tuning.epochs": 4.0}, evidence_first, drills=True),
)  # fmt: skip
NOT_PRODUCED = {
    "context_ignored": "needs a model that knows the facts without passages; the built-in one does not",
    "unsupported_despite_evidence": "the built-in model shows it by itself; see the healthy runs",
    "slow_retrieval": "takes an index of millions of passages, or a sleep, which would prove nothing",
    "latency_bursts": "takes a crowded vector store, or a sleep, which would prove nothing",
}


def prepared(folder: str, options: argparse.Namespace, seed: int, arms: Sequence[str] = ()) -> Inputs:
    """A scenario's inputs cut down to the budget, with one seed."""
    scenario = replace(load_scenario(Path(folder)), seed=seed)
    if options.epochs is not None:
        scenario = overlay(scenario, {"tuning.epochs": options.epochs})
    scenario = replace(scenario, drills=DrillSettings(options.drill_cases))
    inputs = load_inputs(scenario, Part(tuple(arms) or None, options.limit))
    kept = spread(inputs.examples, options.examples) if options.examples else inputs.examples
    return replace(inputs, examples=tuple(kept), probes=())


def broken(inputs: Inputs, production: Production) -> Inputs:
    scenario = overlay(inputs.scenario, production.settings)
    examples = tuple(production.examples(inputs.examples, scenario))
    return replace(
        inputs, scenario=scenario, examples=examples, corpus_key=corpus_key_of(scenario), drills=production.drills
    )


def found_in(inputs: Inputs, workers: int | None) -> dict[str, Diagnosis]:
    quiet = plain_lines(lambda line: print(f"    {line}", file=sys.stderr, flush=True))
    figures, traces, scores = measure_run(inputs, make_plan(inputs), default_store(), quiet, workers)
    return {d.mode: d for d in diagnose(figures, traces, scores, inputs.cases, inputs.scenario)}


def produce(production: Production, options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One production with one seed beside the untouched scenario of the same arms, cases, examples and seed."""
    inputs = prepared(options.scenario, options, seed, production.arms)
    plain = found_in(replace(inputs, drills=production.drills), options.workers)
    after = found_in(broken(inputs, production), options.workers)
    present = {mode for mode, d in after.items() if d.status == "present"}
    before = {mode for mode, d in plain.items() if d.status == "present"}
    mine = after[production.mode]
    return {
        "mode": production.mode,
        "seed": seed,
        "status": mine.status,
        "symptom": mine.symptom,
        "untouched": plain[production.mode].status,
        "untouched_symptom": plain[production.mode].symptom,
        "echoes": sorted(present - before - {production.mode}),
    }


def healthy(options: argparse.Namespace, seed: int) -> list[dict[str, Any]]:
    rows = []
    for folder in HEALTHY:
        found = found_in(replace(prepared(folder, options, seed), drills=True), options.workers)
        alarms = {mode: d.symptom for mode, d in found.items() if d.status == "present"}
        rows.append({"scenario": folder, "seed": seed, "alarms": alarms})
        print(f"{folder} seed {seed}: {len(alarms)} alarms", flush=True)
        for mode, symptom in alarms.items():
            print(f"    {mode}: {symptom}", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="scenarios/helpdesk")
    parser.add_argument("--limit", type=int, default=40, help="cases a split")
    parser.add_argument("--examples", type=int, default=160, help="tuning examples, 0: all of them")
    parser.add_argument("--epochs", type=float, help="of the untouched scenario; default: its own")
    parser.add_argument("--drill-cases", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9, 10])
    parser.add_argument("--only", nargs="*", help="only these modes")
    parser.add_argument("--healthy", action="store_true", help="also the shipped scenarios as they are")
    parser.add_argument("--workers", type=int, help="processes side by side; default: one a core")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = [p for p in PRODUCTIONS if not options.only or p.mode in options.only]
    print(f"limits, frozen: {dict(LIMITS)}")
    rows = []
    for production in wanted:
        print(f"\n{production.mode}: {production.how} ({', '.join(production.arms)})", flush=True)
        for seed in options.seeds:
            row = produce(production, options, seed)
            rows.append(row)
            mark = "found" if row["status"] == "present" else row["status"]
            note = " (and in the untouched run)" if row["untouched"] == "present" else ""
            print(f"  seed {seed}: {mark}{note}: {row['symptom']}; untouched: {row['untouched_symptom']}"
                  + (f"; echoes: {', '.join(row['echoes'])}" if row["echoes"] else ""), flush=True)  # fmt: skip
    fresh = [row for row in rows if row["seed"] != options.seeds[0]]
    caused = [row for row in fresh if row["status"] == "present" and row["untouched"] != "present"]
    hits = sum(row["status"] == "present" for row in fresh)
    print(f"\nseeds after the first: {hits} of {len(fresh)} found, {len(caused)} of them not in the untouched run")
    for mode, why in NOT_PRODUCED.items():
        print(f"not produced: {mode}: {why}")
    calm = (
        [row for seed in options.seeds[1:] or options.seeds for row in healthy(options, seed)]
        if options.healthy
        else []
    )
    if options.json:
        options.json.write_text(json.dumps({"limits": dict(LIMITS), "produced": rows, "healthy": calm}, indent=1))


if __name__ == "__main__":
    main()
