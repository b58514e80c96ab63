"""Telemetry of every library switched off, before any of them loads. Settings a user made already are kept."""

from __future__ import annotations

import os

OFF = {
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "DEEPEVAL_DISABLE_DOTENV": "1",  # deepeval reads .env of the working folder on import
    "DEEPEVAL_NO_INSPECT_PROMPT": "1",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # datasets counts every load at an address of its own
    "LANGSMITH_TRACING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",  # lm-eval and torch list packages through pip, which asks its index
    "RAGAS_DO_NOT_TRACK": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "WANDB_ERROR_REPORTING": "false",
}


def switch_off() -> None:
    """Set each variable that is not set."""
    for name, value in OFF.items():
        os.environ.setdefault(name, value)
