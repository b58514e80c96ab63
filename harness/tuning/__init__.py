"""Tuning: chat rows from examples, LoRA training, and the adapters that come of it."""
