"""Strip, frontier, colours and break-even."""

from __future__ import annotations

from dataclasses import replace

from harness.report.charts.break_even import break_even, break_even_updates, crossing_words
from harness.report.charts.quality import frontier
from harness.report.charts.strip import MOST_COLUMNS, strip
from harness.report.charts.vega import slots
from harness.report.outcomes import Grid
from harness.scenario.settings import Prices
from tests.make import EVERY
from tests.report.runs import Reported


def test_the_strip_keeps_its_size_by_leaving_out_what_all_agree_on() -> None:
    ids = tuple(str(i) for i in range(2000))
    rows = (("right",) * 2000, ("wrong",) * 10 + ("right",) * 1990)
    drawn = strip(Grid(("a", "b"), ids, ("lookup",) * 2000, rows))
    assert drawn.case_ids == ids[:10]
    assert drawn.left_out == 1990
    assert len(strip(Grid(("a",), ids[:MOST_COLUMNS], ("lookup",) * MOST_COLUMNS, (rows[0][:MOST_COLUMNS],))).case_ids)


def test_the_frontier_has_no_point_that_another_one_beats() -> None:
    assert frontier([(3, 0.8), (1, 0.2), (2, 0.8), (4, 0.9), (5, 0.5)]) == [(1, 0.2), (2, 0.8), (4, 0.9)]


def test_known_arms_keep_their_colour_and_no_two_share_one() -> None:
    assert slots(["hybrid", "rag"]) == {"hybrid": 5, "rag": 2}
    many = slots(["oracle", *EVERY, "dual", "raft"])
    assert len(set(many.values())) == len(many)


def test_break_even_names_the_volume_at_which_the_dearer_to_train_gets_cheaper() -> None:
    words = crossing_words(["rag", "tune"], {"rag": 0.0, "tune": 20.0}, {"rag": 2.0, "tune": 1.0})
    assert words == "tune is cheaper than rag from 20,000 questions a month."


def test_break_even_by_updates_counts_questions_for_each_retraining(run: Reported) -> None:
    prices = {"baseline": 0.1, "rag": 0.6, "rag+few-shot": 0.9, "tune": 0.1, "hybrid": 0.5}
    cost = {arm: replace(section, per_1000=prices[arm]) for arm, section in run.record.cost.items()}
    record = replace(run.record, cost=cost)
    drawn = break_even_updates(record)
    assert drawn is not None
    assert record.freshness is not None
    hours = {
        arm: ((record.tuning[arm].seconds if arm in record.tuning else 0) + (fresh.update_seconds or 0)) / 3600
        for arm, fresh in record.freshness.arms.items()
    }
    each = 1000 * 400 * (hours["hybrid"] - hours["rag"]) / (0.6 - 0.5)
    assert f"hybrid is cheaper than rag above {each:,.0f} questions an update" in drawn.says
    assert break_even_updates(replace(record, prices=Prices())) is None
    assert break_even(replace(record, cost={})) is None
