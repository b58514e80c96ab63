"""Turns at a stage where several runs share one store: one lock a stage, held by a run for all of its workers.

The locks of a job are taken all together or not at all, and a job that does not get them is put behind others: no
run waits for one stage while it keeps another that it does not work on, so that none wait for each other in a circle.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.engine.stage import Stage
from harness.engine.store import Store
from harness.engine.workers import Job, Turn
from harness.files.locks import POLL, Lock, Wait


@dataclass(slots=True)
class Turns:
    """The stages that a run still has to do, and the locks of those that it is at work on."""

    store: Store
    stages: dict[str, Stage[Any]]  # by label
    elsewhere: set[str] = field(default_factory=set)  # labels of stages that another run did while this one waited
    _locks: dict[str, Lock] = field(default_factory=dict)
    _jobs: Counter[str] = field(default_factory=Counter)  # by label of a stage: jobs of it that have not ended
    _waits: dict[str, Wait] = field(default_factory=dict)

    @classmethod
    def of(cls, stages: Sequence[Stage[Any]], jobs: Iterable[Job], store: Store) -> Turns:
        """The turns of jobs that do these stages."""
        turns = cls(store, {stage.label: stage for stage in stages})
        turns._jobs.update(label for job in jobs for label in job.stages)
        return turns

    def ask(self, job: Job) -> Turn:
        """Whether a job may begin: `go`, `done` where another run did it meanwhile, `wait` where one is at it."""
        labels: list[str] = []
        for label in job.stages:
            if label in self._locks:
                continue
            lock = self.store.lock(self.stages[label])
            if not lock.take():
                self._give_back(labels)
                self._waits.setdefault(label, Wait()).look(lock)
                return "wait"
            self._locks[label] = lock
            labels.append(label)
        for label in labels:
            self._take_over(self.stages[label])
        return "done" if all(self.store.done(self.stages[label]) is not None for label in job.stages) else "go"

    def end(self, job: Job) -> None:
        """A job has ended; the locks of stages with no other job are free."""
        self._jobs.subtract(job.stages)
        self._give_back([label for label in job.stages if not self._jobs[label]])

    def pause(self) -> None:
        """Wait a moment for other runs."""
        time.sleep(POLL)

    def close(self) -> None:
        """Give every lock back: the run has ended, well or not."""
        self._give_back(list(self._locks))

    def _take_over(self, stage: Stage[Any]) -> None:
        """See what is there now that nobody else works on it."""
        if self.store.sound(stage):
            self.elsewhere.add(stage.label)
        else:
            self.store.mend(stage)

    def _give_back(self, labels: Iterable[str]) -> None:
        for label in labels:
            if (lock := self._locks.pop(label, None)) is not None:
                lock.release()
