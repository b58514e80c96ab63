"""The marks of every list at a terminal: one sign a state, in a verdict, in progress and in `harness doctor`."""

from __future__ import annotations

GOOD = "✓"  # done, passed, there
BAD = "✗"  # failed, missing
OPEN = "?"  # not proven, or nobody can say
NONE = "–"  # not measured
APART = "·"  # does not apply, or not needed
