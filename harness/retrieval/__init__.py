"""Retrieval: documents -> passages -> index -> ranked passages. Start at `pipeline.open_index`."""
