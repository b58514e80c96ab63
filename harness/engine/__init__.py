"""The machine of a run: what it reads, where results are kept, who does the work. It knows no step by name."""
