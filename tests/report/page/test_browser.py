"""The page in a real browser: no request, no error, all of it by keyboard, filters that filter, no fault in axe."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.prompts import user_message
from harness.ratings.page_marks import run_of_page
from harness.ratings.review import shown_hash
from harness.types import Case
from tests.make import SCRIPT
from tests.report.page.browsing import PHONE, WIDE, Opened
from tests.report.runs import Reported, reported

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(browser: Any, page: Path) -> Iterator[Opened]:
    shown = Opened(browser, page)
    yield shown
    shown.context.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of twelve questions, for what looks at every element."""
    path = tmp_path_factory.mktemp("small") / "report.html"
    path.write_text(reported(12).html(), encoding="utf-8")
    return path


@pytest.fixture
def tab(opened: Opened) -> Any:
    opened.page.evaluate("document.getElementById('f-reset').click()")
    opened.page.wait_for_timeout(50)
    return opened.page


def shows(tab: Any, words: str) -> bool:
    """Whether the drill-down comes to count its questions so; typing is acted on after a moment."""
    tab.wait_for_function("words => document.getElementById('count').textContent === words", arg=words)
    return True


def test_nothing_is_requested_and_nothing_complains(opened: Opened, page: Path) -> None:
    assert opened.asked == [page.as_uri()]
    assert opened.said == []


def test_a_request_that_a_script_would_make_is_refused(browser: Any, page: Path) -> None:
    probe = Opened(browser, page)
    blocked = "new Promise(d => document.addEventListener('securitypolicyviolation', e => d(e.violatedDirective)))"
    made = probe.page.evaluate(
        f"(() => {{ const p = {blocked}; fetch('http://127.0.0.1:9/').catch(() => 0); return p; }})()"
    )
    assert made == "connect-src"
    probe.context.close()


def test_hostile_text_is_text(tab: Any) -> None:
    tab.evaluate("document.querySelectorAll('#list .q').forEach(q => { q.open = true; })")
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.hacked") is None
    assert tab.locator("main img").count() == 0
    assert SCRIPT in tab.inner_text("#q-q005 .text")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a very long line widens nothing"
    tab.evaluate("document.querySelectorAll('#list .q').forEach(q => { q.open = false; })")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(browser: Any, page: Path, viewport: Any, scheme: Any) -> None:
    shown = Opened(browser, page, viewport=viewport, color_scheme=scheme)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    dark = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark != "rgb(255, 255, 255)") == (scheme == "dark")
    assert shown.said == []
    shown.context.close()


def test_the_first_screen_fits_without_scrolling(tab: Any) -> None:
    assert tab.evaluate("document.querySelector('.first').getBoundingClientRect().bottom + scrollY") <= WIDE["height"]


def test_filters(tab: Any, run: Reported) -> None:
    kinds = Counter(case.kind for case in run.cases)
    assert shows(tab, "130 of 130 questions")
    tab.fill("#f-text", "q017")
    assert shows(tab, "1 of 130 questions")
    tab.fill("#f-text", "")
    tab.select_option("#f-kind", "unanswerable")
    assert shows(tab, f"{kinds['unanswerable']} of 130 questions")
    tab.select_option("#f-kind", "lookup")
    assert shows(tab, f"{kinds['lookup']} of 130 questions")
    tab.select_option("#f-preset", "none")
    missed = len([name for name in missed_by_every_arm(run) if name.kind == "lookup"])
    assert missed < kinds["lookup"]
    assert shows(tab, f"{missed} of 130 questions")
    tab.click("#f-reset")
    assert shows(tab, "130 of 130 questions")


def missed_by_every_arm(run: Reported) -> list[Case]:
    succeeded = {s.case_id for s in run.scores if s.metric == "task_success" and s.value}
    return [case for case in run.cases if case.id not in succeeded]


def test_a_number_of_the_outcome_table_filters_the_drilldown(tab: Any) -> None:
    button = tab.locator("button[data-arm='hybrid'][data-outcome='wrong']")
    number = button.inner_text()
    button.click()
    assert shows(tab, f"{number} of 130 questions")


