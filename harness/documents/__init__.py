"""People's files -> documents: one reader a format, the table of them, and what was left out or read otherwise."""
