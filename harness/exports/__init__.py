"""Finished runs for other tools: tables, trackers, lm-eval, Inspect, OpenTelemetry, model cards; a row a format."""
