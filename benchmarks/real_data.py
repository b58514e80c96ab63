"""Real data through the harness: closed book, RAG, the gold passage, few-shot and tuning on four public data sets.

    python -m benchmarks.real_data DATA [--only NAME ...] [--limit N] [--examples N] [--work FOLDER]

DATA holds `nq_oracle`, `squad2`, `banking77` and `finetunebench_people`. Scenario folders, cache and reports lie in
FOLDER (.cache/real-data); what was answered once is not asked again. Each scenario is run by `harness.run`; the tables
are Markdown, with 95 % intervals: exact for shares, paired over the same questions for differences, clustered by
document. `banking10_choice` (only by name) is the choice of the training on messages that no other table uses. CPU
seconds are of this process and its workers.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import harness
from benchmarks.real_scenarios import DEFAULT, STUDIES, Contestant, Study, Terms
from harness.api import Run
from harness.errors import HarnessError
from harness.generation import builtin
from harness.metrics.table import METRICS
from harness.stats.estimates import difference_by_case, rate, with_holm
from harness.stats.numbers import show, show_estimate, show_p, show_seconds
from harness.types import Difference

Values = Mapping[str, float | None]  # by case id


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=DEFAULT)
    parser.add_argument("--limit", type=int, help="questions of a study at most")
    parser.add_argument("--examples", type=int, help="training examples at most, to try it")
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--work", type=Path, default=Path(".cache/real-data"))
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    os.environ["HARNESS_CACHE"] = str(options.work / "cache")
    os.environ["HARNESS_REPORTS"] = str(options.work / "reports")
    terms = Terms(options.data, options.work / "scenarios", options.model, options.limit, options.examples)
    print(f"Model: {_named(options.model)}.", flush=True)
    runs: dict[Path, Run] = {}
    for name in options.only:
        try:
            for study in STUDIES[name](terms):
                print("\n".join(section(study, runs, options.workers)), flush=True)
        except (HarnessError, OSError) as error:
            sys.exit(f"{name}: {error}")


def _named(model: str) -> str:
    """The model with the hash of its reading adapter, which changes while its name stays."""
    reader = builtin.MODELS[model].reader if model in builtin.MODELS else None
    return model if reader is None else f"{model}, reading adapter {builtin.reader_hash(reader)[:8]}"


def section(study: Study, runs: dict[Path, Run], workers: int | None = None) -> Iterator[str]:
    """The lines of a study: figures, differences, the reader's part, and what it took; runs what was not run yet."""
    took = [line for one in study.contestants if (line := _run(one, runs, workers))]
    yield from ("", f"## {study.title}", "", study.asked, "")
    titles = [METRICS[name].title for name in study.metrics]
    yield from _table(("", *titles), [(one.label, *_cells(one, study, runs)) for one in study.contestants])
    if study.pairs:
        rows = [
            (f"{row.arm} − {row.against}", show_estimate(row.estimate, signed=True), show_p(row.p_holm))
            for row in differences(study, runs)
        ]
        yield from ("", *_table(("correct, paired", "difference", "p, Holm"), rows))
    if study.reader is not None:
        yield from ("", *_reader(study, runs))
    yield from _trainings(study, runs)
    yield from ("", f"CPU: {'; '.join(took) or 'nothing was run anew'}.")


def _run(one: Contestant, runs: dict[Path, Run], workers: int | None) -> str:
    """Run the scenario of a contestant, arms without training first, so that the training's seconds stand apart."""
    if one.folder in runs:
        return ""
    settings = json.loads((one.folder / "scenario.yaml").read_text(encoding="utf-8"))
    untuned = [arm for arm in settings["arms"] if arm != "tune"]
    print(f"running {one.folder.name}", file=sys.stderr, flush=True)
    parts = [(untuned, ", ".join(untuned))] if untuned and len(untuned) < len(settings["arms"]) else []
    parts.append((None, "tune" if "tune" in settings["arms"] else ", ".join(untuned)))
    said = []
    for arms, what in parts:
        start = _cpu()
        runs[one.folder] = harness.run(one.folder, arms=arms, workers=workers)
        said.append(f"{what} {show_seconds(_cpu() - start)}")
    return f"{one.folder.name}: {', '.join(said)}"


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


