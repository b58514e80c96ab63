"""`harness golden review`: people accept, mend or reject golden cases, at the terminal or on an offline sheet."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.characters import printable
from harness.cli.options import JsonOption
from harness.errors import InputError
from harness.files.paths import find_scenario
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.ratings.review import Remarks, ReviewDecision, ReviewKey, ReviewOutcome
    from harness.types import Case

KEYS = "[a]ccept  [m]end  [r]eject  [s]kip  [q]uit"


def review_command(
    target: Annotated[str, typer.Argument(help="A scenario (folder or id), or a golden .jsonl file alone.")],
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who reviews.")] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write an offline sheet there instead: a page and the same as CSV."),
    ] = None,
    read: Annotated[
        list[Path] | None, typer.Option(metavar="FILLED.csv", help="Take a filled sheet back. More than one.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="The key of the sheet. Default: the one beside it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also cases that people have verified.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Have people verify golden cases: accept, mend, reject; who did, and when, stands in verified_by."""
    from harness.drafts.golden_file import cases_in
    from harness.ratings.review import read_decisions, review_sheet, to_review
    from harness.record.codec import to_json
    from harness.report.sheet import write_sheet

    files = _files(target)
    cases = [case for file in files for case in cases_in(file)]
    remarks = _remarks(files, target)
    if sheet is not None:
        page, review_key = review_sheet(to_review(cases, every, remarks), files[0].name, remarks)
        pages = write_sheet(page, sheet, files[0].stem, review_key)
        if as_json:
            typer.echo(to_json({"sheet": page.id, "items": len(page.items), "files": pages}, indent=1))
            return
        typer.echo(f"{show_count(len(page.items), 'case')}: {pages.page.as_posix()}, or {pages.table.as_posix()}")
        typer.echo(f"back again: harness golden review {target} --read FILLED.csv --key {pages.key.as_posix()}")
        return
    if read:
        decisions = read_decisions(read, _find_key(read, key, files[0], cases), cases, by)
        outcome = replace(_apply(files, decisions.taken), changed=decisions.changed)
    else:
        outcome = _at_terminal(files, to_review(cases, every, remarks), by, remarks)
    typer.echo(to_json(outcome, indent=1) if as_json else _says(files[0], outcome))


def _files(target: str) -> list[Path]:
    """The golden set, and the drafts beside it; the place of a golden set that is still to come counts as one.

    InputError where there is neither.
    """
    from harness.drafts.golden_file import draft_file, golden_of
    from harness.files.input_file import is_file
    from harness.golden.load import load_cases
    from harness.scenario.load import load_scenario

    if Path(target).suffix == ".jsonl":
        load_cases(Path(target), answers_required=False)  # refused here where it is not there, or has no case
        return [Path(target)]
    scenario = load_scenario(find_scenario(target))
    drafts = draft_file(scenario.golden, scenario.dir)
    golden = scenario.golden or golden_of(drafts)
    if scenario.golden is None and not is_file(drafts):
        message = "no 'golden' and no drafts beside it; name a golden set, or draft one: harness golden synth"
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: {message}")
    return list(dict.fromkeys([*([golden] if golden else ()), *([drafts] if is_file(drafts) else ())]))


def _apply(files: list[Path], decisions: Sequence[ReviewDecision]) -> ReviewOutcome:
    """Write decisions into the files of their cases; drafts that people accept or mend move to the golden set."""
    from harness.drafts.golden_file import cases_in
    from harness.ratings.review import ReviewOutcome, apply_decisions, take_in

    total = ReviewOutcome(0, 0, 0, 0, 0)
    for file in files:
        ids = {case.id for case in cases_in(file)}
        own = [decision for decision in decisions if decision.case in ids]
        if not ids:
            continue
        outcome = apply_decisions(file, own)
        total = ReviewOutcome(
            total.accepted + outcome.accepted,
            total.mended + outcome.mended,
            total.rejected + outcome.rejected,
            total.open + outcome.open,
            total.of + outcome.of,
        )
    if len(files) == 2 and (count := take_in(files[1], files[0])):
        print(f"{files[0]}: {count} of the drafts are golden cases now", file=sys.stderr)
    return total


