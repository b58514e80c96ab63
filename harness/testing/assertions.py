"""Assertions for plain tests, on the run of the test's suite: no fixture is needed.

assert_no_regression("task_success", margin=5)    # paired with --harness-baseline, question by question
assert_gate("groundedness")                       # as the scenario sets it
assert_gate("task_success", 70)                   # with a threshold of its own, in the scenario's unit
"""

from __future__ import annotations

import pytest

from harness.errors import InputError
from harness.testing.messages import setup_errors
from harness.testing.outcome import check_gate, properties
from harness.testing.session import SuiteSession
from harness.testing.trial import Trial
from harness.types import Gate


def assert_no_regression(metric: str, margin: float = 0.0) -> Gate:
    """Prove that a metric is at most `margin` worse than in the baseline: points for a rate, else its own unit.

    AssertionError where the loss is proven to be larger, and where neither is proven (`harness_not_proven = warn` skips
    then). Returns the paired difference, judged.
    """
    __tracebackhide__ = True
    return _asserted(lambda trial: trial.regression(metric, margin))


def assert_gate(name: str, threshold: float | str | None = None) -> Gate:
    """Prove that a gate of the scenario holds, with its own threshold or another one. Returns it, judged."""
    __tracebackhide__ = True
    return _asserted(lambda trial: trial.gate(name, threshold))


def _asserted(judge: object) -> Gate:
    __tracebackhide__ = True
    assert callable(judge)
    item, session, trial = _here()
    with setup_errors():
        gate: Gate = judge(trial)
    item.user_properties += properties(gate, f"{gate.name}.")
    check_gate(gate, session.manner.open_gates)
    return gate


def _here() -> tuple[pytest.Item, SuiteSession, Trial]:
    """The test at work. The plugin stands outside the package, so that pytest can load it without this."""
    import pytest_harness

    item = pytest_harness.current
    if item is None:
        raise InputError("assert_gate and assert_no_regression belong into a test that pytest runs")
    with setup_errors():
        session = pytest_harness._session(item.config)
        return item, session, session.trial(pytest_harness._suite_of(item), whole=True)
