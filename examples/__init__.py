"""Extensions to copy: a metric, an arm, a gate, a failure mode, and a run from Python. Each is run by a test."""
