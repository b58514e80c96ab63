"""The type of a model's products on a CPU: chosen by machine and model, refused where it cannot be, named in keys."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.generation import decode, precision
from harness.generation.local import LocalGenerator
from harness.generation.precision import LARGE_BYTES, products_of
from harness.types import Decoding, Generation, Message


def config(folder: Path, architecture: str) -> Path:
    (folder / "config.json").write_text(json.dumps({"architectures": [architecture]}))
    return folder


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(precision, "multiplies_bf16", lambda: True)
    monkeypatch.setattr(precision, "may_have_gpu", lambda: False)
    return monkeypatch


@pytest.mark.parametrize(
    ("architecture", "size", "four_bits", "expected"),
    [
        ("LlamaForCausalLM", LARGE_BYTES, False, "bfloat16"),
        ("LlamaForCausalLM", LARGE_BYTES - 1, False, "float32"),  # products are not what its answers take
        ("LlamaForCausalLM", LARGE_BYTES, True, "float32"),
        ("GPT2LMHeadModel", LARGE_BYTES, False, "float32"),  # answered by the library
    ],
)
def test_auto_is_bfloat16_where_our_own_pass_gains_by_it(
    tmp_path: Path, machine: pytest.MonkeyPatch, architecture: str, size: int, four_bits: bool, expected: str
) -> None:
    assert products_of("auto", config(tmp_path, architecture), size, "m", four_bits) == expected


def test_auto_is_float32_on_a_processor_without_it(tmp_path: Path, machine: pytest.MonkeyPatch) -> None:
    machine.setattr(precision, "multiplies_bf16", lambda: False)
    assert products_of("auto", config(tmp_path, "LlamaForCausalLM"), LARGE_BYTES, "m", False) == "float32"


def test_what_is_asked_for_is_had_or_refused_in_one_line(tmp_path: Path, machine: pytest.MonkeyPatch) -> None:
    folder = config(tmp_path, "LlamaForCausalLM")
    assert products_of("float32", folder, LARGE_BYTES, "m", False) == "float32"
    assert products_of("bfloat16", folder, 1, "m", False) == "bfloat16"
    with pytest.raises(InputError, match=r"models.precision: bfloat16 on a CPU is for .* and m is no such"):
        products_of("bfloat16", config(tmp_path, "GPT2LMHeadModel"), LARGE_BYTES, "m", False)


def test_products_in_bfloat16_answer_through_our_own_pass(
    base: LocalGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    seen, greedy = [], decode.greedy
    monkeypatch.setattr(decode, "greedy", lambda *a, **k: seen.append(k["kind"]) or greedy(*a, **k))
    prompt = (Message("user", "What is the meal limit in Norway?"),)
    for kind in ("float32", "bfloat16"):
        (reply,) = replace(base, precision=kind, _encoded={}).generate([prompt], Decoding(max_new_tokens=4))
        assert isinstance(reply, Generation)
    assert seen == [None, torch.bfloat16]
