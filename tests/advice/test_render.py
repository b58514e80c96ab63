"""Page, terminal and JSON say the same; the page is safe, self-contained and readable for everyone."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

import harness.advice.page
from harness.advice import labels
from harness.advice.content import content
from harness.advice.facts import Facts
from harness.advice.page import to_html
from harness.advice.questions import AnswerValue
from harness.advice.recommend import Advice, advise
from harness.advice.terminal import to_terminal
from harness.record.codec import to_json

CSS = (Path(harness.advice.page.__file__).parent / "templates" / "advice.css").read_text(encoding="utf-8")
WORDS = {"y": AnswerValue.YES, "n": AnswerValue.NO, "u": AnswerValue.UNSURE}
FACTS = Facts(labelled_examples=640, updates_per_month=8.5, gpu_memory_gb=24, citation_duty=False, model_billions=34)
VECTORS = ["ynyyyynyu", "nnnnnnnnn", "uuuuuuuuu", "ynynnnynu", "nnyyyynnn", "nnyynnnnn", "yynnyunuu"]


def advice_for(letters: str, facts: Facts | None = None) -> Advice:
    return advise({n: WORDS[c] for n, c in enumerate(letters, start=1)}, facts or Facts())


def terminal(advice: Advice, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    to_terminal(content(advice, "a title"), console, long=True)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("letters", VECTORS)
@pytest.mark.parametrize("facts", [Facts(), FACTS])
def test_three_renderings_say_the_same(letters: str, facts: Facts) -> None:
    advice = advice_for(letters, facts)
    shown = content(advice, "a title")
    plain = " ".join(terminal(advice).split())
    page = " ".join(re.sub(r"<[^>]+>", "", to_html(shown)).split())
    again = json.loads(to_json(shown))
    assert again["reason"] == advice.reason
    for text in (plain, page):
        assert advice.reason in text.replace("&#39;", "'")
        assert labels.title_of(advice.recommendation, advice.first_step) in text
        assert all(c.name in text for c in advice.conflicts)


def test_json_keeps_the_contract() -> None:
    advice = json.loads(to_json(content(advice_for("ynyuyunyu"))))
    keys = "recommendation wanted first_step reason walk tiers signals conflicts stability flips"
    assert set(keys.split()) <= set(advice)
    assert isinstance(advice["walk"], list)
    assert isinstance(advice["tiers"], dict)
    assert len(advice["signals"]) == 6
    assert sum(advice["stability"]["shares"].values()) == pytest.approx(1)


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("letters", VECTORS)
def test_terminal_keeps_to_its_width(letters: str, width: int) -> None:
    assert max(len(line.rstrip()) for line in terminal(advice_for(letters, FACTS), width).splitlines()) <= width


def test_page_escapes_what_people_wrote() -> None:
    page = to_html(content(advice_for("ynyyyynyn"), "<script>alert(1)</script> & 'co'"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_page_asks_for_nothing_outside_itself() -> None:
    page = to_html(content(advice_for("ynyyyynyn")))
    assert not re.search(r"(src|href)=\"(?!#)|url\(|@import|https?://", page)


def test_markup_in_a_title_is_not_read_as_style() -> None:
    console = Console(file=io.StringIO(), width=80)
    to_terminal(content(advice_for("ynyyyynyn"), "[bold]x[/bold]"), console)
    assert "[bold]x[/bold]" in console.file.getvalue()  # type: ignore[attr-defined]


# --- contrast, WCAG 2.2 AA: 4.5 for text ------------------------------------------------------------------------


def _palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z_-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


LIGHT = _palette(CSS.split("@media (prefers-color-scheme: dark)")[0])
DARK = {**LIGHT, **_palette(CSS.split("@media (prefers-color-scheme: dark)")[1].split("@media")[0])}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "soft", "accent-soft"])
@pytest.mark.parametrize("text", ["ink", "quiet", "accent"])
def test_text_contrast_is_aa(palette: dict[str, str], ground: str, text: str) -> None:
    assert _contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("bar", ["rag", "fine_tune", "both", "rag_first"])
def test_bars_stand_out_from_their_ground(palette: dict[str, str], bar: str) -> None:
    assert _contrast(palette[bar], palette["soft"]) >= 3


def test_money_is_rounded_to_what_it_deserves() -> None:
    assert labels.money((803, 2190), "USD") == "USD 800-2,200"
    assert labels.money((0.16, 0.43), "USD") == "USD 0.16-0.43"
    assert labels.money((2.0, 2.0), "") == "2.00"
