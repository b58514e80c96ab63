"""The most memory that was taken since somebody asked: of the graphics card where there is one, else of the process."""

from __future__ import annotations

from pathlib import Path

_PROCESS = Path("/proc/self")


def forget_peak() -> None:
    """Count the most memory from here on."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        return
    try:
        (_PROCESS / "clear_refs").write_text("5")  # Linux: the high-water mark of resident memory begins anew
    except OSError:
        return


def peak_bytes() -> int | None:
    """The most bytes taken since `forget_peak`; None where the system does not tell."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    try:
        lines = (_PROCESS / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(marks[0]) * 1024 if marks else None
