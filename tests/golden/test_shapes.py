"""Labels of every tool's rows: read where the data says them, unlabelled and named where it does not, never made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.evidence.carry import carries
from harness.golden.imported import Imported, write_imported
from harness.golden.importers.columns import named_columns
from harness.golden.importers.formats import FORMATS, SHAPES, import_data
from harness.golden.importers.tables import Source
from harness.golden.load import load_cases
from harness.golden.remarks import remark_lines, rule_counts
from harness.types import Evidence


def read(name: str, folder: Path, rows: Any, **options: Any) -> Imported:
    """The rows as a JSON file (a list or object), or as a CSV or YAML file (text), imported."""
    ending = "json" if not isinstance(rows, str) else "yaml" if rows.lstrip().startswith(("tests:", "- ")) else "csv"
    file = folder / f"source.{ending}"
    file.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return import_data(name, Source(file, **options))


def said(imported: Imported) -> str:
    return "\n".join(remark_lines(imported.remarks))


# --- A1: what a system answered is not the reference -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "unread"),
    [
        ({"question": "Q?", "answer": "wrong", "contexts": ["c"], "ground_truth": "right"}, "answer, contexts"),
        ({"question": "Q?", "answer": "wrong", "contexts": ["c"], "ground_truths": ["right"]}, "answer, contexts"),
        ({"user_input": "Q?", "response": "wrong", "retrieved_contexts": ["c"], "reference": "right"}, "response"),
        ({"input": "Q?", "actual_output": "wrong", "retrieval_context": ["c"], "expected_output": "right"}, "actual"),
        ({"input": "Q?", "actualOutput": "wrong", "expectedOutput": "right"}, "actual_output"),
        ({"query": "Q?", "prediction": "wrong", "reference_answer": "right"}, "prediction"),
        ({"question": "Q?", "answer": "wrong", "expected_answer": "right"}, "answer"),
    ],
)
@pytest.mark.parametrize("name", ["jsonl", "ragas", "deepeval"])
def test_the_reference_is_read_and_the_systems_answer_named(
    tmp_path: Path, name: str, row: dict[str, Any], unread: str
) -> None:
    imported = read(name, tmp_path, [row])
    assert [case.accept for case in imported.cases] == [("right",)]
    assert all(not case.evidence for case in imported.cases)
    assert f"a system's own answers and passages: {unread}" in said(imported)


def test_where_the_systems_answer_has_a_name_of_its_own_answer_is_the_reference(tmp_path: Path) -> None:
    row = {"query": "Q?", "answer": "right", "result": "wrong", "source_documents": ["c"]}
    imported = read("jsonl", tmp_path, [row])
    assert imported.cases[0].accept == ("right",)
    assert "answers and passages: result, source_documents" in said(imported)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("jsonl", {"question": "Q?", "answer": "wrong", "contexts": ["c"]}),
        ("jsonl", {"question": "Q?", "response": "wrong"}),
        ("jsonl", {"input": "Q?", "output": "wrong"}),
        ("ragas", {"question": "Q?", "answer": "wrong"}),
        ("jsonl", {"question": "Q?", "answer": "wrong", "retrieved_contexts": ["c"]}),
    ],
)
def test_a_systems_answer_alone_is_no_label(tmp_path: Path, name: str, row: dict[str, Any]) -> None:
    with pytest.raises(
        InputError, match=r"no answer column.*found the columns .*expected one of the columns accept, gro"
    ):
        read(name, tmp_path, [row])


def test_a_column_by_hand(tmp_path: Path) -> None:
    table = "Frage;Antwort\nWann?;mittags\n"
    with pytest.raises(InputError, match="no question column and no answer column; found the columns frage, antwort"):
        read("csv", tmp_path, table)
    columns = named_columns(["question=Frage", "accept=Antwort"])
    assert read("csv", tmp_path, table, columns=columns).cases[0].accept == ("mittags",)
    with pytest.raises(InputError, match="no column 'fragen'"):
        read("csv", tmp_path, table, columns={"question": "Fragen"})
    with pytest.raises(InputError, match="expected FIELD=COLUMN"):
        named_columns(["frage"])


def test_columns_of_no_known_name_are_named(tmp_path: Path) -> None:
    imported = read("csv", tmp_path, "question,answer,difficulty\nQ?,a,hard\n")
    assert "columns of no known name: difficulty" in said(imported)


# --- A2: no label is unlabelled, never unanswerable ------------------------------------------------------------------


@pytest.mark.parametrize("empty", ["", None, float("nan"), "nan", "None", "#N/A", " ", []])
def test_a_row_without_a_label_is_unlabelled_and_named(tmp_path: Path, empty: Any) -> None:
    rows = [{"question": "Q1?", "ground_truth": "a"}, {"question": "Q2?", "ground_truth": empty, "contexts": ["c"]}]
    imported = read("jsonl", tmp_path, rows)
    assert [(case.kind, case.accept) for case in imported.cases] == [("lookup", ("a",)), ("lookup", ())]
    assert rule_counts(imported.remarks)["unlabelled"] == 1
    assert "source.json: item 2: unlabelled: " in said(imported)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("jsonl", {"question": "Q?", "answer": "", "kind": "unanswerable"}),
        ("jsonl", {"question": "Q?", "answer": "", "is_impossible": True}),
        ("csv", "question,answer,unanswerable\nQ?,,yes\n"),
        ("promptfoo", "query,__expected\nQ?,is-refusal\n"),
        ("promptfoo", 'tests:\n- vars: {question: "Q?"}\n  assert: [{type: is-refusal}]\n'),
    ],
)
def test_unanswerable_is_what_the_data_says_is(tmp_path: Path, name: str, row: Any) -> None:
    (case,) = read(name, tmp_path, row if isinstance(row, str) else [row]).cases
    assert (case.kind, case.accept) == ("unanswerable", ())


def test_a_word_in_a_list_of_answers_is_an_answer(tmp_path: Path) -> None:
    assert read("jsonl", tmp_path, [{"question": "Fee?", "answers": ["none", "no fee"]}]).cases[0].accept == (
        "none",
        "no fee",
    )


def test_no_label_anywhere_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of 2 rows has an answer: no value in 'reference'; a hidden test file"):
        read("jsonl", tmp_path, [{"question": "Q1?", "reference": None}, {"question": "Q2?", "reference": None}])


# --- promptfoo -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "accept", "points"),
    [
        ("noon", ("noon",), ()),
        ("equals: noon", ("noon",), ()),
        ("icontains-any: noon, 12 o'clock", ("noon", "12 o'clock"), ()),
        ("contains-all: noon, pier 4", (), ("noon", "pier 4")),
        ("similar(0.9): at noon", ("at noon",), ()),
        ("factuality: It leaves at noon", ("It leaves at noon",), ()),
        ("Note: at noon", ("Note: at noon",), ()),
        ("llm-rubric: is polite", (), ()),
        ("not-contains: midnight", (), ()),
        ("javascript: output.length < 9", (), ()),
    ],
)
def test_promptfoo_cells(tmp_path: Path, cell: str, accept: tuple[str, ...], points: tuple[str, ...]) -> None:
    imported = read("csv", tmp_path, f'city,question,__expected\nX,Other?,yes\nX,When?,"{cell}"\n')
    case = imported.cases[1]
    assert (case.accept, case.key_points, case.kind) == (accept, points, "lookup")
    assert imported.recognised.startswith("promptfoo tests")
    assert "variables: city" in said(imported)
    assert accept or "unlabelled" in said(imported)


def test_promptfoo_assertions_hold_together(tmp_path: Path) -> None:
    tests = """
