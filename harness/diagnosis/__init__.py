"""The known failure modes: what shows each in a run, and what to change."""
