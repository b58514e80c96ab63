"""The settings of a server in `models:`, checked when the scenario is read; a key written into the file is refused.

models: {generator: my-model, base_url: "http://127.0.0.1:8000/v1", api_key_env: MY_KEY}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from harness.errors import InputError
from harness.scenario.address import INSTEAD, address_fault, is_key
from harness.scenario.settings import JudgeSettings, Models

SERVER_KEYS = ("api_key_env", "context", "concurrency", "timeout", "retries")  # they say nothing without base_url
_A_KEY = re.compile(r"(api|access|auth|bearer|secret)?[_-]?(key|token|secret|password)", re.IGNORECASE)

At = Callable[[str], str]  # dotted key -> file:line:column


def refuse_keys(at: At, models: object) -> None:
    """Refuse a key that stands in the file itself; it is not repeated."""
    if not isinstance(models, Mapping):
        return
    _refuse(at, models, "models")
    if isinstance(models.get("judge"), Mapping):
        _refuse(at, models["judge"], "models.judge")


def _refuse(at: At, block: Mapping[object, object], section: str) -> None:
    for name, value in block.items():
        key = f"{section}.{name}"
        if isinstance(name, str) and _A_KEY.fullmatch(name):
            raise InputError(f"{at(key)}: {key} puts a key into the file; {INSTEAD}")
        if name == "api_key_env" and isinstance(value, str) and is_key(value):
            problem = "is no name of an environment variable, and may be a key itself"
            raise InputError(f"{at(key)}: {key} {problem}; {INSTEAD}")


def server_faults(at: At, raw: object, models: Models) -> Iterator[str]:
    """Faults of the server's settings together: an address that is none, a server's setting without one."""
    if models.base_url is not None:
        if (fault := address_fault(models.base_url)) is not None:
            yield f"{at('models.base_url')}: models.base_url {fault}"
        return
    for name in SERVER_KEYS:
        if isinstance(raw, Mapping) and name in raw:
            problem = f"models.{name} is about a server, and models.base_url names none"
            yield f"{at(f'models.{name}')}: {problem}; add base_url, or take the key out"


def judge_faults(at: At, raw: object, judge: JudgeSettings) -> Iterator[str]:
    """Faults of the judge's settings together: a judge without an address, settings without a judge."""
    place = at("models.judge")
    if judge.base_url is not None and (fault := address_fault(judge.base_url)) is not None:
        yield f"{at('models.judge.base_url')}: models.judge.base_url {fault}"
    if judge.is_set and judge.base_url is None:
        yield f"{place}: models.judge names no base_url; add the address of the server that has {judge.model}"
    if judge.is_set and not judge.asks:
        name, key = judge.metrics[0], judge.metrics[0].removeprefix("deepeval_")
        yield f"{place}: {name} needs models.judge.{key}, in words; add it, or another metric"
    if isinstance(raw, Mapping) and isinstance(raw.get("judge"), Mapping) and not judge.is_set and raw["judge"]:
        yield f"{place}: models.judge names no model; add model, or write 'judge: none'"
