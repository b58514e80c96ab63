"""`harness gate`: a stored run judged by its scenario's gates as they stand now; the exit code for CI."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from harness.characters import printable
from harness.cli.compare import exit_code
from harness.cli.console import show_verdict, window
from harness.cli.options import AllowCodeOption, JsonOption, RunArgument

EXIT_CODES = {"GO": 0, "NO-GO": 1, "NOT PROVEN": 3}


def gate_command(
    run: RunArgument = "latest",
    arm: Annotated[str | None, typer.Option(help="Judge this arm instead of the scenario's candidate.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="interval (the default) or point: gate on estimates without their intervals.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Also hold the arm beside another run, or 'blessed' (harness bless).")
    ] = None,
    allow_code: AllowCodeOption = False,
    as_json: JsonOption = False,
) -> int:
    """Judge a stored run by its scenario's gates: exit 0 GO, 1 NO-GO, 3 NOT PROVEN. No model is loaded."""
    from harness.extensions import tables_of
    from harness.record.codec import to_json
    from harness.report.text.compare import compare_text
    from harness.report.text.verdict import verdict_text
    from harness.runs.comparison import Terms, compare_names
    from harness.runs.stored import BEARS, open_stored
    from harness.verdict.decide import decide

    archive = open_stored(run, BEARS["gate"])
    before, scenario = archive.run, archive.needed_scenario()
    gates = {**scenario.gates, **({"policy": policy} if policy else {})}
    candidate, table = arm or scenario.candidate, tables_of(scenario, allow_code).gates
    advice = before.record.advice
    advised = None if advice is None else advice.recommendation
    verdict = decide(before.record, before.scores, archive.cases, gates, candidate, advised, table)
    codes, beside = [EXIT_CODES[verdict.word]], None
    if against is not None:
        names = [f"{before.folder.as_posix()}:{candidate}"]
        beside = compare_names(names, Terms(str(scenario.dir), against=against, allow_code=allow_code)).comparison
        codes.append(exit_code([row.word for row in beside.judgements], "not-proven"))
    code = 1 if 1 in codes else max(codes)
    summary = {"run": before.folder.as_posix(), "exit_code": code, "verdict": verdict, "comparison": beside}
    record = replace(before.record, verdict=verdict)
    texts = [verdict_text(record, window()), *([compare_text(beside)] if beside is not None else [])]
    if as_json:
        typer.echo(to_json(summary, indent=1))
    else:
        show_verdict(printable("\n\n".join(texts)), verdict.word)
    return code
