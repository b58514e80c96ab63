"""The machine: Python, libraries, cores, memory, GPU, disk. Nothing is asked over a network."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from harness.doctor.check import Check
from harness.files.input_file import is_dir, is_there
from harness.files.paths import cache_dir, models_dir, reports_dir
from harness.process.cores import cores
from harness.process.processor import may_have_gpu, multiplies_bf16, processor_name

PYTHON = (3, 11)
GIB = 2**30
LEAST_MEMORY, LITTLE_MEMORY = 2 * GIB, 4 * GIB  # free: below the first a run of the default model is killed
LEAST_DISK, LITTLE_DISK = 1 * GIB, 5 * GIB
# what needs a library -> the module that shows that it is here, and the extra that brings it
LIBRARIES = {
    "Word, PDF, Excel and other documents": ("pypdf", "documents"),
    "personal data (golden check)": ("presidio_analyzer", "pii"),
    "training in 4 bits": ("bitsandbytes", "quantization"),
    "judging by ragas": ("ragas", "ragas"),
    "judging by deepeval": ("deepeval", "deepeval"),
}


def python_version() -> Check:
    least = ".".join(map(str, PYTHON))
    if sys.version_info[:2] < PYTHON:
        return Check("Python", "bad", platform.python_version(), f"install {least} or newer")
    return Check("Python", "good", f"{platform.python_version()} ({least} or newer is needed)")


def libraries() -> Check:
    """Optional libraries: which are here, and the extras that bring the others."""
    absent = [f"{what} (extra {extra})" for what, (module, extra) in LIBRARIES.items() if find_spec(module) is None]
    if not absent:
        return Check("libraries", "good", "all optional ones are here")
    return Check("libraries", "apart", f"not here, and needed by nothing else: {'; '.join(absent)}")


def processor() -> Check:
    fast = ", multiplies bfloat16 itself" if multiplies_bf16() else ""
    count = cores()
    return Check("processor", "good", f"{count} {'core' if count == 1 else 'cores'} to use: {processor_name()}{fast}")


def memory() -> Check:
    import psutil

    state = psutil.virtual_memory()
    text = f"{state.available / GIB:.1f} GiB free of {state.total / GIB:.1f}"
    if state.available < LEAST_MEMORY:
        return Check("memory", "bad", text, "end other programs: a run of the default model takes 2 GiB")
    return Check("memory", "good" if state.available >= LITTLE_MEMORY else "open", text)


def gpu() -> Check:
    """The GPU, if torch sees one; torch is asked only where a driver is installed."""
    if not may_have_gpu():
        return Check(
            "GPU", "apart", "none: small models run on the processor; tuning one of 7 billion parameters needs one"
        )
    import torch

    if not torch.cuda.is_available():
        why = "a driver may be here, and torch sees no GPU"
        return Check("GPU", "apart" if sys.platform != "linux" else "open", why, "install torch for it, if one is here")
    about = torch.cuda.get_device_properties(0)
    more = f", and {torch.cuda.device_count() - 1} more" if torch.cuda.device_count() > 1 else ""
    return Check("GPU", "good", f"{about.name}, {about.total_memory / GIB:.0f} GiB{more}")


def gpu_bytes() -> int:
    """Memory of the first GPU; 0 where torch sees none."""
    if not may_have_gpu():
        return 0
    import torch

    return int(torch.cuda.get_device_properties(0).total_memory) if torch.cuda.is_available() else 0


def disk() -> list[Check]:
    """Free space, and the right to write, where runs, caches and models are kept."""
    places = {"cache": cache_dir(), "reports": reports_dir(), "models": models_dir()}
    return [_place(name, path) for name, path in places.items()]


def _place(name: str, path: Path) -> Check:
    import psutil

    near = next(folder for folder in (path.absolute(), *path.absolute().parents) if is_there(folder))
    if not is_dir(near) or not os.access(near, os.W_OK | os.X_OK):
        remedy = f"give yourself the right to write there, or set HARNESS_{name.upper()}"
        return Check(f"{name} folder", "bad", f"{path}: nothing can be written in {near}", remedy)
    free = psutil.disk_usage(str(near)).free
    text = f"{path}: {free / GIB:.1f} GiB free"
    if free < LEAST_DISK:
        return Check(f"{name} folder", "bad", text, f"make room, or set HARNESS_{name.upper()} to another disk")
    return Check(f"{name} folder", "good" if free >= LITTLE_DISK else "open", text)
