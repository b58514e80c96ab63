"""Forgetting: items are read strictly, spread evenly, asked alike in every form, compared in pairs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.exports.lm_eval import forgetting_gate
from harness.forgetting import ask, shared_prefixes
from harness.forgetting.items import Item, compare_items, forms_of_use
from harness.forgetting.questions import ChoiceQuestion, read_folder, spread
from harness.record.codec import read_rows, write_rows
from harness.scenario.settings import ForgettingSettings
from tests import tiny_model
from tests.make.command import command


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
        ("q,1, ,3,4,A\n", "choice B is empty"),
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


def items(right: list[int], form: str = "letters", likelihood: float | None = None) -> list[Item]:
    return [Item(f"s{i % 2}/{i}", f"s{i % 2}", float(r), 4, form, likelihood) for i, r in enumerate(right)]


def test_pairs_are_counted_item_by_item() -> None:
    base, tuned = items([1] * 60 + [0] * 20), items([1] * 50 + [0] * 10 + [1] * 2 + [0] * 18)
    ability = compare_items(base, {"tune": tuned}, "folder")
    arm = ability.arms["tune"]
    assert ability.status == "measured"
    assert (len(arm.lost), len(arm.gained)) == (10, 2)
    assert arm.items.difference.mean == pytest.approx(-10.0)
    assert arm.items.p == pytest.approx(0.0385742, abs=1e-6)  # exact binomial: 2 of 12
    assert [row.subject for row in arm.subjects] == ["s0", "s1"]
    assert all(row.p_holm >= row.items.p for row in arm.subjects if row.p_holm and row.items.p)
    assert all(row.p_holm is not None for row in arm.subjects)


def test_a_base_at_chance_is_not_measured() -> None:
    ability = compare_items(items([1, 0, 0, 0] * 25), {"tune": items([0] * 100)}, "folder")
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
        compare_items(items([1, 1]), {"tune": items([1])}, "folder")


def test_real_mmlu_files_are_read(shared_data: Path) -> None:
    test, dev = read_folder(shared_data / "mmlu")
    sample = spread(test, 400, seed=7)
    assert len(test) == len(dev) == len(sample) == 57
    assert {len(rows) for rows in sample.values()} <= {7, 8}
    assert sum(map(len, sample.values())) == 400


# --- forms of asking ----------------------------------------------------------------------------------------------


def rated(right: int, n: int, form: str) -> list[Item]:
    likelihood = -3.0 - right / n if n < 1000 else None  # its interval takes seconds for thousands
    return items([1] * right + [0] * (n - right), form, likelihood)


def test_the_gate_looks_at_the_form_in_which_the_base_stands_above_chance() -> None:
    base = [*rated(100, 400, "letters"), *rated(160, 400, "cloze")]
    assert forms_of_use(base) == ("cloze",)
    ability = compare_items(base, {"tuned": rated(140, 400, "cloze")}, "folder")
    assert (ability.status, ability.form) == ("measured", "cloze")
    assert ability.arms["tuned"].items.difference.mean == pytest.approx(-5.0)
    letters, cloze = ability.forms
    assert not letters.arms
    assert cloze.arms["tuned"].likelihood is not None
    assert cloze.arms["tuned"].likelihood.mean == pytest.approx(0.05)
    assert cloze.arms["tuned"].likelihood.unit == "nats a word"


def test_of_two_forms_above_chance_the_one_with_more_to_lose_counts() -> None:
    base = [*rated(300, 400, "letters"), *rated(160, 400, "cloze")]
    assert forms_of_use(base) == ("letters", "cloze")
    assert compare_items(base, {"tuned": base}, "folder").form == "letters"


def test_a_base_at_chance_in_every_form_is_told_what_it_takes_and_never_passes() -> None:
    base = [*rated(96, 400, "letters"), *rated(112, 400, "cloze")]
    assert forms_of_use(base) == ("cloze",)  # a likelihood can fall all the same
    ability = compare_items(base, {"tuned": rated(112, 400, "cloze")}, "folder")
    gate = forgetting_gate(ability, 5.0)
    assert gate.status == "not measured"
    assert "letters 24.0 % of 400 items right, chance 25.0 %, cloze 28.0 %" in gate.reason
    assert re.search(r"it takes about 1,\d\d\d items \(forgetting.limit\), or a larger model$", gate.reason)
    assert ability.forms[1].arms["tuned"].likelihood is not None
    worse = compare_items(rated(96, 400, "cloze"), {"tuned": rated(96, 400, "cloze")}, "folder")
    assert forgetting_gate(worse, 5.0).reason.endswith("it takes a larger model")


def test_a_gate_that_losing_everything_would_clear_is_never_passed() -> None:
    base = rated(1240, 4000, "cloze")  # 31 %: six points above chance, and not one proven to be more than five
    same = compare_items(base, {"tuned": base}, "folder")
    gate = forgetting_gate(same, 5.0)
    assert gate.status == "not proven"
    assert "losing everything would show as −6.0 points" in gate.reason
    assert gate.n_needed is not None
    assert 8_000 < gate.n_needed < 40_000
    assert forgetting_gate(same, 3.0).status == "pass"
    gone = compare_items(base, {"tuned": rated(600, 4000, "cloze")}, "folder")
    assert forgetting_gate(gone, 5.0).status == "fail"
    near = compare_items(rated(1160, 4000, "cloze"), {"tuned": rated(1160, 4000, "cloze")}, "folder")
    assert forgetting_gate(near, 5.0).n_needed is None
    assert forgetting_gate(near, 5.0).reason.endswith("more items will not help, a base that can do more will")


# --- asked through lm-eval ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three subjects with worked examples, in words of the tiny model."""
    words = tiny_model.WORDS
    folder = tmp_path_factory.mktemp("mmlu")
    for split, rows in (("test", 6), ("dev", 5)):
        (folder / split).mkdir()
        for subject in range(3):
            lines = [
                ",".join([" ".join(words[(7 * i + subject + k) % 60] for k in range(12)),
                          *(" ".join(words[(i + 11 * c + k) % 60] for k in range(1 + c)) for c in range(4)),
                          "ABCD"[(i + subject) % 4]])
                for i in range(rows)
            ]  # fmt: skip
            (folder / split / f"subject{subject}_{split}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.build(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("most", [40, 512])
def test_shared_beginnings_give_the_numbers_of_lm_eval(
    asked_folder: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    from harness.generation.load import load_model

    loaded = load_model(str(tiny))
    settings = ForgettingSettings(str(asked_folder), 18)
    monkeypatch.setattr(shared_prefixes.lay_out, "__defaults__", (most,))
    assert shared_prefixes.scores_trees(loaded.model)
    own = ask.ask_items(loaded.model, loaded.tokenizer, settings, 7)
    monkeypatch.setattr(shared_prefixes, "scores_trees", lambda model: False)  # then lm-eval's own HFLM asks
    theirs = ask.ask_items(loaded.model, loaded.tokenizer, settings, 7)
    assert [item.form for item in own] == ["letters"] * 18 + ["cloze"] * 18
    assert [(a.id, a.correct, a.form) for a in own] == [(b.id, b.correct, b.form) for b in theirs]
    assert [a.likelihood for a in own] == pytest.approx([b.likelihood for b in theirs], abs=1e-4)
    assert len({item.likelihood for item in own}) > 18


def test_what_begins_alike_is_computed_once() -> None:
    shots, rest = list(range(100)), range(200, 300)
    rows = [
        shared_prefixes.Continuation([*shots, question, *range(300, 320), choice, choice], [choice, choice])
        for question in rest
        for choice in (1, 2, 3, 4)
    ]
    passes = list(shared_prefixes.lay_out(rows))
    trees = [tree for of in passes for tree in of.trees]
    assert sum(of.computed for of in passes) == 100 + 100 * (1 + 20 + 4 * 2)
    assert sum(len(row.tokens) for row in rows) == 400 * 123
    assert max(len(tree.tokens) for tree in trees) <= shared_prefixes.TOKENS_AT_ONCE
    assert sorted(request for tree in trees for request, _ in tree.scored) == list(range(400))


def test_models_are_asked_from_the_command_line(
    asked_folder: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command("forgetting", str(tiny), str(tiny), "--tasks", str(asked_folder), "--limit", "12")
    out = capsys.readouterr().out
    assert code == 3  # a random model is at chance
    assert out.startswith("not measured: the base is not above chance: letters")
    assert "cloze, chance 25.0 %" in out
    assert re.search(r"tuned: \S+ % .* right, 0.0 points .*; the right choice 0.00 nats a word", out)
