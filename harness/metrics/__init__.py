"""Metrics: each maps one case and one arm's answer to a value, or says why there is none; `table.py` lists them."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.metrics.table import METRICS as METRICS
else:

    def __getattr__(name: str) -> object:
        """The table of metrics, loaded when it is first asked for."""
        if name != "METRICS":
            raise AttributeError(f"harness.metrics has no {name!r}")
        value = globals()[name] = getattr(import_module("harness.metrics.table"), name)
        return value
