"""Models that cannot be used: one message for each."""

from __future__ import annotations

import shutil

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation.local import load_generator
from tests.generation.models import damaged
from tests.tiny_model import build


def test_missing_weights(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    (bad / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"cannot be loaded.*safetensors"):
        load_generator(str(bad))


def test_truncated_weights(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    weights = bad / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(InputError, match="truncated"):
        load_generator(str(bad))


def test_incomplete_weights_are_never_filled_with_random_numbers(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    bad = damaged(folder, tmp_path)
    tensors = load_file(bad / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, bad / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="1 tensors are missing"):
        load_generator(str(bad))


def test_tokenizer_of_another_model(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    build(tmp_path / "other", vocabulary=270)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tmp_path / "other" / name, bad / name)
    with pytest.raises(InputError, match="do not match"):
        load_generator(str(bad))
    (bad / "tokenizer.json").write_text("{")
    with pytest.raises(InputError, match="tokenizer cannot be loaded"):
        load_generator(str(bad))


def test_no_chat_template(folder, tmp_path):
    bad = damaged(folder, tmp_path)
    (bad / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        load_generator(str(bad))


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "a b", "one/two/three"])
def test_no_such_folder(name):
    with pytest.raises(InputError, match="no such folder"):
        load_generator(name)


def test_unreachable_hub(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EnvironmentFailure, match="hub cannot be reached"):
        load_generator("some-org/some-model")
