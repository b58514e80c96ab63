"""Warnings that nobody can act on are not shown; others are."""

from __future__ import annotations

import logging
import warnings

from harness.process.quiet import CHATTY, hush


def test_only_the_harmless_is_hushed() -> None:
    levels = {name: logging.getLogger(name).level for name in CHATTY}
    try:
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("always")
            hush()
            warnings.warn("The PEFT config's `base_model_name_or_path` was renamed from 'pocket'", stacklevel=1)
            warnings.warn("the learning rate is odd", stacklevel=1)
        assert [str(w.message) for w in shown] == ["the learning rate is odd"]
        assert not logging.getLogger("lm_eval.models.huggingface").isEnabledFor(logging.WARNING)
        assert logging.getLogger("lm_eval.models.huggingface").isEnabledFor(logging.ERROR)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
