"""Safety: unsafe prompts and safe look-alikes, what counts as declining one, and the base beside its adapters."""
