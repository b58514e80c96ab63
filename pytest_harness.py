"""Eval suites in pytest: the plugin of rag-or-tune-harness. `pytest -p no:harness` leaves it out.

It is loaded in everybody's pytest who has the package installed, so it imports pytest and the standard library alone.
The rest (`harness.testing`) is loaded when an option, an ini key, a marker or a fixture of it is used, and not before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.api import Run
    from harness.testing.session import SuiteSession
    from harness.testing.suite import Suite
    from harness.testing.trial import CaseScores, PairedScores, Trial
    from harness.types import Answer, Case, Verdict

# key -> its option's help. Every option is an ini key too: `--harness-run` and `harness_run`.
OPTIONS = {
    "run": "a stored run: its folder, its id under reports/, or 'latest'",
    "scenario": "a scenario: a folder with a scenario.yaml, or its id; run once for the session where it was not yet",
    "data": "a data set instead of a scenario: any file that `harness golden import` reads",
    "answer": "what answers its questions, as module:function (one question in, one text out)",
    "arm": "the arm under test (default: the scenario's candidate)",
    "baseline": "what `paired` and assert_no_regression compare with: another run, an arm of this one, or 'blessed'",
    "summary": "write a Markdown summary of what was tested to this file",
}
INI = {
    "format": "format of harness_data (default: by its name; `harness golden formats` lists all)",
    "not_proven": "gates that are not proven: fail (default) or warn (skipped, with the number of cases needed)",
    "concurrency": "questions that the callable is asked at the same time (default 1)",
}
MARKER = (
    "harness(scenario=None, run=None, data=None, answer=None, format=None, gates=None, arm=None, baseline=None): "
    "the run that this test is about, where it is another than the session's; answer may be the callable itself"
)
SOURCES = ("run", "scenario", "data")  # one of them names what is tested
SCENARIO = "scenario.yaml"
SESSION = pytest.StashKey[Any]()

current: pytest.Item | None = None  # the test at work, for assertions that are handed no fixture


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("harness", "eval suites (rag-or-tune-harness)")
    for key, words in OPTIONS.items():
        group.addoption(f"--harness-{key}", metavar=key.upper(), default=None, help=words)
        parser.addini(f"harness_{key}", words, default=None)
    fresh = "ask a server again, whatever it answered before"
    group.addoption("--harness-fresh", action="store_true", default=None, help=fresh)
    parser.addini("harness_fresh", fresh, type="bool", default=False)
    for key, words in INI.items():
        parser.addini(f"harness_{key}", words, default=None)
    parser.addini("harness_gates", "gates of harness_data, one a line: task_success: 70", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if _is_worker(config) or not _names_a_suite(config):
        return  # a worker is handed the arguments of its controller
    if (file := _session(config).file_beside_arguments()) is not None:
        config.args.append(str(file))


def _settings(config: pytest.Config) -> dict[str, Any]:
    """The session's options and ini keys; None where neither is set. What an option names is tested instead."""
    keys = (*OPTIONS, *INI, "fresh", "gates")
    options = {key: getattr(config.option, f"harness_{key}", None) for key in keys}
    ours = ("data", "gates") if options["data"] else ()
    instead = {"run", "scenario", "data", "gates"}.difference(ours) if any(map(options.get, SOURCES)) else set()
    return {
        key: config.getini(f"harness_{key}") if value is None and key not in instead else value
        for key, value in options.items()
    }


def _names_a_suite(config: pytest.Config) -> bool:
    options = (getattr(config.option, f"harness_{key}", None) for key in SOURCES)
    return any(options) or any(config.getini(f"harness_{key}") for key in SOURCES)


def _session(config: pytest.Config) -> SuiteSession:
    """What the session tests; the first who asks loads the package."""
    if SESSION not in config.stash:
        from harness.testing.session import open_session

        config.stash[SESSION] = open_session(config, _settings(config))
    session: SuiteSession = config.stash[SESSION]
    return session


def _suite_of(node: pytest.Item) -> Suite:
    marker = node.get_closest_marker("harness")
    return _session(node.config).suite(marker.kwargs if marker else {}, node.path)


def _trial(node: pytest.Item) -> Trial:
    return _session(node.config).trial(_suite_of(node))


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


