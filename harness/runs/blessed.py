"""A run pinned as the baseline of its scenario: copied beside scenario.yaml, so that it can be committed.

    bless(open_stored("latest", BEARS["gate"]), "hybrid")       # scenarios/helpdesk/blessed/
    blessed(Path("scenarios/helpdesk")).pinned                 # '2026-11-29'

Whatever is compared with it says its date, and what has changed since: golden set, documents, model, settings.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import is_file, read_bytes
from harness.golden.load import load_cases
from harness.record.codec import decode, to_json, write_atomic
from harness.record.files import RECORD, SCORES, TRACES, StoredRun, load_run
from harness.record.sections import Record
from harness.runs.stored import OpenRun
from harness.scenario.settings import Scenario

FOLDER, PIN = "blessed", "blessed.json"
OLD = 90  # days from which on a baseline is called old


@dataclass(frozen=True, slots=True)
class Pin:
    """What was pinned, and when."""

    run: str  # name of the run folder that it was copied from
    arm: str
    pinned: str  # ISO date


@dataclass(frozen=True, slots=True)
class Blessed:
    """The baseline of a scenario."""

    run: StoredRun
    pin: Pin

    def staleness(self, now: Record | None = None, today: date | None = None) -> Iterator[str]:
        """What a reader has to know: its date, and what has changed since, beside a newer run where one is given."""
        days = ((today or date.today()) - date.fromisoformat(self.pin.pinned)).days
        yield f"the baseline is {self.pin.arm} of {self.pin.run}, blessed on {self.pin.pinned}, {days} days ago"
        if days > OLD:
            yield f"the baseline is older than {OLD} days; measure it again and bless the new run"
        if now is None:
            return
        then = self.run.record
        pairs = (
            ("golden set", then.golden.hash, now.golden.hash),
            ("documents", then.hashes.corpus, now.hashes.corpus),
            ("base model", then.hashes.model, now.hashes.model),
            ("system message", then.hashes.system, now.hashes.system),
            ("answer schema", then.hashes.schema, now.hashes.schema),
        )
        for what, old, new in pairs:
            if old != new:
                yield f"the {what} has changed since the baseline was blessed"


def bless(archive: OpenRun, arm: str | None = None) -> Blessed:
    """Pin a run as the baseline of its scenario; an earlier one is replaced.

    Args:
        arm: the arm that later ones are compared with; None: the one to ship, or else the candidate.

    A run of some arms alone is enough (what `compare` has released is one); one that was asked a part of the test
    questions is not, for everything compared with it would have to leave out the others.

    Raises:
        InputError: no such arm, a part of the questions, or no scenario folder to put it into.
    """
    run, scenario = archive.run, archive.needed_scenario()
    record = run.record
    _refuse_part(run, scenario)
    arm = arm or record.verdict.ship or record.candidate
    if record.arm(arm) is None:
        raise InputError(f"{run.folder}: no arm '{arm}' in it; its arms: {', '.join(record.arm_names)}")
    folder = scenario.dir / FOLDER
    folder.mkdir(exist_ok=True)
    for name in (TRACES, SCORES, RECORD):
        shutil.copyfile(run.folder / name, folder / name)
    pin = Pin(run.folder.name, arm, time.strftime("%Y-%m-%d"))
    write_atomic(folder / PIN, to_json(pin, indent=1) + "\n")
    return Blessed(run, pin)


def _refuse_part(run: StoredRun, scenario: Scenario) -> None:
    every = [] if scenario.golden is None else [case.id for case in load_cases(scenario.golden) if case.split == "test"]
    questions = run.record.golden.cluster_of
    if missing := [id for id in every if id not in questions]:
        raise InputError(
            f"{run.folder}: asked {len(questions)} of {len(every)} test questions (not {missing[0]}), and a baseline "
            "answers all of them; run the scenario without --limit and --case"
        )


def blessed(scenario: Path) -> Blessed:
    """The baseline of a scenario's folder. InputError where none was pinned, or its files are cut."""
    folder = scenario / FOLDER
    if not is_file(folder / PIN):
        raise InputError(f"{folder}: no baseline is pinned for this scenario; pin one with: harness bless RUN")
    pin = decode(read_bytes(folder / PIN), Pin, str(folder / PIN))
    return Blessed(load_run(folder), pin)
