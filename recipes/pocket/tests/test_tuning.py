"""Examples of the tuning test."""

from __future__ import annotations

from dataclasses import replace

from recipes.pocket import tuning


def test_house_answers_of_the_tuning_are_valid():
    for row in tuning.examples(replace(tuning.GENTLE, examples=60, replay=6)):
        text = row["completion"][0]["content"]
        assert tuning.valid(text) or row["prompt"][-1]["content"].startswith("Question: ")