def test_a_click_on_the_strip_opens_the_question(tab: Any) -> None:
    tab.locator("#strip").scroll_into_view_if_needed()
    box = tab.locator("#strip svg").first.bounding_box()
    tab.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 5)
    tab.wait_for_timeout(200)
    assert tab.evaluate("document.activeElement.closest('details.q').open")
    chosen = tab.get_attribute("#strip", "aria-valuetext").split(":")[0]
    assert tab.evaluate("document.activeElement.closest('details.q').id") == f"q-{chosen}"


def test_the_strip_by_keyboard(tab: Any) -> None:
    tab.focus("#strip")
    tab.keyboard.press("End")
    assert tab.get_attribute("#strip", "aria-valuenow") == "130"
    tab.keyboard.press("ArrowLeft")
    assert tab.get_attribute("#strip", "aria-valuenow") == "129"
    assert "hybrid" in tab.inner_text("#strip-says")
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(200)
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_everything_that_acts_can_be_reached_by_tab(browser: Any, small: Path) -> None:
    shown = Opened(browser, small)
    acting = "button:not([hidden]), summary, select, input, a[href], [role=slider], [role=region]"
    wanted = shown.page.evaluate(f"[...document.querySelectorAll('{acting}')].filter(e => e.checkVisibility()).length")
    shown.page.evaluate(
        "(() => { window.seen = new Set(); document.addEventListener('focusin', e => seen.add(e.target)); })()"
    )
    for _ in range(wanted + 5):
        shown.page.keyboard.press("Tab")
    reached = shown.page.evaluate(f"[...seen].filter(e => e.matches('{acting}')).length")
    assert reached == wanted
    shown.context.close()


def test_the_list_by_arrow_keys(tab: Any) -> None:
    tab.locator("#list summary").first.focus()
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.closest('.q').id") == "q-q001"
    tab.keyboard.press("Enter")
    tab.locator("#q-q001 .answers article").first.wait_for(state="attached")  # filled when the opening is told
    assert tab.locator("#q-q001 .answers article").count() == 5


def test_the_prompt_is_the_one_that_was_sent(tab: Any, run: Reported) -> None:
    trace = next(t for t in run.traces if t.case_id == "q001" and t.arm == "hybrid")
    case = next(c for c in run.cases if c.id == "q001")
    tab.evaluate("document.getElementById('q-q001').open = true")
    article = tab.locator("#q-q001 article[aria-label=hybrid]")
    article.locator("summary", has_text="Prompt").click()
    shown = article.locator(".prompt div").last.evaluate("e => e.textContent")
    assert shown == user_message(case.question, [hit.passage for hit in trace.answer.hits])


def test_supporting_words_and_golden_evidence_are_marked(tab: Any, run: Reported) -> None:
    hostile = ("q005", "q006")
    by_id = {c.id: c for c in run.cases if c.evidence and c.id not in hostile}
    right = (s.case_id for s in run.scores if s.arm == "hybrid" and s.metric == "correct" and s.value == 1.0)
    good = next(name for name in right if name in by_id)
    tab.fill("#f-text", good)
    tab.wait_for_timeout(150)
    tab.evaluate(f"document.getElementById('q-{good}').open = true")
    tab.wait_for_selector(f"#q-{good} .passage mark")
    case = next(c for c in run.cases if c.id == good)
    number = case.accept[0].split()[0]
    assert number in tab.locator(f"#q-{good} .passage mark").all_inner_texts()
    underlined = "".join(tab.locator(f"#q-{good} .evidence").all_inner_texts())
    assert case.evidence[0].quote in underlined


