"""The models that an OpenAI-compatible server lists, by one GET of `/models`, within limits of size and time."""

from __future__ import annotations

import time
from typing import Any

from harness.errors import EnvironmentFailure, InputError, one_line
from harness.generation.endpoint import read_key
from harness.record.codec import decode

SECONDS = 5.0  # that a server has to say what it serves
CONNECT = 2.0  # of them to be reached
MOST = 1 << 20  # bytes of its list


def served_rows(base_url: str, api_key_env: str | None, setting: str = "models.api_key_env") -> list[dict[str, Any]]:
    """The rows of its list, each with the `id` of a model.

    Raises:
        InputError: the key is not set, or the server answers with another status than 200 or with no such list.
        EnvironmentFailure: it cannot be reached.
    """
    import httpx

    key = read_key(api_key_env, setting)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{base_url.rstrip('/')}/models"
    try:
        with httpx.stream("GET", url, headers=headers, timeout=httpx.Timeout(SECONDS, connect=CONNECT)) as response:
            status, body = response.status_code, _body(response)
    except httpx.HTTPError as error:
        raise EnvironmentFailure(f"{url}: not reached ({one_line(error) or type(error).__name__})") from None
    if status != 200:
        why = "; is the key right?" if status in (401, 403) else ""
        raise InputError(f"{url}: status {status}, expected the list of its models{why}")
    rows: Any = decode(body, dict[str, Any], url).get("data")
    if not isinstance(rows, list):
        raise InputError(f"{url}: no list of models in what it says")
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _body(response: Any) -> bytes:
    body, until = b"", time.monotonic() + SECONDS
    for block in response.iter_raw():
        body += block
        if len(body) > MOST or time.monotonic() > until:
            return b""
    return body
