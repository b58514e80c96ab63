"""`harness doctor`: whether this machine has what a run needs."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption
from harness.errors import InputError


def doctor_command(
    scenario: Annotated[
        str | None, typer.Argument(help="Also what this scenario names, and each of its arms.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Look at Python, cores, memory, GPU, disk, models, hub, servers and keys: exit 2 where a run would fail."""
    from harness.cli.console import window
    from harness.doctor.check import MARKS
    from harness.doctor.examine import examine
    from harness.process.secrets import masked
    from harness.record.codec import to_json
    from harness.report.text.layout import paragraph

    checks = examine(scenario)
    bad = sum(check.state == "bad" for check in checks)
    code = InputError.exit_code if bad else 0
    if as_json:
        print(masked(to_json({"exit_code": code, "checks": checks}, indent=1)))
        return code
    names = max(len(check.name) for check in checks)
    for check in checks:
        first = f"{MARKS[check.state]} {check.name:<{names}}  "
        for line in paragraph(masked(check.line), window(), first, " " * len(first)):
            print(printable(line))
    following = f"harness run {scenario}" if scenario else "harness init DIR --docs FOLDER --questions FILE"
    print(f"\n{bad} would fail a run" if bad else f"\nnext: {following}")
    return code
