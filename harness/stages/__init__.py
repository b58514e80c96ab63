"""The steps of a run, one file each; `plan` is the table of them."""
