"""Golden sets written for other tools; `formats` is the table of them."""
