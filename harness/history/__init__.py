"""Runs beside runs: what changed, and how often the advice held."""
