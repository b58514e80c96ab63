"""Tests of the reader's recipe."""
