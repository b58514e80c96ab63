"""Tests of the recipe, one file a module."""
