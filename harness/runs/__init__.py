"""A run from the outside: started, written, found unchanged, opened again, refreshed, pinned, held beside others."""
