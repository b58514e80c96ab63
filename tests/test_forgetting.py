"""Forgetting: items are read strictly, spread evenly, asked alike, compared in pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.forgetting import ChoiceQuestion, Item, compare_items, read_folder, spread
from harness.record.codec import read_rows, write_rows
from harness.scenario.settings import ForgettingSettings

SETTINGS = ForgettingSettings("folder", 400)


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, content in files.items():
        split, subject = name.split("_", 1)
        (tmp_path / split).mkdir(exist_ok=True)
        (tmp_path / split / f"{subject}_{split}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def test_both_layouts_of_mmlu_are_read(tmp_path: Path) -> None:
    letters = 'What is 1+1?,1,2,3,4,B\n"Which, if any?",a,b,c,d,D\n'
    numbers = "question,choice0,choice1,choice2,choice3,answer\nWhat is 2+2?,1,2,3,4,3\n"
    test, dev = read_folder(folder_with(tmp_path, test_sums=letters, test_more=numbers, dev_sums=letters))
    assert [q.answer for q in test["sums"]] == [1, 3]
    assert test["sums"][1].text == "Which, if any?"
    assert (test["more"][0].id, test["more"][0].answer) == ("more/2", 3)
    assert list(dev) == ["sums"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q,1,2,3,B\n", r"sums_test.csv:1: 5 columns, expected 6"),
        ("q,1,2,3,4,B\nq,1,2,3,4,E\n", r"sums_test.csv:2: the answer is 'E', expected a letter A to D"),
        ("q,1,2,3,4,AB\n", "the answer is 'AB'"),
    ],
)
def test_a_row_that_is_no_question_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_folder(folder_with(tmp_path, test_sums=content))


def test_a_folder_without_csv_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no test/\*.csv"):
        read_folder(tmp_path)


def questions(**sizes: int) -> dict[str, list[ChoiceQuestion]]:
    return {
        s: [ChoiceQuestion(f"{s}/{i}", s, "q", ("a", "b", "c", "d"), 0) for i in range(n)] for s, n in sizes.items()
    }


def test_a_limit_is_spread_evenly_and_small_subjects_leave_their_share() -> None:
    sample = spread(questions(a=100, b=100, c=3), 43, seed=7)
    assert {name: len(rows) for name, rows in sample.items()} == {"a": 20, "b": 20, "c": 3}
    assert sample == spread(questions(a=100, b=100, c=3), 43, seed=7)
    assert sample["a"] != spread(questions(a=100, b=100, c=3), 43, seed=8)["a"]


def test_a_limit_below_the_number_of_subjects_leaves_some_out() -> None:
    assert sum(map(len, spread(questions(a=5, b=5, c=5), 2, seed=7).values())) == 2


def items(right: list[int]) -> list[Item]:
    return [Item(f"s{i % 2}/{i}", f"s{i % 2}", float(r), 4) for i, r in enumerate(right)]


def test_pairs_are_counted_item_by_item() -> None:
    base, tuned = items([1] * 60 + [0] * 20), items([1] * 50 + [0] * 10 + [1] * 2 + [0] * 18)
    ability = compare_items(base, {"tune": tuned}, SETTINGS)
    arm = ability.arms["tune"]
    assert ability.status == "measured"
    assert (len(arm.lost), len(arm.gained)) == (10, 2)
    assert arm.items.difference.mean == pytest.approx(-10.0)
    assert arm.items.p == pytest.approx(0.0385742, abs=1e-6)  # exact binomial: 2 of 12
    assert [row.subject for row in arm.subjects] == ["s0", "s1"]
    assert all(row.p_holm >= row.items.p for row in arm.subjects if row.p_holm and row.items.p)
    assert all(row.p_holm is not None for row in arm.subjects)


def test_a_base_at_chance_is_not_measured() -> None:
    ability = compare_items(items([1, 0, 0, 0] * 25), {"tune": items([0] * 100)}, SETTINGS)
    assert ability.status == "not measured"
    assert ability.reason is not None
    assert "not above chance" in ability.reason


def test_items_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    write_rows(tmp_path / "items.jsonl", items([1, 0]))
    assert read_rows(tmp_path / "items.jsonl", Item) == items([1, 0])


def test_the_harness_of_tasks_asks_neither_pip_nor_git(capfd: pytest.CaptureFixture[str]) -> None:
    from lm_eval import evaluator

    from harness.process.lm_eval_calls import only_asked

    own = evaluator.get_git_commit_hash
    with only_asked():
        assert evaluator.get_git_commit_hash() is None
        evaluator.add_env_info({})
    assert evaluator.get_git_commit_hash is own
    assert capfd.readouterr().err == ""


def test_a_task_files_templates_reach_no_python() -> None:
    from jinja2.exceptions import SecurityError
    from lm_eval import utils

    from harness.process.lm_eval_calls import only_asked

    with only_asked():
        assert utils.apply_template("{{ a | regex_replace('x', 'y') }}!\n", {"a": "x"}) == "y!\n"
        with pytest.raises(SecurityError):
            utils.apply_template("{{ a.__class__.__mro__ }}", {"a": "x"})


def test_other_items_are_refused() -> None:
    with pytest.raises(InputError, match="different items"):
        compare_items(items([1, 1]), {"tune": items([1])}, SETTINGS)


def test_real_mmlu_files_are_read(shared_data: Path) -> None:
    test, dev = read_folder(shared_data / "mmlu")
    sample = spread(test, 400, seed=7)
    assert len(test) == len(dev) == len(sample) == 57
    assert {len(rows) for rows in sample.values()} <= {7, 8}
    assert sum(map(len, sample.values())) == 400
