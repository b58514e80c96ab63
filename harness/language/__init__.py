"""Languages: scripts, common words, denials, numbers, sentence ends, refusals; a row a language."""
