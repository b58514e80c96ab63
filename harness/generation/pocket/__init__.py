"""The built-in generator `pocket`: a small Llama model with tokenizer and chat template (README.md is its model card).

`recipes/pocket/` made it. `general/` holds its multiple-choice set in MMLU's layout and the replay facts for tuning.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
GENERAL_DIR = _HERE / "general"  # {dev,test}/<subject>.csv, rows: question, A, B, C, D, letter; no header
REPLAY_PATH = GENERAL_DIR / "replay.jsonl"  # tuning examples about facts that the test set does not ask


def pocket_dir() -> Path:
    """The directory that `AutoModelForCausalLM` and `AutoTokenizer` load."""
    return _HERE
