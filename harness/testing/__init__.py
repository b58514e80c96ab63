"""Eval suites in pytest: runs under test, assertions, bridges to other tools (the plugin itself is pytest_harness.py).

from harness.testing import assert_no_regression

def test_release():
    assert_no_regression("task_success", margin=5)
"""

from importlib import import_module
from typing import TYPE_CHECKING

_HOME = {
    "assert_gate": "assertions",
    "assert_no_regression": "assertions",
    "deepeval_case": "bridges",
    "ragas_sample": "bridges",
}  # name -> its module; loaded when first used

if TYPE_CHECKING:
    from harness.testing.assertions import assert_gate as assert_gate
    from harness.testing.assertions import assert_no_regression as assert_no_regression
    from harness.testing.bridges import deepeval_case as deepeval_case
    from harness.testing.bridges import ragas_sample as ragas_sample
else:

    def __getattr__(name: str) -> object:
        """A name of the table, loaded now."""
        if name not in _HOME:
            raise AttributeError(f"harness.testing has no {name!r}")
        return getattr(import_module(f"harness.testing.{_HOME[name]}"), name)
