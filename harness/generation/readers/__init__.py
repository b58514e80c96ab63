"""Reading adapters: LoRA weights of the package's own that are merged into a built-in model (README.md: the card)."""
