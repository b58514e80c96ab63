"""The command line: one module a command, named like it; `main` has the table of them."""
