"""Reading the form of answers: strict at first, repaired once, and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.refusals import is_refusal
from harness.structured import FormDemand, cited_labels, read_form, without_marks, without_thoughts

SCHEMA = {
    "type": "object",
    "properties": {
        "status": {"enum": ["ok", "refused"]},
        "answer": {"type": "string", "minLength": 1},
        "citations": {"type": "array", "items": {"type": "string", "pattern": "^S[0-9]+$"}},
    },
    "required": ["status", "answer", "citations"],
    "additionalProperties": False,
}
HOUSE = FormDemand(SCHEMA, "answer", "status", "refused", "citations", "The pages do not say.")
GOOD = '{"status": "ok", "answer": "50 GB.", "citations": ["S2", "S1", "S2"]}'


def test_a_valid_object_is_read_at_first_try() -> None:
    reading = read_form(f"  {GOOD}\n", HOUSE)
    assert (reading.text, reading.cited, reading.refused) == ("50 GB.", ("S2", "S1"), False)
    assert reading.form.first_try
    assert reading.form.valid
    assert not reading.form.repaired
    assert reading.parsed is not None


@pytest.mark.parametrize(
    "raw",
    [
        f"```json\n{GOOD}\n```",
        f"Here it is: {GOOD}",
        GOOD.replace('"', "'"),
        GOOD[:-1] + ",}",
        GOOD.replace('"status": "ok"', '"status": "refused", "status": "ok"'),  # readers would disagree
    ],
)
def test_broken_syntax_is_repaired_once_and_counted(raw: str) -> None:
    reading = read_form(raw, HOUSE)
    assert (reading.form.first_try, reading.form.valid, reading.form.repaired) == (False, True, True)
    assert reading.text == "50 GB."
    assert reading.form.error is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("The limit is 50 GB.", "The limit is 50 GB."),
        ('{"status": "fine", "answer": "50 GB.", "citations": []}', "50 GB."),
        ('{"status": "ok", "answer": "50 GB."}', "50 GB."),
        ('{"status": "ok", "answer": "x", "citations": [], "more": 1}', "x"),
        ("[1, 2]", "[1, 2]"),
        ("", ""),
        ("{" * 5000, "{" * 5000),
        ("[" * 100_000, "[" * 100_000),
        ('{"status": NaN}', '{"status": NaN}'),
    ],
)
def test_what_a_repair_cannot_mend_is_a_form_failure_with_its_reason(raw: str, text: str) -> None:
    reading = read_form(raw, HOUSE)
    assert not reading.form.valid
    assert reading.form.repaired
    assert reading.form.error
    assert reading.parsed is None
    assert reading.text == text


@pytest.mark.parametrize("example", [GOOD.replace("50", "9"), '{"answer": "9 {GB}"}', "As [S1] says: {}", "{"])
def test_the_last_whole_object_is_the_answer(example: str) -> None:
    reading = read_form(f"Such as {example}, so:\n{GOOD}\nI hope it's what you need :-}}", HOUSE)
    if example == "{":  # a stray brace before the object leaves none whole
        assert not reading.form.valid
        return
    assert (reading.text, reading.form.valid, reading.form.first_try) == ("50 GB.", True, False)


def test_a_whole_object_before_one_that_was_cut_off_is_the_answer() -> None:
    reading = read_form(f"{GOOD}\n{GOOD.replace('50', '9')[:-9]}", HOUSE)
    assert (reading.text, reading.form.valid) == ("50 GB.", True)


@pytest.mark.parametrize("raw", [GOOD[:-1], GOOD[:-6], f"```json\n{GOOD[:-1]}", f"So: {GOOD[:-2]}"])
def test_an_object_that_was_cut_off_is_read_and_never_valid(raw: str) -> None:
    reading = read_form(raw, HOUSE)
    assert (reading.text, reading.form.valid, reading.parsed) == ("50 GB.", False, None)
    assert reading.form.error == "cut off: an object is not closed"


def test_a_stray_quote_inside_a_text_is_mended() -> None:
    reading = read_form(GOOD.replace("50 GB.", 'the "big" one'), HOUSE)
    assert reading.form.valid


def test_a_list_that_is_demanded_is_read_whole() -> None:
    rows = FormDemand({"type": "array", "items": {"type": "object"}, "minItems": 2})
    assert read_form('Rows: [{"a": 1}, {"a": 2}]', rows).form.valid
    assert not read_form(f"[{GOOD}]", HOUSE).form.valid


def test_formats_and_the_draft_that_a_schema_names_count() -> None:
    day = {"type": "object", "properties": {"on": {"type": "string", "format": "date"}}, "required": ["on"]}
    assert read_form('{"on": "2026-02-28"}', FormDemand(day)).form.valid
    wrong = read_form('{"on": "2026-02-30"}', FormDemand(day)).form
    assert wrong.error == "at on: '2026-02-30' is not a 'date'"
    pair = {"type": "object", "properties": {"p": {"type": "array", "items": [{"type": "string"}]}}}
    old = {"$schema": "http://json-schema.org/draft-07/schema#", **pair}
    assert not read_form('{"p": [1]}', FormDemand(old)).form.valid


def test_a_repair_never_invents_a_required_value() -> None:
    assert not read_form('{"answer": "50 GB.", "citations": []', HOUSE).form.valid


@pytest.mark.parametrize(
    "raw",
    [
        '{"status": "refused", "answer": "Cannot say.", "citations": []}',
        '{"status": "ok", "answer": "the pages do NOT say", "citations": []}',
        "The pages do not say. [S1]",
    ],
)
def test_a_refusal_by_status_or_by_words(raw: str) -> None:
    assert read_form(raw, HOUSE).refused


def test_a_sentence_that_goes_on_after_the_refusal_is_an_answer() -> None:
    assert not is_refusal("The pages do not say. But it is 50 GB.", "The pages do not say.")
    assert not is_refusal("", "...")
    assert not is_refusal("anything", None)


@pytest.mark.parametrize(
    "raw",
    [
        "<think>Is it 9 GB [S2]?\nNo.</think>50 GB [S1].",
        "\n<THINKING>\n9 GB?\n</THINKING>\n\n50 GB [S1].",
        "Is it 9 GB?\n</think>\n\n50 GB [S1].",  # the prompt opened the thought
        "<think></think>\n<think>9?</think>\n50 GB [S1].",
        "[THINK]9 GB?[/THINK]50 GB [S1].",
        "<reasoning>9 GB?</reasoning>\n50 GB [S1].",
        "<|channel|>analysis<|message|>9 GB?<|end|><|start|>assistant<|channel|>final<|message|>50 GB [S1].<|return|>",
        "50 GB [S1].\n<think>Or was it 9 GB?</think>",
        "50 GB [S1].\n<think>Or was it",
    ],
)
def test_thoughts_are_not_the_answer(raw: str) -> None:
    reading = read_form(raw, FormDemand(refusal="No."))
    assert (reading.text, reading.cited) == ("50 GB [S1].", ("S1",))


def test_thoughts_before_an_object_are_not_the_answer() -> None:
    reading = read_form(f'<think>{{"answer": "9 GB."}} fits.</think>\n{GOOD}', HOUSE)
    assert (reading.text, reading.form.valid, reading.form.first_try) == ("50 GB.", True, True)
    assert read_form("<think>Hm.</think>The pages do not say.", HOUSE).refused


@pytest.mark.parametrize("raw", ["<think>It is 50. The pages do not say.", "<thought>\nI don't know", "[THINK]50"])
def test_a_thought_that_is_not_closed_leaves_no_answer(raw: str) -> None:
    reading = read_form(raw, FormDemand(refusal="The pages do not say."))
    assert (reading.text, reading.refused) == ("", False)


def test_a_tag_that_is_talked_about_is_no_thought() -> None:
    said = "Close it with `</think>`, not with the <think> tag."
    assert without_thoughts(said) == said
    tagged = GOOD.replace("50 GB.", "a </think> b")
    assert read_form(tagged, HOUSE).text == "a </think> b"


def test_plain_text_has_marks_for_citations() -> None:
    reading = read_form(" The limit is 50 GB [S2, s1] and more [S2]. ", FormDemand(refusal="No."))
    assert reading.cited == ("S2", "S1")
    assert not reading.form.demanded
    assert reading.form.valid
    assert without_marks("50 GB [S1].") == "50 GB ."
    assert cited_labels("[1] S3 [S] [S4 S5]") == ()


def test_citations_that_are_no_list_of_words_are_read_as_far_as_they_can_be() -> None:
    assert read_form('{"citations": ["[S1]", 3, null]}', HOUSE).cited == ("S1",)
    assert read_form('{"citations": "S1"}', HOUSE).cited == ("S1",)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.text('{}[]",:\\ aS1', max_size=60)))
def test_no_text_raises(raw: str) -> None:
    reading = read_form(raw, HOUSE)
    assert reading.form.valid == (reading.parsed is not None)
    assert reading.form.repaired == (not reading.form.first_try)
