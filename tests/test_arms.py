"""The table of arms: what is compared with what, and what a scenario may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.arms import ARMS, Arm, arms_of, candidate_of
from harness.errors import InputError
from harness.scenario.settings import Scenario


def test_an_adapter_is_compared_with_the_same_prompts_without_it() -> None:
    for arm in ARMS.values():
        assert (arm.base is None) == (arm.adapter is None), arm.name
        if arm.base is not None:
            base = ARMS[arm.base]
            assert (base.adapter, base.retriever, base.few_shot) == (None, arm.retriever, arm.few_shot), arm.name


def test_names_are_looked_up_in_the_table_that_is_given() -> None:
    table = {**ARMS, "ours": Arm("ours", "Ours")}
    assert [arm.title for arm in arms_of(("rag", "ours"), "s.yaml", table)] == [ARMS["rag"].title, "Ours"]
    with pytest.raises(InputError, match=r"s.yaml: unknown arm 'ours'; known arms: baseline, .*oracle$"):
        arms_of(("ours",), "s.yaml")
    with pytest.raises(InputError, match="an arm stands twice: rag, rag"):
        arms_of(("rag", "rag"), "s.yaml")


def test_a_candidate_runs_and_is_no_ceiling() -> None:
    scenario = Scenario(id="s", dir=Path("s"), title="S", arms=("rag", "oracle", "ours"), candidate="ours")
    table = {**ARMS, "ours": Arm("ours", "Ours")}
    assert candidate_of(scenario, table).name == "ours"
    with pytest.raises(InputError, match="given the golden passages: a ceiling"):
        candidate_of(Scenario(id="s", dir=Path("s"), title="S", arms=("oracle",), candidate="oracle"))
    with pytest.raises(InputError, match="candidate 'hybrid' is not among the arms"):
        candidate_of(Scenario(id="s", dir=Path("s"), title="S", arms=("rag",), candidate="hybrid"))
