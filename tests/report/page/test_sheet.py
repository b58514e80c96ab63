"""A rating sheet in a real browser: filled in by two people, kept over a reload, saved and read back."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from harness.ratings.agreement import agreement
from harness.ratings.answer_sheet import SheetKey, SheetRequest, answer_sheet
from harness.ratings.form import Sheet
from harness.ratings.labels import of_files
from harness.ratings.read_back import find_key, read_ratings
from harness.report.sheet import write_sheet
from harness.stats.agreement import kappa
from tests.make.rated import write_rated
from tests.make.runs import BUSY
from tests.report.page.browsing import PHONE, Opened

pytestmark = pytest.mark.browser
ERRS = 0.15  # how often a simulated rater is wrong

FILL = """answers => {
  for (const article of document.querySelectorAll("article")) {
    const mine = answers[article.dataset.item];
    for (const box of article.querySelectorAll("fieldset")) {
      if (box.dataset.question === "correct") box.querySelector(`input[value=${mine.correct ? "yes" : "no"}]`).click();
      if (box.dataset.question === "golden") box.querySelector("input[value=right]").click();
      if (box.dataset.question === "unsupported")
        box.querySelectorAll(`input[value=${mine.supported ? "yes" : "no"}]`).forEach(input => input.click());
    }
  }
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sheet, SheetKey]:
    folder = tmp_path_factory.mktemp("sheet")
    run = write_rated(folder)
    sheet, key = answer_sheet(run, BUSY.cases, SheetRequest(per_arm=24, audit=6, seed=7))
    return write_sheet(sheet, folder, "made-up", key).page, sheet, key


def people(sheet: Sheet, seed: int) -> dict[str, dict[str, bool]]:
    """What one rater says of every item: the truth is fair, and each errs by chance."""
    truth, own = random.Random(1), random.Random(seed)
    fair = {item.id: (truth.random() < 0.5, truth.random() < 0.7) for item in sheet.items}
    return {
        id: {"correct": good != (own.random() < ERRS), "supported": held != (own.random() < ERRS)}
        for id, (good, held) in fair.items()
    }


def fill(browser: Any, page: Path, name: str, answers: dict[str, dict[str, bool]]) -> Path:
    """Fill the page in as a person of that name and save it; the file that the browser wrote."""
    shown = Opened(browser, page, accept_downloads=True)
    shown.page.click("#save")
    assert "name first" in shown.page.inner_text("#kept")
    shown.page.type("#rater", name)
    shown.page.evaluate(FILL, answers)
    with shown.page.expect_download() as download:
        shown.page.click("#save")
    path = page.parent / download.value.suggested_filename
    download.value.save_as(path)
    assert [url for url in shown.asked if not url.startswith(("file:", "blob:"))] == []
    assert shown.said == []
    shown.context.close()
    return path


def test_two_people_fill_it_in_and_their_agreement_is_found(browser: Any, made: tuple[Path, Sheet, SheetKey]) -> None:
    page, sheet, key = made
    answers = {name: people(sheet, seed) for name, seed in (("Ada L.", 2), ("Bo", 3))}
    files = [fill(browser, page, name, rows) for name, rows in answers.items()]
    assert [file.name for file in files] == [f"ratings-{sheet.id}-Ada-L-.csv", f"ratings-{sheet.id}-Bo.csv"]
    labels = read_ratings(files, find_key(files, None))
    assert {rating.rater for rating in labels.ratings} == {"Ada L.", "Bo"}
    assert len(labels.ratings) == 2 * len(key.answers)
    assert {rating.word for rating in labels.golden} == {"right"}
    items = [item.id for item in sheet.items if "correct" in item.questions]
    direct = kappa(*([answers[name][id]["correct"] for id in items] for name in answers))
    found = next(row for row in agreement(of_files((labels,))) if row.question.startswith("answers"))
    assert found.raters == ("Ada L.", "Bo")
    assert found.coefficient.mean == pytest.approx(direct.mean)
    expected = (1 - ERRS) ** 2 + ERRS**2  # they agree so often; half of it by chance
    assert found.coefficient.low is not None
    assert found.coefficient.high is not None
    assert found.coefficient.low <= 2 * expected - 1 <= found.coefficient.high


def test_what_was_filled_in_is_there_after_a_reload_and_can_be_left_open_again(
    browser: Any, made: tuple[Path, Sheet, SheetKey]
) -> None:
    page, sheet, _ = made
    shown = Opened(browser, page, viewport=PHONE)
    shown.page.type("#rater", "Ada")
    first = next(item for item in sheet.items if item.questions == ("correct", "note"))
    shown.page.check(f"#item-{first.id} input[value=no]")
    assert shown.page.inner_text("#progress") == f"1 of {len(sheet.items)}"
    shown.page.reload()
    assert shown.page.input_value("#rater") == "Ada"
    assert shown.page.is_checked(f"#item-{first.id} input[value=no]")
    shown.page.click(f"#item-{first.id} button.clear")
    assert shown.page.inner_text("#progress") == f"0 of {len(sheet.items)}"
    assert shown.page.evaluate("window.hacked") is None
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.context.close()