# --- tables -----------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _cells(one: Contestant, study: Study, runs: Mapping[Path, Run]) -> list[str]:
    figures = runs[one.folder].record.metrics[one.arm]
    return [show_estimate(figures[name]) if name in figures else "" for name in study.metrics]


def _values(study: Study, label: str, metric: str, runs: Mapping[Path, Run]) -> Values:
    """The scores of a contestant by test case; cases to which the metric does not apply are left out."""
    one = next(one for one in study.contestants if one.label == label)
    run = runs[one.folder]
    mine = [score for score in run.stored.scores if (score.arm, score.metric) == (one.arm, metric)]
    tested = run.record.golden.cluster_of
    return {score.case_id: score.value for score in mine if score.applicable and score.case_id in tested}


def _clusters(study: Study, runs: Mapping[Path, Run]) -> Mapping[str, str]:
    return runs[study.contestants[-1].folder].record.golden.cluster_of


def differences(study: Study, runs: Mapping[Path, Run]) -> tuple[Difference, ...]:
    """`correct` of each pair, case by case, with p adjusted over the pairs."""
    clusters = _clusters(study, runs)
    return with_holm(
        difference_by_case(
            ("correct", a, b),
            _values(study, a, "correct", runs),
            _values(study, b, "correct", runs),
            clusters,
        )
        for a, b in study.pairs
    )


def _reader(study: Study, runs: Mapping[Path, Run]) -> Iterator[str]:
    """What this says of the model: RAG where the gold passage was shown and where it was not, beside the ceiling."""
    assert study.reader is not None
    rag, ceiling = (_values(study, label, "correct", runs) for label in study.reader)
    found = _values(study, study.reader[0], "recall@k", runs)
    shown = [case for case in rag if found.get(case) == 1.0]
    missed = [case for case in rag if case not in set(shown)]
    clusters = _clusters(study, runs)

    def share(values: Values, cases: Sequence[str]) -> str:
        return show_estimate(rate([values[case] for case in cases], [clusters.get(case, case) for case in cases]))

    rows = [
        ("RAG, gold passage shown", share(rag, shown)),
        ("the same questions, gold passage alone", share(ceiling, shown)),
        ("RAG, gold passage not shown", share(rag, missed)),
    ]
    yield from _table(("what this says of the model", "correct"), rows)
    wrong = [case for case in rag if rag[case] == 0.0]
    reading = sum(case in set(shown) for case in wrong)
    ratio = _ratio(rag, ceiling)
    yield ""
    yield (
        f"RAG reaches {ratio} of the ceiling. Of its {len(wrong)} wrong answers {reading} had the gold passage in the "
        f"prompt (the reader's), {len(wrong) - reading} had not (the retriever's)."
    )


def _ratio(a: Values, b: Values) -> str:
    above, below = (sum(value or 0.0 for value in values.values()) for values in (a, b))
    return f"{100 * above / below:.0f} % ({above:.0f} of {below:.0f})" if below else "nothing"


def _trainings(study: Study, runs: Mapping[Path, Run]) -> Iterator[str]:
    """The loss at the end of each training, and general ability after it less before."""
    for one in study.contestants:
        record = runs[one.folder].record
        if one.arm not in record.tuning:
            continue
        adapter = record.tuning[one.arm].adapter
        loss = next((point.train_loss for point in reversed(adapter.curve) if point.train_loss is not None), None)
        items = record.forgetting.arms.get(one.arm)
        change = "not measured" if items is None else show_estimate(items.items.difference, signed=True)
        yield ""
        yield f"{one.label}: {adapter.examples} rows, loss {show(loss, 'loss')} at the end; general ability {change}."


if __name__ == "__main__":
    main()
