"""Traces to scores, estimates and the sections of a record."""
