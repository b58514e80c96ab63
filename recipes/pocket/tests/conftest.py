"""The shipped tokenizer, and one conversation."""

from __future__ import annotations

import pytest

from harness.generation.pocket import pocket_dir

MESSAGES = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "[S1] A\nThe price is 12 euros.\n\nQuestion: What is the price?"},
    {"role": "assistant", "content": "12 euros"},
]


@pytest.fixture(scope="session")
def tokenizer():
    transformers = pytest.importorskip("transformers")
    if not (pocket_dir() / "tokenizer.json").exists():
        pytest.skip("the model directory has no tokenizer yet")
    return transformers.AutoTokenizer.from_pretrained(pocket_dir())
