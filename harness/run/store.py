"""The stage cache: one folder a stage and key; a `done.json` in it says that it is whole and what it took."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.hashing import content_hash
from harness.record.files import write_atomic

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a run. Two stages with one key have one result."""

    name: str  # index, retrieve, tune, generate, forget, latency
    key: str
    arm: str | None = None

    @property
    def label(self) -> str:
        return f"{self.name} {self.arm}" if self.arm else self.name


@dataclass(frozen=True, slots=True)
class Timing:
    """What a stage took: wall seconds when it was computed, and whether this run took it from the cache."""

    stage: Stage
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class Store:
    root: Path

    def folder(self, stage: Stage) -> Path:
        """Where the stage's files lie; made on demand by whoever writes."""
        return self.root / stage.name / stage.key

    def done(self, stage: Stage) -> Mapping[str, Any] | None:
        """What `finish` wrote, or None while the stage is not whole."""
        try:
            found: Mapping[str, Any] = json.loads((self.folder(stage) / "done.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found

    def finish(self, stage: Stage, seconds: float, **facts: Any) -> Mapping[str, Any]:
        """Mark the stage whole. Call it last."""
        done = {"seconds": seconds, "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **facts}
        write_atomic(self.folder(stage) / "done.json", json.dumps(done))
        return done


def code_key(*parts: str) -> str:
    """Hash of the package's own sources under these names, so that changed code is never answered from the cache."""
    files = [file for part in parts for file in _sources(part)]
    return content_hash([[file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8")] for file in files])


def _sources(part: str) -> list[Path]:
    path = PACKAGE / part
    if path.is_dir():
        return sorted(path.rglob("*.py"))
    return [path.with_suffix(".py")]
