"""Addresses of servers and names of keys, as a scenario may write them: what is wrong with one, in words."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from harness.errors import one_line
from harness.process.secrets import LOOKS_LIKE_A_KEY

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
INSTEAD = "write api_key_env: NAME and set the environment variable NAME"


def is_key(value: str) -> bool:
    """Whether what should be the name of an environment variable is none, or is more likely a key."""
    if not _VARIABLE.fullmatch(value) or LOOKS_LIKE_A_KEY.search(value):
        return True
    mixed = value.upper() != value and any(letter.isdigit() for letter in value)
    return mixed and len(value) >= 24


def address_fault(url: str, own: bool = False) -> str | None:
    """Why a text is no server's address, in words; None where it is one.

    Args:
        own: it is an endpoint of somebody's own: its whole address, with a query if it has one.
    """
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
    if own:
        return None
    if parts.query or parts.fragment:
        return f"has something after '?' or '#'; end it with the path (for a key {INSTEAD})"
    if parts.path.rstrip("/").endswith("/completions"):
        return "names one call; write what stands before /chat/completions"
    return None
