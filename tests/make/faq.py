"""A scenario that runs in seconds without a model: its one arm is a callable, its files are the examples."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SETTINGS = """\
title: The FAQ page
golden: golden.jsonl
arms: [faq]
candidate: faq
extensions: [{extensions}]
forgetting: {{tasks: none}}
latency: {{questions: 2, repeats: 1}}
{more}
"""
CASES: tuple[dict[str, object], ...] = (
    {"id": "hours", "question": "What are your opening hours?", "accept": ["from 9 to 17"], "source": "hours.md"},
    {"id": "price", "question": "What is the price?", "accept": ["12 euros"], "source": "price.md"},
    {"id": "owner", "question": "Who owns it?", "kind": "unanswerable", "source": "owner.md"},
)


def write_faq(folder: Path, extensions: Sequence[str] = ("arm.py",), more: str = "") -> Path:
    """Write the scenario with these example files beside it; returns its folder.

    Args:
        extensions: names of files in `examples/`, or of files that the test has written into the folder.
        more: further lines of scenario.yaml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in extensions:
        if (EXAMPLES / name).is_file():
            shutil.copy(EXAMPLES / name, folder / name)
    (folder / "scenario.yaml").write_text(SETTINGS.format(extensions=", ".join(extensions), more=more))
    write_cases(folder, CASES)
    return folder


def write_cases(folder: Path, cases: Sequence[dict[str, object]]) -> None:
    """The golden set, all of it test cases."""
    rows = [json.dumps({**case, "split": "test"}) for case in cases]
    (folder / "golden.jsonl").write_text("\n".join(rows) + "\n")