def _remarks(files: list[Path], target: str) -> Remarks:
    """What people said of cases and answers, in the labels beside the scenario; nothing of a golden set alone."""
    from harness.ratings.labels import load_labels
    from harness.ratings.page_marks import remarks as remarks_of

    return {} if files == [Path(target)] else remarks_of(load_labels(find_scenario(target)))


def _find_key(sheets: list[Path], key: Path | None, golden: Path, cases: list[Case]) -> ReviewKey:
    from harness.ratings.page_marks import names_its_cases, page_review_key, run_of_page
    from harness.ratings.read_back import KEY_ENDING, sheet_id
    from harness.ratings.review import read_review_key
    from harness.runs.stored import BEARS, open_stored

    if key is not None:
        return read_review_key(key)
    sheet = sheet_id(sheets)
    if (run := run_of_page(sheet)) is not None:
        if not names_its_cases(sheets):
            open_stored(run, BEARS["score"])  # refuses a golden set that was edited since
        return page_review_key(sheet, golden.name, cases)
    beside = sorted(sheets[0].parent.glob(f"*-{sheet}{KEY_ENDING}"))
    if not beside:
        raise InputError(f"{sheets[0]}: no key of sheet {sheet} beside it; name it with --key")
    return read_review_key(beside[0])


def _says(golden: Path, outcome: ReviewOutcome) -> str:
    done = f"{outcome.accepted} accepted, {outcome.mended} mended, {outcome.rejected} rejected"
    says = f"{golden}: {done}; {outcome.open} of {outcome.of} cases wait for a person"
    if not outcome.changed:
        return says
    names = ", ".join(map(printable, outcome.changed))
    return f"{says}\nleft out, since the case was edited or taken out after it was reviewed: {names}; review again"


# --- at the terminal ----------------------------------------------------------------------------------------------


def _at_terminal(files: list[Path], cases: list[Case], by: str | None, remarks: Remarks) -> ReviewOutcome:
    """Ask case by case; every decision is written at once, so that nothing is lost by leaving."""
    from harness.ratings.review import ReviewOutcome

    who = by or _ask("your name: ")
    if not who:
        raise InputError("no name; who reviews? Give it with --by NAME")
    counts = {"accept": 0, "mend": 0, "reject": 0}
    last: ReviewOutcome | None = None
    for number, case in enumerate(cases, start=1):
        _show(case, f"{number} of {len(cases)}", remarks)
        decision = _decide(case, who)
        if decision == "quit":
            break
        if decision is not None and not isinstance(decision, str):
            last = _apply(files, [decision])
            counts[decision.word] += 1
    if last is None:
        return ReviewOutcome(0, 0, 0, len(cases), len(cases))
    return ReviewOutcome(counts["accept"], counts["mend"], counts["reject"], last.open, last.of)


def _show(case: Case, place: str, remarks: Remarks) -> None:
    from harness.ratings.review import case_parts

    print(f"\n{place}  {printable(case.id)}", file=sys.stderr)
    for part in case_parts(case, remarks):
        print(printable(f"{part.title}: {part.text}"), file=sys.stderr)


def _decide(case: Case, who: str) -> ReviewDecision | str | None:
    """The decision; None where the case is skipped, `quit` where the person leaves."""
    from harness.ratings.review import ReviewDecision

    today = time.strftime("%Y-%m-%d")
    while True:
        word = _ask(f"{KEYS} > ").casefold()[:1]
        if word == "a":
            return ReviewDecision(case.id, "accept", who, today)
        if word == "r":
            return ReviewDecision(case.id, "reject", who, today, note=_ask("why: "))
        if word == "m" and (changes := _changes(case)):
            return ReviewDecision(case.id, "mend", who, today, changes, _ask("why: "))
        if word == "s":
            return None
        if word in ("q", ""):
            return "quit"


def _changes(case: Case) -> dict[str, str | tuple[str, ...]]:
    """What the person writes instead; an empty line leaves a field as it is."""
    question = _ask("question (empty: as it is): ")
    accept = _ask("accepted answers, | between them (empty: as they are): ")
    points = _ask("key points, | between them (empty: as they are): ")
    changes: dict[str, str | tuple[str, ...]] = {"question": question} if question else {}
    changes |= {"accept": _several(accept)} if accept else {}
    return changes | ({"key_points": _several(points)} if points else {})


def _several(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split("|") if part.strip())


def _ask(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
