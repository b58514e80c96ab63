"""What a golden set can prove, in plain words: how many questions would be enough, and never an absurd number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness.stats as stats
from harness.scenario.settings import Scenario
from harness.verdict.provable import provable_lines
from harness.verdict.reach import Sizes
from harness.verdict.thresholds import read_thresholds


def lines_for(n: int, groups: int, arms: tuple[str, ...] = ("baseline", "rag"), **gates: float) -> list[str]:
    scenario = Scenario("s", Path(), "s", arms=arms, candidate=arms[-1], gates=gates)
    return list(provable_lines(scenario, read_thresholds(gates), Sizes(n, groups, n), ()))


def test_a_first_set_of_25_is_told_what_it_lacks() -> None:
    first, *rest = lines_for(25, 25)
    assert first == "25 test questions about 25 groups of documents. What they can prove:"
    assert any(
        line.startswith("Task success gained over the baseline; Task success gained over the best constant answer "
                        "(more than 0 points): a true difference of 41 points is needed")
        for line in rest
    )  # fmt: skip
    assert "about 36 questions are the least that could" in next(line for line in rest if line.startswith("Claims"))


def test_the_least_number_for_a_rate_is_the_least() -> None:
    line = next(line for line in lines_for(25, 25, groundedness=90) if line.startswith("Claims"))
    assert stats.failures_allowed(36, 0.9) is not None
    assert stats.failures_allowed(35, 0.9) is None
    assert "about 36 " in line


def test_the_number_for_a_gain_proves_it() -> None:
    line = next(line for line in lines_for(110, 110, ("rag", "hybrid")) if "RAG-only" in line)
    found = re.search(r"for one of 15 points about ([\d,]+) questions would be enough", line)
    assert found is not None, line
    count = int(found.group(1).replace(",", ""))
    least = stats.detectable_gain(count, 5.0, 0.3, 1.0)
    assert least is not None
    assert least <= 15
    fewer = stats.detectable_gain(int(count * 0.8), 5.0, 0.3, 1.0)
    assert fewer is None or fewer > 15


@pytest.mark.parametrize("n", [2, 8, 25, 110, 400])
@pytest.mark.parametrize("shared", [1, 4])
def test_no_number_is_beyond_ten_times_the_set(n: int, shared: int) -> None:
    for line in lines_for(n, max(1, n // shared), ("baseline", "rag", "tune", "hybrid")):
        for count in re.findall(r"about ([\d,]+) (?:questions|answers) (?:would|are)", line):
            assert int(count.replace(",", "")) <= 11 * n, line
        if "more than ten times" in line:
            assert "too small to prove with such a set" in line


def test_a_large_set_is_enough() -> None:
    text = " ".join(lines_for(2000, 2000, ("baseline", "rag", "hybrid")))
    assert "would be enough" not in text
    assert "a true difference of" in text
    assert "is enough" in text


def test_gates_that_do_not_apply_are_not_spoken_of() -> None:
    text = " ".join(lines_for(25, 25))
    assert "RAG-only" not in text
    assert "form" not in text.replace("formats", "")
    assert "base model" not in text
