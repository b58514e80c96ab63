"""The same figures for a terminal, a CI summary and JUnit."""
