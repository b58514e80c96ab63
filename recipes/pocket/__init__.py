"""How `pocket` was made: text generator, tokenizer, training loop, evaluation.

Run it with `python -m recipes.pocket train|export|general|evaluate`.
"""
