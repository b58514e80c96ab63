"""How `pocket` was made: text generator, tokenizer, training loop, evaluation.

Run it with `python -m harness.generation.pocket.recipe train|export|general|evaluate`.
"""
