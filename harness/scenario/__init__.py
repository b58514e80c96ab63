"""scenario.yaml: every setting with its unit and default, the loader, and the starters that `init` copies."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.scenario.load import load_scenario as load_scenario
else:

    def __getattr__(name: str) -> object:
        """The loader, loaded when it is first asked for."""
        if name != "load_scenario":
            raise AttributeError(f"harness.scenario has no {name!r}")
        value = globals()[name] = getattr(import_module("harness.scenario.load"), name)
        return value