def test_tables_sort(tab: Any) -> None:
    head = tab.locator(".gates thead th", has_text="Status")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    shown = tab.locator(".gates tbody td.status").all_inner_texts()
    assert shown == sorted(shown)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Any, small: Path, scheme: Any) -> None:
    spec = find_spec("axe_core_python") or find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python is not installed")
    shown = Opened(browser, small, color_scheme=scheme)
    shown.page.evaluate(
        "document.querySelectorAll('section:not(#answers) details, #q-q001').forEach(d => { d.open = true; })"
    )
    shown.page.wait_for_timeout(100)
    shown.page.evaluate((Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = shown.page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
    serious = [
        (v["id"], [node["html"][:120] for node in v["nodes"][:3]])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    shown.context.close()
    assert serious == []


def test_print_gives_every_section_a_page_of_its_own(browser: Any, page: Path) -> None:
    shown = Opened(browser, page)
    pages = shown.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    sections = shown.page.locator("section.part").count()
    shown.context.close()
    assert pages == 0 or pages >= sections


def test_marks_are_kept_and_saved_as_labels_that_the_commands_read(browser: Any, small: Path) -> None:
    shown = Opened(browser, small, accept_downloads=True)
    tab = shown.page
    tab.evaluate("document.getElementById('q-q001').open = true")
    tab.wait_for_selector("#q-q001 .mark")
    article = tab.locator("#q-q001 article[aria-label=rag]")
    article.locator("input[value=no]").check()
    article.locator(".mark input[type=text]").fill('=1+1, "quoted"')
    golden = tab.locator("#q-q001 .body > .mark")
    golden.locator("input[value=wrong]").check()
    golden.locator("textarea").fill("31 days\nthirty-one days")
    tab.click("#mark-save")
    assert "name first" in tab.inner_text("#mark-says")
    tab.fill("#mark-name", "Ada L.")
    with tab.expect_download() as saving:
        tab.click("#mark-save")
    assert saving.value.suggested_filename.endswith("-Ada-L-.labels.csv")
    text = Path(saving.value.path()).read_text(encoding="utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text)))
    by_item = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_item["q001 / rag"]["correct"] == "no"
    assert by_item["q001 / rag"]["note"] == '=1+1, "quoted"'
    assert by_item["q001"]["golden"] == "wrong"
    assert (by_item["q001"]["decision"], by_item["q001"]["new_accept"]) == ("mend", "31 days\nthirty-one days")
    first = next(case for case in reported(12).cases if case.id == "q001")
    assert by_item["q001"]["case_hash"] == shown_hash(first), "so that a later edit of the case is seen"
    assert by_item["q001 / rag"]["case_hash"] == ""
    assert {row["rater"] for row in by_item.values()} == {"Ada L."}
    assert {run_of_page(row["sheet"]) for row in by_item.values()} == {"20261120-101500-helpdesk-7f3a"}
    tab.reload()
    assert "2 marked" in tab.inner_text("#mark-says"), "kept in this browser"
    assert shown.said == []
    shown.context.close()


def test_on_a_phone_the_column_of_the_candidate_stays_in_sight(browser: Any, small: Path) -> None:
    shown = Opened(browser, small, viewport=PHONE)
    column = "document.querySelector('.matrix tbody tr:nth-child(2) .candidate-column').getBoundingClientRect()"
    box = "document.querySelector('.matrix').parentElement"
    for left in (0, 10_000):
        shown.page.evaluate(f"{box}.scrollLeft = {left}")
        assert shown.page.evaluate(f"{column}.left") >= 0
        assert shown.page.evaluate(f"{column}.right") <= PHONE["width"]
    shown.context.close()


def test_five_arms_stand_beside_each_other_without_overlap(tab: Any) -> None:
    overlaps = tab.evaluate(
        """() => [...document.querySelectorAll('.matrix tr, .level li')].flatMap(row => {
          const boxes = [...row.children].map(cell => cell.getBoundingClientRect()).filter(b => b.width);
          return boxes.slice(1).filter((b, i) => b.left < boxes[i].right - 1).map(() => row.textContent.slice(0, 40));
        })"""
    )
    assert overlaps == []
    boxes = "#gates .box, #arms .box, #answers .box"  # a diagram, and numbers behind small drawings, may scroll
    wide = f"[...document.querySelectorAll('{boxes}')].filter(b => b.scrollWidth > b.clientWidth + 1).length"
    assert tab.evaluate(wide) == 0


def test_a_link_to_a_term_leads_to_the_glossary(tab: Any) -> None:
    target = tab.locator("#verdict a.term").first.get_attribute("href")
    assert tab.locator(f"#glossary {target}").count() == 1
