"""`harness golden`: check, import and split golden sets (layer 8)."""

from __future__ import annotations

import typer

golden_app = typer.Typer(no_args_is_help=True, help="Check, import and split golden sets.", rich_markup_mode=None)


@golden_app.callback()
def _golden() -> None:
    pass
