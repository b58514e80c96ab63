"""Processor and GPU driver, as the system's files name them; a system without these files says less."""

from __future__ import annotations

import platform
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")  # Linux
GPU_DRIVER = Path("/dev/nvidiactl")  # Linux, where an NVIDIA driver is loaded


def cpu_info() -> str:
    """The text that Linux keeps about its processor; empty elsewhere."""
    try:
        return CPU_INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def processor_name() -> str:
    """The model of the processor, or what Python knows of it."""
    names = (line.split(":", 1)[1].strip() for line in cpu_info().split("\n") if line.startswith("model name"))
    return next(names, None) or platform.processor() or platform.machine()


def multiplies_bf16() -> bool:
    """Whether the processor multiplies bfloat16 natively, twice as fast as float32 or faster."""
    flags = cpu_info()
    return "amx_bf16" in flags or "avx512_bf16" in flags


def may_have_gpu() -> bool:
    """Whether a GPU's driver may be there, so that it is worth asking torch; where the system does not say, it may."""
    return GPU_DRIVER.exists() or platform.system() != "Linux"
