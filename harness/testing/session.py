"""The runs of one test session: each made once, whoever of the workers asks first, and only for what was selected."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.engine.part import WHOLE, RunPart
from harness.errors import HarnessError, InputError
from harness.files.hashing import content_hash
from harness.files.input_file import is_file, is_there, real
from harness.files.locks import hold
from harness.files.output_path import check_output
from harness.files.paths import cache_dir, find_scenario, reports_dir
from harness.golden.load import load_cases
from harness.record.codec import decode, to_json, write_atomic
from harness.record.files import find_run, load_record, load_run
from harness.runs.stored import BEARS, open_stored
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.testing.data import name_of, read_data, system_arm, write_scenario
from harness.testing.messages import nothing_to_test, usage_errors
from harness.testing.selection import Selection, about_of
from harness.testing.suite import KEYS, Manner, Suite, read_manner, read_suite
from harness.testing.trial import Trial, in_part, open_trial
from harness.types import Case
from harness.verdict.thresholds import read_thresholds

SETTINGS = "scenario.yaml"
ALONE = ("gain_over_constant",)  # gates with a default that a single arm, given questions alone, can have


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker left for the others: the run folder, or why there is none."""

    folder: str | None
    error: str | None = None


@dataclass(slots=True)
class SuiteSession:
    """What a session tests."""

    config: pytest.Config
    manner: Manner
    base: Suite  # of options and ini keys
    uid: str | None  # of the xdist session; None outside one
    selections: dict[Suite, Selection] = field(default_factory=dict)
    runs: dict[tuple[Suite, tuple[str, ...] | None], Trial] = field(default_factory=dict)
    reports: dict[str, tuple[str, ...]] = field(default_factory=dict)  # run folder -> lines about it
    asked_in: str = field(default_factory=lambda: secrets.token_hex(4))
    _cases: dict[Suite, tuple[Case, ...]] = field(default_factory=dict)

    # --- which suite ---

    def default(self) -> Suite:
        """The session's suite. InputError where nothing names one."""
        if not self.base.names_a_run:
            raise InputError(nothing_to_test())
        return self.base

    def suite(self, marker: Mapping[str, object], path: Path) -> Suite:
        """The suite of a test; a marker's own data set is named from the folder of the test's file."""
        if not marker:
            return self.default()
        values = dict(marker)
        for key in ("data", "scenario", "run"):
            if isinstance(name := values.get(key), str | Path) and is_there(path.parent / name):
                values[key] = str(path.parent / name)
        suite = read_suite(values, f"{path}: marker harness", self.base)
        if not suite.names_a_run:
            raise InputError(f"{path}: marker harness: nothing to test; give run=, scenario= or data= with answer=")
        return suite

    def suite_at(self, file: Path, alone: bool) -> Suite | None:
        """The suite whose gates a file stands for; `alone`: the file itself was named as an argument."""
        if self.base.names_a_run and (own := self._file()) is not None and real(own) == real(file):
            return self.base
        return replace(self.base, scenario=str(file.parent), run=None, data=None) if alone else None

    def file_beside_arguments(self) -> Path | None:
        """The file of the session's gates, where pytest's arguments would not lead to it."""
        config = self.config
        options = (getattr(config.option, f"harness_{key}") for key in ("run", "scenario", "data"))
        if any("::" in argument for argument in config.args):
            return None
        if config.args_source == pytest.Config.ArgsSource.ARGS and not any(options):
            return None  # one file of a project is tested: its gates were not meant
        with usage_errors():
            file = self._file()
        return None if file is None or any(file.is_relative_to(Path(a).absolute()) for a in config.args) else file

    def _file(self) -> Path | None:
        suite = self.base
        if suite.data is not None:
            return real(self.manner.root / suite.data)
        place = suite.scenario
        if suite.run is not None:
            place = load_record(find_run(suite.run, reports_dir())).scenario.dir
            if not (Path(place) / SETTINGS).is_file():
                return None
        return real(find_scenario(str(place)) / SETTINGS)

    # --- what is in it ---

    def cases(self, suite: Suite) -> tuple[Case, ...]:
        """The golden cases of the test split. InputError where there are none."""
        if suite not in self._cases:
            self._cases[suite] = tuple(case for case in self._read_cases(suite) if case.split == "test")
        return self._cases[suite]

    def _read_cases(self, suite: Suite) -> tuple[Case, ...]:
        if suite.data is not None:
            return read_data(suite, self.manner).cases
        if suite.run is not None:
            archive = open_stored(suite.run, BEARS["gate"])
            if not archive.cases:
                raise InputError(f"{archive.run.folder}: its questions are needed: {archive.without_questions}")
            return archive.cases
        scenario = self.scenario(suite)
        if scenario.golden is None:
            raise InputError(f"{scenario.dir / SETTINGS}: no 'golden'; name the golden set")
        return load_cases(scenario.golden)

    def scenario(self, suite: Suite) -> Scenario:
        """The settings behind a suite."""
        if suite.data is not None:
            return load_scenario(write_scenario(read_data(suite, self.manner), suite))
        if suite.run is not None:
            return open_stored(suite.run, BEARS["gate"]).needed_scenario()
        return load_scenario(find_scenario(str(suite.scenario)))

    def gates(self, suite: Suite) -> tuple[str, ...]:
        """The gates that a suite sets."""
        from harness.extensions import tables_of

        scenario = self.scenario(suite)
        table = tables_of(scenario, allow_code=True).gates
        where = f"{scenario.dir / SETTINGS}: gates" if suite.data is None else "harness_gates"
        thresholds = read_thresholds(scenario.gates, where, table)
        ours = None if suite.data is None else {*ALONE, *(name for name, _ in suite.gates)}
        return tuple(row.name for row, _ in thresholds.rows if ours is None or row.name in ours)

    def select(self, items: Iterable[pytest.Item]) -> None:
        """The tests that will run: questions of which none is about are not asked where that can be spared."""
        with usage_errors():
            for item in items:
                about = about_of(item)
                if about is not None and (about.suite or about.marker or self.base.names_a_run):
                    suite = about.suite or self.suite(about.marker, item.path)
                    self.selections.setdefault(suite, Selection()).add(about)
            for suite, selection in self.selections.items():
                selection.lost_cases = len(self.cases(suite)) - len(selection.cases) if selection.cases else 0

    # --- the runs ---

    def trial(self, suite: Suite, whole: bool = False) -> Trial:
        """The run of a suite: of all its questions, or of those alone that were selected.

        Raises:
            InputError, EnvironmentFailure: there is none, and none could be made.
        """
        part = None if whole else self._part(suite)
        if (suite, None) in self.runs:
            part = None
        if (suite, part) not in self.runs:
            trial = open_trial(self._folder(suite, part), suite.arm, suite.baseline)
            self.runs[suite, part] = trial
            self.reports[str(trial.side.run.folder)] = self._lines_about(suite, trial)
        return self.runs[suite, part]

    def _part(self, suite: Suite) -> tuple[str, ...] | None:
        """The ids of the questions that have to be asked; None: all of them."""
        selection = self.selections.get(suite)
        if suite.run is not None or selection is None or selection.whole or not selection.lost_cases:
            return None
        return tuple(selection.cases)

    def _folder(self, suite: Suite, part: tuple[str, ...] | None) -> Path:
        """The run folder; made by the first of the workers, and none tries again what has failed for another."""
        if suite.run is not None:
            return find_run(suite.run, reports_dir())
        if self.uid is None:
            return self._make(suite, part)
        key = content_hash([suite.scenario, suite.data, name_of(suite), suite.format, suite.gates, part])[:16]
        file = self._shared(self.uid) / f"{key}.json"
        with hold(file.with_suffix(".lock"), "answers the questions of this test session"):
            if not is_file(file):
                try:
                    result = Made(str(real(self._make(suite, part))))
                except HarnessError as error:
                    result = Made(None, str(error))
                write_atomic(file, to_json(result))
            result = decode(file.read_bytes(), Made, str(file))
        if result.folder is None:
            raise InputError(str(result.error))
        return Path(result.folder)

    def _make(self, suite: Suite, part: tuple[str, ...] | None) -> Path:
        from harness.engine.progress import silent
        from harness.runs.start import make_ready, perform
        from harness.runs.unchanged import find_unchanged

        cases = WHOLE if part is None else RunPart(cases=part)
        if suite.data is not None:
            folder = write_scenario(read_data(suite, self.manner), suite)
            arm = system_arm(suite, self.manner, self.uid or self.asked_in)
            return perform(make_ready(str(folder), cases, arms=(arm,)), silent, workers=1).folder
        scenario = str(suite.scenario)
        if not self.manner.fresh and (before := find_unchanged(scenario, cases)) is not None:
            return before.folder
        if part is not None and not self.manner.fresh:  # a whole run that is there says more
            whole = make_ready(scenario, allow_code=True)
            if whole.finished() is not None:
                return whole.folder
        return perform(make_ready(scenario, cases, allow_code=True, fresh=self.manner.fresh), silent).folder

    def _shared(self, uid: str) -> Path:
        return real(cache_dir() / "pytest" / "sessions" / uid)

    # --- what is said of it ---

    def _lines_about(self, suite: Suite, trial: Trial) -> tuple[str, ...]:
        record, partial = trial.side.run.record, self._partial(suite, trial)
        head = f"{record.run_id}, {trial.side.arm}"
        if partial is not None:
            return (f"{head}: a part of the suite ({partial}): no verdict, and no GO",)
        return (f"{head}: {trial.verdict.word}: {trial.verdict.sentence}", f"{trial.side.run.folder / 'report.html'}")

    def _partial(self, suite: Suite, trial: Trial) -> str | None:
        """Why this session says nothing about a release; None where it was whole."""
        selection = self.selections.get(suite, Selection())
        reasons = [f"run: {trial.side.run.record.partial}"] if trial.side.run.record.partial else []
        if selection.lost_cases:
            reasons.append(f"{len(selection.cases)} of {len(self.cases(suite))} questions")
        if selection.gates and (others := set(self.gates(suite)) - selection.gates):
            reasons.append(f"{len(selection.gates)} of {len(selection.gates) + len(others)} gates")
        return "; ".join(reasons) or None

    def lines(self) -> list[str]:
        """What the terminal shows at the end."""
        return [line for lines in self.reports.values() for line in lines]

    def account(self) -> dict[str, Any]:
        """What a worker hands to its controller."""
        return {"uid": self.uid, "reports": {folder: list(lines) for folder, lines in self.reports.items()}}

    def hear(self, account: Mapping[str, Any]) -> None:
        """What a worker handed over."""
        self.uid = account["uid"]
        self.reports.update({folder: tuple(lines) for folder, lines in account["reports"].items()})

    def finish(self) -> None:
        """Write the summary that was asked for, and remove what the workers shared."""
        if self.manner.summary is not None and self.reports:
            check_output(self.manner.summary)
            write_atomic(self.manner.summary, "\n".join(map(self._summary, self.reports)))
        if self.uid is not None:
            shutil.rmtree(self._shared(self.uid), ignore_errors=True)

    def _summary(self, folder: str) -> str:
        """A run as Markdown; of a partial session the figures alone count, and it says so."""
        from harness.report.text.markdown import cell, render_markdown

        record, head = load_run(Path(folder)).record, self.reports[folder][0]
        if "no GO" in head:
            return f"> {cell(head)}\n\n" + render_markdown(replace(record, verdict=in_part(record.verdict)))
        return render_markdown(record)


# --- doors ----------------------------------------------------------------------------------------------------------


def open_session(config: pytest.Config, settings: Mapping[str, Any]) -> SuiteSession:
    """The session of these options and ini keys. pytest.UsageError where they are wrong."""
    with usage_errors():
        root = real(config.inipath.parent if config.inipath else config.rootpath)
        base = read_suite({key: settings.get(key) for key in KEYS}, "harness options")
        uid = getattr(config, "workerinput", {}).get("testrunuid")
        return SuiteSession(config, read_manner(settings, root), base, uid)
