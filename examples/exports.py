"""A finished run for other tools, from Python: tables, logs and cards as files, and two lm-eval runs held together."""

import sys
from pathlib import Path

import harness
from harness.exports.lm_eval import compare_folders, forgetting_gate


def write(run: str, out: str) -> list[str]:
    """Everything that needs no further library: a folder a format."""
    finished = harness.open_run(run)
    files = [file for name in ("parquet", "lm-eval", "inspect") for file in finished.export(name, f"{out}/{name}")]
    return [*files, *finished.export("otel", f"{out}/events.json")]


def forgetting(base: str, tuned: str) -> str:
    """Two output folders of `lm_eval --log_samples`: pass, fail, or not proven at five points."""
    return forgetting_gate(compare_folders(Path(base), Path(tuned)), 5.0).status


if __name__ == "__main__":
    print("\n".join(write(sys.argv[1], sys.argv[2])))
