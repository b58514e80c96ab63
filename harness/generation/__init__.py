"""Generators: prompts in, answers out, from a model in this process or behind a server."""
