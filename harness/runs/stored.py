"""A stored run opened with its scenario and golden cases, and what of these was edited since it was made.

    stored = open_stored("latest", bears=BEARS["gate"])
    stored.stale    # {'scenario': '...: edited since this run'}

Answers are those of then. What may be set beside them as it is now differs by command and stands in BEARS; anything
else that was edited is refused, so that no figure mixes two ages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.errors import HarnessError, InputError
from harness.evidence.carry import mark_cut
from harness.evidence.names import DocumentNames, with_known_names
from harness.files.hashing import file_hash
from harness.files.paths import find_scenario, reports_dir
from harness.golden.load import load_cases
from harness.record.files import StoredRun, find_run, load_run
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.types import Case

StalePart = Literal["scenario", "golden", "documents"]

# command -> what may have been edited since the run. `gate` and `score` judge by the gates as they stand now, which is
# why a scenario may be edited; answers are never set beside questions, or scored against labels, that they were not
# given to: `report` and `diff` then show ids.
BEARS: Mapping[str, frozenset[StalePart]] = {
    "gate": frozenset({"scenario", "documents"}),
    "score": frozenset({"scenario", "documents"}),
    "report": frozenset({"scenario", "golden", "documents"}),
    "diff": frozenset({"scenario", "golden", "documents"}),
}


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run with what it was made from, as far as that is still there."""

    run: StoredRun
    scenario: Scenario | None  # as it stands now; None where it is gone or does not load
    cases: tuple[Case, ...]  # the golden cases that were asked; none where the golden set is gone or was edited
    stale: Mapping[StalePart, str]  # what was edited or is gone -> in words
    missing: str | None = None  # why there is no scenario

    @property
    def without_questions(self) -> str:
        """Why there are no cases."""
        return self.missing or self.stale.get("golden") or f"{self.run.record.scenario.dir}: no golden set"

    def needed_scenario(self) -> Scenario:
        """The scenario. InputError where there is none."""
        if self.scenario is None:
            raise InputError(f"{self.run.folder}: its scenario is needed: {self.missing}")
        return self.scenario


def open_stored(argument: str, bears: Collection[StalePart], reports: Path | None = None) -> OpenRun:
    """The run that an argument means: a folder, an id under the reports folder, or `latest`.

    Raises:
        InputError: no such run, or something was edited since that `bears` does not name.
    """
    run = load_run(find_run(argument, reports or reports_dir()))
    run_now = _with_inputs(run)
    for part, words in run_now.stale.items():
        if part not in bears:
            raise InputError(
                f"{words}; its answers belong to what it was then: run the scenario again (only what changed is redone)"
            )
    return run_now


def questions_of(run: StoredRun) -> dict[str, str]:
    """Question by case id; none where the golden set is gone, or was edited since."""
    return {case.id: case.question for case in _with_inputs(run).cases}


def _with_inputs(run: StoredRun) -> OpenRun:
    try:
        scenario = load_scenario(find_scenario(run.record.scenario.dir))
    except HarnessError as error:
        return OpenRun(run, None, (), {"scenario": str(error)}, missing=str(error))
    stale = _edits(run, scenario)
    if scenario.golden is None or "golden" in stale:
        return OpenRun(run, scenario, (), stale)
    ids = {trace.case_id for trace in run.traces if not trace.probe}
    cases = tuple(case for case in load_cases(scenario.golden) if case.id in ids)
    cases = with_known_names(cases, _document_names(run, scenario))
    return OpenRun(run, scenario, mark_cut(cases, run.record.golden.cut_evidence), stale)


def _document_names(run: StoredRun, scenario: Scenario) -> DocumentNames:
    """The names of the documents that a run searched: its files, and what it showed of ready passages."""
    corpus = scenario.corpus
    files = [p.relative_to(corpus).as_posix() for p in corpus.rglob("*") if p.is_file()] if corpus is not None else []
    docs = [hit.passage.doc for trace in run.traces if trace.answer for hit in trace.answer.hits]
    return DocumentNames([*files, *docs])


def _edits(run: StoredRun, scenario: Scenario) -> dict[StalePart, str]:
    record = run.record
    stale: dict[StalePart, str] = {}
    if scenario.hash != record.scenario.hash:
        stale["scenario"] = f"{scenario.dir / 'scenario.yaml'}: changed since {run.folder.name} was run"
    files: tuple[tuple[StalePart, Path | None, str | None], ...] = (
        ("golden", scenario.golden, record.hashes.golden),
        ("documents", scenario.corpus, record.hashes.corpus),
    )
    for part, path, then in files:
        if (None if path is None else file_hash(path)) != then:
            where = path or f"{scenario.dir / 'scenario.yaml'}: its {part}"
            stale[part] = f"{where}: changed since {run.folder.name} was run"
    return stale
