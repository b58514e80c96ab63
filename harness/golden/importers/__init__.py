"""Golden sets of other tools, read: one module a kind of file; `formats` is the table of them."""
