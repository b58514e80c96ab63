"""record.json: its sections as frozen values, and the files of a run."""
