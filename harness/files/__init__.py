"""Files of others and of our own: opened within bounds, hashed, locked, kept inside their folder."""
