"""Bad input: where it stands, what was found, what was expected. Every message is one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.advice.answers_file import advice_block, read_answers, save_answers, scenario_text, write_scenario
from harness.advice.facts import Facts
from harness.advice.parse import Questionnaire, parse_advice
from harness.advice.questions import AnswerValue
from harness.errors import InputError
from harness.scenario.load import load_scenario

YES, NO, UNSURE = AnswerValue.YES, AnswerValue.NO, AnswerValue.UNSURE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["found nothing", "expected a mapping with 'answers'"]),
        ("[1, 2]", ["found a list", "expected a mapping"]),
        ("{}", ["an empty mapping", "expected 'answers'"]),
        ("hello: there", ["'hello'", "expected 'answers'"]),
        ("advice:", ["advice", "found nothing", "expected a mapping with 'answers'"]),
        ("facts: {}", ["found no 'answers'"]),
        ("answers:", ["answers", "found nothing", "question numbers"]),
        ("answers: {}", ["answers", "found no answers", "1 to 9"]),
        ("answers: [yes, no]", ["answers", "a list of 2", "question numbers"]),
        ("answers:\n  1: yes\n  2: maybe", ["answers.2", "line 3", "'maybe'", "yes, no or unsure"]),
        ("answers: {0: yes}", ["answers", "question 0", "1 to 9"]),
        ("answers: {10: yes}", ["answers", "question 10", "1 to 9"]),
        ("answers: {one: yes}", ["question 'one'", "1 to 9"]),
        ("answers: {1.5: yes}", ["question 1.5", "1 to 9"]),
        ("answers: {yes: yes}", ["question True", "1 to 9"]),
        (
            "answers: {1: y, 2: no}",
            ["answers.1", "'y'", "yes, no or unsure"],
        ),
        ("answers: {1: 1}", ["answers.1", "found 1", "yes, no or unsure"]),
        ("answers: {1: null}", ["answers.1", "found nothing", "yes, no or unsure"]),
        ("answers: {1: yes, 1: no}", ["'1' stands twice"]),
        ("answers: {1: yes, '1': no}", ["question 1 twice"]),
        (
            "answers: {1: yes, 2: yes, 3: yes, 4: yes, 5: yes, 6: yes, 7: yes, 8: yes, 9: yes, 10: yes}",
            ["question 10", "there are nine questions"],
        ),
        ("answers: {1: yes}\nfacts: {labelled_examples: many}", ["facts.labelled_examples", "'many'", "whole number"]),
        ("answers: {1: yes}\nfacts: {labelled_examples: 1.5}", ["facts.labelled_examples", "1.5", "whole number"]),
        ("answers: {1: yes}\nfacts: {labelled_examples: -1}", ["facts.labelled_examples", "-1", "0 or more"]),
        ("answers: {1: yes}\nfacts: {labelled_examples: yes}", ["facts.labelled_examples", "True", "whole number"]),
        ("answers: {1: yes}\nfacts: {latency_budget_ms: .nan}", ["facts.latency_budget_ms", "nan", "a number"]),
        ("answers: {1: yes}\nfacts: {latency_budget_ms: .inf}", ["facts.latency_budget_ms", "inf", "a number"]),
        ("answers: {1: yes}\nfacts: {gpu_memory_gb: 1" + "0" * 400 + "}", ["facts.gpu_memory_gb", "a number"]),
        ("answers: {1: yes}\nfacts: {model_billions: 0}", ["facts.model_billions", "above 0"]),
        ("answers: {1: yes}\nfacts: {citation_duty: unsure}", ["facts.citation_duty", "unsure", "leave the fact out"]),
        ("answers: {1: yes}\nfacts: {labeled_examples: 5}", ["unknown fact", "did you mean 'labelled_examples'"]),
        ("answers: {1: yes}\nfacts: 5", ["facts", "found 5", "a mapping"]),
        ("answers: {1: yes}\nexpect: maybe", ["expect", "'maybe'", "rag, fine_tune, both or rag_first"]),
        ("answers: {1: yes}\nevidnce: {}", ["unknown key 'evidnce'", "did you mean 'evidence'"]),
        ("advice: {answers: {1: yes}, evidence: {12: x}}", ["evidence", "question 12"]),
        ("answers: {1: yes", ["not valid YAML"]),
        ("answers: {1: yes}\nstory: [a]", ["story", "a list of 1", "text"]),
    ],
)
def test_bad_file_says_where_found_expected(tmp_path: Path, text: str, expected: list[str]) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_answers(file)
    message = str(caught.value)
    assert message.startswith(str(file))
    assert "\n" not in message
    assert caught.value.exit_code == 2
    for part in expected:
        assert part in message, message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file; make one by answering"):
        read_answers(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r"is a folder, expected a file"):
        read_answers(tmp_path)


def test_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"answers: {1: \xff}")
    with pytest.raises(InputError, match="UTF-8"):
        read_answers(file)


def test_every_way_to_say_yes_and_no(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("answers: {1: yes, 2: No, 3: true, 4: 'FALSE', 5: unsure, '6': \"Yes\"}", encoding="utf-8")
    answers = read_answers(file)[1].answers
    assert answers == {1: YES, 2: NO, 3: YES, 4: NO, 5: UNSURE, 6: YES}


def test_json_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"advice": {"answers": {"1": true, "2": "no"}, "facts": {"labelled_examples": 640}}}')
    questionnaire = read_answers(file)[1]
    assert questionnaire.answers == {1: YES, 2: NO}
    assert questionnaire.facts.labelled_examples == 640


_answers = st.dictionaries(st.integers(1, 9), st.sampled_from(list(AnswerValue)), min_size=1)
_facts = st.builds(
    Facts,
    labelled_examples=st.none() | st.integers(0, 10**9),
    preference_pairs=st.none() | st.integers(0, 10**9),
    updates_per_month=st.none() | st.floats(0, 1e9),
    latency_budget_ms=st.none() | st.floats(0, 1e9),
    gpu_memory_gb=st.none() | st.floats(0, 1e6),
    citation_duty=st.none() | st.booleans(),
    model_billions=st.none() | st.floats(0.001, 1e4),
    gpu_hour_price=st.none() | st.floats(0, 1e4),
)


@settings(deadline=None, max_examples=60)
@given(answers=_answers, facts=_facts)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, answers: object, facts: Facts) -> None:
    before = Questionnaire(answers=answers, facts=facts)  # type: ignore[arg-type]
    file = tmp_path_factory.mktemp("a") / "answers.yaml"
    save_answers(file, before)
    after = read_answers(file)[1]
    assert after.answers == dict(sorted(before.answers.items()))
    assert after.facts == before.facts


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text() | st.integers(), s),
        max_leaves=8,
    )
)
def test_any_value_is_either_read_or_refused_with_its_place(block: object) -> None:
    for value in (block, {"answers": block}, {"answers": {1: True}, "facts": block}):
        message = _refusal(value)
        assert message is None or message.startswith("x.yaml: advice")


def _refusal(value: object) -> str | None:
    try:
        parse_advice(value, "x.yaml: advice")
    except InputError as error:
        return str(error)
    return None


def test_starter_scenario_loads_and_keeps_the_answers(tmp_path: Path) -> None:
    given_input = Questionnaire(answers={1: YES, 5: NO}, facts=Facts(labelled_examples=12, citation_duty=True))
    file = write_scenario(tmp_path / "my-desk", given_input)
    scenario = load_scenario(file.parent)
    assert scenario.title == "my desk"
    read = parse_advice(scenario.advice, str(file))
    assert read.answers == {n: {1: YES, 5: NO}.get(n, UNSURE) for n in range(1, 10)}
    assert read.facts == given_input.facts
    with pytest.raises(InputError, match="already"):
        write_scenario(tmp_path / "my-desk", given_input)


def test_starter_scenario_is_valid_with_its_comments_taken_out(tmp_path: Path) -> None:
    text = scenario_text("x", Questionnaire(answers={1: YES}, facts=Facts()))
    settings = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and ": " in line]
    settings = [line for line in settings if line[0].islower() and " " not in line.split(":")[0]]
    assert len(settings) >= 12
    head = text.split("# --- what you know")[0]
    (tmp_path / "scenario.yaml").write_text(head + "\n".join(settings) + "\n", encoding="utf-8")
    (tmp_path / "corpus").mkdir()
    for name in ("golden.jsonl", "train.jsonl", "probes.jsonl"):
        (tmp_path / name).touch()
    scenario = load_scenario(tmp_path)
    assert scenario.candidate == "hybrid"
    assert scenario.golden is not None


@pytest.mark.parametrize("name", ['a "quoted" name', "back\\slash", "ümläut", "{{advice}}", "#x: y"])
def test_any_folder_name_makes_a_valid_title(tmp_path: Path, name: str) -> None:
    file = write_scenario(tmp_path / name, Questionnaire(answers={1: YES}, facts=Facts()))
    assert load_scenario(file.parent).title


def test_block_is_short_to_read() -> None:
    text = advice_block(Questionnaire(answers={1: YES, 2: UNSURE}, facts=Facts(updates_per_month=8.0)))
    assert text == "advice:\n  answers: {1: yes, 2: unsure}\n  facts: {updates_per_month: 8}\n"
