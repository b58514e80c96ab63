"""Errors of the package as pytest shows them best: a wrong call, an error of a file, an error before a test; never a
traceback of ours, and never the failure of what is tested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.errors import HarnessError


def nothing_to_test() -> str:
    """What to do where no suite is named."""
    return (
        "nothing to test is named; give --harness-run RUN, --harness-scenario DIR, or --harness-data FILE with "
        "--harness-answer module:function (or the ini keys harness_run, ...), or a marker harness(...)"
    )


@contextmanager
def usage_errors() -> Iterator[None]:
    """An error of the package as pytest's own: one message, exit code 4."""
    try:
        yield
    except HarnessError as error:
        raise pytest.UsageError(f"harness: {error}") from None


@contextmanager
def collection_errors() -> Iterator[None]:
    """An error of the package as one of the file that was collected, without a traceback."""
    try:
        yield
    except HarnessError as error:
        raise pytest.Collector.CollectError(f"harness: {error}") from None


@contextmanager
def setup_errors() -> Iterator[None]:
    """An error of the package as the error of a test, without a traceback: it is no failure of what was tested."""
    try:
        yield
    except HarnessError as error:
        raise pytest.fail.Exception(f"harness: {error}", pytrace=False) from None
