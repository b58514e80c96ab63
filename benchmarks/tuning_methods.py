"""Every method, adapter and arm of tuning on one scenario, in one table.

    python -m benchmarks.tuning_methods [--scenario scenarios/helpdesk] [--work FOLDER] [--model smollm2]
                                        [--only arms,adapters,replay,seeds,curve] [--arms rag,hybrid,raft]
                                        [--examples 120] [--limit 40] [--items 60] [--sizes 50,100,250,500]

The scenario's folder is copied once a group of settings and run there by what a user would call; runs and adapters
share one cache, so that a group that was interrupted, or is run again, takes up where it was. Form is that of the
golden answers: probes, latency and safety are left out.

    arms      every row of the table of arms: sft, raft, dpo, distilled, constrained, lean, tuned re-ranker
    adapters  the hybrid arm by lora, qlora, dora, ia3, prefix and full, each at a learning rate usual for it
    replay    the hybrid arm with 0, 5 and 10 % of general examples mixed in
    seeds     the hybrid arm by three seeds
    curve     the hybrid arm on growing parts of its examples; `--arm tune` makes these of the closed-book arm

Preference pairs are made here of the base arm's own failures: its wrong answers to tuning questions beside the
examples' own. `python -m benchmarks.constrained_decoding` has the price of a token that is held to a schema.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.engine.inputs import spread
from harness.record.files import finished_runs, load_record
from harness.record.sections import Record
from harness.stats.numbers import show, show_estimate

ARMS = (
    "baseline", "rag", "rag+few-shot", "tune", "hybrid", "raft", "dpo", "distilled", "rag+constrained",
    "hybrid+constrained", "rag+lean", "hybrid+lean", "tuned-reranker", "dual", "oracle",
)  # fmt: skip
RATES: Mapping[str, float] = {  # a learning rate that is usual for each kind, on a model of this size
    "lora": 5e-4, "qlora": 5e-4, "dora": 5e-4, "ia3": 1e-2, "prefix": 3e-2, "full": 2e-5,
}  # fmt: skip
HEAD = "| group | arm | adapter | task success | form | general ability | likelihood | trained | seconds | memory |"
Overrides = Mapping[str, Any]  # dotted setting -> value


def groups(options: argparse.Namespace) -> Iterator[tuple[str, list[str], Overrides]]:
    """(name, arms, settings) of each run."""
    only, arm, examples = options.only.split(","), options.arm, options.examples
    less = {} if examples is None else {"tuning.open_book": examples, "tuning.closed_book": examples}
    less |= {} if options.items is None else {"forgetting.limit": options.items}
    beside = ["baseline" if arm == "tune" else "rag", arm]
    if "arms" in only:
        arms = options.arms.split(",")
        pairs = {"preferences": "pairs.jsonl"} if "dpo" in arms else {}
        yield "arms", arms, {**less, **pairs, "tuning.teacher": "rag+few-shot"}
    if "adapters" in only:
        for kind in options.adapters.split(","):
            rate = {"tuning.adapter": kind, "tuning.learning_rate": RATES[kind]}
            yield f"adapter {kind}", beside, {**less, **rate}
    if "replay" in only:
        for share in (0.0, 0.05, 0.1):
            yield f"replay {100 * share:g} %", beside, {**less, "tuning.replay": share}
    if "seeds" in only:
        yield "seeds", beside, {**less, "tuning.seeds": 3}
    if "curve" in only:
        sizes = [int(size) for size in options.sizes.split(",")]
        books = {name: value for name, value in less.items() if "book" not in name}
        yield "curve", beside, {**books, "tuning.open_book": sizes[-1], "tuning.closed_book": sizes[-1],
                                "tuning.curve": sizes[:-1]}  # fmt: skip


def write_scenario(
    source: Path, folder: Path, arms: list[str], settings: Overrides, model: str | None, limit: int | None
) -> None:
    """A copy of the scenario with other arms and settings, at most `limit` test cases and a quarter of that of dev."""
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("reports", ".cache"))
    file = folder / "scenario.yaml"
    scenario = yaml.safe_load(file.read_text())
    cases = [json.loads(line) for line in (source / scenario["golden"]).read_text().splitlines()]
    if limit is not None:
        of = {split: [case for case in cases if case["split"] == split] for split in ("dev", "test")}
        cases = [*spread(of["dev"], max(1, limit // 4)), *spread(of["test"], limit)]
    scenario["golden"] = "asked.jsonl"  # the golden set may lie beside all scenarios
    (folder / "asked.jsonl").write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases))
    scenario.pop("probes", None)
    candidate = next(arm for arm in ("hybrid", "tune", *arms) if arm in arms)
    scenario |= {"arms": arms, "candidate": candidate, "latency": {"questions": 0}, "safety": {"prompts": "none"}}
    if model is not None:
        scenario["models"] = {**scenario.get("models", {}), "generator": model}
    for name, value in settings.items():
        *rooms, key = name.split(".")
        block = scenario
        for room in rooms:
            block = block.setdefault(room, {})
        block[key] = value
    file.write_text(yaml.safe_dump(scenario, sort_keys=False, allow_unicode=True))


def write_pairs(folder: Path, scenario: str) -> int:
    """Preference pairs of what `rag` answers wrongly to the tuning questions; returns how many."""
    from harness.engine.execute import bring_to_end, execute
    from harness.engine.part import RunPart
    from harness.engine.progress import shown_progress
    from harness.prompts import completion_text
    from harness.runs.start import make_ready
    from harness.stages.answer_batches import stored_traces
    from harness.stages.index import IndexCorpus
    from harness.stages.rerank import TuneReranker
    from harness.stages.retrieve import RetrieveExamples
    from harness.stages.teach import teacher_step

    ready = make_ready(scenario, RunPart(arms=("rag", "hybrid")))
    stage = teacher_step(ready.inputs, ready.planned)
    with shown_progress() as progress:
        before = ready.planned.only(IndexCorpus, TuneReranker, RetrieveExamples)
        assert before.one(RetrieveExamples) is not None
        execute(before, ready.store, progress, 1, ready.inputs.preload)
        bring_to_end(stage, ready.store, progress)
    right = {example.user for example in stage.right(ready.store)}
    traces, rows = stored_traces(ready.store.folder(stage)), []
    for id, example in stage.questions.items():
        answer = traces[id].answer
        if answer is None or example.user in right or answer.raw.strip() == completion_text(example.output).strip():
            continue
        passages = [{"id": h.passage.id, "title": h.passage.title, "text": h.passage.text} for h in answer.hits]
        rejected = answer.raw if answer.parsed is None else answer.parsed
        rows.append({"question": example.user, "passages": passages, "chosen": example.output, "rejected": rejected,
                     "source": "failures of rag"})  # fmt: skip
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return len(rows)


def rows_of(group: str, record: Record) -> Iterator[str]:
    """One line of the table an arm."""
    for arm in record.arms:
        success, form = record.estimate(arm.name, "task_success"), record.forms.get(arm.name)
        tuning, ability = record.tuning.get(arm.name), record.forgetting.arms.get(arm.name)
        likelihood = next((f.arms[arm.name].likelihood for f in record.forgetting.forms if arm.name in f.arms), None)
        adapter = None if tuning is None else tuning.adapter
        cells = (
            group, arm.name,
            "–" if adapter is None else f"{adapter.title}, {adapter.method}",
            show_estimate(success), "–" if form is None else show_estimate(form.schema),
            "–" if ability is None else show_estimate(ability.items.difference, signed=True),
            "–" if likelihood is None else show_estimate(likelihood, signed=True),
            "–" if adapter is None else show(adapter.share, "fraction"),
            "–" if adapter is None else f"{adapter.seconds:.0f}",
            "–" if adapter is None or adapter.peak_bytes is None else f"{adapter.peak_bytes / 1e9:.1f} GB",
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def more_of(record: Record) -> Iterator[str]:
    """Spread over seeds, and the learning curve."""
    for arm, section in record.seeds.items():
        means = ", ".join(f"{o.seed}: {show_estimate(o.success)}" for o in section.outcomes)
        yield f"seeds of {arm}: {means}; deviation {show(section.deviation, 'fraction')}"
    if record.learning is not None:
        for point in record.learning.points:
            change = "–" if point.forgetting is None else show_estimate(point.forgetting, signed=True)
            form = "–" if point.form is None else show_estimate(point.form)
            yield f"{point.examples} examples: success {show_estimate(point.success)}, form {form}, general {change}"
        yield record.learning.says


def run(work: Path, folder: Path) -> tuple[Record, float]:
    """The record of the scenario's run, and its seconds."""
    start = time.perf_counter()
    reports = work / "reports" / folder.name
    words = ["run", str(folder)]
    environment = os.environ | {"HARNESS_CACHE": str(work / "cache"), "HARNESS_REPORTS": str(reports)}
    done = subprocess.run([sys.executable, "-m", "harness", *words], env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"harness {' '.join(words)} ended with {done.returncode}")
    return load_record(finished_runs(reports)[-1].parent), time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", type=Path, default=Path("scenarios/helpdesk"))
    parser.add_argument("--work", type=Path, default=Path("tuning-methods"))
    parser.add_argument("--model", default=None, help="in place of the scenario's generator")
    parser.add_argument("--only", default="arms,adapters,replay,seeds,curve")
    parser.add_argument("--arms", default=",".join(ARMS), help="of the group of that name")
    parser.add_argument("--arm", choices=("hybrid", "tune"), default="hybrid", help="of the other groups")
    parser.add_argument("--adapters", default=",".join(RATES), help="of the group of that name")
    parser.add_argument("--sizes", default="50,100,250,500", help="numbers of examples of the curve")
    parser.add_argument("--examples", type=int, default=None, help="at most so many of each book")
    parser.add_argument("--limit", type=int, default=None, help="at most so many test cases")
    parser.add_argument("--items", type=int, default=None, help="at most so many items of general ability")
    options = parser.parse_args()
    work = options.work.resolve()
    os.environ["HARNESS_CACHE"] = str(work / "cache")
    lines, more = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)], [""]
    for name, arms, settings in groups(options):
        folder = work / name.replace(" ", "-").replace("%", "percent")
        write_scenario(options.scenario, folder, arms, settings, options.model, options.limit)
        if "dpo" in arms:
            ask = work / "pairs"
            plain = {key: value for key, value in settings.items() if key.startswith("tuning.") and "book" in key}
            teacher = {**plain, "tuning.teacher": "rag"}
            write_scenario(options.scenario, ask, ["rag", "hybrid"], teacher, options.model, options.limit)
            print(f"{write_pairs(folder, str(ask))} preference pairs from rag's own failures", flush=True)
        record, seconds = run(work, folder)
        lines += rows_of(name, record)
        more += [*more_of(record), f"{name}: {seconds:.0f} s in all"]
        print("\n".join([*lines, *more]), flush=True)
        (work / "table.md").write_text("\n".join([*lines, *more]) + "\n")


if __name__ == "__main__":
    main()
