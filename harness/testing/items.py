"""The gates of a suite as collected tests: `scenario.yaml::gate[schema]`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.testing.messages import collection_errors, setup_errors
from harness.testing.outcome import check_gate, properties
from harness.testing.session import SuiteSession
from harness.testing.suite import Suite


class GateFile(pytest.File):
    """The file that stands for a suite: its scenario.yaml, or its data set."""

    def __init__(self, *, suite: Suite, session_: SuiteSession, **more: Any) -> None:
        super().__init__(**more)
        self.suite, self.session_ = suite, session_

    def collect(self) -> Iterable[pytest.Item]:
        with collection_errors():
            names = self.session_.gates(self.suite)
        return self._items(names)

    def _items(self, names: Iterable[str]) -> Iterator[pytest.Item]:
        for name in names:
            title = f"gate[{name}]"
            # the id as a text: pytest 9.2 reads what stands in brackets as parameters, and --lf looks for what it reads
            yield GateItem.from_parent(self, name=title, nodeid=f"{self.nodeid}::{title}", gate=name)


class GateItem(pytest.Item):
    """One gate. What keeps it from being judged is an error of its set-up, not its failure."""

    def __init__(self, *, gate: str, parent: GateFile, **more: Any) -> None:
        super().__init__(parent=parent, **more)
        self.gate, self.suite, self.session_ = gate, parent.suite, parent.session_
        self.add_marker(pytest.mark.harness)

    def setup(self) -> None:
        with setup_errors():
            self.session_.trial(self.suite, whole=True)

    def runtest(self) -> None:
        gate = self.session_.trial(self.suite, whole=True).gate(self.gate)
        self.user_properties += properties(gate)
        check_gate(gate, self.session_.manner.open_gates)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The reason alone: where in this package it was raised helps nobody."""
        if isinstance(excinfo.value, AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"gate {self.gate} of {self.suite.title}"
