"""The execution of stages: those that the cache holds are taken from it, the others are done, in workers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.engine.progress import Progress
from harness.engine.stage import Shard, Stage
from harness.engine.store import Finished, Result, Store
from harness.engine.turns import Turns
from harness.engine.workers import Job, Preload, run_jobs
from harness.files.read_files import refuse_changed
from harness.notices import tell
from harness.process.cores import cores


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of a stage: wall seconds when it was computed, and whether this run took it from the cache."""

    stage: Stage[Any]
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The results of the stages, and the time of each."""

    finished: Mapping[str, Finished[Any]]  # label ->
    timings: tuple[Timing, ...]

    def result(self, stage: Stage[Result]) -> Result:
        """The result of a stage of this run."""
        result: Result = self.finished[stage.label].result
        return result

    def seconds(self, stage: Stage[Any]) -> float:
        """Wall time of a stage of this run, when it was computed."""
        return self.finished[stage.label].seconds


def execute(
    stages: Iterable[Stage[Any]], store: Store, progress: Progress, workers: int, preload: Preload | None = None
) -> Done:
    """Bring every stage to its end. What is done stays done when this is interrupted, and what another process is at
    work on is waited for."""
    plan = tuple(stages)
    todo = [stage for stage in plan if not store.sound(stage)]
    jobs = make_jobs(todo, store, workers)
    active = max(1, min(workers, len(jobs)))
    turns = Turns.of(todo, jobs, store)
    try:
        run_jobs(jobs, active, max(1, cores() // active), progress, preload, turns)
    finally:
        turns.close()
    finished = {stage.label: last for stage in plan if (last := store.last(stage)) is not None}
    computed = {stage.label for stage in todo} - turns.elsewhere
    computed -= {label for label, last in finished.items() if last.twin is not None}
    timings = [Timing(stage, finished[stage.label].seconds, stage.label not in computed) for stage in plan]
    return Done(finished, tuple(timings))


def bring_to_end(stage: Stage[Result], store: Store, progress: Progress) -> Finished[Result]:
    """A stage done here and now, unless it was done before."""
    if (done := store.done(stage)) is not None:
        return done
    with store.hold(stage):
        if store.done(stage) is None:
            store.mend(stage)
        return _work(stage, store, progress)


def _work(stage: Stage[Result], store: Store, progress: Progress) -> Finished[Result]:
    """A stage done, by whoever has its lock, unless it is done already."""
    if (done := store.done(stage)) is not None:
        return done
    start = time.perf_counter()
    refuse_changed(stage.reads)
    content = stage.content(store)
    if content is not None and (twin := store.take_over(stage, content)) is not None:
        tell(f"{stage.label}: what it is made of came out as before; taken over")
        progress(stage.label, 1, 1)
        return twin
    result = stage.work(store, progress)
    refuse_changed(stage.reads)
    finished = store.finish(stage, time.perf_counter() - start, result)
    if content is not None:
        store.note_content(stage, content)
    return finished


# --- stages as jobs -----------------------------------------------------------------------------------------------


def make_jobs(todo: Sequence[Stage[Any]], store: Store, workers: int) -> list[Job]:
    """The jobs that do these stages: one a stage, one a group, or one a share where a stage is shared out."""
    shards = {stage.label: tuple(stage.shards(workers)) if workers > 1 else () for stage in todo}
    ends = {stage.label: _ends(stage, shards[stage.label]) for stage in todo}
    jobs: dict[str, Job] = {}
    for stage in sorted(todo, key=lambda stage: stage.alone):  # what is alone waits for every other
        if stage.group is not None:
            members = [other for other in todo if other.group == stage.group]
            waits = {end for member in members for end in _waits(member, ends)} - {stage.group}
            seconds = sum(member.seconds() for member in members)
            jobs[stage.group] = Job(
                stage.group, _in_order, (members, store), tuple(sorted(waits)), _labels(members), seconds
            )
        elif shards[stage.label]:
            for shard in shards[stage.label]:
                after = (*_waits(stage, ends), *shard.after)
                jobs[shard.label] = Job(
                    shard.label, _share, (stage, shard, workers, store), after, _labels([stage]), shard.seconds()
                )
        else:
            after = tuple(jobs) if stage.alone else _waits(stage, ends)
            jobs[stage.label] = Job(stage.label, _in_order, ([stage], store), after, _labels([stage]), stage.seconds())
    return list(jobs.values())


def _labels(stages: Iterable[Stage[Any]]) -> tuple[str, ...]:
    return tuple(stage.label for stage in stages)


def _ends(stage: Stage[Any], shards: Sequence[Shard]) -> tuple[str, ...]:
    """Labels of the jobs after which the stage is done."""
    return (stage.group,) if stage.group is not None else tuple(shard.label for shard in shards) or (stage.label,)


def _waits(stage: Stage[Any], ends: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Labels of the jobs that must be done before the stage begins."""
    return tuple(dict.fromkeys(end for label in stage.after for end in ends.get(label, ())))


def _in_order(stages: Sequence[Stage[Any]], store: Store, progress: Progress) -> None:
    for stage in stages:
        _work(stage, store, progress)


def _share(stage: Stage[Any], shard: Shard, workers: int, store: Store, progress: Progress) -> None:
    """One share of a stage; whoever does the last one joins them."""
    start = time.perf_counter()
    refuse_changed(stage.reads)
    shard.work(store, progress)
    refuse_changed(stage.reads)
    store.finish_share(stage, shard.label, workers, time.perf_counter() - start)
    seconds = store.shares(stage, [share.label for share in stage.shards(workers)], workers)
    if seconds is not None and store.done(stage) is None:
        store.finish(stage, sum(seconds), stage.join(store))
