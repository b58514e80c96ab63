"""The progress of a whole run, and how it is drawn."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from harness.engine.overall import Overall
from harness.engine.progress import bars, with_the_whole

PLAN = {"index": 10.0, "generate rag": 80.0, "measure": 10.0}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_forecast_is_believed_first_and_the_clock_later() -> None:
    clock = Clock()
    run = Overall(PLAN, 100.0, clock)
    assert (run.steps, run.steps_done, run.rest) == (3, 0, 100.0)
    assert run.words == "0 of 3 steps done, about 100 s left"
    clock.now = 20.0
    run.note("index", 1, 1)  # a tenth of the work took twice its time
    assert 90 < run.rest < 150
    clock.now = 100.0
    run.note("generate rag", 40, 80)  # half of the work in 100 s
    assert 75 < run.rest < 100
    run.note("generate rag", 80, 80)
    run.note("measure", 1, 1)
    assert run.rest == pytest.approx(0.0)
    assert run.words == "3 of 3 steps done"


def test_steps_outside_the_plan_and_empty_ones_break_nothing() -> None:
    run = Overall({"empty": 0.0}, 0.0, Clock())
    run.note("other", 1, 2)
    run.note("empty", 0, 0)
    assert (run.steps_done, run.share) == (1, 1.0)
    assert Overall({}, 0.0, Clock()).words == "0 of 0 steps done"


def test_plain_lines_say_the_whole_once_a_minute() -> None:
    clock, lines = Clock(), list[str]()
    progress = with_the_whole(lambda *_: None, Overall(PLAN, 100.0, clock), lines.append)
    for second in range(0, 180, 5):
        clock.now = float(second)
        progress("generate rag", second, 200)
    assert len(lines) == 2
    assert all(line.startswith("0 of 3 steps done, about ") for line in lines)


@pytest.mark.parametrize("width", [50, 80, 140])
def test_a_step_that_is_done_is_a_line_and_nothing_is_wider_than_the_window(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, legacy_windows=False, color_system=None)
    with bars(console, Overall({**PLAN, "generate " + "x" * 60: 5.0}, 100.0)) as progress:
        progress("index", 0, 26)
        progress("generate " + "x" * 60, 3, 50)
        progress("index", 26, 26)
        progress("index", 26, 26)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    import re

    lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]", text)]
    assert sum(line.startswith("✓ index") for line in lines) == 1
    assert max(map(len, lines)) <= width
    assert any("1 of 4 steps done" in line for line in lines) or width == 50
