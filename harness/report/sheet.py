"""A sheet for people as one page that works offline, and as CSV; the key beside them is not for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from harness.characters import without_halves
from harness.ratings.form import Sheet
from harness.ratings.read_back import KEY_ENDING
from harness.ratings.table_file import sheet_csv
from harness.record.codec import to_json, write_atomic
from harness.report.escape import script_json
from harness.report.page.environment import asset, environment, policy


@dataclass(frozen=True, slots=True)
class SheetFiles:
    """Where a sheet lies."""

    page: Path
    table: Path
    key: Path


def render_sheet(sheet: Sheet) -> str:
    """The page: every text escaped, no request, what is filled in kept in the browser and saved as CSV."""
    style, script = asset("sheet.css"), asset("sheet.js")
    html = (
        environment()
        .get_template("sheet.html.jinja")
        .render(
            sheet=sheet,
            questions={question.name: question for question in sheet.questions},
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
            data=Markup(script_json({"sheet": sheet.id, "columns": [question.name for question in sheet.questions]})),
        )
    )
    return without_halves(html)


def write_sheet(sheet: Sheet, folder: Path, name: str, key: object) -> SheetFiles:
    """Write page, table and key into a folder. InputError where they cannot be written."""
    files = SheetFiles(
        folder / f"{name}-{sheet.id}.sheet.html",
        folder / f"{name}-{sheet.id}.sheet.csv",
        folder / f"{name}-{sheet.id}{KEY_ENDING}",
    )
    write_atomic(files.key, to_json(key, indent=1) + "\n")
    write_atomic(files.table, sheet_csv(sheet))
    write_atomic(files.page, render_sheet(sheet))
    return files
