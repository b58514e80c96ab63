"""Forgetting: the same multiple-choice items asked of a base model and of adapters on it, and held together."""
