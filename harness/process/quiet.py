"""Quiet libraries: messages that no reader of a run can act on stay off the screen; what is raised is untouched."""

from __future__ import annotations

import logging
import warnings

HARMLESS = (
    # adapters name their base as the scenario does, PEFT the folder that it was loaded from
    r"The PEFT config's `base_model_name_or_path` was renamed",
)
CHATTY = (
    "bitsandbytes",  # misses a kernel on a CPU, and goes on without
    "lm_eval",  # is handed a loaded model, as documented
)
SILENT = ("deepeval", "instructor")  # say every reply of a judge that they cannot read: judges count them


def hush() -> None:
    """In this process, from here on: those warnings are not shown, those loggers say errors alone."""
    for message in HARMLESS:
        warnings.filterwarnings("ignore", message=message)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
