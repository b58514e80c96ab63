"""The reading adapter of `smollm2`: its training text, its training, what it can do (`python -m recipes.reader`)."""
