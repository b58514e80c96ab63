"""Record and gates to Verdict (layer 6): pure, no model, rerun from disk whenever a gate changes."""

from harness.verdict.decide import decide
from harness.verdict.gates import GATES, read_thresholds

__all__ = ["GATES", "decide", "read_thresholds"]