tests:
- vars: {question: "When?", context: "It leaves at noon."}
  assert: [{type: icontains, value: noon}, {type: latency, threshold: 900}]
- vars: {question: "Where and when?"}
  assert: [{type: icontains, value: pier 4}, {type: icontains, value: noon}]
- {vars: {question: "Why?"}}
defaultTest: {assert: [{type: llm-rubric, value: polite}]}
"""
    imported = read("promptfoo", tmp_path, tests.lstrip())
    first, second, third = imported.cases
    assert (first.accept, len(first.evidence), second.accept, second.key_points) == (
        ("noon",), 1, (), ("pier 4", "noon"),
    )  # fmt: skip
    assert third.accept == ()
    assert "assertion 'llm-rubric'" in said(imported)
    assert "assertion 'latency'" in said(imported)
    with pytest.raises(InputError, match="no variable is known as the question; found a, b"):
        read("csv", tmp_path, "a,b,__expected\n1,2,3\n")


def test_promptfoo_templates_take_the_tests_variables(tmp_path: Path) -> None:
    tests = """
tests:
- vars: {question: "When?", expected: noon}
- vars: {question: "Where?", expected: pier 4}
  assert: [{type: similar, value: "file://answers/pier.txt"}]
defaultTest: {assert: [{type: icontains, value: "{{ expected }}"}]}
"""
    imported = read("promptfoo", tmp_path, tests.lstrip())
    assert [case.accept for case in imported.cases] == [("noon",), ("pier 4",)]
    assert "assertion 'similar of a template or file'" in said(imported)


# --- other tools -----------------------------------------------------------------------------------------------------


def test_langsmith_nested_flat_and_results(tmp_path: Path) -> None:
    nested = [{"id": "e1", "inputs": {"question": "When?"}, "outputs": {"answer": "noon"}, "metadata": {}}]
    flat = "inputs.question,outputs.answer\nWhen?,noon\n"
    single = "input_question,output_answer\nWhen?,noon\n"
    cells = "inputs,outputs\n\"{'question': 'When?'}\",\"{'answer': 'noon'}\"\n"
    for rows in (nested, flat, single, cells):
        (case,) = read("langsmith", tmp_path, rows).cases
        assert (case.question, case.accept) == ("When?", ("noon",))
    results = "inputs.question,outputs.answer,reference.answer\nWhen?,midnight,noon\n"
    imported = read("csv", tmp_path, results)
    assert imported.cases[0].accept == ("noon",)
    assert "outputs: a system's own beside the reference" in said(imported)
    chat = [{"inputs": {"messages": [{"role": "user", "content": "When?"}]}, "outputs": {"output": "noon"}}]
    assert read("langsmith", tmp_path, chat).cases[0].question == "When?"
    with pytest.raises(InputError, match="inputs has the keys a, b"):
        read("langsmith", tmp_path, [{"inputs": {"a": "1", "b": "2"}, "outputs": {"answer": "x"}}])


def test_token_counts_make_no_langsmith_row(tmp_path: Path) -> None:
    imported = read("csv", tmp_path, "question,answer,input_tokens,output_tokens\nQ?,a,5,6\n")
    assert imported.recognised.startswith("one question a row")


def test_openai_evals(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Be brief."}
    asked = {"role": "user", "content": "When?"}
    talk = [asked, {"role": "assistant", "content": "Who?"}, asked]
    rows = [
        {"input": [system, asked], "ideal": "noon"},
        {"input": "Where?", "ideal": ["pier 4", "fourth pier"]},
        {"input": talk, "ideal": "noon"},
    ]
    imported = read("openai", tmp_path, rows)
    assert [case.accept for case in imported.cases] == [("noon",), ("pier 4", "fourth pier")]
    assert "left out: a conversation of 2 turns" in said(imported)
    assert "system message: Be brief." in said(imported)
    (case,) = read("openai", tmp_path, [{"item": {"question": "When?", "reference": "noon"}}]).cases
    assert case.accept == ("noon",)


def test_autorag_with_its_corpus(tmp_path: Path) -> None:
    (tmp_path / "qa.jsonl").write_text(
        json.dumps({"qid": "q", "query": "When?", "retrieval_gt": [["a"], ["b", "c"]], "generation_gt": ["noon", "12"]})
    )
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps({"doc_id": i, "contents": i * 3}) + "\n" for i in "abc"))
    imported = import_data("autorag", Source(tmp_path))
    (case,) = imported.cases
    assert (case.id, case.accept, case.kind) == ("q", ("noon", "12"), "multi_hop")
    assert case.evidence == (Evidence(id="a"), Evidence(id="b"), Evidence(id="c"))
    assert {passage.id for passage in imported.passages} == {"a", "b", "c"}
    assert "b or c: alternatives" in said(imported)


def test_trulens(tmp_path: Path) -> None:
    row = {"query": "When?", "query_id": "7", "expected_response": "noon", "expected_chunks": [{"text": "At noon."}]}
    (case,) = read("trulens", tmp_path, [row]).cases
    assert (case.id, case.accept, len(case.evidence)) == ("7", ("noon",), 1)
    with pytest.raises(InputError, match="'response' may be a system's own answer"):
        read("trulens", tmp_path, [{"query": "When?", "response": "noon"}])


def test_squads_flat_shape(tmp_path: Path) -> None:
    context = {"context": "It leaves at noon.", "title": "Ferry_times"}
    answered = {
        "id": "1",
        "question": "When?",
        "answers": {"text": ["noon", "noon"], "answer_start": [1, 1]},
        **context,
    }
    empty = {"id": "2", "question": "Why?", "answers": {"text": [], "answer_start": []}, **context}
    imported = read("jsonl", tmp_path, [answered, empty])
    assert [(case.kind, case.accept) for case in imported.cases] == [("lookup", ("noon",)), ("unanswerable", ())]
    assert "1 rows with an empty 'text' as unanswerable" in said(imported)
    with pytest.raises(InputError, match=r"none of 1 rows has an answer"):
        read("jsonl", tmp_path, [{k: v for k, v in {**empty, "context": ""}.items() if k != "context"}])
    cell = "\"{'text': array(['noon'], dtype=object), 'answer_start': array([3])}\""
    assert read("csv", tmp_path, f"question,context,answers\nWhen?,At noon.,{cell}\n").cases[0].accept == ("noon",)
    (case,) = read("squad", tmp_path, [answered]).cases
    assert case.source == "Ferry_times"


def test_hotpotqa_in_both_shapes(tmp_path: Path) -> None:
    classic = {
        "_id": "h", "question": "Who built the boat of the pier?", "answer": "Ada",
        "context": [["Pier", ["The Tern lies here. ", "Old."]], ["Tern", ["Ada built the Tern."]], ["Gull", ["x"]]],
        "supporting_facts": [["Pier", 0], ["Tern", 0]], "type": "bridge", "level": "hard",
    }  # fmt: skip
    hub = {
        **classic,
        "context": {"title": ["Pier", "Tern"], "sentences": [["The Tern lies here. "], ["Ada built the Tern."]]},
        "supporting_facts": {"title": ["Pier", "Tern"], "sent_id": [0, 0]},
    }
    for row in (classic, hub):
        imported = read("jsonl", tmp_path, [row])
        (case,) = imported.cases
        assert (case.accept, case.kind) == (("Ada",), "multi_hop")
        assert case.evidence == (Evidence("Pier", "The Tern lies here."), Evidence("Tern", "Ada built the Tern."))
        assert all(any(carries(item, passage) for passage in imported.passages) for item in case.evidence)


def test_open_domain_questions_take_marked_passages_as_evidence(tmp_path: Path) -> None:
    gold, other = {"title": "T", "text": "At noon.", "isgold": True}, {"title": "U", "text": "At six."}
    imported = read("jsonl", tmp_path, [{"question": "When?", "answers": ["noon"], "ctxs": [gold, other]}])
    assert (len(imported.passages), len(imported.cases[0].evidence)) == (2, 1)
    row = {"question": "When?", "answers": ["noon"], "positive_ctxs": [gold], "negative_ctxs": [other]}
    assert len(read("dpr", tmp_path, [row]).cases[0].evidence) == 1


@pytest.mark.parametrize("item", [None, "", [], "a passage as plain text"])
def test_a_passage_of_dpr_that_is_empty_or_plain_text_is_read_as_such(item: object, tmp_path: Path) -> None:
    gold = {"title": "A", "text": "The tower is 90 metres high.", "isgold": True}
    row = {"question": "How high is the tower?", "answers": ["90 metres"], "ctxs": [gold, item]}
    imported = read("dpr", tmp_path, [row])
    assert len(imported.cases[0].evidence) == 1
    assert len(imported.passages) == (2 if isinstance(item, str) and item else 1)


def test_multiple_choice_and_classified_texts(tmp_path: Path) -> None:
    for table in ("question,choice0,choice1,answer\nQ?,red,blue,1\n", "question,A,B,answer\nQ?,red,blue,B\n"):
        (case,) = read("csv", tmp_path, table).cases
        assert (case.question, case.accept) == ("Q?\nA. red\nB. blue", ("blue",))
    with pytest.raises(InputError, match="answer '5' is none of its 2 choices"):
        read("csv", tmp_path, "question,A,B,answer\nQ?,red,blue,5\n")
    imported = read("csv", tmp_path, "text,label\nmy bag is gone,lost\nwhere do I pay,fees\n")
    assert [case.accept for case in imported.cases] == [("lost",), ("fees",)]
    assert imported.system is not None
    assert "- fees\n- lost" in imported.system


# --- A3, A4, A6: cells and ids ---------------------------------------------------------------------------------------


def test_lists_in_cells_are_lists_and_a_bar_is_text_where_one_answer_stands(tmp_path: Path) -> None:
    table = 'question,ground_truth,contexts\nQ?,a | b,"[\'first\', \'second\']"\nR?,"[""x"", ""y""]",one | whole\n'
    imported = read("csv", tmp_path, table)
    assert [case.accept for case in imported.cases] == [("a | b",), ("x", "y")]
    assert [passage.text for passage in imported.passages] == ["first", "second", "one | whole"]
    assert "'ground_truth' is one answer with its '|'" in said(imported)
    (case,) = read("csv", tmp_path, "question,accept\nQ?,a \\| b|c\n").cases
    assert case.accept == ("a | b", "c")
    (case,) = read("deepeval", tmp_path, "input,expected_output,context\nQ?,a,one|two\n").cases
    assert len(case.evidence) == 2


def test_an_object_where_an_answer_should_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'answer' is an object with the keys city, year"):
        read("jsonl", tmp_path, [{"question": "Q?", "answer": {"city": "X", "year": 3}}])
    assert read("csv", tmp_path, 'question,answer\nQ?,"{""city"": ""X""}"\n').cases[0].accept == ('{"city": "X"}',)


def test_answers_with_aliases_and_passages_of_langchain(tmp_path: Path) -> None:
    row = {"question": "Q?", "answer": {"value": "UK", "aliases": ["Britain"]}, "context": [{"page_content": "In UK."}]}
    imported = read("jsonl", tmp_path, [row])
    assert imported.cases[0].accept == ("UK", "Britain")
    assert imported.passages[0].text == "In UK."


def test_one_passage_id_for_two_texts_is_an_error(tmp_path: Path) -> None:
    rows = [{"question": f"Q{n}?", "answer": "a", "context": [{"id": "p", "text": f"text {n}"}]} for n in range(2)]
    with pytest.raises(InputError, match="passage id 'p' stands for two texts, 'text 0' and 'text 1'"):
        read("jsonl", tmp_path, rows)


def test_ids_are_made_unique_and_named(tmp_path: Path) -> None:
    rows = [{"id": i, "question": f"Q{n}?", "answer": "a"} for n, i in enumerate(["x", "x-2", "x", None, 3.0, 3.0])]
    imported = read("jsonl", tmp_path, rows)
    ids = [case.id for case in imported.cases]
    assert ids == ["x", "x-2", "x-3", "row-0004", "3", "3-2"]
    assert rule_counts(imported.remarks)["repeated id"] == 2


def test_what_is_written_can_be_loaded(tmp_path: Path) -> None:
    """Dates of other forms, answers of unanswerable rows, foreign categories: named, and the folder loads."""
    rows = [
        {"question": "Q1?", "answer": "a", "date": "14.03.2026", "category": "billing"},
        {"question": "Q2?", "answer": "It is not said.", "kind": "unanswerable", "contexts": None},
        {"question": " ", "answer": "b"},
    ]
    imported = read("jsonl", tmp_path, rows)
    text = said(imported)
    for part in ("date '14.03.2026'", "category 'billing'", "answer 'It is not said.'", "left out: no question"):
        assert part in text
    write_imported(imported, tmp_path / "s", "t", 7)
    assert len(load_cases(tmp_path / "s" / "golden.jsonl")) == 2


def test_conversations_are_left_out_and_training_data_shown_the_way(tmp_path: Path) -> None:
    talk = [{"content": "Hi", "type": "human"}, {"content": "Hello", "type": "ai"}]
    rows = [{"user_input": talk, "reference": "r"}, {"user_input": "Q?", "reference": "r"}]
    assert "left out: a conversation of several turns" in said(read("ragas", tmp_path, rows))
    with pytest.raises(InputError, match="'messages' looks like tuning data: harness examples import reads it"):
        read("jsonl", tmp_path, [{"messages": []}, {"messages": [{"role": "user"}]}])
    with pytest.raises(InputError, match="conversational goldens"):
        read("deepeval", tmp_path, [{"scenario": "s", "expected_outcome": "o"}])


def test_every_shape_has_a_format_and_every_format_says_what_it_reads() -> None:
    assert set(SHAPES) <= set(FORMATS)
    assert all(row.title and row.reads and row.refuses for row in FORMATS.values())
    with pytest.raises(InputError, match="format 'ragaz' is not known; expected one of: csv, jsonl"):
        import_data("ragaz", Source(Path("x")))


# --- real files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path", "cases", "passages", "recognised"),
    [
        ("csv", "insurance_tickets/test.tsv", 68, 0, "classified texts"),
        ("csv", "banking77/test.csv", 3080, 0, "classified texts"),
        ("jsonl", "nq_oracle/nq-open-oracle.jsonl.gz", 2655, 2599, "open-domain questions"),
        ("csv", "finetunebench_people/secondary.csv", 150, 0, "one question a row"),
        ("csv", "finetunebench_people/responses_rephrased.csv", 150, 0, "one question a row"),
        ("csv", "emanual_s10", 50, 0, "one question a row"),
        ("csv", "mmlu/test/global_facts_test.csv", 100, 0, "multiple choice"),
    ],
)
def test_real_files_without_hand_work(
    shared_data: Path, name: str, path: str, cases: int, passages: int, recognised: str
) -> None:
    imported = import_data(name, Source(shared_data / path))
    assert (len(imported.cases), len(imported.passages)) == (cases, passages)
    assert imported.recognised.startswith(recognised)
    assert all(case.accept for case in imported.cases)
    assert len({case.id for case in imported.cases}) == cases


@pytest.mark.parametrize("path", ["xstest/xstest_prompts.csv", "advbench/advbench.csv", "qags_cnndm/mturk_cnndm.jsonl"])
def test_real_files_that_are_no_golden_sets_are_refused(shared_data: Path, path: str) -> None:
    with pytest.raises(InputError, match=r"no (question|answer) column; found the columns"):
        import_data("jsonl", Source(shared_data / path))


def test_a_row_of_another_shape_than_its_format_has_is_one_message(tmp_path: Path) -> None:
    whole = {"id": "1", "question": "What?", "context": "It is so.", "answers": {"text": ["so"], "answer_start": [6]}}
    file = tmp_path / "squad.jsonl"
    rows = [whole, {key: value for key, value in whole.items() if key != "context"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match=r"a row is not as .* has it \(KeyError: 'context'\)"):
        import_data("squad", Source(file))
