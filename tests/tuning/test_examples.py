"""Rows are built as the tuned arm would meet them: its own passages, cited evidence, replay beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.record.measurements import ExampleCounts
from harness.scenario.settings import AnswerFormat, Tuning
from harness.tuning.examples import build_rows, drawn_examples
from harness.types import Evidence, Example, Hit, Passage, Retrieval

PAGES = tuple(Passage(f"p{i}", f"doc{i}.md", f"Page {i}", f"The limit of plan {i} is {i * 10} days.") for i in range(9))
FORMAT = AnswerFormat(schema={}, system="Answer in JSON.", citations_field="citations")


class Fixed:
    """Finds the pages whose numbers a question lists after a colon."""

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        rankings = [[PAGES[int(c)] for c in question.split(":")[1]] for question in questions]
        return [Retrieval(tuple(Hit(page, 1.0) for page in pages), {}) for pages in rankings]


def example(number: int, pages: str, use: str = "open_book", **changes: object) -> Example:
    evidence = (Evidence(doc=f"doc{number}.md", quote=f"plan {number} is"),)
    output = {"status": "ok", "answer": f"{number * 10} days.", "citations": []}
    return replace(Example(f"limit of plan {number}? :{pages}", output, use, None, evidence), **changes)  # type: ignore[arg-type]


def build(examples: list[Example], **changes: object):
    given = {"arm_open_book": True, "retriever": Fixed(), "answer_format": FORMAT, "seed": 3, **changes}
    return build_rows(examples, **given)  # type: ignore[arg-type]


def test_the_label_of_the_evidence_is_cited_wherever_it_was_shuffled_to():
    rows = build([example(i, "1234") for i in (1, 2, 3, 4)])
    assert rows.counts == ExampleCounts(examples=4, replay=0, oracle_inserted=0, without_evidence=0)
    places = set()
    for row in rows.rows:
        answer = json.loads(row.completion)
        (label,) = answer["citations"]
        number = int(answer["answer"].split()[0]) // 10
        assert f"[{label}] Page {number}\n" in row.prompt[-1].content
        places.add(label)
        assert row.prompt[0].content == "Answer in JSON."
    assert len(places) > 1, "the evidence must not always stand in the same place"


def test_evidence_that_retrieval_missed_is_put_in_and_counted():
    rows = build([example(5, "1234"), example(1, "5678")])
    assert rows.oracle_inserted == 2
    for row in rows.rows:
        assert row.prompt[-1].content.count("[S") == 4, "as many passages as at inference"
        assert len(json.loads(row.completion)["citations"]) == 1


def test_an_example_whose_evidence_no_passage_holds_is_left_out():
    rows = build([example(1, "12"), example(8, "12")])
    assert (rows.examples, rows.without_evidence) == (1, 1)
    with pytest.raises(InputError, match="no tuning example is left"):
        build([example(8, "12")])


def test_books_are_kept_apart():
    examples = [example(1, "12"), example(2, "12", "closed_book"), example(1, "12", "both")]
    assert build(examples).examples == 2
    closed = build(examples, arm_open_book=False, retriever=None)
    assert closed.examples == 2
    assert all("[S1]" not in row.prompt[-1].content for row in closed.rows)
    assert all(json.loads(row.completion)["citations"] == [] for row in closed.rows)
    with pytest.raises(InputError, match="no retriever"):
        build(examples, retriever=None)
    with pytest.raises(InputError, match="'open_book' or 'both'"):
        build([example(2, "12", "closed_book")])


def test_refusals_keep_their_distractors_and_cite_nothing():
    refusal = example(1, "234", output={"status": "refused", "answer": "?", "citations": []}, evidence=())
    (row,) = build([refusal]).rows
    assert row.prompt[-1].content.count("[S") == 3
    assert json.loads(row.completion)["citations"] == []


def test_plain_outputs_stay_as_they_are_and_own_contexts_keep_their_order():
    (row,) = build([example(1, "12", output="10 days.")]).rows
    assert row.completion == "10 days."
    (row,) = build([example(2, "", context=PAGES[1:4])]).rows
    assert row.prompt[-1].content.index("Page 1") < row.prompt[-1].content.index("Page 3")
    assert json.loads(row.completion)["citations"] == ["S2"]


def test_replay_has_its_share_and_none_of_the_scenarios_demands():
    general = [Example(f"Question: {i}?", str(i), "both") for i in range(50)]
    rows = build([example(1, "12")] * 90, replay_rows=general, replay_share=0.1)
    assert (rows.examples, rows.replay, len(rows.rows)) == (90, 10, 100)
    replayed = [row for row in rows.rows if row.replay]
    assert len({row.completion for row in replayed}) == 10
    assert all([m.role for m in row.prompt] == ["user"] for row in replayed)


def test_the_same_seed_gives_the_same_rows():
    examples = [example(i % 5, "1234") for i in range(12)]
    assert build(examples).hash == build(examples).hash != build(examples, seed=4).hash


def test_a_book_is_trained_on_no_more_examples_than_the_settings_say_the_same_ones_every_time():
    uses = ["open_book", "closed_book", "both"] * 6
    examples = [Example(f"question {n}", "x", use) for n, use in enumerate(uses)]  # type: ignore[arg-type]
    replay = Example("general", "y", "both", replay=True)
    drawn = drawn_examples([*examples, replay], Tuning(open_book=5, closed_book=9), seed=3)
    own = [example for example in drawn if not example.replay]
    assert [sum(e.use in (book, "both") for e in own) for book in ("open_book", "closed_book")] == [5, 9]
    assert replay in drawn
    assert [e.user for e in drawn] == [e.user for e in (*examples, replay) if e.user in {d.user for d in drawn}]
    assert drawn == drawn_examples([*examples, replay], Tuning(open_book=5, closed_book=9), seed=3)
    assert drawn != drawn_examples([*examples, replay], Tuning(open_book=5, closed_book=9), seed=4)
    assert drawn_examples(examples, Tuning(), seed=3) == tuple(examples)
    assert drawn_examples(examples, Tuning(open_book=99), seed=3) == tuple(examples)
