"""How `pocket` was made: text generator, tokenizer, training loop, evaluation (`python -m harness.generation.pocket.recipe`)."""
