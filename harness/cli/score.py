"""`harness score`: a stored run scored, decided and rendered again from its answers."""

from __future__ import annotations

from harness.cli.options import AllowCodeOption, JsonOption, RunArgument


def score_command(run: RunArgument, allow_code: AllowCodeOption = False, as_json: JsonOption = False) -> None:
    """Score a stored run again, decide again and render again: no model is loaded."""
    from harness.cli.run import print_outcome
    from harness.extensions import tables_of
    from harness.record.files import hold_run
    from harness.results.measure import rescore
    from harness.runs.stored import BEARS, open_stored
    from harness.runs.write import conclude

    archive = open_stored(run, BEARS["score"])
    scenario, before = archive.needed_scenario(), archive.run
    tables = tables_of(scenario, allow_code)
    result = rescore(before, archive.cases, scenario, tables.metrics)
    fixes = before.record.fixes
    command = before.record.command
    with hold_run(before.folder, "scores this run again"):
        again = conclude(before.folder, result, archive.cases, scenario, command, fixes=fixes, tables=tables)
    print_outcome(again.folder, again.record, as_json)
