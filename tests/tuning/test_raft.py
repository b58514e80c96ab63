"""RAFT rows: oracle and distractors, the share without the oracle, order, quotes and labels, and every count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.scenario.settings import AnswerFormat
from harness.tuning.examples import build_rows
from harness.tuning.raft import RaftSettings, Without, raft_examples
from harness.types import Evidence, Example, Hit, Passage, Retrieval

REFUSAL = "The pages do not say."
PLAIN = AnswerFormat(system="Answer.", refusal=REFUSAL)
SCHEMA = {
    "type": "object",
    "required": ["status", "answer", "citations"],
    "properties": {
        "status": {"enum": ["ok", "refused"]},
        "answer": {"type": "string", "maxLength": 60},
        "citations": {"type": "array", "items": {"type": "string"}},
    },
}
FORM = replace(PLAIN, schema=SCHEMA, status_field="status", refused_value="refused", citations_field="citations")
PASSAGES = tuple(Passage(f"p{n}.md#1", f"p{n}.md", f"Page {n}", f"Thing {n} costs {n} euros.") for n in range(20))
COPY = Passage("copy.md#1", "copy.md", "Copy", "An old page. Thing 3 costs 3 euros.")


class Everything:
    """A retriever that ranks every passage, those about the number in the question first."""

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [Retrieval(tuple(Hit(p, 0.0) for p in self._ranked(q)), {}) for q in questions]

    def _ranked(self, question: str) -> list[Passage]:
        number = question.rstrip("?").split()[-1]
        return sorted([*PASSAGES, COPY, PASSAGES[0]], key=lambda p: f"Thing {number} " not in p.text)


def example(n: int, **changes: object) -> Example:
    evidence = (Evidence(doc=f"p{n}.md", quote=f"Thing {n} costs {n} euros."),)
    row = Example(f"What costs thing {n}?", f"{n} euros.", "open_book", evidence=evidence, where=f"train.jsonl:{n}")
    return replace(row, **changes)  # type: ignore[arg-type]


EXAMPLES = tuple(example(n) for n in range(1, 11))


def test_a_share_keeps_the_oracle_and_the_others_refuse() -> None:
    made = raft_examples(EXAMPLES, PASSAGES, Everything(), PLAIN, RaftSettings(oracle_share=0.7), seed=1)
    assert (made.counts.rows, made.counts.oracle, made.counts.refusals, made.counts.closed_book) == (10, 7, 3, 0)
    for row in made.examples:
        number = row.user.rstrip("?").split()[-1]
        holds = [passage for passage in row.context or () if f"Thing {number} " in passage.text]
        assert len(row.context or ()) == 4
        assert len({passage.text for passage in row.context or ()}) == 4
        assert bool(holds) == bool(row.evidence) == (row.output != REFUSAL)
        if holds:
            label = f"S{[p.id for p in row.context or ()].index(holds[0].id) + 1}"
            assert row.output == f"“Thing {number} costs {number} euros.” [{label}] {number} euros."
    places = {[p.id for p in row.context or ()].index(f"p{row.user.split()[-1][:-1]}.md#1") for row in made.examples
              if row.evidence}  # fmt: skip
    assert len(places) > 1, "the oracle always stands in the same place"


@pytest.mark.parametrize(("without", "output"), [("refusal", REFUSAL), ("closed_book", "1 euros.")])
def test_what_a_row_without_its_oracle_answers_is_a_choice(without: Without, output: str) -> None:
    settings = RaftSettings(oracle_share=0, without=without)
    (row,) = raft_examples([example(1)], PASSAGES, Everything(), PLAIN, settings, seed=1).examples
    assert (row.output, row.evidence) == (output, ())


def test_a_copy_of_the_evidence_is_no_distractor() -> None:
    settings = RaftSettings(oracle_share=0, distractors=19)
    made = raft_examples([example(3)], [*PASSAGES, COPY], Everything(), PLAIN, settings, seed=1)
    assert not any("Thing 3 " in passage.text for passage in made.examples[0].context or ())
    assert made.counts.short == 1


def test_rows_do_not_depend_on_the_order_of_examples_but_on_the_seed() -> None:
    def rows(examples: Sequence[Example], seed: int) -> set[tuple[str, str]]:
        made = raft_examples(examples, PASSAGES, Everything(), PLAIN, RaftSettings(), seed)
        return {(row.user, str([p.id for p in row.context or ()])) for row in made.examples}

    assert rows(EXAMPLES, 1) == rows(EXAMPLES[::-1], 1)
    assert rows(EXAMPLES, 1) != rows(EXAMPLES, 2)


def test_a_schema_takes_the_quote_in_its_text_and_the_labels_in_their_field() -> None:
    form = {"status": "ok", "answer": "1 euros.", "citations": []}
    settings = RaftSettings(oracle_share=1)
    rows = [example(1, output=form), example(2, output={**form, "answer": "2 euros, as ever and always, they say."})]
    made = raft_examples(rows, PASSAGES, Everything(), FORM, settings, seed=1)
    (row,) = made.examples
    label = f"S{[p.id for p in row.context or ()].index('p1.md#1') + 1}"
    assert row.output == {"status": "ok", "answer": "“Thing 1 costs 1 euros.” 1 euros.", "citations": [label]}
    assert made.counts.left_out == {"the schema does not allow the quote before the answer": 1}


def test_what_can_be_no_row_is_counted_and_refusals_keep_refusing() -> None:
    examples = [
        example(1),
        example(2, evidence=()),
        example(3, evidence=(Evidence(doc="p3.md", quote="Thing 3 is free."),)),
        example(4, context=PASSAGES[:1]),
        example(5, evidence=(), output=REFUSAL),
        example(6, use="closed_book"),
    ]
    counts = raft_examples(examples, PASSAGES, Everything(), PLAIN, RaftSettings(oracle_share=1), seed=1).counts
    assert (counts.rows, counts.oracle, counts.unanswerable) == (2, 1, 1)
    assert counts.left_out == {
        "names no evidence": 1, "evidence in no passage": 1, "brings its own passages": 1
    }  # fmt: skip


def test_training_takes_the_rows_as_they_are() -> None:
    made = raft_examples(EXAMPLES, PASSAGES, Everything(), PLAIN, RaftSettings(oracle_share=0.5), seed=1)
    rows = build_rows(made.examples, arm_open_book=True, retriever=None, answer_format=PLAIN)
    assert (len(rows.rows), rows.oracle_inserted, rows.without_evidence) == (10, 0, 0)
    assert {row.completion for row in rows.rows} == {str(row.output) for row in made.examples}


@pytest.mark.parametrize("settings", [RaftSettings(distractors=0), RaftSettings(oracle_share=1.5)])
def test_impossible_settings_are_refused(settings: RaftSettings) -> None:
    with pytest.raises(InputError, match="expected at least 1 and a share of 0 to 1"):
        raft_examples(EXAMPLES, PASSAGES, Everything(), PLAIN, settings, seed=1)