# --- collection ----------------------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The gates of a scenario: of the session's, or of one whose scenario.yaml was named as an argument."""
    config = parent.config
    named = file_path.name == SCENARIO and parent.session.isinitpath(file_path)
    if not named and not _names_a_suite(config):
        return None
    session = _session(config)
    suite = session.suite_at(file_path, named)
    if suite is None:
        return None
    from harness.testing.items import GateFile

    file: pytest.Collector = GateFile.from_parent(parent, path=file_path, suite=suite, session_=session)
    return file


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a golden case; a test with a marker of its own gets the run of that marker."""
    asks_case, asks_run = (_is_ours(metafunc, name) for name in ("case", "harness_trial"))
    if not asks_case and not asks_run:
        return
    marker = metafunc.definition.get_closest_marker("harness")
    if marker is None and not _names_a_suite(metafunc.config):
        return  # the fixture says what is missing
    from harness.testing.messages import collection_errors

    with collection_errors():
        session, suite = _session(metafunc.config), _suite_of(metafunc.definition)
        if asks_case:
            cases = session.cases(suite)
            metafunc.parametrize("case", cases, ids=[case.id for case in cases])
        if asks_run and marker is not None:
            hidden = getattr(pytest, "HIDDEN_PARAM", suite.title)  # before pytest 8.4 it stands in the test's name
            metafunc.parametrize("harness_trial", [suite], indirect=True, ids=[hidden], scope="session")


def _is_ours(metafunc: pytest.Metafunc, name: str) -> bool:
    """Whether a fixture is this module's: a project may have one of the same name, or parametrise it."""
    fixtures = getattr(metafunc, "_arg2fixturedefs", {}).get(name, ())
    return bool(fixtures) and getattr(fixtures[-1].func, "__module__", "") == __name__


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was selected is known now, and so is what has to be asked."""
    if SESSION not in session.config.stash:
        return
    _session(session.config).select(session.items)


# --- the tests -----------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    global current
    current = item


@pytest.fixture(scope="session")
def harness_trial(request: pytest.FixtureRequest) -> Trial:
    """The run under test with its cases, its verdict and its baseline."""
    from harness.testing.messages import setup_errors

    with setup_errors():
        session = _session(request.config)
        return session.trial(getattr(request, "param", None) or session.default(), whole=True)


@pytest.fixture(scope="session")
def harness_run(harness_trial: Trial) -> Run:
    """The run under test: stored, or made once for the session and all of its xdist workers."""
    return harness_trial.api


@pytest.fixture(scope="session")
def verdict(harness_trial: Trial) -> Verdict:
    """The verdict on the arm under test, by the gates as they stand now."""
    return harness_trial.verdict


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    """A golden case: a test that asks for it is run once a case of the test split."""
    from harness.testing.messages import nothing_to_test

    pytest.fail(nothing_to_test(), pytrace=False)


@pytest.fixture
def answer(case: Case, request: pytest.FixtureRequest) -> Answer:
    """The answer of the arm under test to this case; a case without an answer is an error."""
    from harness.testing.messages import setup_errors

    with setup_errors():
        return _trial(request.node).answer(case)


@pytest.fixture
def score(case: Case, request: pytest.FixtureRequest) -> CaseScores:
    """Scores of this case by metric: `score("task_success") == 1`."""
    from harness.testing.messages import setup_errors

    with setup_errors():
        return _trial(request.node).scores_of(case, request.node.user_properties.append)


@pytest.fixture
def paired(case: Case, request: pytest.FixtureRequest) -> PairedScores:
    """This case in the run under test and in the baseline: `assert not paired("task_success").lost`."""
    from harness.testing.messages import setup_errors

    with setup_errors():
        return _trial(request.node).pairs_of(case, request.node.user_properties.append)


# --- the end -------------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it tested; who reports writes the summary."""
    config = session.config
    if SESSION in config.stash:
        if _is_worker(config):
            config.workeroutput["harness"] = _session(config).account()  # type: ignore[attr-defined]
        else:
            _session(config).finish()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of xdist has ended."""
    if (account := getattr(node, "workeroutput", {}).get("harness")) is not None:
        _session(node.config).hear(account)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    config = terminalreporter.config
    if SESSION not in config.stash:
        return
    lines = _session(config).lines()
    if lines:
        terminalreporter.section("harness")
        for line in lines:
            terminalreporter.line(line)
