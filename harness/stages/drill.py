"""The drills of a run as stages like the others: passages perturbed, facts changed, every arm asked again.

`perturb` writes the perturbed questions and passages, `refresh` changes facts in a copy of the corpus, brings a copy of
the index up to date and looks the changed questions up, `drill <arm>` asks one arm all of it. Each is keyed by content
and goes on where it was; the figures come from `harness.results.drills`.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.arms import Arm
from harness.drills.changes import Changed, change_facts, shipped_changes
from harness.drills.perturb import DRILLS, Found, gold_hits
from harness.drills.rewording import reworded
from harness.hashing import content_hash, file_hash
from harness.record.files import plain, read_jsonl, write_atomic, write_jsonl
from harness.retrieval.stored import load_retrieval
from harness.run.inputs import Asked, Inputs, spread
from harness.run.store import Stage, Store, code_key
from harness.run.workers import Progress
from harness.scenario.settings import Scenario
from harness.stages import answer as tasks
from harness.types import Case, Evidence, Hit, Passage

FRESH = "fresh"  # the drill name of the changed questions
DEPTH = 24  # ranks looked at for passages that do not answer
BY_RULE, BY_SCENARIO = "rule", "scenario"  # where a paraphrase is from


@dataclass(frozen=True, slots=True)
class Drilled:
    """One question of a drill. `hits` are shown to arms with a retriever; the others get the question alone."""

    id: str  # "<drill>/<case id>": what its trace is called
    drill: str
    case: Case  # as it is scored: an answer may have become a refusal, a value another
    hits: tuple[Hit, ...]
    was: tuple[str, ...] = ()  # accepted before the fact changed
    source: str = ""

    @property
    def of(self) -> str:
        """The golden case that it was made of."""
        return self.id.partition("/")[2]

    def asked_of(self, arm: Arm) -> bool:
        """Whether the drill changes anything that this arm sees."""
        return arm.retriever or self.drill in ("paraphrased", FRESH)


# --- keys ---------------------------------------------------------------------------------------------------------


def drill_stages(inputs: Inputs, retrieve: Stage | None, generates: Sequence[Stage]) -> list[Stage]:
    """The stages that the drills add to a run; none where it makes no drills."""
    if not inputs.drills:
        return []
    s, seed = inputs.scenario, inputs.scenario.seed
    read = [inputs.corpus_key, s.retrieval, s.models, inputs.test_cases, seed, s.drills.cases]
    code = code_key("stages/drill", "drills", "retrieval")
    files = [None if file is None else file_hash(file) for file in (s.drills.paraphrases, s.drills.changes)]
    perturb = Stage("perturb", content_hash([read, retrieve and retrieve.key, files[0], code]))
    refresh = Stage("refresh", content_hash([read, retrieve and retrieve.key, files[1], code]))
    asked = [
        Stage("drill", content_hash([generate.key, perturb.key, refresh.key, code_key("stages/answer")]), arm.name)
        for arm, generate in zip(inputs.arms, generates, strict=True)
        if not arm.oracle
    ]
    return [perturb, refresh, *asked]


# --- what is asked ------------------------------------------------------------------------------------------------


def perturb(inputs: Inputs, store: Store, stage: Stage, retriever: Any, stored: Path | None) -> Mapping[str, Any]:
    """Write every question of the drills with its passages.

    Args:
        retriever: the live HybridRetriever, or None where no arm of the run retrieves.
        stored: folder of the retrieve stage.
    """
    start = time.perf_counter()
    rows = list(_paraphrased(inputs, retriever))
    if retriever is not None and stored is not None:
        rows += _perturbed(inputs, retriever, stored)
    write_jsonl(store.folder(stage) / "asked.jsonl", [_row(row) for row in rows])
    return store.finish(stage, time.perf_counter() - start, questions=len(rows))


def _paraphrased(inputs: Inputs, retriever: Any) -> list[Drilled]:
    own = _own_paraphrases(inputs.scenario)
    cases = spread(inputs.test_cases, inputs.scenario.drills.cases)
    asked = [own.get(case.id) or reworded(case.question, case.id) for case in cases]
    found = [r.hits for r in retriever.retrieve(asked)] if retriever is not None else [()] * len(cases)
    sources = [BY_SCENARIO if case.id in own else BY_RULE for case in cases]
    return [
        _drilled("paraphrased", replace(case, question=question), hits, source=source)
        for case, question, hits, source in zip(cases, asked, found, sources, strict=True)
    ]


def _own_paraphrases(scenario: Scenario) -> dict[str, str]:
    file = scenario.drills.paraphrases
    return {str(row["id"]): str(row["question"]) for row in read_jsonl(file)} if file else {}


def _perturbed(inputs: Inputs, retriever: Any, stored: Path) -> list[Drilled]:
    cases, shallow = inputs.test_cases, load_retrieval(stored)
    shown = [shallow.found[case.question].hits for case in cases]
    deep = _deeper(retriever, [case.question for case in cases], shown)
    passages = retriever.index.passages
    found = [Found(s, d, gold_hits(c, passages)) for c, s, d in zip(cases, shown, deep, strict=True)]
    rows = []
    for drill in DRILLS.values():
        if drill.passages is None:
            continue
        made = [(c, drill.passages(c, f, inputs.scenario.seed)) for c, f in zip(cases, found, strict=True)]
        applies = [(case, hits) for case, hits in made if hits is not None]
        kept = {case.id for case in spread([case for case, _ in applies], inputs.scenario.drills.cases)}
        rows += [_drilled(drill.name, _scored_as(drill.name, case), hits) for case, hits in applies if case.id in kept]
    return rows


def _deeper(retriever: Any, questions: Sequence[str], shown: Sequence[Sequence[Hit]]) -> list[tuple[Hit, ...]]:
    from harness.retrieval.pipeline import HybridRetriever
    from harness.retrieval.rerank import load_reranker

    deep = HybridRetriever(retriever.index, retriever.settings, load_reranker("none"), depth=DEPTH)
    seen = [{hit.passage.id for hit in hits} for hits in shown]
    found = deep.retrieve(questions)
    return [tuple(h for h in r.hits if h.passage.id not in ids) for r, ids in zip(found, seen, strict=True)]


def _scored_as(drill: str, case: Case) -> Case:
    """Without its evidence a question has no answer in the passages: the right thing is to refuse."""
    return replace(case, kind="unanswerable") if drill == "oracle_removed" else case


def _drilled(drill: str, case: Case, hits: tuple[Hit, ...], was: tuple[str, ...] = (), source: str = "") -> Drilled:
    name = f"{drill}/{case.id}"
    return Drilled(name, drill, replace(case, id=name), hits, was, source)


def _row(row: Drilled) -> dict[str, Any]:
    return {key: plain(getattr(row, key)) for key in ("id", "drill", "case", "hits", "was", "source")}


def read_drilled(folder: Path) -> list[Drilled]:
    """Read back what `perturb` or `refresh` wrote."""
    return [_read(row) for row in read_jsonl(folder / "asked.jsonl")]


def _read(row: Mapping[str, Any]) -> Drilled:
    raw: dict[str, Any] = dict(row["case"])
    raw["evidence"] = tuple(Evidence(**item) for item in raw["evidence"])
    raw |= {key: tuple(raw[key]) for key in ("accept", "key_points")}
    hits = tuple(Hit(Passage(**hit["passage"]), hit["score"]) for hit in row["hits"])
    return Drilled(row["id"], row["drill"], Case(**raw), hits, tuple(row["was"]), row["source"])


# --- facts that change --------------------------------------------------------------------------------------------


def refresh(inputs: Inputs, store: Store, stage: Stage, home: Path, progress: Progress) -> Mapping[str, Any]:
    """Change facts in a copy of the corpus, bring a copy of the index up to date, look the questions up again.

    Args:
        home: where the index of the unchanged corpus lives.
    """
    start = time.perf_counter()
    s, folder = inputs.scenario, store.folder(stage)
    changed = _changed(inputs)
    facts: dict[str, Any] = {"facts": len(changed.changes), "documents": len(changed.texts), "skipped": changed.skipped}
    hits: list[tuple[Hit, ...]] = [()] * len(changed.changes)
    if changed.changes and any(arm.retriever for arm in inputs.arms):
        retriever, taken = _refreshed(s, changed, folder, home, progress)
        hits = [r.hits for r in retriever.retrieve([change.case.question for change in changed.changes])]
        facts |= taken
    pairs = zip(changed.changes, hits, strict=True)
    write_jsonl(folder / "asked.jsonl", [_row(_drilled(FRESH, c.case, h, c.was)) for c, h in pairs])
    told = [{"id": c.case.id, "doc": c.doc, "old": c.old, "new": c.new} for c in changed.changes]
    write_atomic(folder / "changes.json", json.dumps(told))
    return store.finish(stage, time.perf_counter() - start, **facts)


def _changed(inputs: Inputs) -> Changed:
    s = inputs.scenario
    if s.corpus is None:
        return Changed({}, (), {"the scenario has no corpus": len(inputs.test_cases)})
    shipped = shipped_changes(s.drills.changes, inputs.test_cases)
    ordered = spread(inputs.test_cases, len(inputs.test_cases))
    reachable = change_facts(ordered, s.corpus, len(ordered), s.seed, shipped)
    wanted = {change.case.id for change in spread(reachable.changes, s.drills.cases)}
    again = change_facts([c for c in ordered if c.id in wanted], s.corpus, s.drills.cases, s.seed, shipped)
    return Changed(again.texts, again.changes, reachable.skipped)


def _refreshed(
    scenario: Scenario, changed: Changed, folder: Path, home: Path, progress: Progress
) -> tuple[Any, dict[str, Any]]:
    """A retriever on the refreshed copy, and what refreshing took. The embedder is loaded before the clock starts."""
    from harness.retrieval.embed import load_embedder
    from harness.retrieval.pipeline import HybridRetriever, open_index
    from harness.retrieval.rerank import load_reranker
    from harness.retrieval.store import current
    from harness.retrieval.upkeep import restore

    assert scenario.corpus is not None  # nothing was changed otherwise
    corpus, index = _copied(scenario.corpus, folder, changed.texts), folder / "index"
    shutil.rmtree(index, ignore_errors=True)  # what a crash left
    source = current(home)
    if source is not None:
        restore(source, index)
    load_embedder(scenario.models.embedder).embed(["warm"])
    start = time.perf_counter()
    fresh = open_index(
        corpus, scenario.retrieval, scenario.models.embedder, index, lambda d, t: progress("refresh", d, t)
    )
    seconds = time.perf_counter() - start
    retriever = HybridRetriever(fresh, scenario.retrieval, load_reranker(scenario.models.reranker))
    report = fresh.report
    return retriever, {"update_seconds": seconds, "embedded": report.embedded, "reused": report.reused}


def _copied(corpus: Path, folder: Path, texts: Mapping[str, str]) -> Path:
    copy = folder / corpus.name
    if corpus.is_dir():
        shutil.copytree(corpus, copy, dirs_exist_ok=True)
        for name, text in texts.items():
            write_atomic(copy / name, text)
    else:
        write_atomic(copy, texts[corpus.name])
    return copy


# --- asking -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Every question of the drills to one arm."""

    scenario: Scenario
    store: Store
    stage: Stage
    arm: Arm
    made: tuple[Path, ...]  # folders of perturb and refresh
    adapter: Path | None


def questions_for(arm: Arm, made: Sequence[Path]) -> list[Drilled]:
    """What one arm is asked, in order."""
    return [row for folder in made for row in read_drilled(folder) if row.asked_of(arm)]


def ask(job: Ask, progress: Progress) -> Mapping[str, Any]:
    """Answer every question of the drills, batch by batch, like the golden ones."""
    done = job.store.done(job.stage)
    if done is not None:
        return done
    start = time.perf_counter()
    rows = questions_for(job.arm, job.made)
    built = tasks.build_arm(job.scenario, job.arm, None, job.adapter)
    prepared = [built.fit(row.case.question, row.hits if job.arm.retriever else ()) for row in rows]
    asked = [Asked(row.id, row.case.question, False) for row in rows]
    place = tasks.Place(job.store, job.stage, total=len(asked))
    found = tasks.answer_all(place, built, asked, prepared, progress)
    return job.store.finish(job.stage, time.perf_counter() - start, answers=len(asked), trimmed=found.trimmed)
