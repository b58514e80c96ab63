"""The settings of a server in `models:`, checked when the scenario is read; a key written into the file is refused.

models: {generator: my-model, base_url: "http://127.0.0.1:8000/v1", api_key_env: MY_KEY}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from harness.errors import InputError, one_line
from harness.process.secrets import LOOKS_LIKE_A_KEY
from harness.scenario.settings import Models

SERVER_KEYS = ("api_key_env", "context", "concurrency", "timeout", "retries")  # they say nothing without base_url
_A_KEY = re.compile(r"(api|access|auth|bearer|secret)?[_-]?(key|token|secret|password)", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
INSTEAD = "write api_key_env: NAME and set the environment variable NAME"

At = Callable[[str], str]  # dotted key -> file:line:column


def refuse_keys(at: At, models: object) -> None:
    """Refuse a key that stands in the file itself; it is not repeated."""
    if not isinstance(models, Mapping):
        return
    for name, value in models.items():
        if isinstance(name, str) and _A_KEY.fullmatch(name):
            raise InputError(f"{at(f'models.{name}')}: models.{name} puts a key into the file; {INSTEAD}")
        if name == "api_key_env" and isinstance(value, str) and _is_key(value):
            problem = "is no name of an environment variable, and may be a key itself"
            raise InputError(f"{at('models.api_key_env')}: models.api_key_env {problem}; {INSTEAD}")


def _is_key(value: str) -> bool:
    if not _VARIABLE.fullmatch(value) or LOOKS_LIKE_A_KEY.search(value):
        return True
    mixed = value.upper() != value and any(letter.isdigit() for letter in value)
    return mixed and len(value) >= 24


def server_faults(at: At, raw: object, models: Models) -> Iterator[str]:
    """Faults of the server's settings together: an address that is none, a server's setting without one."""
    if models.base_url is not None:
        if (fault := _address_fault(models.base_url)) is not None:
            yield f"{at('models.base_url')}: models.base_url {fault}"
        return
    for name in SERVER_KEYS:
        if isinstance(raw, Mapping) and name in raw:
            problem = f"models.{name} is about a server, and models.base_url names none"
            yield f"{at(f'models.{name}')}: {problem}; add base_url, or take the key out"


def _address_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https") or any(c.isspace() for c in url):
        text = one_line(LOOKS_LIKE_A_KEY.sub("***", url), 80)
        return f"is {text!r}, expected http://HOST:PORT/v1 or https://HOST/v1"
    if parts.username or parts.password:
        return f"holds a name or a password; {INSTEAD}"
    if parts.query or parts.fragment:
        return f"has something after '?' or '#'; end it with the path (for a key {INSTEAD})"
    if parts.path.rstrip("/").endswith("/completions"):
        return "names one call; write what stands before /chat/completions"
    return None
