"""Servers as the cache remembers them: since when its answers count, and what it last said of its model.

A model behind a server can be replaced under the same name; nothing in a scenario changes then. `harness run --fresh`
notes the present time for that server, of which the keys of its answers are made: older ones are not taken any more,
and runs that were made of them stay as they are.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.errors import InputError, one_line
from harness.files.hashing import content_hash
from harness.files.paths import cache_dir
from harness.record.codec import decode, to_json, write_atomic
from harness.scenario.settings import Models

RECENT = 60.0  # seconds: servers that do not know when a model was made say now
FACTS = ("id", "root", "parent", "owned_by", "max_model_len", "created", "meta")  # of a row of GET /models


@dataclass(frozen=True, slots=True)
class KnownServer:
    """One server and model."""

    asked_since: str = ""  # ISO date and time: answers from before are not taken; empty: all are
    listed: Mapping[str, str] = field(default_factory=dict)  # what it said of its model, by name


def _file(models: Models) -> Path:
    address = (models.base_url or "").rstrip("/")
    return cache_dir() / "servers" / f"{content_hash([address, models.generator])}.json"


def read_known(models: Models) -> KnownServer:
    """The stored facts on the server of a scenario; none yet where its file is not there or cannot be read."""
    file = _file(models)
    try:
        return decode(file.read_bytes(), KnownServer, str(file))
    except (OSError, InputError):
        return KnownServer()


def server_key(models: Models, asked_since: str | None = None) -> str:
    """Identity of a model behind a server: its name, and since when its answers count.

    Args:
        asked_since: answers from before are not taken; None: as was said of that server last.
    """
    since = read_known(models).asked_since if asked_since is None else asked_since
    return content_hash([(models.base_url or "").rstrip("/"), models.generator, models.thinking, since])


def ask_again(models: Models, since: str) -> None:
    """From now on only answers since then count, and whatever the server says of its model is taken as it is."""
    write_atomic(_file(models), to_json(KnownServer(since)))


def changed_facts(models: Models) -> str | None:
    """The facts that the server tells otherwise than before, in words; None where there are none, or it does not say.

    What it says for the first time is stored.
    """
    server, facts = read_known(models), _facts(models)
    both = [name for name in FACTS if name in server.listed and name in facts]
    differ = [name for name in both if server.listed[name] != facts[name]]
    if facts and not differ:
        write_atomic(_file(models), to_json(replace(server, listed={**server.listed, **facts})))
    if not differ:
        return None
    return "; ".join(f"{name} was {server.listed[name]}, is {facts[name]}" for name in differ)


def _facts(models: Models) -> Mapping[str, str]:
    """The server's row of this model, as texts; empty where it has none or does not answer."""
    from harness.generation.endpoint import read_key
    from harness.generation.served_models import served_rows

    read_key(models.api_key_env)
    try:
        rows = served_rows(models.base_url or "", models.api_key_env)
        row = next(row for row in rows if row.get("id") == models.generator)
    except Exception:  # a server need not list its models: whether it answers is found out by asking
        return {}
    return {name: one_line(row[name], 120) for name in FACTS if row.get(name) is not None and not _is_now(name, row)}


def _is_now(name: str, row: Mapping[str, Any]) -> bool:
    return name == "created" and (not isinstance(row[name], int | float) or time.time() - row[name] < RECENT)
