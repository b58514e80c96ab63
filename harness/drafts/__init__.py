"""Drafts: golden cases and tuning examples made of passages by a generator, each held against checks before people."""
