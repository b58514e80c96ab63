"""From figures and gates to a verdict: pure, no model, rerun from disk whenever a gate changes."""
