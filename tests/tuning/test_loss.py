"""The loss on answers alone with a common beginning computed once: the same number and gradients as row by row."""

from __future__ import annotations

import pytest
import torch

from harness.generation.load import LoadedModel, load_model
from harness.scenario.settings import Tuning
from harness.tuning import loss as losses
from harness.tuning.kinds import with_adapter
from tests.tiny_model import build

SETTINGS = Tuning(rank=4, alpha=8, dropout=0.0, targets=("all-linear",))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(build(tmp_path_factory.mktemp("tiny"))))


def pupil(base: LoadedModel, settings: Tuning = SETTINGS):
    """A model with an adapter whose B is not zero, so that every one of its weights has a gradient."""
    model = with_adapter(base, settings, 3).train()
    torch.manual_seed(5)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model


def rows(alike: int = 70, lengths: tuple[int, ...] = (9, 30, 4, 4)) -> list[losses.Row]:
    """Rows that begin with the same tokens; the last third of what is their own is the answer."""
    torch.manual_seed(1)
    start = torch.randint(5, 60, (alike,)).tolist()
    made = []
    for length in lengths:
        own = torch.randint(5, 60, (length,)).tolist()
        prompt = alike + length - max(1, length // 3)
        tokens = start + own
        made.append(losses.Row(tokens, [losses.IGNORED] * prompt + tokens[prompt:]))
    return made


def plain(model, batch: list[losses.Row], items: int) -> torch.Tensor:
    """Row by row through the library, every position scored."""
    total = torch.zeros(())
    for row in batch:
        logits = model(input_ids=torch.tensor([row.tokens])).logits[0, :-1]
        part = torch.nn.functional.cross_entropy(
            logits, torch.tensor(row.labels[1:]), ignore_index=-100, reduction="sum"
        )
        (part / items).backward()
        total = total + part.detach() / items
    return total


def gradients(model) -> dict[str, torch.Tensor]:
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("at_once", [1200, 40, 1])
def test_loss_and_gradients_are_those_of_the_rows_one_by_one(base, monkeypatch, at_once):
    monkeypatch.setattr(losses, "TOKENS_AT_ONCE", at_once)
    batch, items = rows(), 11
    one, other = pupil(base), pupil(base)
    assert losses.shared_tokens(one, batch) == 70
    ours, theirs = losses.backward(one, batch, items), plain(other, batch, items)
    assert float(ours) == pytest.approx(float(theirs), rel=1e-5)
    expected, found = gradients(other), gradients(one)
    assert expected.keys() == found.keys()
    assert len(expected) == 2 * 2 * 7
    for name, gradient in expected.items():
        assert torch.allclose(found[name], gradient, rtol=1e-3, atol=1e-6), name


def test_only_some_layers_tuned(base):
    settings = Tuning(rank=4, alpha=8, dropout=0.0, targets=("v_proj", "down_proj"))
    one, other = pupil(base, settings), pupil(base, settings)
    losses.backward(one, rows(), 5)
    plain(other, rows(), 5)
    for name, gradient in gradients(other).items():
        assert torch.allclose(gradients(one)[name], gradient, rtol=1e-3, atol=1e-6), name


def test_the_mean_loss_is_a_tokens(base):
    model, batch = pupil(base), rows()
    tokens = sum(label != losses.IGNORED for row in batch for label in row.labels)
    assert float(losses.mean_loss(model, batch)) == pytest.approx(float(plain(model, batch, tokens)), rel=1e-5)


def test_what_is_not_shared(base):
    dropped = pupil(base, Tuning(rank=4, alpha=8, dropout=0.1, targets=("v_proj",)))
    assert losses.shared_tokens(dropped, rows()) == 0, "each row draws its own"
    model = pupil(base)
    assert losses.shared_tokens(model, rows()[:1]) == 0
    assert losses.shared_tokens(model, rows(alike=20)) == 0
    same = [rows()[0]] * 2
    assert losses.shared_tokens(model, same) == same[0].first - 1, "the token before an answer predicts its first"
    assert float(losses.backward(pupil(base), rows(alike=20), 3)) > 0


def test_parts_hold_like_lengths(base):
    assert [[len(row.tokens) for row in part] for part in losses.parts(rows(), 70)] == [[100, 79, 74, 74]]
    long = rows(lengths=(700, 500, 650, 80))
    assert [[len(row.tokens) for row in part] for part in losses.parts(long, 70)] == [[770], [720], [570], [150]]
