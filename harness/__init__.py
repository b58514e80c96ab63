"""Settles 'RAG, fine-tuning, or both?' by building every arm for real and measuring it on your golden set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.process import telemetry

telemetry.switch_off()

__version__ = "0.1.0"

if TYPE_CHECKING:
    from harness.api import Run, advise, bless, compare, open_run, parity, run
    from harness.errors import EnvironmentFailure, HarnessError, InputError

_HOME = {
    "Run": "api", "advise": "api", "bless": "api", "compare": "api", "open_run": "api", "parity": "api",
    "run": "api",
    "EnvironmentFailure": "errors", "HarnessError": "errors", "InputError": "errors",
}  # fmt: skip
__all__ = [
    "EnvironmentFailure",
    "HarnessError",
    "InputError",
    "Run",
    "__version__",
    "advise",
    "bless",
    "compare",
    "open_run",
    "parity",
    "run",
]


def __getattr__(name: str) -> object:
    """The API's names, loaded when first used: `import harness` alone costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'harness' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"harness.{_HOME[name]}"), name)
