"""Instruction data of every form -> examples; what cannot be one is named and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.golden.importers.tables import Source, read_table
from harness.golden.load import load_examples
from harness.golden.remarks import remark_lines, rule_counts
from harness.tuning.example_file import example_row, write_new
from harness.tuning.importers import FORMATS, ImportedExamples, import_examples

Q, A = "How long is a tent lent?", "2 nights."
USER, ASSISTANT = {"role": "user", "content": Q}, {"role": "assistant", "content": A}


def read(name: str, folder: Path, rows: Any) -> ImportedExamples:
    file = folder / ("source.csv" if isinstance(rows, str) else "source.json")
    file.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return import_examples(name, read_table(Source(file)))


def said(imported: ImportedExamples) -> str:
    return "\n".join(remark_lines(imported.remarks))


@pytest.mark.parametrize(
    ("name", "row", "user"),
    [
        ("alpaca", {"instruction": Q, "input": "", "output": A}, Q),
        ("alpaca", {"instruction": "Answer.", "input": Q, "output": A, "history": []}, f"Answer.\n\n{Q}"),
        ("chat", {"messages": [USER, ASSISTANT]}, Q),
        ("chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": Q}]}, ASSISTANT]}, Q),
        ("sharegpt", {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]}, Q),
        ("completion", {"prompt": Q, "completion": A}, Q),
        ("completion", {"prompt": [USER], "completion": [ASSISTANT]}, Q),
        ("completion", {"prompt": f"{Q}\n\n###\n\n", "completion": f" {A} END"}, Q),
        ("preference", {"prompt": Q, "chosen": A, "rejected": "No."}, Q),
        ("preference", {"chosen": [USER, ASSISTANT], "rejected": [USER, {"role": "assistant", "content": "No."}]}, Q),
        (
            "preference",
            {"chosen": f"\n\nHuman: {Q}\n\nAssistant: {A}", "rejected": f"\n\nHuman: {Q}\n\nAssistant: No."},
            Q,
        ),
        (
            "preference",
            {
                "input": {"messages": [USER]},
                "preferred_output": [ASSISTANT],
                "non_preferred_output": [{"role": "assistant", "content": "No."}],
            },
            Q,
        ),
    ],
)
def test_each_form(tmp_path: Path, name: str, row: dict[str, Any], user: str) -> None:
    imported = read(name, tmp_path, [row])
    (example,) = imported.examples
    assert (example.user, example.output, example.use) == (user, A, "both")
    assert example.rejected == ("No." if name == "preference" else None)
    write_new(tmp_path / "out.jsonl", map(example_row, imported.examples))
    (loaded,) = load_examples(tmp_path / "out.jsonl")
    assert (loaded.user, loaded.output, loaded.rejected) == (user, A, example.rejected)
    with pytest.raises(InputError, match="exists already"):
        write_new(tmp_path / "out.jsonl", map(example_row, imported.examples))


def test_a_context_makes_an_open_book_example(tmp_path: Path) -> None:
    (example,) = read("alpaca", tmp_path, [{"instruction": Q, "context": "Tents: 2 nights.", "response": A}]).examples
    assert example.use == "open_book"
    assert example.context is not None
    assert example.context[0].text == "Tents: 2 nights."


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("alpaca", {"instruction": Q, "output": " "}, "its answer is empty"),
        ("alpaca", {"instruction": Q, "output": A, "history": [["Hi", "Hello"]]}, "it goes on a conversation"),
        ("chat", {"messages": [USER]}, "do not begin with a question and an answer"),
        ("chat", {"messages": [USER, {"role": "assistant", "content": None, "tool_calls": [{}]}]}, "it calls tools"),
        ("chat", {"messages": [USER, {**ASSISTANT, "weight": 0}]}, "its first answer has weight 0"),
        (
            "chat",
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, ASSISTANT]},
            "pictures or files",
        ),
        ("completion", {"prompt": Q, "completion": A, "label": False}, "its label says that the answer is a bad one"),
        ("preference", {"prompt": Q, "chosen": A, "rejected": A}, "chosen and rejected are the same"),
        ("preference", {"prompt": Q, "chosen": A, "rejected": None}, "no rejected answer"),
    ],
)
def test_what_is_no_example_is_named_and_counted(tmp_path: Path, name: str, row: dict[str, Any], reason: str) -> None:
    good = {
        "alpaca": {"instruction": Q, "output": A},
        "chat": {"messages": [USER, ASSISTANT]},
        "completion": {"prompt": Q, "completion": A},
        "preference": {"prompt": Q, "chosen": A, "rejected": "No."},
    }[name]
    imported = read(name, tmp_path, [good, row])
    assert len(imported.examples) == 1
    assert rule_counts(imported.remarks) == {"left out": 1}
    assert reason in said(imported)
    with pytest.raises(InputError, match="none of 1 rows is an example"):
        read(name, tmp_path, [row])


def test_later_turns_system_messages_and_marks_are_said(tmp_path: Path) -> None:
    system = {"role": "system", "content": "Be brief."}
    rows = [
        {"messages": [system, USER, ASSISTANT, USER, ASSISTANT]},
        {"messages": [system, USER, {"role": "assistant", "content": "2 nights.<|im_end|>"}]},
    ]
    imported = read("chat", tmp_path, rows)
    assert imported.systems == ("Be brief.",)
    text = said(imported)
    assert "system message of 2 rows ('Be brief.'): every arm is given the scenario's system.md" in text
    assert "item 1: note: first exchange of a longer conversation" in text
    assert "item 2: finding: its output holds '<|im_end|>'" in text


def test_an_answer_that_is_json_stays_text(tmp_path: Path) -> None:
    (example,) = read("completion", tmp_path, [{"prompt": Q, "completion": '["2 nights", "3 nights"]'}]).examples
    assert example.output == '["2 nights", "3 nights"]'
    (example,) = read("alpaca", tmp_path, [{"instruction": Q, "output": {"nights": 2}}]).examples
    assert example.output == '{"nights": 2}'


def test_another_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not Alpaca instructions: found the columns messages; .*it looks like chat"):
        read("alpaca", tmp_path, [{"messages": [USER, ASSISTANT]}])
    with pytest.raises(InputError, match="format 'alpacca' is not known; expected one of: preference, alpaca"):
        read("alpacca", tmp_path, [{"messages": []}, {"messages": [USER]}])
    assert read("alpaca", tmp_path, "instruction;output\nWhy?;So.\n").examples[0].output == "So."
    assert all(row.title and row.reads for row in FORMATS.values())


@pytest.mark.parametrize(
    ("row", "command"),
    [
        ({"instruction": Q, "output": A}, "import alpaca"),
        ({"messages": [USER, ASSISTANT]}, "import chat"),
        ({"conversations": []}, "import sharegpt"),
        ({"prompt": Q, "completion": A}, "import completion"),
        ({"prompt": Q, "chosen": A, "rejected": "x"}, "import preference"),
    ],
)
def test_a_scenario_with_another_form_names_the_importer(tmp_path: Path, row: dict[str, Any], command: str) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps(row))
    with pytest.raises(InputError, match=rf"t\.jsonl:1: unknown key .* harness examples {command} "):
        load_examples(tmp_path / "t.jsonl")


def test_real_conversations(shared_data: Path) -> None:
    imported = import_examples("chat", read_table(Source(shared_data / "json_mode" / "json_mode_dataset.jsonl")))
    assert len(imported.examples) == 500
    assert imported.systems == ("JSON Mode: Enabled",)
