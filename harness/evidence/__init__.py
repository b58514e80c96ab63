"""Evidence held against the corpus: quotes and file names, whatever differs in form only."""
