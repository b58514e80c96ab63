"""General facts: what is tested never occurs in training text."""

from __future__ import annotations

from recipes.pocket import general


def test_tested_questions_never_occur_in_training_text():
    tested = {row[0] for _, test in general.mmlu_rows().values() for row in test}
    trained = {f.fill(form) for f in general.facts() for form in (*f.relation.questions, *f.relation.statements)}
    assert len(tested) >= 600
    assert not tested & trained
