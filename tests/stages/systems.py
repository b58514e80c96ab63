"""Systems that answer by themselves, as somebody else's file would have them."""

from __future__ import annotations

import json
from collections.abc import Sequence


def plain(questions: Sequence[str]) -> list[str]:
    """The same answer to everything, in the form that is demanded."""
    return [json.dumps({"status": "ok", "answer": "12 euros", "citations": []}) for _ in questions]


def short(questions: Sequence[str]) -> list[str]:
    """One answer too few."""
    return ["x" for _ in questions][1:]
