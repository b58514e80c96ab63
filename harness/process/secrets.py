"""The keys that this process has read: whatever is shown or written of others' words goes through `masked`.

Servers repeat keys in their messages, and tracebacks repeat the messages.
"""

from __future__ import annotations

import re
from urllib.parse import quote

MASK = "***"
SHORTEST = 6  # a shorter "key" is a placeholder such as `none`, and may be an ordinary word
# Keys as the common vendors write them: masked wherever they stand, read by us or not.
LOOKS_LIKE_A_KEY = re.compile(
    r"\b(?:sk|rk|pk|gsk|xai|nvapi|pplx|hf|r8|fw|tgp|glpat|ghp|github_pat)[-_][A-Za-z0-9_-]{12,}|\bAIza[A-Za-z0-9_-]{20,}"
    r"|(?<=Bearer )[^\s'\"]{6,}"
)

_secrets: set[str] = set()


def remember(secret: str) -> None:
    """A key that must never be shown."""
    if len(secret) >= SHORTEST:
        _secrets.update({secret, quote(secret, safe="")})


def without_secrets(text: str) -> str:
    """The text with every key that this process has read replaced, and nothing else changed."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def masked(text: str) -> str:
    """The text of a message, with whatever is or looks like a key replaced."""
    return LOOKS_LIKE_A_KEY.sub(MASK, without_secrets(text))
