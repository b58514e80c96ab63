"""Names under which somebody wants a file written: refused before the work, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.files.output_path import Output, check_report, new_file, new_folder
from harness.record.codec import write_atomic

LONG = "n" * 300


@pytest.mark.parametrize("name", [LONG, f"{LONG}/page.html", "file/page.html", "nul\0l"])
def test_a_name_that_cannot_be_is_refused_whether_its_folder_is_there_or_not(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "missing"):
        (folder / "file").parent.mkdir(exist_ok=True)
        (folder / "file").touch()
        with pytest.raises(InputError):
            new_file(folder / name)


def test_a_folder_that_cannot_be_made_is_the_callers_mistake() -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_atomic(Path("/proc/none/x"), "text")


@pytest.mark.parametrize("address", ["https://host/page.html", "s3://bucket/run", "file:///x/page.html"])
def test_an_address_is_no_place_on_a_disk(address: str) -> None:
    for check in (new_file, new_folder):
        with pytest.raises(InputError, match="is an address"):
            check(Path(address))


@pytest.mark.parametrize("what", ["page", "JUnit file", "Markdown file"])
def test_a_file_of_somebodys_own_is_no_place_for_an_output(what: Output, tmp_path: Path) -> None:
    place = tmp_path / "scenario.yaml"
    check_report(place, what)
    place.touch()
    check_report(place, what)  # an empty file is nobody's work
    for text in ("title: Mine\n", "<!doctype html><title>Release notes</title>", "# Release notes\n"):
        place.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=f"scenario.yaml: stands there already, and is no {what} of harness"):
            check_report(place, what)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    place = tmp_path / "examples.jsonl"
    new_file(place)
    place.symlink_to("nowhere")  # a link that leads nowhere stands there all the same
    with pytest.raises(InputError, match="exists already"):
        new_file(place)
