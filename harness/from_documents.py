"""From documents to golden drafts and training examples: a scenario's corpus, its retriever, a generator that writes.

    golden_drafts(scenario, Order(count=40))       # -> a file of drafts beside the golden set
    training_drafts(scenario, Order(count=200), "open_book")

What a generator says is kept by content in the cache: a page that changes asks again for its own drafts alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.drafts.checks import Bench
from harness.drafts.draft import Drafts, Drop, Neighbours
from harness.drafts.golden_file import (
    DraftFile,
    cases_in,
    document_splits,
    draft_file,
    golden_neighbours,
    quotes_of,
    write_draft_file,
)
from harness.drafts.kinds import KINDS
from harness.drafts.make import make_drafts, make_paraphrases
from harness.drafts.quotes import topics
from harness.drafts.replies import TextGenerator, Writer
from harness.drafts.training import DraftExamples, Use, draft_examples
from harness.engine.progress import Progress, silent
from harness.files.hashing import content_hash
from harness.files.paths import cache_dir
from harness.golden.load import load_examples
from harness.record.codec import row_line, write_atomic
from harness.scenario.settings import Models, Scenario
from harness.stages.corpus_search import CorpusSearch, open_search
from harness.stages.models import base_generator, server_generator
from harness.types import Case, Example, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

# A model that answers where a question is asked for writes through the model that it was made of.
WRITERS: Mapping[str, str] = {"smollm2": "smollm2-base"}
REFUSALS = 0.2  # share of training examples that nothing answers
DROPS = 12  # reasons that are listed, the commonest first


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    count: int  # drafts in all
    kinds: tuple[Kind, ...] = ()  # empty: every kind that the scenario has a use for
    models: Models | None = None  # who writes and reads; None: the scenario's own generator
    seed: int | None = None  # None: the scenario's

    def counts(self, scenario: Scenario, refusals: float | None = None) -> dict[Kind, int]:
        """Drafts by kind: by their shares in KINDS. House style is drafted where there is one.

        Args:
            refusals: share of those that nothing answers; None: the table's.
        """
        kinds = self.kinds or tuple(k for k in KINDS if k != "style" or scenario.style is not None)
        shares = {kind: KINDS[kind].share for kind in KINDS if kind in kinds}
        if refusals is not None and "unanswerable" in shares and len(shares) > 1:
            rest = sum(share for kind, share in shares.items() if kind != "unanswerable")
            shares["unanswerable"] = refusals / (1 - refusals) * rest
        whole = sum(shares.values())
        counts = {kind: round(self.count * share / whole) for kind, share in shares.items()}
        first = next(iter(counts))
        counts[first] += self.count - sum(counts.values())
        return counts


@dataclass(frozen=True, slots=True)
class GoldenDrafts:
    """A draw of golden drafts: what is in the file now, and what became of everything that was written."""

    file: DraftFile
    drafts: Drafts
    asked_for: Mapping[Kind, int]
    passed: Mapping[Kind, int]
    writer: str
    seconds: float  # wall seconds, the index and loading of models included


@dataclass(frozen=True, slots=True)
class TrainingDrafts:
    """A draw of training examples."""

    examples: DraftExamples
    drafts: Drafts
    paraphrases: Drafts
    asked_for: Mapping[Kind, int]
    writer: str
    seconds: float


def golden_drafts(scenario: Scenario, order: Order, progress: Progress = silent) -> GoldenDrafts:
    """Draft golden cases of a scenario's documents, and write those that pass into the file of drafts.

    Raises:
        InputError: no corpus, or a file of the scenario that is wrong. EnvironmentFailure: the generator failed.
    """
    start = time.perf_counter()
    file = draft_file(scenario.golden, scenario.dir)
    examples = load_examples(scenario.examples, scenario.answer.system) if scenario.examples else ()
    seed = scenario.seed if order.seed is None else order.seed
    split = document_splits(scenario.golden, file, seed)
    search = open_search(scenario, progress)
    bench = _bench(scenario, order, search, golden_neighbours(scenario.golden, file, examples), progress)
    bench = replace(bench, group=split)
    counts = order.counts(scenario)
    drafts = make_drafts(topics(search.index.passages, seed), bench, counts, seed)
    outcome = write_draft_file(file, drafts, split)
    seconds = time.perf_counter() - start
    return GoldenDrafts(outcome, drafts, counts, _by_kind(drafts), bench.writer.name, seconds)


def training_drafts(
    scenario: Scenario, order: Order, use: Use, refusals: float = REFUSALS, progress: Progress = silent
) -> TrainingDrafts:
    """Draft training examples of a scenario's documents; golden questions and, with passages shown, golden quotes are
    left alone.

    Raises:
        InputError: no corpus, or a scenario that has no form for such examples.
        EnvironmentFailure: the generator failed.
    """
    start = time.perf_counter()
    seed = scenario.seed if order.seed is None else order.seed
    search = open_search(scenario, progress)
    cases = _golden_cases(scenario)
    examples = load_examples(scenario.examples, scenario.answer.system) if scenario.examples else ()
    neighbours = _training_neighbours(cases, examples, use)
    bench = _bench(scenario, order, search, neighbours, progress)
    counts = order.counts(scenario, refusals)
    # another seed than that of golden drafts, so that both do not ask for the same sentences first
    drafts = make_drafts(topics(search.index.passages, seed + 1), bench, counts, seed)
    paraphrases = make_paraphrases(drafts.drafts, bench, seed)
    rows = draft_examples(drafts.drafts, paraphrases.drafts, scenario.answer, scenario.style, use)
    seconds = time.perf_counter() - start
    return TrainingDrafts(rows, drafts, paraphrases, counts, bench.writer.name, seconds)


def write_drops(file: Path, *draws: Drafts) -> None:
    """Write what did not pass, a row a draft: kind, check, question, document, why."""
    write_atomic(file, "".join(row_line(drop) for draw in draws for drop in draw.drops))


def commonest(drops: tuple[Drop, ...]) -> dict[str, int]:
    """Reasons of drops by check, the commonest first; quotes of replies left out."""
    reasons: dict[str, int] = {}
    for drop in drops:
        reason = f"{drop.check}: {drop.why.partition(':')[0]}"
        reasons[reason] = reasons.get(reason, 0) + 1
    return dict(sorted(reasons.items(), key=lambda item: -item[1])[:DROPS])


def _by_kind(drafts: Drafts) -> dict[Kind, int]:
    return {kind: sum(draft.kind == kind for draft in drafts.drafts) for kind in KINDS}


def _golden_cases(scenario: Scenario) -> tuple[Case, ...]:
    """The golden set and the drafts beside it, which may become part of it."""
    files = dict.fromkeys([scenario.golden, draft_file(scenario.golden, scenario.dir)])
    return tuple(case for file in files for case in cases_in(file))


def _training_neighbours(cases: tuple[Case, ...], examples: tuple[Example, ...], use: Use) -> Neighbours:
    exam = [case for case in cases if case.split != "train"]
    golden = [(example.where, example.user) for example in examples if not example.replay]
    evidence = quotes_of(item for case in exam for item in case.evidence) if use != "closed_book" else {}
    return Neighbours(golden, [(case.where, case.question) for case in exam], evidence)


# --- who writes and who reads -------------------------------------------------------------------------------------


def _bench(scenario: Scenario, order: Order, search: CorpusSearch, neighbours: Neighbours, progress: Progress) -> Bench:
    models = order.models or scenario.models
    reader = _writer(models, "answers", progress)
    counterpart = WRITERS.get(models.generator) if models.base_url is None else None
    writer = reader if counterpart is None else _writer(replace(models, generator=counterpart), "questions", progress)
    return Bench(writer, reader, search.retriever, neighbours)


def _writer(models: Models, label: str, progress: Progress) -> Writer:
    folder = cache_dir() / "drafts"
    return Writer(
        models.generator, _key(models), folder, _opener(models), lambda done, total: progress(label, done, total)
    )


def _opener(models: Models) -> Callable[[], TextGenerator]:
    def load() -> TextGenerator:
        return server_generator(models) if models.base_url is not None else base_generator(models, "none")

    return load


def _key(models: Models) -> str:
    """What a model's replies depend on: its weights, or a server's name for it and its address."""
    from harness.generation.load import locate, weights_hash

    if models.base_url is not None:
        return content_hash([models.base_url, models.generator, models.thinking])
    return content_hash([weights_hash(locate(models.generator)), models.thinking, models.precision])
