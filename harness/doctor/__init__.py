"""Doctor: whether this machine has what a run needs, and what each arm of a scenario will need."""
