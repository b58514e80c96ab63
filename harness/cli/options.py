"""Arguments and options that several commands share, with one wording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioArgument = Annotated[str, typer.Argument(help="A folder with a scenario.yaml, or its id under scenarios/.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run folder, its id under reports/, or 'latest'.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=256, help="Processes side by side. Default: one a core.", show_default=False)
]
AllowCodeOption = Annotated[
    bool, typer.Option("--allow-code", help="Run the Python files that the scenario names under 'extensions'.")
]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write one self-contained page.")]
