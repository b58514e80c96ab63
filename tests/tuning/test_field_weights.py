"""Loss shaping: which tokens weigh more, what that does to the loss, and that nothing of a held-out loss is shaped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.generation.load import LoadedModel, load_model
from harness.prompts import completion_text
from harness.tuning.examples import ChatRow, TrainingRows
from harness.tuning.field_weights import FieldWeights, value_spans
from harness.tuning.kinds import with_adapter
from harness.tuning.loss import IGNORED, Row, backward, mean_loss
from harness.tuning.tokens import encode
from harness.tuning.train import train_adapter
from tests.tiny_model import build, prompt
from tests.tuning.test_train import SETTINGS

OUTPUTS = [
    {"label": "AMBER_TURN", "urgency": "low"},
    {"note": 'he said "low", \\ twice', "label": "low", "urgency": "é ü 漢", "citations": ["S1", "S2"], "n": 3},
    {"urgency": {"label": "inner"}, "label": None},
    {"label": ""},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(build(tmp_path_factory.mktemp("tiny"))))


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_spans_are_those_of_the_values(output: dict[str, object]) -> None:
    import json

    text = completion_text(output)
    spans = list(value_spans(text, dict.fromkeys(output, 2.0)))
    assert [json.loads(text[start:end]) for start, end, _ in spans] == list(output.values())


@pytest.mark.parametrize("text", ["storage is twelve", "[1, 2]", '{"label":"a"}', "", "{", '"label"'])
def test_what_is_no_object_as_it_is_written_here_has_no_spans(text: str) -> None:
    assert list(value_spans(text, {"label": 2.0})) == []


def _row(base: LoadedModel, output: object) -> Row:
    answer = output if isinstance(output, str) else completion_text(output)  # type: ignore[arg-type]
    tokens = encode(base.tokenizer, ChatRow(prompt("what is storage"), answer))
    return Row(tokens.input_ids, tokens.labels)


@pytest.mark.parametrize("output", OUTPUTS)
def test_tokens_of_the_value_weigh_more_and_the_answer_weighs_one_a_token(base, output) -> None:
    row = _row(base, output)
    shaped = FieldWeights(base.tokenizer, {"label": 4.0}).of(row)
    assert shaped.weights is not None
    assert [weight == 0 for weight in shaped.weights] == [label == IGNORED for label in row.labels]
    own = [weight for weight in shaped.weights if weight]
    assert sum(own) / len(own) == pytest.approx(1.0)
    heavy = [token for token, weight in zip(row.tokens, shaped.weights, strict=True) if weight == max(own)]
    light = [token for token, weight in zip(row.tokens, shaped.weights, strict=True) if weight == min(own)]
    assert max(own) == pytest.approx(4 * min(own))
    read = base.tokenizer.decode(heavy, clean_up_tokenization_spaces=False)
    assert completion_text({"label": output["label"]})[len('{"label": ') : -1].strip() in read
    assert "urgency" not in read
    assert base.tokenizer.eos_token_id in light


def test_plain_answers_keep_their_loss(base) -> None:
    row = _row(base, "storage is twelve")
    assert set(FieldWeights(base.tokenizer, {"label": 4.0}).of(row).weights or ()) == {0.0, 1.0}


def test_a_weight_of_one_is_no_shape_and_more_moves_the_gradient_to_the_value(base) -> None:
    rows = [_row(base, output) for output in OUTPUTS[:2]]
    items = sum(label != IGNORED for row in rows for label in row.labels)

    def gradient(weights: dict[str, float] | None) -> tuple[float, list[float]]:
        model = with_adapter(base, replace(SETTINGS, dropout=0.0), seed=7)
        shape = FieldWeights(base.tokenizer, weights).of if weights else (lambda row: row)
        loss = backward(model, [shape(row) for row in rows], items)
        return float(loss), [float(p.grad.abs().sum()) for p in model.parameters() if p.grad is not None]

    plain, ones, shaped = gradient(None), gradient({"label": 1.0}), gradient({"label": 8.0})
    assert ones[0] == pytest.approx(plain[0], rel=1e-5)
    assert ones[1] == pytest.approx(plain[1], rel=1e-4)
    assert shaped[0] != pytest.approx(plain[0], rel=1e-3)
    model = with_adapter(base, replace(SETTINGS, dropout=0.0), seed=7)
    assert float(mean_loss(model, rows)) == pytest.approx(plain[0], rel=1e-4), "held-out loss is never shaped"


def test_a_training_by_weights_is_another_training(base, tmp_path) -> None:
    rows = TrainingRows(tuple(ChatRow(prompt(f"q {i}"), completion_text(OUTPUTS[0])) for i in range(8)), 8, 0)
    settings = replace(SETTINGS, epochs=1, eval_share=0.0)
    plain = train_adapter(base, rows, settings, tmp_path / "plain", seed=7)
    shaped = train_adapter(base, rows, replace(settings, field_weights={"label": 8.0}), tmp_path / "shaped", seed=7)
    assert plain.id != shaped.id
    assert plain.curve[-1].train_loss != shaped.curve[-1].train_loss
