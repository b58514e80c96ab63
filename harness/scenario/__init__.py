"""scenario.yaml: every setting with its unit and default, the loader, and the starters that `init` copies."""
