"""The report of a run: one HTML page, a Markdown summary for CI, a JUnit file. Everything here is pure."""
