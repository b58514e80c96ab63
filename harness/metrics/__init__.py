"""Metrics: each maps one case and one arm's answer to a value, or says why there is none; `table.py` lists them."""
