"""The continual cycle: new documents in, a light training from the last adapter, the same gates, the old one kept.

refresh = plan_refresh("helpdesk")          # what changed since the version in use; nothing is computed
outcome = perform_refresh(refresh, progress)

Every step is kept as soon as it is done, and none is done twice: a cycle that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.arms import Arm, Recipe
from harness.engine.execute import bring_to_end, execute
from harness.engine.part import RunPart
from harness.engine.progress import Progress
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import real
from harness.files.paths import adapters_dir, cache_dir, index_home, reports_dir
from harness.process.clock import now
from harness.record.codec import to_json
from harness.record.files import StoredRun, finished_runs, load_run
from harness.runs.start import Ready, make_ready, perform
from harness.scenario.arm_entries import AdapterFolder, ArmEntry
from harness.stages.index import IndexCorpus
from harness.stages.light_tune import LightTune, light_tune
from harness.tuning.adapters import find_adapter
from harness.tuning.versions import (
    AdapterVersion,
    adapter_of_version,
    example_hash,
    in_use,
    note_verdict,
    publish,
    read_examples,
    read_versions,
)
from harness.types import Example, VerdictWord

SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class FailedCase:
    """A golden case that the version in use has not got right: a candidate for an example about the same pages."""

    case: str
    question: str
    expected: tuple[str, ...]
    answered: str | None  # None: no answer
    documents: tuple[str, ...]
    note: str = "a golden case: write another question about these pages, this one is never trained on"


@dataclass(frozen=True, slots=True)
class NewMaterial:
    """What is otherwise than when the version in use was made."""

    documents: tuple[str, ...]  # new or changed pages
    deleted: tuple[str, ...]
    examples: tuple[Example, ...]  # new ones
    failures: tuple[FailedCase, ...]


@dataclass(frozen=True, slots=True)
class Refresh:
    """A cycle before it is done."""

    ready: Ready
    arm: Arm
    recipe: Recipe
    home: Path  # of the versions
    before: AdapterVersion  # in use
    start: Path  # folder of its adapter; of a first version that is not published yet: in the cache
    changes: NewMaterial
    tune: LightTune | None  # None: there is nothing to train on
    version: AdapterVersion | None  # of the same training, where it was published already

    @property
    def no_index(self) -> bool:
        """Whether nothing says how the pages were when the version in use was made, so that each counts as new."""
        return bool(self.changes.documents) and not self.before.documents


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """A cycle that is done."""

    before: str  # name of the version that was in use
    after: str | None  # name of the new one; None: nothing to train on, the one in use was judged again
    in_use: str  # the newest that the gates let through
    documents: int  # new or changed pages
    examples: int  # trained on
    candidates: int  # failed cases for people to write examples about
    run: str
    verdict: VerdictWord


def plan_refresh(scenario: str, arm: str | None = None, allow_code: bool = False) -> Refresh:
    """What a cycle would do.

    Raises:
        InputError: no tuned arm, no finished run whose adapter could be the first version, or nothing is new.
    """
    ready = make_ready(scenario, allow_code=allow_code)
    tuned = _arm(ready, arm)
    recipe = tuned.recipe(ready.scenario.tuning.method)
    assert recipe is not None  # _arm takes no other
    home = adapters_dir() / ready.scenario.id / tuned.name
    versions = read_versions(home)
    before = in_use(versions)
    if before is None:
        before, start = _first_version(ready, tuned)
    else:
        start = adapter_of_version(home, before)
    changes = _changes(ready, recipe, before, _run_of(before, versions))
    rows = _light_rows(ready, recipe, changes)
    tune = light_tune(ready.inputs, ready.planned, recipe, rows, start, before.adapter) if rows else None
    same = next((v for v in versions if tune is not None and v.key == tune.key), None)
    if same is not None and same.verdict is not None:
        raise InputError(f"{scenario}: nothing is new since {same.name}, which was judged {same.verdict} ({same.run})")
    if tune is None and not (changes.documents or changes.deleted):
        raise InputError(
            f"{scenario}: nothing is new since {before.name}: no page, no example, no failed case with any"
        )
    return Refresh(ready, tuned, recipe, home, before, start, changes, tune, same)


def perform_refresh(refresh: Refresh, progress: Progress, workers: int | None = None) -> RefreshOutcome:
    """Bring the index up to date, train, publish the version, ask the same gates."""
    ready, version = refresh.ready, refresh.version
    if not read_versions(refresh.home):
        publish(refresh.home, refresh.before, refresh.start)
    execute(ready.planned.only(IndexCorpus), ready.store, progress, 1, ready.inputs.preload)
    if version is None and refresh.tune is not None:
        record = bring_to_end(refresh.tune, ready.store, progress).result
        version = _next_version(refresh, record.id, record.counts.examples)
        folder = ready.store.folder(refresh.tune) / "adapter"
        publish(refresh.home, version, folder, _candidates(refresh.changes.failures))
    run = _judge(refresh, version or refresh.before, progress, workers)
    verdict = run.record.verdict.word
    if version is not None:
        version = note_verdict(refresh.home, version, run.record.run_id, verdict)
    current = in_use(read_versions(refresh.home)) or refresh.before
    return RefreshOutcome(
        before=refresh.before.name,
        after=None if version is None else version.name,
        in_use=current.name,
        documents=len(refresh.changes.documents),
        examples=0 if version is None else version.examples_trained,
        candidates=len(refresh.changes.failures),
        run=run.record.run_id,
        verdict=verdict,
    )


# --- what is new --------------------------------------------------------------------------------------------------


def _arm(ready: Ready, name: str | None) -> Arm:
    """The arm whose adapter is brought up to date: of this name, else the candidate, else the first that is tuned."""
    tuned = [arm for arm in ready.inputs.arms if arm.adapter is not None]
    if not tuned:
        raise InputError(f"{ready.scenario.id}: none of its arms is tuned; add 'tune' or 'hybrid' to 'arms'")
    wanted_name = name or ready.scenario.candidate
    chosen_arm = next((arm for arm in tuned if arm.name == wanted_name), None if name else tuned[0])
    if chosen_arm is None:
        raise InputError(f"arm '{name}': not a tuned arm; its tuned arms: {', '.join(arm.name for arm in tuned)}")
    return chosen_arm


def _first_version(ready: Ready, arm: Arm) -> tuple[AdapterVersion, Path]:
    """The adapter of the newest finished run as version 1, with the pages of the index as it stands; its folder."""
    again = f"harness run {ready.scenario.dir.as_posix()}"
    runs = [run for run in _runs() if run.record.scenario.id == ready.scenario.id and _adapter(run, arm.name)]
    if not runs:
        raise InputError(
            f"{ready.scenario.id}: no finished run has an adapter of {arm.name} to go on from; make one: {again}"
        )
    run = runs[-1]
    trained = cache_dir() / "tune"
    try:
        folder, record = find_adapter(str(_adapter(run, arm.name)), (trained,))
    except InputError as error:
        where = f"{run.folder}: the adapter of {arm.name} is no longer in {trained}"
        raise InputError(f"{where}; train it again: {again}") from error
    version = AdapterVersion(
        1, arm.name, record.id, now(), documents=_indexed(ready),
        examples=read_examples(folder),
        run=run.record.run_id, verdict=run.record.verdict.word if run.record.verdict.candidate == arm.name else None,
    )  # fmt: skip
    return version, folder


def _indexed(ready: Ready) -> dict[str, str]:
    """The pages of the index in use, before it is brought up to date; none where there is no index."""
    from harness.retrieval import index_files

    if ready.scenario.corpus is None:
        return {}
    folder = index_files.current(index_home(ready.scenario.corpus))
    return {} if folder is None else dict(index_files.read_manifest(folder).sources)


def _pages(ready: Ready) -> dict[str, str]:
    """The pages of the corpus as they are now."""
    corpus = ready.inputs.corpus
    return {d.id: content_hash(d) for d in corpus.documents} | {p.id: content_hash(p) for p in corpus.passages}


def _runs() -> list[StoredRun]:
    """Every run that can be read, the oldest first."""
    runs = []
    for file in finished_runs(reports_dir()):
        try:
            runs.append(load_run(file.parent))
        except InputError:
            continue  # of another version, or cut: its own commands say so
    return sorted(runs, key=lambda run: run.record.created)


def _adapter(run: StoredRun, arm: str) -> str | None:
    section = run.record.arm(arm)
    return None if section is None else section.adapter


def _run_of(version: AdapterVersion, versions: Iterable[AdapterVersion]) -> tuple[StoredRun, str] | None:
    """The newest run that asked a version, and the arm that carried it.

    Runs that judged a later version do not count: what they found wrong is no news to whoever trained that one, and
    a cycle that was killed behind its run would train another.
    """
    later = {other.adapter for other in versions if other.number > version.number}
    runs = [run for run in _runs() if not later & {arm.adapter for arm in run.record.arms}]
    pairs = [(run, arm.name) for run in runs for arm in run.record.arms if arm.adapter == version.adapter]
    return pairs[-1] if pairs else None


def _changes(ready: Ready, recipe: Recipe, before: AdapterVersion, run: tuple[StoredRun, str] | None) -> NewMaterial:
    now, then = _pages(ready), before.documents
    known_examples = set(before.examples)
    own = [e for e in ready.inputs.examples if e.of_book(recipe.book)]
    return NewMaterial(
        documents=tuple(sorted(page for page, text in now.items() if then.get(page) != text)),
        deleted=tuple(sorted(then.keys() - now.keys())),
        examples=tuple(example for example in own if example_hash(example) not in known_examples),
        failures=() if run is None else tuple(_failures(ready, *run)),
    )


def _failures(ready: Ready, run: StoredRun, arm: str) -> Iterable[FailedCase]:
    """The golden cases that an arm of a run has not got right."""
    wrong = {s.case_id for s in run.scores if s.arm == arm and s.metric == SUCCESS and s.value != 1.0}
    answers = {t.case_id: t.answer for t in run.traces if t.arm == arm and not t.probe}
    for case in ready.inputs.cases:
        if case.id in wrong:
            answer = answers.get(case.id)
            documents = tuple(dict.fromkeys(item.doc for item in case.evidence if item.doc))
            said_text = None if answer is None else answer.raw
            yield FailedCase(case.id, case.question, case.accept, said_text, documents)


def _light_rows(ready: Ready, recipe: Recipe, changes: NewMaterial) -> tuple[Example, ...]:
    """The examples to train on: new ones, and those about pages that changed or that a failed case rests on."""
    pages = {*changes.documents, *(doc for failure in changes.failures for doc in failure.documents)}
    fresh = {example_hash(example) for example in changes.examples}
    own = [e for e in ready.inputs.examples if e.of_book(recipe.book)]
    return tuple(e for e in own if example_hash(e) in fresh or any(item.doc in pages for item in e.evidence))


# --- the new version ----------------------------------------------------------------------------------------------


def _next_version(refresh: Refresh, adapter: str, rows: int) -> AdapterVersion:
    number = 1 + max(version.number for version in read_versions(refresh.home))
    return AdapterVersion(
        number, refresh.arm.name, adapter, now(),
        parent=refresh.before.number,
        key=None if refresh.tune is None else refresh.tune.key,
        examples_trained=rows,
        documents=_pages(refresh.ready),
        examples=tuple(example_hash(example) for example in refresh.ready.inputs.examples),
    )  # fmt: skip


def _judge(refresh: Refresh, version: AdapterVersion, progress: Progress, workers: int | None) -> StoredRun:
    """The run whose gates judge a version: beside the one in use, and every arm that is not trained."""
    scenario = refresh.ready.scenario
    entries = [_entry(refresh, refresh.before)]
    entries += [_entry(refresh, version)] if version.number != refresh.before.number else []
    untrained = tuple(arm.name for arm in refresh.ready.inputs.arms if arm.adapter is None)
    part = RunPart(cycle=(untrained, tuple(entries)))
    again = f"harness refresh {scenario.dir.as_posix()} --arm {refresh.arm.name}"
    return perform(make_ready(str(scenario.dir), part, asked_by=again), progress, workers)


def _entry(refresh: Refresh, version: AdapterVersion) -> ArmEntry:
    title = f"{refresh.arm.name}, version {version.number}"
    folder = real(adapter_of_version(refresh.home, version))
    return ArmEntry(version.name, AdapterFolder(folder), refresh.arm.base, title)


def _candidates(failures: Sequence[FailedCase]) -> str:
    return "".join(f"{to_json(failure)}\n" for failure in failures)
