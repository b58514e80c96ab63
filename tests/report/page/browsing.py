"""A page in a real browser, with everything that it said and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

PATIENCE = 120_000  # ms; a busy machine is slow, not wrong


class Opened:
    """A page with everything it said and asked for."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": WIDE, **context})
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
